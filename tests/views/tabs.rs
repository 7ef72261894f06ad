//! Configured tabs above a list.

use crate::support::TestApp;

const TABS: &str = r#"
[[resources.employees.tabs]]
label = "Active"
query = "f.active=eq:true&sort=name"
[[resources.employees.tabs]]
label = "Well paid"
query = "f.salary=gt:50000"
[[resources.orders.tabs]]
label = "To ship"
query = "f.status=eq:paid&sort=placed_at"
"#;

#[tokio::test]
async fn tabs_stand_above_the_list_with_their_counts() {
    let app = TestApp::builder().settings(TABS).start().await;
    let alice = app.sign_in("alice").await;
    let list = "/admin/data/employees";
    let page = alice.page(list).await;
    let labels = page.texts(".viewline .tabs a bdi");
    assert_eq!(labels, ["All", "Active", "Well paid"]);
    assert_eq!(page.text(".viewline .tabs a[aria-current]"), "All");
    let link = page.attribute(".viewline .tabs li:nth-child(2) a", "href");
    assert_eq!(link, format!("{list}?sort=name&f.active=eq%3Atrue"));
    let open = alice.page(&link).await;
    assert_eq!(open.text(".viewline .tabs a[aria-current] bdi"), "Active");
    // There is nothing to save: the tab exists for everybody.
    assert!(!open.has(".viewline form[aria-label]"));
    // The same as JSON, with the counts.
    let views = alice.json(&format!("{list}/views")).await;
    let wanted = app.db.number("SELECT count(*) FROM employees WHERE active");
    assert_eq!(views["tabs"][0]["label"], "Active");
    assert_eq!(views["tabs"][0]["href"], link);
    assert_eq!(views["tabs"][0]["count"]["value"], wanted);
    // A tab that uses something invisible to a person does not exist for them, nor does its count.
    let bob = app.sign_in("bob").await;
    let page = bob.page(list).await;
    assert_eq!(page.texts(".viewline .tabs a bdi"), ["All", "Active"]);
    let views = bob.get_json(&format!("{list}/views")).await.text();
    assert!(
        !views.contains("salary") && !views.contains("Well paid"),
        "{views}"
    );
}

#[tokio::test]
async fn a_tab_counts_the_rows_of_its_reader() {
    let tabs = "[[resources.customers.tabs]]\nlabel = \"Named\"\nquery = \"f.name=notnull:\"";
    let app = TestApp::builder().settings(tabs).start().await;
    let bob = app.sign_in("bob").await;
    let views = bob.json("/admin/data/customers/views").await;
    let wanted = app
        .db
        .number("SELECT count(*) FROM customers WHERE region = 'emea'");
    assert_eq!(views["tabs"][0]["count"]["value"], wanted);
}

#[tokio::test]
async fn a_tab_that_takes_too_long_has_no_count() {
    let tabs = "[[resources.slow_things.tabs]]\nlabel = \"None\"\nquery = \"f.name=eq:zz\"";
    let app = TestApp::builder()
        .prepare(|db| {
            let slow = if db.is_sqlite() {
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000)
                     SELECT i AS id, 'word ' || i AS name FROM n"
            } else {
                "SELECT i AS id, 'word ' || i AS name FROM generate_series(1, 9000000) AS i"
            };
            db.execute(&format!("CREATE VIEW slow_things AS {slow}"));
        })
        .settings(tabs)
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let views = alice.json("/admin/data/slow_things/views").await;
    assert_eq!(views["tabs"][0]["label"], "None");
    assert!(views["tabs"][0]["count"].is_null(), "{views}");
}
