//! Lists: order, search, filters, pages, counts.

mod changing;
mod columns;
mod filters;
mod open;
mod pages;
mod paths;
mod statements;
mod whole;
mod zones;

use crate::support::TestApp;
use serde_json::Value as Json;

/// The values of a column in a list's JSON, as text.
fn values(list: &Json, column: &str) -> Vec<String> {
    let rows = list["rows"].as_array().unwrap().iter();
    rows.map(|row| match &row[column] {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    })
    .collect()
}

#[tokio::test]
async fn a_list_is_sorted_as_asked() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for (sort, order) in [
        ("number", "number"),
        ("-number", "number DESC"),
        ("status,-number", "status, number DESC"),
        ("-total,number", "total DESC, number"),
        ("placed_at,id", "placed_at, id"),
    ] {
        let list = alice
            .json(&format!("/admin/data/orders?size=20&sort={sort}"))
            .await;
        let wanted = app.db.texts(&format!(
            "SELECT number FROM orders ORDER BY {order} LIMIT 20"
        ));
        let wanted: Vec<String> = wanted.into_iter().flatten().collect();
        assert_eq!(values(&list, "number"), wanted, "{sort}");
    }
}

#[tokio::test]
async fn a_list_says_which_column_it_is_sorted_by() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/orders?sort=-total").await;
    assert_eq!(page.text("th[aria-sort=descending]"), "Total");
    let link = page.attribute("th[aria-sort=descending] a", "href");
    let page = alice.page(&link).await;
    assert_eq!(page.text("th[aria-sort=ascending]"), "Total");
}

#[tokio::test]
async fn a_page_and_its_json_show_the_same_rows() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for query in ["", "?sort=-total", "?f.status=eq:paid", "?q=SO-1"] {
        let path = format!("/admin/data/orders{query}");
        let page = alice.page(&path).await.column("Number");
        assert_eq!(page, values(&alice.json(&path).await, "number"), "{query}");
        assert!(!page.is_empty());
    }
}

#[tokio::test]
async fn search_looks_in_the_columns_that_the_placeholder_names() {
    let app = TestApp::start().await;
    app.db.execute(
        "UPDATE orders SET notes = 'The blue giraffe, 100% wool' WHERE id IN (7, 9);
         UPDATE orders SET notes = 'a_b giraffe' WHERE id = 11;
         UPDATE orders SET notes = 'axb giraffe' WHERE id = 12",
    );
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/orders").await;
    assert_eq!(
        page.attribute("form.find input[name=q]", "placeholder"),
        "Search number, notes"
    );
    for (words, wanted) in [
        ("giraffe", 4),
        ("GIRAFFE", 4),
        ("giraffe%20blue", 2),
        ("100%25", 2),
        ("a_b", 1),
        ("giraffe%20zebra", 0),
        ("'%20OR%201=1--", 0),
    ] {
        let list = alice.json(&format!("/admin/data/orders?q={words}")).await;
        assert_eq!(values(&list, "id").len(), wanted, "{words}");
        assert_eq!(list["count"]["value"], wanted, "{words}");
    }
}

#[tokio::test]
async fn a_parameter_that_is_wrong_is_named() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for (query, name) in [
        ("size=abc", "size"),
        ("size=0", "size"),
        ("size=-1", "size"),
        ("size=100000", "size"),
        ("f.nope=eq:1", "f.nope"),
        ("f.status=xx:1", "f.status"),
        ("f.id=eq:abc", "f.id"),
        ("f.id=contains:1", "f.id"),
        ("f.placed_at=eq:never", "f.placed_at"),
        ("f.total=gt:much", "f.total"),
        ("f.express=eq:perhaps", "f.express"),
        ("f.id=between:1", "f.id"),
        ("or.1.nope=eq:1", "or.1.nope"),
        ("or.x=eq:1", "or.x"),
        ("sort=nope", "sort"),
        ("page=0", "page"),
        ("page=x", "page"),
        ("after=rubbish", "after"),
        ("before=%00", "before"),
        ("after=a&page=2", "page"),
        ("foo=bar", "foo"),
    ] {
        let path = format!("/admin/data/orders?{query}");
        let answer = alice.get_json(&path).await.expect(400);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json();
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.contains(&format!("\u{201c}{name}\u{201d}")),
            "{query}: {detail}"
        );
        let answer = alice.get(&path).await.expect(400);
        let text = answer.page().text("main");
        // The page names the column of the left-out filter by its label, and keeps the rest of the
        // list.
        let told = if name.contains('.') {
            "A filter was left out."
        } else {
            name
        };
        assert!(text.contains(told), "{query}: {text}");
        assert!(
            !text.contains("The parameter \u{201c}f."),
            "{query}: {text}"
        );
    }
}

#[tokio::test]
async fn a_foreign_key_shows_the_name_of_the_row_and_leads_there() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/orders?sort=id&size=5").await;
    let wanted = app.db.texts(
        "SELECT c.name FROM orders o JOIN customers c ON c.id = o.customer_id ORDER BY o.id LIMIT 5",
    );
    let wanted: Vec<String> = wanted.into_iter().flatten().collect();
    assert_eq!(page.column("Customer"), wanted);
    let links = page.attributes("table.rows tbody td:nth-child(3) a", "href");
    let customer = app
        .db
        .number("SELECT customer_id FROM orders ORDER BY id LIMIT 1");
    assert_eq!(links[0], format!("/admin/data/customers/row/{customer}"));
}

#[tokio::test]
async fn an_empty_list_says_what_to_do_next() {
    let app = TestApp::builder()
        .prepare(|db| db.execute("DELETE FROM product_tags; DELETE FROM tags"))
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/tags").await;
    assert_eq!(page.text(".empty h2"), "No tags yet");
    assert_eq!(page.attribute(".empty a", "href"), "/admin/data/tags/new");
    let page = alice.page("/admin/data/orders?f.id=eq:0").await;
    assert_eq!(page.text(".empty h2"), "Nothing matches");
    assert_eq!(page.attribute(".empty a", "href"), "/admin/data/orders");
}

#[tokio::test]
async fn numbers_and_times_are_json_as_agreed() {
    let app = TestApp::start().await;
    app.db.execute(
        "UPDATE orders SET total = 1234.50, margin = NULL, placed_at = '2025-03-04 05:06:07',
         express = TRUE, ship_by = '2025-03-05' WHERE id = 1;
         UPDATE customers SET created_at = '2025-03-04 05:06:07' WHERE id = 1",
    );
    let alice = app.sign_in("alice").await;
    let row = alice.json("/admin/data/orders/row/1").await["row"].clone();
    assert_eq!(row["id"], 1);
    assert!(row["total"].is_string(), "{}", row["total"]);
    assert_eq!(
        row["total"].as_str().unwrap().parse::<f64>().unwrap(),
        1234.5
    );
    assert_eq!(row["margin"], Json::Null);
    assert_eq!(row["express"], true);
    assert_eq!(row["ship_by"], "2025-03-05");
    let moment = row["placed_at"].as_str().unwrap();
    assert!(moment.starts_with("2025-03-04T05:06:07"), "{moment}");
}
