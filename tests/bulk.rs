//! Bulk changes: selection, preview, change, and rights.

use crate::support::{Client, TestApp};
use serde_json::{Value, json};

const BULK: &str = "/admin/data/orders/bulk";

/// Sends a bulk request like a script.
async fn ask(client: &Client, fields: &[(&str, &str)]) -> Value {
    let answer = client.post_json(BULK, fields).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn statuses(app: &TestApp, ids: &str) -> Vec<Option<String>> {
    app.db.texts(&format!(
        "SELECT status FROM orders WHERE id IN ({ids}) ORDER BY id"
    ))
}

fn with<'a>(fields: &[(&'a str, &'a str)], more: (&'a str, &'a str)) -> Vec<(&'a str, &'a str)> {
    fields.iter().copied().chain([more]).collect()
}

#[tokio::test]
async fn a_preview_says_what_would_change_and_changes_nothing() {
    let app = TestApp::start().await;
    app.db
        .execute("UPDATE orders SET status = 'draft' WHERE id IN (1, 2); UPDATE orders SET status = 'paid' WHERE id = 3");
    let alice = app.sign_in("alice").await;
    let fields = [
        ("action", "edit"),
        ("key", "1"),
        ("key", "2"),
        ("key", "3"),
        ("set.status", "paid"),
    ];
    let told = ask(&alice, &fields).await;
    assert_eq!(told["count"], 2, "{told}");
    assert_eq!(told["unchanged"], 1, "{told}");
    assert_eq!(told["refused"], json!([]), "{told}");
    assert_eq!(told["sample"][0]["before"]["status"], "draft", "{told}");
    assert_eq!(told["sample"][0]["after"]["status"], "paid", "{told}");
    assert_eq!(
        statuses(&app, "1, 2"),
        [Some("draft".to_owned()), Some("draft".to_owned())]
    );
    assert!(app.audit("update").is_empty() && app.audit("bulk").is_empty());
}

#[tokio::test]
async fn a_preview_shows_some_of_many_rows() {
    let app = TestApp::start().await;
    app.db
        .execute("UPDATE orders SET status = 'draft' WHERE id <= 9");
    let alice = app.sign_in("alice").await;
    let ids: Vec<String> = (1..=9).map(|id| id.to_string()).collect();
    let mut fields = vec![("action", "edit"), ("set.status", "paid")];
    fields.extend(ids.iter().map(|id| ("key", id.as_str())));
    let told = ask(&alice, &fields).await;
    assert_eq!(told["count"], 9, "{told}");
    assert_eq!(told["sample"].as_array().unwrap().len(), 5, "{told}");
}

#[tokio::test]
async fn the_token_of_the_preview_makes_the_change_with_one_event_a_row() {
    let app = TestApp::start().await;
    app.db
        .execute("UPDATE orders SET status = 'draft', notes = 'old' WHERE id IN (1, 2)");
    let alice = app.sign_in("alice").await;
    let fields = [
        ("action", "edit"),
        ("key", "1"),
        ("key", "2"),
        ("set.status", "paid"),
        ("null.notes", "1"),
    ];
    let told = ask(&alice, &fields).await;
    let token = told["confirm"].as_str().unwrap();
    let done = ask(&alice, &with(&fields, ("confirm", token))).await;
    assert_eq!(done["changed"], 2, "{done}");
    assert_eq!(
        statuses(&app, "1, 2"),
        [Some("paid".to_owned()), Some("paid".to_owned())]
    );
    assert_eq!(app.db.text("SELECT notes FROM orders WHERE id = 1"), None);
    assert_eq!(app.audit("update").len(), 2);
    let parent = done["change"].as_i64().unwrap();
    let sql = format!("SELECT action FROM bailiwick_audit WHERE id = {parent}");
    assert_eq!(app.db.text(&sql).as_deref(), Some("bulk"));
    let children = app.db.number(&format!(
        "SELECT count(*) FROM bailiwick_audit
         WHERE action = 'update' AND details LIKE '%\"bulk\":{parent}}}%'"
    ));
    assert_eq!(children, 2);
}

