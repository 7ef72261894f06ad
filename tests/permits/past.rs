//! Past values and related rows are only for people who could read them then and may read them now.

use crate::support::TestApp;

const CANARY: &str = "canary-of-the-past";

/// A customer outside bob's region, with the canary written by alice.
async fn foreign_customer(app: &TestApp) -> i64 {
    let foreign = app.db.number(
        "SELECT min(id) FROM customers WHERE region <> 'emea'
         AND NOT EXISTS (SELECT 1 FROM orders WHERE customer_id = customers.id)
         AND NOT EXISTS (SELECT 1 FROM documents WHERE customer_id = customers.id)",
    );
    let alice = app.sign_in("alice").await;
    let path = format!("/admin/data/customers/row/{foreign}/edit");
    let form = alice.form(&path).await;
    alice.save(&form.set("notes", CANARY)).await;
    let form = alice.form(&path).await;
    alice.save(&form.set("notes", "Nothing to see")).await;
    foreign
}

/// Bob's pages about a customer do not contain the canary, but alice's history does.
async fn past_is_hidden(app: &TestApp, customer: i64) {
    let bob = app.sign_in("bob").await;
    for path in ["", "/edit", "/history", "/history?before=999999"] {
        let link = format!("/admin/data/customers/row/{customer}{path}");
        let answer = bob.get(&link).await.expect(200);
        assert!(!answer.text().contains(CANARY), "{path}");
        let answer = bob.get_json(&link).await.expect(200);
        assert!(!answer.text().contains(CANARY), "{path} as JSON");
    }
    let alice = app.sign_in("alice").await;
    let link = format!("/admin/data/customers/row/{customer}/history");
    assert!(alice.get(&link).await.expect(200).text().contains(CANARY));
}

#[tokio::test]
async fn a_row_that_came_within_reach_keeps_its_past() {
    let app = TestApp::start().await;
    let foreign = foreign_customer(&app).await;
    let alice = app.sign_in("alice").await;
    let path = format!("/admin/data/customers/row/{foreign}/edit");
    let form = alice.form(&path).await;
    let form = form.set("region", "emea").set("notes", "Moved");
    alice.save(&form).await;
    past_is_hidden(&app, foreign).await;
    let form = alice.form(&path).await;
    alice.save(&form.set("notes", "Since it is bob's")).await;
    past_is_hidden(&app, foreign).await;
    let bob = app.sign_in("bob").await;
    let link = format!("/admin/data/customers/row/{foreign}/history");
    let history = bob.json(&link).await;
    let events = history["events"].as_array().unwrap();
    // Later changes, and only the fact of the change that moved it.
    assert_eq!(events.len(), 2, "{history}");
    assert_eq!(events[0]["changes"]["notes"][1], "Since it is bob's");
    assert_eq!(events[1]["changes"], serde_json::json!({}));
}

#[tokio::test]
async fn a_key_used_again_keeps_the_past_of_the_other_row() {
    let app = TestApp::start().await;
    let foreign = foreign_customer(&app).await;
    let alice = app.sign_in("alice").await;
    let form = alice
        .form(&format!("/admin/data/customers/row/{foreign}/delete"))
        .await;
    alice.save(&form).await;
    let own = app
        .db
        .number("SELECT min(id) FROM customers WHERE region = 'emea' AND NOT EXISTS (SELECT 1 FROM orders WHERE customer_id = customers.id) AND NOT EXISTS (SELECT 1 FROM documents WHERE customer_id = customers.id)");
    app.db.execute(&format!(
        "UPDATE customers SET id = {foreign} WHERE id = {own}"
    ));
    past_is_hidden(&app, foreign).await;
}

const NAMELESS: &str = r#"
[roles.editor]
groups = ["editors"]
[[roles.editor.grants]]
on = ["customers"]
may = ["view", "edit"]
hide = ["name"]
"#;

