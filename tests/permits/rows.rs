//! Bob has the customers of his region, and no others.

use crate::support::{Client, TestApp};

/// A customer visible to bob, and one that is not.
fn customers(app: &TestApp) -> (i64, i64) {
    let of = |test: &str| {
        let sql = format!("SELECT min(id) FROM customers WHERE region {test} 'emea'");
        app.db.number(&sql)
    };
    (of("="), of("<>"))
}

async fn status(client: &Client, path: &str) -> u16 {
    client.get(path).await.status
}

#[tokio::test]
async fn the_list_and_its_count_hold_ones_own_rows() {
    let app = TestApp::shared().await;
    let bob = app.sign_in("bob").await;
    let all = app
        .db
        .number("SELECT count(*) FROM customers WHERE region = 'emea'");
    let list = bob.json("/admin/data/customers?size=500").await;
    assert_eq!(list["count"]["value"], all);
    for row in list["rows"].as_array().unwrap() {
        assert_eq!(row["region"], "emea");
    }
    let page = bob.page("/admin/data/customers?sort=-id").await;
    let wanted = app
        .db
        .texts("SELECT name FROM customers WHERE region = 'emea' ORDER BY id DESC LIMIT 50");
    let wanted: Vec<String> = wanted.into_iter().flatten().collect();
    assert_eq!(page.column("Name"), wanted);
    let list = bob.json("/admin/data/customers?f.region=ne:emea").await;
    assert_eq!(list["rows"].as_array().unwrap().len(), 0);
    assert_eq!(list["count"]["value"], 0);
    let list = bob
        .json("/admin/data/customers?or.1.region=eq:apac&or.1.region=eq:amer")
        .await;
    assert_eq!(list["count"]["value"], 0);
}

