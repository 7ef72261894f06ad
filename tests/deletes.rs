//! Deleting a row: its side effects, its obstacles, and what the log keeps.

use crate::support::TestApp;

#[tokio::test]
async fn the_page_lists_what_depends_on_the_row_with_rule_and_count() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let items = app
        .db
        .number("SELECT count(*) FROM order_items WHERE order_id = 1");
    let page = alice.page("/admin/data/orders/row/1/delete").await;
    let dependents = page.texts("ul.dependents > li > p");
    assert_eq!(
        dependents,
        [format!("Order items {items} will be deleted too")]
    );
    assert_eq!(page.count("ul.dependents ul li a") as i64, items.min(5));
    app.db.execute(
        "UPDATE orders SET customer_id = 1 WHERE id IN (1, 2, 3, 4, 5, 6, 7);
         UPDATE documents SET customer_id = 1 WHERE id = 1",
    );
    let page = alice.page("/admin/data/customers/row/1/delete").await;
    let text = page.text("ul.dependents");
    assert!(
        text.contains("prevent this") && text.contains("will be deleted too"),
        "{text}"
    );
    assert!(text.contains("and "), "only the first are named: {text}");
    let page = alice.page("/admin/data/employees/row/5/delete").await;
    assert!(
        page.text("main").contains("will lose this link"),
        "{}",
        page.text("main")
    );
}

#[tokio::test]
async fn a_row_that_others_must_point_at_cannot_be_deleted() {
    let app = TestApp::start().await;
    app.db
        .execute("UPDATE orders SET customer_id = 1 WHERE id = 1");
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/customers/row/1/delete").await;
    let said = page.text("[role=alert]");
    assert!(said.contains("It cannot be deleted while"), "{said}");
    assert!(!page.has("button.destroy"));
    let form = page.form();
    let answer = alice.submit(&form).await;
    assert_eq!(answer.status, 409, "{answer:?}");
    assert!(
        answer
            .page()
            .text("[role=alert]")
            .contains("cannot be deleted while")
    );
    assert_eq!(
        app.db.number("SELECT count(*) FROM customers WHERE id = 1"),
        1
    );
    assert!(app.audit("delete").is_empty());
}

#[tokio::test]
async fn a_row_goes_with_what_belongs_to_it() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let number = app
        .db
        .text("SELECT number FROM orders WHERE id = 1")
        .unwrap();
    let form = alice.form("/admin/data/orders/row/1/delete").await;
    let answer = alice.save(&form).await;
    assert_eq!(answer.header("location"), "/admin/data/orders?done=deleted");
    let list = alice.follow(answer).await.expect(200).page();
    assert!(list.has("p.notice.good"));
    assert_eq!(app.db.number("SELECT count(*) FROM orders WHERE id = 1"), 0);
    assert_eq!(
        app.db
            .number("SELECT count(*) FROM order_items WHERE order_id = 1"),
        0
    );
    alice.get("/admin/data/orders/row/1").await.expect(404);
    let sql = "SELECT changes FROM bailiwick_audit WHERE action = 'delete'";
    let changes: serde_json::Value = serde_json::from_str(&app.db.text(sql).unwrap()).unwrap();
    assert_eq!(changes["number"][0], number.as_str(), "{changes}");
    assert_eq!(changes["number"][1], serde_json::Value::Null);
    let details = app
        .db
        .text("SELECT details FROM bailiwick_audit WHERE action = 'delete'")
        .unwrap();
    assert!(details.contains("order_items"), "{details}");
}

#[tokio::test]
async fn a_link_to_a_deleted_row_is_emptied() {
    let app = TestApp::start().await;
    app.db.execute(
        "UPDATE departments SET head_id = NULL; UPDATE orders SET employee_id = 5 WHERE id = 1",
    );
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/employees/row/5/delete").await;
    alice.save(&form).await;
    assert_eq!(
        app.db.text("SELECT employee_id FROM orders WHERE id = 1"),
        None
    );
}

#[tokio::test]
async fn a_row_that_changed_meanwhile_is_shown_again() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/orders/row/1/delete").await;
    app.db
        .execute("UPDATE orders SET total = total + 1 WHERE id = 1");
    let answer = alice.submit(&form).await;
    assert_eq!(answer.status, 409, "{answer:?}");
    assert_eq!(app.db.number("SELECT count(*) FROM orders WHERE id = 1"), 1);
}

#[tokio::test]
async fn deleting_takes_the_right_to_delete() {
    let app = TestApp::start().await;
    let bob = app.sign_in("bob").await;
    bob.get("/admin/data/orders/row/1/delete").await.expect(403);
    let answer = bob.post_form("/admin/data/orders/row/1/delete", &[]).await;
    assert_eq!(answer.status, 403, "{answer:?}");
    assert_eq!(app.db.number("SELECT count(*) FROM orders WHERE id = 1"), 1);
}