#[tokio::test]
async fn home_calls_rows_by_what_may_be_read_of_them() {
    let app = TestApp::builder().roles(NAMELESS).start().await;
    let id = app.db.number("SELECT min(id) FROM customers");
    app.db.execute(&format!(
        "UPDATE customers SET name = '{CANARY}' WHERE id = {id}"
    ));
    let bob = app.sign_in("bob").await;
    let form = bob
        .form(&format!("/admin/data/customers/row/{id}/edit"))
        .await;
    bob.save(&form.set("notes", "Changed by bob")).await;
    let home = bob.get("/admin/").await.expect(200).text();
    assert!(home.contains(&format!("/admin/data/customers/row/{id}")));
    assert!(!home.contains(CANARY), "{home}");
}

const PARTLY: &str = r#"
[roles.editor]
groups = ["editors"]
[[roles.editor.grants]]
on = ["products"]
may = ["view", "edit", "delete"]
[[roles.editor.grants]]
on = ["order_items"]
may = ["view"]
rows = ["line_no=eq:1"]
[[roles.editor.grants]]
on = ["products"]
may = ["history"]
rows = ["id=lt:0"]
[[roles.editor.grants]]
on = ["top", "middle"]
may = ["view", "delete"]
"#;

fn three_steps(db: &crate::support::Database) {
    db.execute("CREATE TABLE top (id integer PRIMARY KEY, name text NOT NULL)");
    db.execute("CREATE TABLE middle (id integer PRIMARY KEY, top_id integer NOT NULL REFERENCES top (id) ON DELETE CASCADE)");
    db.execute("CREATE TABLE bottom (id integer PRIMARY KEY, middle_id integer NOT NULL REFERENCES middle (id) ON DELETE CASCADE)");
    db.execute("INSERT INTO top VALUES (1, 'Top')");
    db.execute("INSERT INTO middle VALUES (1, 1)");
    db.execute("INSERT INTO bottom VALUES (1, 1)");
}

#[tokio::test]
async fn a_delete_counts_what_may_be_seen_and_goes_as_far_as_one_may() {
    let app = TestApp::builder()
        .roles(PARTLY)
        .prepare(three_steps)
        .start()
        .await;
    let product = app.db.number(
        "SELECT product_id FROM order_items GROUP BY product_id
         ORDER BY count(*) DESC, product_id LIMIT 1",
    );
    let count = |test: &str| {
        let sql =
            format!("SELECT count(*) FROM order_items WHERE product_id = {product} AND {test}");
        app.db.number(&sql)
    };
    let (all, seen) = (count("1 = 1"), count("line_no = 1"));
    assert!(all > seen && seen > 0);
    let bob = app.sign_in("bob").await;
    let link = format!("/admin/data/products/row/{product}/delete");
    let json = bob.json(&link).await;
    let blocked = json["blocked"].as_str().unwrap();
    assert!(blocked.contains("your roles do not show you"), "{blocked}");
    let page = bob.get(&link).await.expect(200).text();
    assert!(!page.contains(&format!("{all} ")) && !page.contains(&format!(">{all}<")));
    // A form opens without the right to the row's history.
    bob.get(&format!("/admin/data/products/row/{product}/edit"))
        .await
        .expect(200);

    let answer = bob
        .post_form("/admin/data/top/row/1/delete", &[])
        .await
        .expect(409);
    assert!(answer.text().contains("do not let you delete"));
    assert_eq!(app.db.number("SELECT count(*) FROM bottom"), 1);
}

const AUDITOR: &str = r#"
[roles.admin]
groups = ["admins"]
[[roles.admin.grants]]
on = ["*"]
may = ["view", "export"]
[roles.editor]
groups = ["editors"]
[[roles.editor.grants]]
on = ["audit"]
may = ["view", "export"]
[[roles.editor.grants]]
on = ["employees"]
may = ["view"]
hide = ["salary"]
"#;

