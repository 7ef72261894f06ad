//! Lists that the database cannot compute, and values it cannot compare.

use crate::support::TestApp;

#[tokio::test]
async fn a_view_that_fails_is_told_as_an_error_of_the_database() {
    let app = TestApp::builder()
        .prepare(|db| {
            let broken = if db.is_sqlite() {
                "json_extract('{' || name, '$.a')"
            } else {
                "1 / (id - id)"
            };
            db.execute(&format!(
                "CREATE VIEW broken AS SELECT id, name, {broken} AS worth FROM tags;
                 CREATE VIEW broken_for_some AS SELECT id, name,
                    CASE WHEN id = 1 THEN {broken} END AS worth FROM tags"
            ));
        })
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    for path in [
        "broken",
        "broken?sort=-worth",
        "broken/export.csv",
        "broken_for_some",
    ] {
        let answer = alice.get_json(&format!("/admin/data/{path}")).await;
        assert_eq!(answer.status, 422, "{path}: {answer:?}");
        let problem = answer.json();
        assert_eq!(problem["title"], "The database reports an error", "{path}");
        let text = answer.text();
        for leak in ["division", "malformed", "json", "SELECT"] {
            assert!(!text.contains(leak), "{path}: {text}");
        }
    }
    let page = alice.get("/admin/data/broken").await.expect(422).page();
    assert!(page.text("main").contains("The database reports an error"));
    assert!(
        page.has("dl.facts dd.mono"),
        "the reference that is in the log"
    );
    // As the message says, a filter that excludes the failing rows helps.
    let path = "/admin/data/broken_for_some?f.id=gt:1";
    assert!(!alice.page(path).await.column("Name").is_empty());
}

#[tokio::test]
async fn a_value_that_a_column_cannot_be_compared_with_is_named() {
    let types = [
        ("address", "macaddr", "08:00:2b"),
        ("address8", "macaddr8", "08:00"),
        ("host", "inet", "300.1.1.1"),
        ("net", "cidr", "10.0.0.1/8"),
        ("span", "interval", "a while"),
        ("price", "money", "a lot"),
        ("mask", "bit varying", "102"),
        ("at", "time with time zone", "25:00"),
        ("place", "pg_lsn", "zz"),
    ];
    let columns = types.map(|(name, sql_type, _)| format!("{name} {sql_type}"));
    let create = format!(
        "CREATE TABLE odd (id INTEGER PRIMARY KEY, {})",
        columns.join(", ")
    );
    let app = TestApp::builder()
        .prepare(move |db| {
            if !db.is_sqlite() {
                db.execute(&create);
            }
        })
        .start()
        .await;
    if app.db.is_sqlite() {
        return;
    }
    let alice = app.sign_in("alice").await;
    for (name, _, wrong) in types {
        for op in ["eq", "ne", "gt", "in"] {
            let path = format!("/admin/data/odd?f.{name}={op}:{wrong}");
            let answer = alice.get_json(&path).await;
            assert_eq!(answer.status, 400, "{path}: {answer:?}");
            let text = answer.text().to_lowercase();
            assert!(text.contains(name), "{path}: {text}");
        }
        let path = format!("/admin/data/odd?f.{name}=contains:{wrong}");
        alice.get_json(&path).await.expect(200);
    }
}
