//! Foreign keys are chosen by label, with and without scripts.

use crate::support::TestApp;

#[tokio::test]
async fn a_foreign_key_can_be_looked_for_without_script() {
    let app = TestApp::start().await;
    app.db.execute("UPDATE customers SET name = 'Giraffe House' WHERE id = 8; UPDATE customers SET name = 'Giraffe Home' WHERE id = 9");
    let alice = app.sign_in("alice").await;
    let before = app.db.number("SELECT customer_id FROM orders WHERE id = 1");
    let form = alice.form("/admin/data/orders/row/1/edit").await;
    let asked = form
        .set("notes", "Typed already")
        .set("find.customer_id", "giraffe")
        .add("pick", "customer_id");
    let page = alice.submit(&asked).await.expect(200).page();
    assert_eq!(
        app.db.number("SELECT customer_id FROM orders WHERE id = 1"),
        before
    );
    let offered = page.texts("select[name=customer_id] option");
    assert!(offered.contains(&"Giraffe House".to_owned()), "{offered:?}");
    assert_eq!(page.form().get("notes"), Some("Typed already"));
    alice
        .save(
            &page
                .form()
                .set("customer_id", "8")
                .without("find.customer_id"),
        )
        .await;
    assert_eq!(
        app.db.number("SELECT customer_id FROM orders WHERE id = 1"),
        8
    );
    assert_eq!(
        app.db
            .text("SELECT notes FROM orders WHERE id = 1")
            .unwrap(),
        "Typed already"
    );
}

#[tokio::test]
async fn what_was_found_and_not_chosen_changes_nothing() {
    let app = TestApp::start().await;
    app.db
        .execute("UPDATE customers SET name = 'Giraffe House' WHERE id = 8");
    let alice = app.sign_in("alice").await;
    let before = app.db.number("SELECT customer_id FROM orders WHERE id = 1");
    let form = alice.form("/admin/data/orders/row/1/edit").await;
    let asked = form
        .set("find.customer_id", "giraffe")
        .add("pick", "customer_id");
    let page = alice.submit(&asked).await.expect(200).page();
    let form = page.form();
    // The values that a browser sends if nothing is touched.
    let chosen = form.get("customer_id").unwrap().to_owned();
    alice
        .submit(&form.without("find.customer_id"))
        .await
        .expect(303);
    let after = app.db.number("SELECT customer_id FROM orders WHERE id = 1");
    assert_eq!(after, before, "{chosen} was offered first");
}

#[tokio::test]
async fn a_new_row_can_be_looked_for_too() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/orders/new").await;
    let name = app
        .db
        .text("SELECT name FROM customers WHERE id = 5")
        .unwrap();
    let asked = form
        .set("number", "N-1")
        .set("find.customer_id", &name)
        .add("pick", "customer_id");
    let page = alice.submit(&asked).await.expect(200).page();
    assert!(
        page.texts("select[name=customer_id] option")
            .contains(&name)
    );
    assert_eq!(page.form().get("number"), Some("N-1"));
    assert!(!page.has("[role=alert]"));
}

#[tokio::test]
async fn a_pick_list_searches_on_the_server() {
    let app = TestApp::start().await;
    app.db.execute("UPDATE customers SET name = 'Giraffe 100%' WHERE id = 8; UPDATE customers SET name = 'Giraffe 1000' WHERE id = 9");
    let alice = app.sign_in("alice").await;
    let found = alice.json("/admin/data/customers/lookup?q=giraffe").await;
    assert_eq!(found["items"].as_array().unwrap().len(), 2);
    let first = found["items"][0]["label"].as_str().unwrap();
    assert!(first.starts_with("Giraffe"));
    let found = alice.json("/admin/data/customers/lookup?q=100%25").await;
    assert_eq!(
        found["items"],
        serde_json::json!([{ "key": "8", "label": "Giraffe 100%" }])
    );
    let all = alice.json("/admin/data/customers/lookup").await;
    let count = all["items"].as_array().unwrap().len();
    assert!((5..=100).contains(&count), "{count}");
    let carol = app.sign_in("carol").await;
    carol
        .get_json("/admin/data/employees/lookup?q=a")
        .await
        .expect(403);
}

#[tokio::test]
async fn a_small_table_is_offered_whole() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/employees/row/5/edit").await;
    assert_eq!(page.count("select[name=department_id] option"), 12);
}
