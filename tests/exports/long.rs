//! Exports of many rows: time, memory and slow clients.

use crate::support::{Client, TestApp};
use reqwest::Method;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// A view of `side` times `side` rows of about a kilobyte.
async fn panel_with(side: u32, settings: &str) -> TestApp {
    let make = move |db: &crate::support::Database| {
        if db.is_postgres() {
            // As some administrators set it for everyone.
            db.execute(
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I \
                 SET idle_in_transaction_session_timeout = 1000', current_database()); END $$",
            );
        }
        let wide = if db.is_sqlite() {
            "hex(zeroblob(500))"
        } else {
            "repeat('0', 1000)"
        };
        db.execute(&format!(
            "CREATE TABLE numbers (id integer PRIMARY KEY);
             INSERT INTO numbers WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL
             SELECT i + 1 FROM n WHERE i < {side}) SELECT i FROM n;
             CREATE VIEW pairs AS SELECT a.id AS one, b.id AS other, {wide} AS wide
             FROM numbers a, numbers b"
        ));
    };
    let app = TestApp::builder().settings(settings).prepare(make);
    app.start().await
}

/// Starts an export and reads only its first piece.
async fn begin(client: &Client, path: &str) -> (Vec<u8>, reqwest::Response) {
    let request = client.request(Method::GET, path);
    let mut answer = request.send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    let first = answer.chunk().await.unwrap();
    (first.unwrap().to_vec(), answer)
}

#[tokio::test]
async fn an_export_may_be_taken_more_slowly_than_a_statement_may_run() {
    // Some 40 MB: more than the buffers between server and client.
    let app = panel_with(200, "[database]\nstatement_timeout_s = 1").await;
    let alice = app.sign_in("alice").await;
    let (mut file, mut answer) = begin(&alice, "/admin/data/pairs/export.csv").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    while let Some(piece) = answer.chunk().await.expect("the file is whole") {
        file.extend_from_slice(&piece);
    }
    let file = String::from_utf8(file).unwrap();
    let pairs: BTreeSet<&str> = file
        .lines()
        .skip(1)
        .map(|line| &line[..line.len() - 1_000])
        .collect();
    assert_eq!((file.lines().count(), pairs.len()), (40_001, 40_000));
    let noted = "SELECT details FROM bailiwick_audit WHERE action = 'export'";
    let details = app.db.text(noted).unwrap();
    assert!(details.contains("\"rows\":40000"), "{details}");
    assert!(details.contains("\"complete\":true"), "{details}");
}

#[tokio::test]
async fn sec_22_an_export_that_nobody_waits_for_ends_at_once() {
    let app = panel_with(2_000, "").await;
    let alice = app.sign_in("alice").await;
    drop(begin(&alice, "/admin/data/pairs/export.csv").await);
    let left = Instant::now();
    let noted = "SELECT count(*) FROM bailiwick_audit WHERE action = 'export'
                 AND details LIKE '%\"complete\":false%'";
    while app.db.number(noted) == 0 {
        assert!(left.elapsed() < Duration::from_secs(3), "it goes on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    if app.db.is_postgres() {
        let running = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                       AND state <> 'idle' AND pid <> pg_backend_pid()";
        assert_eq!(app.db.number(running), 0);
    }
    // The connection can be reused.
    for _ in 0..8 {
        alice.page("/admin/data/tags").await;
    }
}

#[tokio::test]
async fn an_export_is_noted_before_its_first_byte_and_its_end_after_it() {
    let app = panel_with(200, "").await;
    let alice = app.sign_in("alice").await;
    let (_, answer) = begin(&alice, "/admin/data/pairs/export.csv?f.one=ge:1").await;
    // Whatever happens to the process now, the log names who requested the export.
    let begun = app.audit("export-begin");
    assert_eq!(begun.len(), 1);
    assert!(
        begun[0].starts_with("Alice Archer|admin|pairs||"),
        "{begun:?}"
    );
    let details = "SELECT details FROM bailiwick_audit WHERE action = 'export-begin'";
    let details = app.db.text(details).unwrap();
    assert!(
        details.contains("csv") && details.contains("ge:1"),
        "{details}"
    );
    assert!(app.audit("export").is_empty());
    answer.bytes().await.unwrap();
    assert_eq!(app.audit("export").len(), 1);
}

#[tokio::test]
async fn an_export_whose_connection_dies_is_noted_over_another_one() {
    let app = panel_with(2_000, "").await;
    if app.db.is_sqlite() {
        return;
    }
    let alice = app.sign_in("alice").await;
    let (_, answer) = begin(&alice, "/admin/data/pairs/export.csv").await;
    app.db.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    assert!(answer.bytes().await.is_err(), "a broken file looks whole");
    let left = Instant::now();
    while app.audit("export").is_empty() {
        assert!(
            left.elapsed() < Duration::from_secs(20),
            "its end is not noted"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let details = "SELECT details FROM bailiwick_audit WHERE action = 'export'";
    let details = app.db.text(details).unwrap();
    assert!(details.contains("\"complete\":false"), "{details}");
}

#[tokio::test]
async fn sec_22_more_rows_than_are_exported_are_refused_before_anything_is_sent() {
    let app = panel_with(2_237, "").await;
    let alice = app.sign_in("alice").await;
    for format in ["csv", "json", "jsonl"] {
        let path = format!("/admin/data/pairs/export.{format}");
        let answer = alice.get(&path).await.expect(400);
        assert_eq!(answer.header("content-disposition"), "");
        assert!(answer.text().contains("more than 5,000,000 rows"));
    }
    let narrower = "/admin/data/pairs/export.csv?f.one=le:3";
    alice.get(narrower).await.expect(200);
    assert_eq!(app.audit("export").len(), 4);
}

#[tokio::test]
async fn rows_that_take_longer_to_count_than_a_statement_may_run_are_exported() {
    let app = panel_with(2_000, "[database]\nstatement_timeout_s = 1").await;
    if !app.db.is_postgres() {
        return;
    }
    app.db.execute(
        "CREATE VIEW slow AS SELECT id, repeat('0', 1000) AS wide FROM numbers
         WHERE pg_sleep(0.001) IS NOT NULL",
    );
    let app = TestApp::builder()
        .settings("[database]\nstatement_timeout_s = 1")
        .beside(&app)
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let answer = alice.get("/admin/data/slow/export.csv").await.expect(200);
    assert_eq!(answer.text().lines().count(), 2_001);
}
