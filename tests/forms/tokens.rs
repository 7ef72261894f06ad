//! Join tables in the forms of both sides, and lines sent as JSON.

use crate::support::{Answer, Client, TestApp};
use reqwest::Method;
use serde_json::{Value as Json, json};

const EDIT: &str = "/admin/data/products/row/1/edit";

async fn start() -> TestApp {
    let app = TestApp::start().await;
    app.db.execute(
        "DELETE FROM product_tags WHERE product_id = 1 OR tag_id = 1;
         INSERT INTO product_tags (product_id, tag_id) VALUES (1, 2), (1, 3)",
    );
    app
}

fn tags(app: &TestApp) -> Vec<i64> {
    let sql = "SELECT CAST(tag_id AS TEXT) FROM product_tags WHERE product_id = 1 ORDER BY tag_id";
    let tags = app.db.texts(sql).into_iter().flatten();
    tags.map(|tag| tag.parse().unwrap()).collect()
}

#[tokio::test]
async fn tags_are_taken_off_and_put_on() {
    let app = start().await;
    let alice = app.sign_in("alice").await;
    let page = alice.page(EDIT).await;
    let name = |id: i64| {
        let sql = format!("SELECT name FROM tags WHERE id = {id}");
        app.db.text(&sql).unwrap()
    };
    assert_eq!(page.texts(".token > span"), [name(2), name(3)]);
    let form = page.form();
    let answer = alice.submit(&form).await;
    assert!(
        answer.header("location").ends_with("done=unchanged"),
        "{answer:?}"
    );
    // The few tags there are can be ticked.
    let boxes = page.attributes(".choices input[value='1']", "name");
    let form = form.add(&boxes[0], "1").add("line.product_tags.0.off", "1");
    alice.save(&form).await;
    assert_eq!(tags(&app), [1, 3]);
    let deeds = "SELECT action || ' ' || row_key FROM bailiwick_audit
                 WHERE resource = 'product_tags' ORDER BY id";
    let deeds: Vec<String> = app.db.texts(deeds).into_iter().flatten().collect();
    assert_eq!(deeds, ["delete 1,2", "create 1,1"]);
}

#[tokio::test]
async fn many_rows_are_looked_for_on_the_other_side() {
    let app = start().await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/tags/row/1/edit").await;
    assert!(!page.has(".choices input") && !page.has(".token"));
    let form = page.form();
    let form = form.set("child.product_tags.0.product_id", "1");
    alice.save(&form).await;
    assert_eq!(tags(&app), [1, 2, 3]);
}

#[tokio::test]
async fn rights_are_those_of_the_table_between() {
    let app = start().await;
    // Bob may create and edit, but not delete.
    let bob = app.sign_in("bob").await;
    let page = bob.page(EDIT).await;
    assert!(!page.has(".token .off") && page.has(".choices input"));
    let form = page.form().add("line.product_tags.0.off", "1");
    bob.submit(&form).await.expect(403);
    assert_eq!(tags(&app), [2, 3]);
}

#[tokio::test]
async fn a_product_is_made_with_its_tags() {
    let app = start().await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/products/new").await;
    let name = page.attribute(".choices input[value='2']", "name");
    let form = page
        .form()
        .set("sku", "TAGGED-1")
        .set("name", "Tagged")
        .set("category", "x")
        .set("description", "x")
        .set("price", "1")
        .set("released_on", "2026-01-01")
        .add(&name, "2");
    alice.submit(&form).await.expect(303);
    let sql = "SELECT count(*) FROM product_tags t JOIN products p ON p.id = t.product_id
               WHERE p.sku = 'TAGGED-1' AND t.tag_id = 2";
    assert_eq!(app.db.number(sql), 1);
}

