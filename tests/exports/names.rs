//! Labels of referenced rows, beside their keys.

use crate::support::TestApp;
use serde_json::Value as Json;

#[tokio::test]
async fn a_name_stands_beside_its_key() {
    let app = TestApp::start().await;
    app.db
        .execute("UPDATE customers SET name = 'Giraffe, House' WHERE id = 8");
    app.db
        .execute("UPDATE orders SET customer_id = 8 WHERE id = 1");
    let alice = app.sign_in("alice").await;
    let query = "sort=id&labels=both";
    let csv = alice
        .get(&format!("/admin/data/orders/export.csv?{query}"))
        .await;
    let text = csv.expect(200).text();
    let head = text.lines().next().unwrap();
    assert!(head.contains("customer_id,customer_id.label"), "{head}");
    assert!(
        text.lines()
            .nth(1)
            .unwrap()
            .contains("8,\"Giraffe, House\"")
    );
    let plain = alice
        .get("/admin/data/orders/export.csv?sort=id")
        .await
        .expect(200);
    assert!(!plain.text().contains("Giraffe"));
    assert_eq!(text.lines().count(), plain.text().lines().count());
    let json = alice
        .get(&format!("/admin/data/orders/export.json?{query}"))
        .await;
    let rows: Vec<Json> = serde_json::from_slice(&json.expect(200).body).unwrap();
    assert_eq!(rows[0]["customer_id.label"], "Giraffe, House");
    assert!(rows.iter().all(|row| row["customer_id.label"].is_string()));
    // A NULL reference has no label; a table without references is unchanged.
    let tags = alice
        .get("/admin/data/tags/export.csv?labels=both")
        .await
        .expect(200);
    let same = alice.get("/admin/data/tags/export.csv").await.expect(200);
    assert_eq!(tags.text(), same.text());
    alice
        .get("/admin/data/orders/export.csv?labels=x")
        .await
        .expect(400);
    let page = alice.page("/admin/data/orders?f.id=eq:1").await;
    let links = page.attributes("details.drop .menu a", "href");
    assert!(links.iter().any(|href| href.contains("labels=both")));
    let details = "SELECT count(*) FROM bailiwick_audit WHERE details LIKE '%\"labels\":\"both\"%'";
    assert!(app.db.number(details) >= 2);
}

#[tokio::test]
async fn every_row_leaves_once_also_of_many() {
    let app = TestApp::start().await;
    let wanted = app.db.number("SELECT count(*) FROM orders");
    assert!(wanted > 1_000);
    let alice = app.sign_in("alice").await;
    let csv = alice
        .get("/admin/data/orders/export.csv?sort=status&labels=both")
        .await
        .expect(200);
    let text = csv.text();
    let mut numbers: Vec<&str> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(i64::try_from(numbers.len()).unwrap(), wanted);
}

#[tokio::test]
async fn a_name_leaves_only_by_the_right_to_export_it() {
    let roles = r#"
[roles.editor]
groups = ["editors"]
[[roles.editor.grants]]
on = ["orders"]
may = ["view", "export"]
[[roles.editor.grants]]
on = ["customers"]
may = ["view"]
[[roles.editor.grants]]
on = ["employees"]
may = ["view", "export"]
rows = ["id=eq:1"]
"#;
    let app = TestApp::builder().roles(roles).start().await;
    let bob = app.sign_in("bob").await;
    let csv = bob
        .get("/admin/data/orders/export.csv?labels=both")
        .await
        .expect(200);
    let head = csv.text().lines().next().unwrap().to_owned();
    assert!(!head.contains("customer_id.label"), "{head}");
    assert!(head.contains("employee_id.label"), "{head}");
    // Invisible rows have no label.
    let json = bob
        .get("/admin/data/orders/export.json?labels=both")
        .await
        .expect(200);
    let rows: Vec<Json> = serde_json::from_slice(&json.body).unwrap();
    for row in rows {
        let is_named = !row["employee_id.label"].is_null();
        assert_eq!(is_named, row["employee_id"] == 1, "{row}");
    }
}
