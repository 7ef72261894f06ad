//! The number of statements for a list.

use crate::support::TestApp;

#[tokio::test]
async fn a_list_takes_one_statement_and_one_for_each_relation() {
    let app = TestApp::builder()
        .prepare(|db| db.grow_orders(13_000))
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let (_, statements) = app.statements(alice.page("/admin/data/orders")).await;
    // Two of them read the reader's views and settings of the list.
    assert_eq!(statements.len(), 5, "{statements:#?}");
    let counts = statements
        .iter()
        .filter(|sql| sql.to_lowercase().contains("count("));
    assert_eq!(counts.count(), 0, "{statements:#?}");
    let (_, statements) = app.statements(alice.json("/admin/data/orders")).await;
    assert_eq!(statements.len(), 1, "{statements:#?}");
}

#[tokio::test]
async fn a_filtered_list_counts_with_one_bounded_statement() {
    let app = TestApp::builder()
        .prepare(|db| db.grow_orders(13_000))
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let path = "/admin/data/orders?f.total=gt:0&sort=-placed_at";
    let (_, statements) = app.statements(alice.page(path)).await;
    assert_eq!(statements.len(), 6, "{statements:#?}");
    let counts: Vec<&String> = statements
        .iter()
        .filter(|sql| sql.to_lowercase().contains("count("))
        .collect();
    assert_eq!(counts.len(), 1, "{statements:#?}");
    assert!(counts[0].contains("LIMIT"), "{}", counts[0]);
}

#[tokio::test]
async fn the_form_of_a_row_takes_few_statements_and_no_large_page() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let path = "/admin/data/orders/row/1/edit";
    let (page, statements) = app.statements(alice.page(path)).await;
    assert!(statements.len() <= 8, "{statements:#?}");
    assert!(page.source.len() < 100_000, "{}", page.source.len());
}