#[tokio::test]
async fn what_would_go_too_takes_the_right_to_delete_it() {
    let app = TestApp::builder()
        .settings("[[roles.editor.grants]]\non = [\"orders\"]\nmay = [\"delete\"]")
        .start()
        .await;
    let bob = app.sign_in("bob").await;
    let page = bob.page("/admin/data/orders/row/1/delete").await;
    assert!(
        page.text("[role=alert]")
            .contains("which your roles do not let you delete")
    );
    let answer = bob.submit(&page.form()).await;
    assert_eq!(answer.status, 409, "{answer:?}");
    assert_eq!(app.db.number("SELECT count(*) FROM orders WHERE id = 1"), 1);
    app.db.execute("DELETE FROM order_items WHERE order_id = 1");
    let form = bob.form("/admin/data/orders/row/1/delete").await;
    bob.save(&form).await;
    assert_eq!(app.db.number("SELECT count(*) FROM orders WHERE id = 1"), 0);
}

#[tokio::test]
async fn a_deleted_row_is_answered_to_json_too() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let seen = alice.json("/admin/data/tags/row/1/delete").await;
    let digest = seen["row_digest"].as_str().unwrap();
    let answer = alice
        .post_json("/admin/data/tags/row/1/delete", &[("row_digest", digest)])
        .await
        .expect(200);
    assert_eq!(answer.json()["deleted"], "1");
    alice.get_json("/admin/data/tags/row/1").await.expect(404);
}

const HIDING: &str = r#"
[resources.order_items]
hidden = true
[[roles.editor.grants]]
on = ["orders"]
may = ["delete"]
"#;

#[tokio::test]
async fn rows_of_a_hidden_table_are_mentioned_refused_without_the_right_and_traced_with_it() {
    let app = TestApp::builder().settings(HIDING).start().await;
    let count = "SELECT count(*) FROM order_items WHERE order_id = 1";
    let items = app.db.number(count);
    assert!(items > 0);
    let bob = app.sign_in("bob").await;
    let page = bob.page("/admin/data/orders/row/1/delete").await;
    let said = page.text("main");
    assert!(
        said.contains("rows that your roles do not show you"),
        "{said}"
    );
    assert!(!said.to_lowercase().contains("order item"), "{said}");
    let answer = bob.submit(&page.form()).await;
    assert_eq!(answer.status, 409, "{answer:?}");
    assert_eq!(app.db.number(count), items);
    // A grant on every resource includes this table.
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/orders/row/1/delete").await;
    let said = page.text("ul.dependents");
    assert!(
        said.contains("Rows that your roles do not show you"),
        "{said}"
    );
    assert!(said.contains("will be deleted too"), "{said}");
    alice.save(&page.form()).await;
    let traced = "SELECT count(*) FROM bailiwick_audit WHERE action = 'delete'
        AND resource = 'order_items' AND changes LIKE '%quantity%'";
    assert_eq!(app.db.number(traced), items);
}

#[tokio::test]
async fn what_was_confirmed_is_what_happens() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/orders/row/1/delete").await;
    app.db
        .execute("UPDATE order_items SET quantity = quantity + 1 WHERE order_id = 1");
    let answer = alice.submit(&form).await;
    assert_eq!(answer.status, 409, "{answer:?}");
    assert_eq!(app.db.number("SELECT count(*) FROM orders WHERE id = 1"), 1);
    alice.save(&answer.page().form()).await;
    assert_eq!(app.db.number("SELECT count(*) FROM orders WHERE id = 1"), 0);
}

#[tokio::test]
async fn the_history_of_a_deleted_row_stays_open() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/tags/row/1/edit").await;
    alice.save(&form.set("name", "Doomed")).await;
    let form = alice.form("/admin/data/tags/row/1/delete").await;
    alice.save(&form).await;
    let page = alice.page("/admin/data/tags/row/1/history").await;
    assert_eq!(page.text("h1"), "History of Doomed");
    assert_eq!(page.count("ol.trace > li"), 2);
    assert!(!page.has("a[href$='/admin/data/tags/row/1']"));
    let json = alice.json("/admin/data/tags/row/1/history").await;
    assert_eq!(json["exists"], false);
    assert_eq!(json["events"][0]["action"], "delete");
    assert_eq!(json["events"][0]["changes"]["name"][0], "Doomed");
    // The log links to it.
    let log = alice
        .page("/admin/data/audit?f.action=eq:delete&f.resource=eq:tags")
        .await;
    assert!(log.has("a[href$='/tags/row/1/history']"));
    // A row that never existed has no history, and nobody sees one without the right.
    alice
        .get("/admin/data/tags/row/99999/history")
        .await
        .expect(404);
    let carol = app.sign_in("carol").await;
    carol
        .get("/admin/data/tags/row/1/history")
        .await
        .expect(403);
}