#[tokio::test]
async fn a_row_that_moved_on_since_the_preview_stops_the_change() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let fields = [
        ("action", "edit"),
        ("key", "1"),
        ("key", "2"),
        ("set.notes", "checked"),
    ];
    let told = ask(&alice, &fields).await;
    let token = told["confirm"].as_str().unwrap();
    app.db
        .execute("UPDATE orders SET total = total + 1 WHERE id = 2");
    let answer = alice
        .post_json(BULK, &with(&fields, ("confirm", token)))
        .await;
    assert_eq!(answer.status, 409, "{answer:?}");
    let checked = "SELECT count(*) FROM orders WHERE notes = 'checked'";
    assert_eq!(app.db.number(checked), 0);
    assert!(app.audit("update").is_empty());
}

#[tokio::test]
async fn a_token_is_of_one_change_and_of_the_rows_that_matched() {
    let app = TestApp::start().await;
    app.db
        .execute("UPDATE orders SET status = 'draft'; UPDATE orders SET status = 'pending' WHERE id IN (1, 2)");
    let alice = app.sign_in("alice").await;
    let matching = ("matching", "f.status=eq:pending");
    let fields = [("action", "edit"), matching, ("set.notes", "a")];
    let told = ask(&alice, &fields).await;
    assert_eq!(told["count"], 2, "{told}");
    let token = told["confirm"].as_str().unwrap();
    // Another value.
    let other = [
        ("action", "edit"),
        matching,
        ("set.notes", "b"),
        ("confirm", token),
    ];
    alice.post_json(BULK, &other).await.expect(409);
    // Another matching row.
    app.db
        .execute("UPDATE orders SET status = 'pending' WHERE id = 3");
    let answer = alice
        .post_json(BULK, &with(&fields, ("confirm", token)))
        .await;
    assert_eq!(answer.status, 409, "{answer:?}");
    assert_eq!(
        app.db
            .number("SELECT count(*) FROM orders WHERE notes IN ('a', 'b')"),
        0
    );
}

#[tokio::test]
async fn what_matches_is_what_the_list_shows_the_same_person() {
    let app = TestApp::start().await;
    let bob = app.sign_in("bob").await;
    let list = bob
        .json("/admin/data/customers?f.vip=eq:true&size=500")
        .await;
    let shown = list["rows"].as_array().unwrap().len();
    let fields = [
        ("action", "edit"),
        ("matching", "f.vip=eq:true"),
        ("set.notes", "seen by bob"),
    ];
    let told = bob
        .post_json("/admin/data/customers/bulk", &fields)
        .await
        .json();
    assert_eq!(told["count"], shown, "{told}");
    let token = told["confirm"].as_str().unwrap();
    bob.post_json(
        "/admin/data/customers/bulk",
        &with(&fields, ("confirm", token)),
    )
    .await
    .expect(200);
    let all = "SELECT count(*) FROM customers WHERE notes = 'seen by bob'";
    assert_eq!(app.db.number(all), i64::try_from(shown).unwrap());
    let foreign = "SELECT count(*) FROM customers WHERE notes = 'seen by bob' AND region <> 'emea'";
    assert_eq!(app.db.number(foreign), 0);
}

#[tokio::test]
async fn rows_out_of_reach_are_refused_like_rows_that_do_not_exist() {
    let app = TestApp::start().await;
    let bob = app.sign_in("bob").await;
    let foreign = app
        .db
        .text("SELECT min(id) FROM customers WHERE region <> 'emea'")
        .unwrap();
    let own = app
        .db
        .text("SELECT min(id) FROM customers WHERE region = 'emea'")
        .unwrap();
    let fields = [
        ("action", "edit"),
        ("key", own.as_str()),
        ("key", foreign.as_str()),
        ("key", "99999999"),
        ("set.notes", "mine"),
    ];
    let told = bob
        .post_json("/admin/data/customers/bulk", &fields)
        .await
        .json();
    assert_eq!(told["count"], 1, "{told}");
    let refused = told["refused"].as_array().unwrap();
    assert_eq!(refused.len(), 2, "{told}");
    assert_eq!(refused[0]["why"], refused[1]["why"], "{told}");
    // Rows outside one's own region are out of reach too.
    let fields = [
        ("action", "edit"),
        ("key", own.as_str()),
        ("set.region", "apac"),
    ];
    let told = bob
        .post_json("/admin/data/customers/bulk", &fields)
        .await
        .json();
    assert_eq!(told["count"], 0, "{told}");
    assert_eq!(told["refused"].as_array().unwrap().len(), 1, "{told}");
}