#[tokio::test]
async fn what_was_exported_is_told_without_values_of_hidden_columns() {
    let app = TestApp::builder().roles(AUDITOR).start().await;
    let alice = app.sign_in("alice").await;
    alice
        .get("/admin/data/employees/export.csv?f.salary=gt:73219&f.name=ne:Nobody")
        .await
        .expect(200);
    let bob = app.sign_in("bob").await;
    let id = app
        .db
        .number("SELECT max(id) FROM bailiwick_audit WHERE action = 'export'");
    for path in ["", "/export.json", &format!("/row/{id}")] {
        let link = format!("/admin/data/audit{path}");
        for answer in [bob.get(&link).await, bob.get_json(&link).await] {
            let text = answer.expect(200).text();
            assert!(!text.contains("73219"), "{path}: {text}");
        }
    }
    let row = bob.json(&format!("/admin/data/audit/row/{id}")).await;
    assert!(row.to_string().contains("Nobody"), "{row}");
}

const HISTORIAN: &str = r#"
[roles.admin]
groups = ["admins"]
[[roles.admin.grants]]
on = ["*"]
may = ["view", "edit", "create", "delete", "history"]
[roles.editor]
groups = ["editors"]
[[roles.editor.grants]]
on = ["customers"]
may = ["view", "history"]
rows = ["region=eq:emea"]
"#;

#[tokio::test]
async fn a_change_is_shown_where_the_row_was_in_reach_then_whoever_moved_it() {
    let app = TestApp::builder().roles(HISTORIAN).start().await;
    let alice = app.sign_in("alice").await;
    let bob = app.sign_in("bob").await;
    let id = app.db.number(
        "SELECT min(id) FROM customers WHERE region <> 'emea'
         AND NOT EXISTS (SELECT 1 FROM orders WHERE customer_id = customers.id)
         AND NOT EXISTS (SELECT 1 FROM documents WHERE customer_id = customers.id)",
    );
    let edit = format!("/admin/data/customers/row/{id}/edit");
    let history = format!("/admin/data/customers/row/{id}/history");
    let form = alice.form(&edit).await;
    alice.save(&form.set("notes", CANARY)).await;
    // The application moves it without the panel: bob sees nothing from before.
    bob.get(&history).await.expect(404);
    app.db.execute(&format!(
        "UPDATE customers SET region = 'emea', notes = 'moved' WHERE id = {id}"
    ));
    let seen = bob.get_json(&history).await.expect(200);
    assert!(!seen.text().contains(CANARY), "{}", seen.text());
    assert_eq!(seen.json()["events"], serde_json::json!([]));
    let form = alice.form(&edit).await;
    alice.save(&form.set("notes", "in reach")).await;
    let form = alice.form(&edit).await;
    alice
        .save(&form.set("notes", "left").set("region", "apac"))
        .await;
    let form = alice.form(&edit).await;
    alice.save(&form.set("notes", CANARY)).await;
    // It is invisible now: what he saw of it stays, and that it disappeared.
    let seen = bob.get_json(&history).await.expect(200);
    let text = seen.text();
    assert!(!text.contains("apac") && !text.contains(CANARY), "{text}");
    let events = seen.json()["events"].as_array().unwrap().clone();
    let ways: Vec<&str> = events
        .iter()
        .map(|e| e["reach"].as_str().unwrap())
        .collect();
    assert_eq!(ways, ["left", "stayed"], "{text}");
    assert_eq!(events[0]["changes"], serde_json::json!({}));
    assert_eq!(events[1]["changes"]["notes"][1], "in reach");
    let page = bob.page(&history).await;
    assert!(page.text("main").contains("left what your roles cover"));
    bob.get(&format!("/admin/data/customers/row/{id}"))
        .await
        .expect(404);
    // A delete that bob may not see is not shown to him.
    let form = alice
        .form(&format!("/admin/data/customers/row/{id}/delete"))
        .await;
    alice.save(&form).await;
    let seen = bob.json(&history).await;
    assert_eq!(seen["events"].as_array().unwrap().len(), 2, "{seen}");
    assert_eq!(
        alice.json(&history).await["events"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
}
