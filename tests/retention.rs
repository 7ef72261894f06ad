//! The retention of the audit log.

use crate::support::TestApp;
use std::time::Duration;

const KEEP: &str = "[audit]\nkeep = \"30d\"";
const COUNT: &str = "SELECT count(*) FROM bailiwick_audit WHERE request_id = 'OLD'";

/// Adds old entries.
fn age(app: &TestApp, count: i64) {
    app.db.execute(&format!(
        "INSERT INTO bailiwick_audit (at, actor_issuer, actor_subject, actor_name, roles, action, request_id)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         SELECT '2020-01-02 03:04:05', 'i', 's', 'Old', '', 'sign-in', 'OLD' FROM n"
    ));
}

#[tokio::test]
async fn what_is_too_old_goes_once_in_pieces_that_leave_a_mark() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    age(&app, 6_000);
    let start = || {
        TestApp::builder()
            .beside(&app)
            .settings(KEEP)
            .watching()
            .start()
    };
    let (_one, _other) = tokio::join!(start(), start());
    for _ in 0..100 {
        if app.db.number(COUNT) == 0 && app.audit("prune").len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(app.db.number(COUNT), 0);
    let marks = app
        .db
        .texts("SELECT details FROM bailiwick_audit WHERE action = 'prune' ORDER BY id");
    let counts: Vec<i64> = marks
        .iter()
        .map(|mark| {
            let mark: serde_json::Value = serde_json::from_str(mark.as_deref().unwrap()).unwrap();
            assert_eq!(mark["until"], "2020-01-02 03:04:05");
            mark["entries"].as_i64().unwrap()
        })
        .collect();
    assert_eq!(counts, [5_000, 1_000]);
    // Recent entries stay, and the page says what was removed.
    assert!(!app.audit("sign-in").is_empty());
    let page = alice.page("/admin/data/audit?f.action=eq:prune").await;
    let text = page.text("table.rows");
    assert!(
        text.contains("5,000 entries, up to 2020-01-02 03:04:05 UTC"),
        "{text}"
    );
}

#[tokio::test]
async fn everything_is_kept_unless_it_is_said() {
    let app = TestApp::start().await;
    age(&app, 10);
    let _watching = TestApp::builder().beside(&app).watching().start().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(app.db.number(COUNT), 10);
    assert!(app.audit("prune").is_empty());
}