#[tokio::test]
async fn a_row_that_the_database_refuses_stays_and_the_others_change() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let lines = app
        .db
        .number("SELECT count(*) FROM order_items WHERE order_id = 1");
    app.db
        .execute("UPDATE customers SET credit_limit = 5 WHERE id IN (1, 2)");
    // The table's check: a credit limit is never negative.
    let fields = [
        ("action", "edit"),
        ("key", "1"),
        ("key", "2"),
        ("set.credit_limit", "-1"),
    ];
    let told = alice
        .post_json("/admin/data/customers/bulk", &fields)
        .await
        .json();
    assert_eq!(told["count"], 0, "{told}");
    assert_eq!(told["refused"].as_array().unwrap().len(), 2, "{told}");
    // One of two customers has orders and cannot be deleted; the other is deleted.
    app.db.execute(
        "UPDATE orders SET customer_id = 1 WHERE customer_id = 2;
         UPDATE orders SET customer_id = 1 WHERE id = 1",
    );
    let fields = [("action", "delete"), ("key", "1"), ("key", "2")];
    let told = alice
        .post_json("/admin/data/customers/bulk", &fields)
        .await
        .json();
    assert_eq!(told["count"], 1, "{told}");
    assert_eq!(told["refused"][0]["key"], "1", "{told}");
    let token = told["confirm"].as_str().unwrap();
    let done = alice
        .post_json(
            "/admin/data/customers/bulk",
            &with(&fields, ("confirm", token)),
        )
        .await
        .json();
    assert_eq!(done["changed"], 1, "{done}");
    assert_eq!(
        app.db.number("SELECT count(*) FROM customers WHERE id = 1"),
        1
    );
    assert_eq!(
        app.db.number("SELECT count(*) FROM customers WHERE id = 2"),
        0
    );
    assert_eq!(
        app.db
            .number("SELECT count(*) FROM order_items WHERE order_id = 1"),
        lines
    );
}

#[tokio::test]
async fn requests_that_cannot_be_used_say_what_to_send() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for (fields, said) in [
        (vec![("key", "1")], "action"),
        (vec![("action", "ship"), ("key", "1")], "ship"),
        (vec![("action", "edit"), ("set.notes", "x")], "tick"),
        (
            vec![("action", "edit"), ("key", "1,2"), ("set.notes", "x")],
            "key",
        ),
        (
            vec![("action", "edit"), ("key", "1"), ("set.nope", "x")],
            "nope",
        ),
        (
            vec![
                ("action", "edit"),
                ("matching", "f.nope=eq:1"),
                ("set.notes", "x"),
            ],
            "nope",
        ),
    ] {
        let answer = alice.post_json(BULK, &fields).await;
        assert_eq!(answer.status, 400, "{fields:?}: {answer:?}");
        assert!(answer.text().contains(said), "{fields:?}: {answer:?}");
    }
    for fields in [
        vec![("action", "edit"), ("key", "1")],
        vec![("action", "edit"), ("key", "1"), ("set.total", "many")],
        vec![("action", "edit"), ("key", "1"), ("set.number", "SO-1")],
        vec![("action", "edit"), ("key", "1"), ("null.status", "1")],
    ] {
        let answer = alice.post_json(BULK, &fields).await;
        assert_eq!(answer.status, 422, "{fields:?}: {answer:?}");
    }
    alice
        .post_bare(
            BULK,
            &[("action", "edit"), ("key", "1"), ("set.notes", "x")],
        )
        .await
        .expect(403);
}