#[tokio::test]
async fn search_and_pick_lists_find_ones_own_rows() {
    let app = TestApp::start().await;
    let (own, foreign) = customers(&app);
    app.db.execute(&format!(
        "UPDATE customers SET name = 'Canary giraffe ' || id WHERE id IN ({own}, {foreign})"
    ));
    let bob = app.sign_in("bob").await;
    let list = bob.json("/admin/data/customers?q=giraffe").await;
    assert_eq!(list["count"]["value"], 1);
    let found = bob.json("/admin/data/customers/lookup?q=giraffe").await;
    let items = found["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{found}");
    assert_eq!(items[0]["key"], own.to_string());
    let alice = app.sign_in("alice").await;
    let found = alice.json("/admin/data/customers/lookup?q=giraffe").await;
    assert_eq!(found["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_export_holds_ones_own_rows() {
    let app = TestApp::start().await;
    let bob = app.sign_in("bob").await;
    let answer = bob
        .get("/admin/data/customers/export.jsonl")
        .await
        .expect(200);
    let text = answer.text();
    let rows: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let all = app
        .db
        .number("SELECT count(*) FROM customers WHERE region = 'emea'");
    assert_eq!(rows.len() as i64, all);
    assert!(rows.iter().all(|row| row["region"] == "emea"));
}

#[tokio::test]
async fn a_foreign_row_looks_like_one_that_is_not_there() {
    let app = TestApp::shared().await;
    let (own, foreign) = customers(app);
    let bob = app.sign_in("bob").await;
    for path in ["", "/edit", "/history", "/file/notes"] {
        let at = |key: i64| format!("/admin/data/customers/row/{key}{path}");
        if path != "/file/notes" {
            assert_eq!(status(&bob, &at(own)).await, 200, "{path}");
        }
        let there = bob.get(&at(foreign)).await.expect(404);
        let missing = bob.get(&at(99_999_999)).await.expect(404);
        assert_eq!(
            there.text_without_chance(),
            missing.text_without_chance(),
            "{path}"
        );
        let there = bob.get_json(&at(foreign)).await.expect(404).json();
        let missing = bob.get_json(&at(99_999_999)).await.expect(404).json();
        assert_eq!(there["title"], missing["title"]);
        assert_eq!(there["detail"], missing["detail"]);
    }
}

#[tokio::test]
async fn a_foreign_row_cannot_be_written() {
    let app = TestApp::start().await;
    let (own, foreign) = customers(&app);
    let bob = app.sign_in("bob").await;
    let form = bob
        .form(&format!("/admin/data/customers/row/{own}/edit"))
        .await
        .set("notes", "Taken over");
    let mut stolen = form.clone();
    stolen.action = format!("/admin/data/customers/row/{foreign}/edit");
    let there = bob.submit(&stolen).await;
    assert_eq!(there.status, 404, "{there:?}");
    stolen.action = "/admin/data/customers/row/99999999/edit".into();
    let missing = bob.submit(&stolen).await;
    assert_eq!(missing.status, 404);
    assert_eq!(there.page().text("h1"), missing.page().text("h1"));
    let answer = bob
        .post_form(&format!("/admin/data/customers/row/{foreign}/delete"), &[])
        .await;
    assert_eq!(answer.status, 403, "{answer:?}");
    assert_eq!(
        app.db
            .number("SELECT count(*) FROM customers WHERE notes = 'Taken over'"),
        0
    );
    bob.save(&form).await;
}

#[tokio::test]
async fn a_row_cannot_be_moved_out_of_reach() {
    let app = TestApp::start().await;
    let (own, _) = customers(&app);
    let bob = app.sign_in("bob").await;
    let form = bob
        .form(&format!("/admin/data/customers/row/{own}/edit"))
        .await
        .set("region", "apac");
    let answer = bob.submit(&form).await;
    assert_eq!(answer.status, 422, "{answer:?}");
    let page = answer.page();
    assert!(
        page.text("[role=alert]")
            .contains("outside of what your roles cover")
    );
    let sql = format!("SELECT region FROM customers WHERE id = {own}");
    assert_eq!(app.db.text(&sql).as_deref(), Some("emea"));
    assert!(app.audit("update").is_empty());
}

#[tokio::test]
async fn a_row_cannot_be_made_out_of_reach() {
    let app = TestApp::start().await;
    let bob = app.sign_in("bob").await;
    let before = app.db.number("SELECT count(*) FROM customers");
    let form = bob
        .form("/admin/data/customers/new")
        .await
        .set("name", "Beyond")
        .set("email", "beyond@example.com")
        .set("region", "apac")
        .set("city", "Perth")
        .set("country", "Australia");
    let answer = bob.submit(&form).await;
    assert_eq!(answer.status, 422, "{answer:?}");
    assert_eq!(app.db.number("SELECT count(*) FROM customers"), before);
    assert!(app.audit("create").is_empty());
    let answer = bob.save(&form.set("region", "emea")).await;
    let row = bob.follow(answer).await.expect(200);
    assert_eq!(row.page().text("h1"), "Beyond");
}

#[tokio::test]
async fn a_foreign_key_cannot_point_at_a_row_out_of_reach() {
    let app = TestApp::start().await;
    let (own, foreign) = customers(&app);
    app.db.execute(&format!(
        "UPDATE orders SET customer_id = {own} WHERE id = 1"
    ));
    let bob = app.sign_in("bob").await;
    let form = bob
        .form("/admin/data/orders/row/1/edit")
        .await
        .set("customer_id", &foreign.to_string());
    let answer = bob.submit(&form).await;
    assert_eq!(answer.status, 422, "{answer:?}");
    let page = answer.page();
    let foreign_error = page.field_error("customer_id").unwrap();
    let name = app
        .db
        .text(&format!("SELECT name FROM customers WHERE id = {foreign}"))
        .unwrap();
    assert!(!page.text("main").contains(&name));
    let missing = form.set("customer_id", "99999999");
    let answer = bob.submit(&missing).await.expect(422);
    assert_eq!(
        answer.page().field_error("customer_id").unwrap(),
        foreign_error
    );
    let sql = "SELECT customer_id FROM orders WHERE id = 1";
    assert_eq!(app.db.number(sql), own);
    let answer = bob
        .post_form(
            "/admin/data/orders/new",
            &[("number", "B-1"), ("customer_id", &foreign.to_string())],
        )
        .await;
    assert_eq!(answer.status, 422, "{answer:?}");
}

#[tokio::test]
async fn an_order_does_not_name_a_customer_out_of_reach() {
    let app = TestApp::start().await;
    let (own, foreign) = customers(&app);
    app.db.execute(&format!(
        "UPDATE customers SET name = 'Canary foreign' WHERE id = {foreign};
         UPDATE customers SET name = 'Canary own' WHERE id = {own};
         UPDATE orders SET customer_id = {foreign} WHERE id = 1;
         UPDATE orders SET customer_id = {own} WHERE id = 2"
    ));
    let bob = app.sign_in("bob").await;
    let mut seen = String::new();
    for path in [
        "/admin/data/orders?f.id=le:2",
        &format!("/admin/data/orders?f.customer_id=eq:{foreign}"),
        "/admin/data/orders/row/1",
        "/admin/data/orders/row/1/edit",
        "/admin/data/orders/row/1/history",
        "/admin/data/orders/row/2",
        "/admin/data/orders/export.csv?f.id=le:2",
        "/admin/",
        "/admin/me",
    ] {
        let answer = bob.get(path).await.expect(200);
        assert!(
            !answer.text().contains("Canary foreign"),
            "{path}: {answer:?}"
        );
        seen.push_str(&answer.text());
    }
    assert!(seen.contains("Canary own"));
}

#[tokio::test]
async fn a_filter_through_a_foreign_key_tells_nothing_of_foreign_rows() {
    let app = TestApp::shared().await;
    let (_, foreign) = customers(app);
    let bob = app.sign_in("bob").await;
    let answer = bob
        .page(&format!("/admin/data/orders?f.customer_id=eq:{foreign}"))
        .await;
    let chip = answer.text("ul.chips li > span");
    assert_eq!(chip, format!("Customer is {foreign}"));
}

#[tokio::test]
async fn rules_with_a_claim_that_is_not_there_give_nothing() {
    let mut people = bailiwick::demo::provider::demo_people();
    people[1].claims.clear();
    let app = TestApp::builder().people(people).start().await;
    let bob = app.sign_in("bob").await;
    let list = bob.json("/admin/data/customers").await;
    assert_eq!(list["count"]["value"], 0, "{list}");
    let id = app.db.number("SELECT min(id) FROM customers");
    assert_eq!(
        status(&bob, &format!("/admin/data/customers/row/{id}")).await,
        404
    );
}

#[tokio::test]
async fn a_hostile_claim_is_a_value_and_no_rule() {
    let mut people = bailiwick::demo::provider::demo_people();
    people[1].claims.insert("region".into(), "emea,apac".into());
    people[0]
        .claims
        .insert("region".into(), "x' OR '1'='1".into());
    people[0].groups = vec!["editors".into()];
    let app = TestApp::builder().people(people).start().await;
    for person in ["alice", "bob"] {
        let client = app.sign_in(person).await;
        let list = client.json("/admin/data/customers").await;
        assert_eq!(list["count"]["value"], 0, "{person}");
    }
}