#[tokio::test]
async fn what_is_configured_is_in_the_form_and_nothing_else() {
    let app = TestApp::builder()
        .settings("[resources.tags]\nmany = []\n[resources.customers]\nchildren = [\"documents\"]")
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/tags/row/1/edit").await;
    assert!(!page.has("#lines-product_tags"));
    let page = alice.page("/admin/data/customers/row/1/edit").await;
    assert!(page.has("#lines-documents"));
}

async fn send(client: &Client, path: &str, body: &Json) -> Answer {
    let token = client.csrf().await;
    let request = client
        .request(Method::POST, path)
        .header("content-type", "application/json")
        .header("accept", "application/json")
        .header("x-csrf-token", token)
        .body(body.to_string());
    client.send(request).await
}

#[tokio::test]
async fn lines_are_read_and_sent_as_json() {
    let app = TestApp::start().await;
    app.db.execute(
        "DELETE FROM order_items WHERE order_id = 1;
         INSERT INTO order_items (order_id, line_no, product_id, quantity, unit_price)
         VALUES (1, 1, 1, 3, 10.50), (1, 2, 2, 4, 20.00)",
    );
    let alice = app.sign_in("alice").await;
    let path = "/admin/data/orders/row/1/edit";
    let form = alice.json(path).await;
    let lines = form["children"]["order_items"].as_array().unwrap();
    assert_eq!(lines.len(), 2, "{form}");
    assert_eq!(lines[0]["row"]["quantity"], 3);
    let detail = alice.json("/admin/data/orders/row/1?children=1").await;
    assert_eq!(detail["children"], form["children"]);
    let detail = alice.json("/admin/data/orders/row/1").await;
    assert!(detail.get("children").is_none());
    // Sent unchanged, it changes nothing.
    let same = json!({
        "row_digest": form["row_digest"], "children": form["children"], "notes": form["row"]["notes"],
    });
    let answer = send(&alice, path, &same).await.expect(200);
    assert_eq!(answer.json()["changed"], false);
    let body = json!({
        "row_digest": form["row_digest"],
        "notes": null,
        "children": { "order_items": [
            { "key": "1,1", "row_digest": lines[0]["row_digest"], "row": { "quantity": 5 } },
            { "key": "1,2", "row_digest": lines[1]["row_digest"], "remove": true },
            { "row": { "product_id": 3, "quantity": 1, "unit_price": "9.50" } },
        ]},
    });
    let answer = send(&alice, path, &body).await.expect(200);
    assert_eq!(answer.json()["changed"], true);
    let sql = "SELECT line_no || ':' || product_id || ':' || quantity FROM order_items
               WHERE order_id = 1 ORDER BY line_no";
    let now: Vec<String> = app.db.texts(sql).into_iter().flatten().collect();
    assert_eq!(now, ["1:1:5", "2:3:1"]);
    // The same request again: the first line has changed in the meantime.
    let answer = send(&alice, path, &body).await;
    assert!(matches!(answer.status, 404 | 409), "{answer:?}");
    let form = alice.json(path).await;
    let wrong = json!({
        "row_digest": form["row_digest"],
        "children": { "order_items": [ { "row": { "product_id": 3, "quantity": "many", "unit_price": 1 } } ] },
    });
    let answer = send(&alice, path, &wrong).await.expect(422);
    let errors = &answer.json()["errors"];
    assert!(
        errors["child.order_items.0.quantity"].is_string(),
        "{errors}"
    );
    let unknown = json!({ "row_digest": form["row_digest"], "children": { "customers": [] } });
    send(&alice, path, &unknown).await.expect(400);
    let new = json!({
        "number": "JSON-1", "customer_id": 1,
        "children": { "order_items": [ { "row": { "product_id": 3, "quantity": 2, "unit_price": 1 } } ] },
    });
    send(&alice, "/admin/data/orders/new", &new)
        .await
        .expect(201);
    let sql = "SELECT count(*) FROM order_items i JOIN orders o ON o.id = i.order_id
               WHERE o.number = 'JSON-1' AND i.line_no = 1";
    assert_eq!(app.db.number(sql), 1);
}