#[tokio::test]
async fn only_those_may_who_may_change_one_row() {
    let app = TestApp::shared().await;
    let carol = app.sign_in("carol").await;
    let edit = [("action", "edit"), ("key", "1"), ("set.notes", "x")];
    let delete = [("action", "delete"), ("key", "1")];
    carol.post_json(BULK, &edit).await.expect(403);
    carol.post_json(BULK, &delete).await.expect(403);
    let page = carol.page("/admin/data/orders").await;
    assert!(!page.has("input.tick") && !page.has("form.picked"));
    let bob = app.sign_in("bob").await;
    bob.post_json(BULK, &delete).await.expect(403);
    let page = bob.page("/admin/data/orders").await;
    assert!(page.has("input.tick") && page.has("form.picked button[value=edit]"));
    assert!(!page.has("form.picked button[value=delete]"));
}

#[tokio::test]
async fn a_person_ticks_rows_sets_a_field_looks_and_confirms() {
    let app = TestApp::start().await;
    app.db.execute(
        "UPDATE orders SET status = 'draft'; UPDATE orders SET status = 'pending' WHERE id <= 150",
    );
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/orders?f.status=eq:pending").await;
    assert_eq!(page.count("input.tick"), 50);
    let matching = page.attribute("form.picked input[name=matching]", "value");
    assert_eq!(matching, "f.status=eq%3Apending");
    let chosen = [
        ("action", "edit"),
        ("list", &matching),
        ("matching", &matching),
    ];
    let answer = alice.post_form(BULK, &chosen).await.expect(200);
    let page = answer.page();
    assert!(page.text("h1").contains("150"), "{}", page.text("h1"));
    assert!(!page.has("[name='do.id']") && !page.has("[name='do.number']"));
    let set = [
        ("do.status", "set"),
        ("set.status", "shipped"),
        ("do.notes", "leave"),
        ("set.notes", ""),
    ];
    let fields: Vec<_> = chosen.iter().chain(&set).copied().collect();
    let page = alice.post_form(BULK, &fields).await.expect(200).page();
    assert!(page.text("ul.figures").contains("150 will change"));
    let token = page.attribute("[name=confirm]", "value");
    assert!(page.has("input#sure[pattern='150']"));
    let confirmed = with(&fields, ("confirm", &token));
    // The number was not typed.
    alice.post_form(BULK, &confirmed).await.expect(409);
    assert_eq!(
        app.db
            .number("SELECT count(*) FROM orders WHERE status = 'shipped'"),
        0
    );
    let answer = alice
        .post_form(BULK, &with(&confirmed, ("sure", "150")))
        .await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let list = alice.follow(answer).await.expect(200);
    assert!(
        list.url
            .query()
            .unwrap()
            .starts_with("f.status=eq%3Apending")
    );
    assert!(list.page().text("p.notice").contains("150 rows changed"));
    assert_eq!(
        app.db
            .number("SELECT count(*) FROM orders WHERE status = 'shipped'"),
        150
    );
}

#[tokio::test]
async fn ticked_rows_lead_to_a_file_of_just_these() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let fields = [
        ("action", "export"),
        ("format", "json"),
        ("key", "3"),
        ("key", "5"),
    ];
    let answer = alice.post_form(BULK, &fields).await.expect(303);
    let file = alice.follow(answer).await.expect(200);
    let told = file.json();
    let rows = told.as_array().or(told["rows"].as_array()).unwrap();
    let mut keys: Vec<i64> = rows.iter().map(|row| row["id"].as_i64().unwrap()).collect();
    keys.sort_unstable();
    assert_eq!(keys, [3, 5]);
    let fields = [
        ("action", "export"),
        ("key", "3"),
        ("matching", "f.status=eq:paid&sort=-id"),
    ];
    let answer = alice.post_form(BULK, &fields).await.expect(303);
    let to = answer.header("location").to_owned();
    assert!(
        to.ends_with("/export.csv?sort=-id&f.status=eq%3Apaid"),
        "{to}"
    );
}

