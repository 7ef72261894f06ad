//! Exports of lists.

mod files;
mod long;
mod names;
mod sheets;

use crate::support::TestApp;
use serde_json::Value as Json;

async fn jsonl(client: &crate::support::Client, path: &str) -> Vec<Json> {
    let answer = client.get(path).await.expect(200);
    let text = answer.text();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let rows = reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect());
    rows.collect()
}

#[tokio::test]
async fn an_export_has_the_filter_and_the_order_of_its_list() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let query = "f.status=eq:paid&sort=-total,id&q=SO";
    let wanted = app
        .db
        .texts("SELECT number FROM orders WHERE status = 'paid' ORDER BY total DESC, id");
    let wanted: Vec<String> = wanted.into_iter().flatten().collect();
    assert!(wanted.len() > 100);
    let rows = jsonl(&alice, &format!("/admin/data/orders/export.jsonl?{query}")).await;
    let numbers: Vec<&str> = rows
        .iter()
        .map(|row| row["number"].as_str().unwrap())
        .collect();
    assert_eq!(numbers, wanted);
    let answer = alice
        .get(&format!("/admin/data/orders/export.json?{query}"))
        .await;
    let rows = answer.json();
    assert_eq!(rows.as_array().unwrap().len(), wanted.len());
    assert_eq!(rows[0]["number"], wanted[0].as_str());
    let answer = alice
        .get(&format!("/admin/data/orders/export.csv?{query}"))
        .await;
    let rows = csv_rows(&answer.text());
    assert_eq!(rows[0][..3], ["id", "number", "customer_id"]);
    let numbers: Vec<&String> = rows[1..].iter().map(|row| &row[1]).collect();
    assert_eq!(numbers, wanted.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn an_export_holds_every_row_whatever_the_page() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for query in ["", "?size=5", "?page=3&size=10"] {
        let rows = jsonl(&alice, &format!("/admin/data/orders/export.jsonl{query}")).await;
        assert_eq!(rows.len(), 2_000, "{query}");
    }
}

#[tokio::test]
async fn an_export_is_a_file_of_its_kind() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for (format, kind) in [
        ("csv", "text/csv; charset=utf-8"),
        ("json", "application/json"),
        ("jsonl", "application/x-ndjson"),
        (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ] {
        let answer = alice
            .get(&format!("/admin/data/tags/export.{format}"))
            .await
            .expect(200);
        assert_eq!(answer.header("content-type"), kind);
        let wanted = format!("attachment; filename=\"tags.{format}\"");
        assert_eq!(answer.header("content-disposition"), wanted);
    }
    alice.get("/admin/data/tags/export.exe").await.expect(404);
}

#[tokio::test]
async fn an_export_of_nothing_is_whole() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let of = async |format: &str| {
        let path = format!("/admin/data/tags/export.{format}?f.id=eq:0");
        alice.get(&path).await.expect(200).text()
    };
    assert_eq!(of("csv").await, "id,name,colour\r\n");
    assert_eq!(
        serde_json::from_str::<Json>(&of("json").await).unwrap(),
        Json::Array(vec![])
    );
    assert_eq!(of("jsonl").await, "");
}

#[tokio::test]
async fn a_spreadsheet_finds_no_formula() {
    let app = TestApp::start().await;
    app.db.execute(
        "UPDATE customers SET name = '=1+1', city = '+49', country = '-x', website = '@SUM(A1)', notes = '\ty',
         credit_limit = 12.50 WHERE id = 1;
         UPDATE customers SET name = '\"quoted\", and a\nline' WHERE id = 2;
         UPDATE orders SET total = 5.00, margin = -1.25 WHERE id = 1",
    );
    let alice = app.sign_in("alice").await;
    let answer = alice
        .get("/admin/data/customers/export.csv?sort=id&f.id=le:2")
        .await;
    let rows = csv_rows(&answer.text());
    let cell = |name: &str, row: usize| {
        let place = rows[0].iter().position(|head| head == name).unwrap();
        rows[row][place].clone()
    };
    assert_eq!(cell("name", 1), "'=1+1");
    assert_eq!(cell("city", 1), "'+49");
    assert_eq!(cell("country", 1), "'-x");
    assert_eq!(cell("website", 1), "'@SUM(A1)");
    assert_eq!(cell("notes", 1), "'\ty");
    assert!(["12.5", "12.50"].contains(&cell("credit_limit", 1).as_str()));
    assert_eq!(cell("name", 2), "\"quoted\", and a\nline");
    let answer = alice.get("/admin/data/orders/export.csv?f.id=eq:1").await;
    let rows = csv_rows(&answer.text());
    let place = rows[0].iter().position(|head| head == "margin").unwrap();
    assert_eq!(rows[1][place], "-1.25", "a number stays one");
}

#[tokio::test]
async fn an_export_is_in_the_audit_with_its_query_and_size() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    alice
        .get("/admin/data/orders/export.csv?f.status=eq:paid&sort=-total")
        .await
        .expect(200);
    let details = app
        .db
        .text("SELECT details FROM bailiwick_audit WHERE action = 'export'")
        .unwrap();
    let details: Json = serde_json::from_str(&details).unwrap();
    let rows = app
        .db
        .number("SELECT count(*) FROM orders WHERE status = 'paid'");
    assert_eq!(details["rows"], rows, "{details}");
    assert_eq!(details["format"], "csv");
    assert!(
        details["query"].to_string().contains("eq:paid"),
        "{details}"
    );
    assert!(app.audit("export")[0].starts_with("Alice Archer|admin|orders||"));
}

#[tokio::test]
async fn an_export_that_cannot_be_noted_is_not_made() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    app.db.execute("ALTER TABLE bailiwick_audit RENAME TO gone");
    let answer = alice.get("/admin/data/tags/export.csv").await;
    assert_eq!(answer.status, 500, "{answer:?}");
}

#[tokio::test]
async fn exporting_takes_the_right_to_export() {
    let app = TestApp::shared().await;
    let carol = app.sign_in("carol").await;
    for format in ["csv", "json", "jsonl", "xlsx"] {
        let answer = carol
            .get(&format!("/admin/data/orders/export.{format}"))
            .await;
        assert_eq!(answer.status, 403, "{answer:?}");
        assert!(!answer.text().contains("SO-1"));
    }
}

#[tokio::test]
async fn a_wrong_query_is_refused_before_anything_is_sent() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for query in ["f.nope=eq:1", "sort=nope", "f.id=eq:x"] {
        let answer = alice
            .get(&format!("/admin/data/orders/export.csv?{query}"))
            .await;
        assert_eq!(answer.status, 400, "{answer:?}");
        assert_eq!(answer.header("content-disposition"), "");
    }
}

#[tokio::test]
async fn a_list_offers_its_export_with_its_query() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let page = alice
        .page("/admin/data/orders?f.status=eq:paid&size=25")
        .await;
    let links = page.attributes("a[href*='/export.']", "href");
    assert_eq!(links[0], "/admin/data/orders/export.csv?f.status=eq%3Apaid");
    assert_eq!(links.len(), 6);
    assert_eq!(
        links[1],
        "/admin/data/orders/export.xlsx?f.status=eq%3Apaid"
    );
}