#[tokio::test]
async fn a_delete_says_what_goes_with_the_rows() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let lines = app
        .db
        .number("SELECT count(*) FROM order_items WHERE order_id IN (1, 2)");
    assert!(lines > 0);
    let fields = [("action", "delete"), ("key", "1"), ("key", "2")];
    let told = ask(&alice, &fields).await;
    assert_eq!(told["also_deleted"]["order_items"], lines, "{told}");
    let page = alice.post_form(BULK, &fields).await.expect(200).page();
    let said = format!("{lines} order items will be deleted, too.");
    assert!(page.text("main").contains(&said), "{}", page.text("main"));
    // One more item: the preview is out of date.
    let token = told["confirm"].as_str().unwrap();
    app.db
        .execute("DELETE FROM order_items WHERE order_id = 1 AND line_no = 1");
    let confirmed = with(&fields, ("confirm", token));
    alice.post_json(BULK, &confirmed).await.expect(409);
}

#[tokio::test]
async fn a_configured_action_sets_its_columns_and_takes_its_own_right() {
    let settings = r#"
[[resources.orders.actions]]
name = "ship"
label = "Mark as shipped"
set = { status = "shipped", express = true }
"#;
    let roles = r#"
[roles.admin]
groups = ["admins"]
[[roles.admin.grants]]
on = ["orders"]
may = ["view", "action:ship"]
rows = ["id=le:2"]
[[roles.admin.grants]]
on = ["orders"]
may = ["view"]
[roles.editor]
groups = ["editors"]
[[roles.editor.grants]]
on = ["orders"]
may = ["view", "edit"]
"#;
    let app = TestApp::builder()
        .settings(settings)
        .roles(roles)
        .start()
        .await;
    app.db
        .execute("UPDATE orders SET status = 'paid' WHERE id IN (1, 2, 3)");
    let (alice, bob) = (app.sign_in("alice").await, app.sign_in("bob").await);
    let ship = [("action", "ship"), ("key", "1"), ("key", "2"), ("key", "3")];
    let denied = bob.post_json(BULK, &ship).await.expect(403).json();
    let detail = denied["detail"].as_str().unwrap();
    assert!(detail.contains("action:ship"), "{detail}");
    // The right to ship does not need the right to edit.
    let edit = [("action", "edit"), ("key", "1"), ("set.notes", "x")];
    alice.post_json(BULK, &edit).await.expect(403);
    let unknown = [("action", "shp"), ("key", "1")];
    let answer = alice.post_json(BULK, &unknown).await.expect(400);
    assert!(
        answer.text().contains("edit, delete, export, ship"),
        "{answer:?}"
    );
    let list = alice.page("/admin/data/orders").await;
    assert_eq!(
        list.text("form.picked button[value=ship]"),
        "Mark as shipped"
    );
    let list = bob.page("/admin/data/orders").await;
    assert!(!list.has("form.picked button[value=ship]"));
    let page = alice.post_form(BULK, &ship).await.expect(200).page();
    assert!(
        page.text("h1").starts_with("Mark as shipped: 3"),
        "{}",
        page.text("h1")
    );
    let told = ask(&alice, &ship).await;
    assert_eq!(told["count"], 2, "{told}");
    assert_eq!(told["refused"][0]["key"], "3", "{told}");
    let token = told["confirm"].as_str().unwrap();
    let done = ask(&alice, &with(&ship, ("confirm", token))).await;
    assert_eq!(done["changed"], 2, "{done}");
    let wanted = ["shipped", "shipped", "paid"].map(|status| Some(status.to_owned()));
    assert_eq!(statuses(&app, "1, 2, 3"), wanted);
    assert_eq!(app.audit("update").len(), 2);
}

#[tokio::test]
async fn more_rows_than_one_request_changes_are_refused_whole() {
    let app = TestApp::builder()
        .prepare(|db| db.grow_orders(10_001))
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let fields = [("action", "edit"), ("matching", ""), ("set.notes", "all")];
    let answer = alice.post_json(BULK, &fields).await;
    assert_eq!(answer.status, 400, "{answer:?}");
    assert!(answer.text().contains("10,000"), "{answer:?}");
}
