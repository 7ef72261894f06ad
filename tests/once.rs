//! Things that can be used once: of 32 concurrent users, exactly one succeeds (SEC-27). That holds
//! across processes and connections.

use crate::support::{Answer, Client, TestApp};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use reqwest::Method;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// The number of concurrent users.
const ALL: usize = 32;
/// The number of rounds, because a race may not show in one.
const ROUNDS: usize = 4;

/// Two processes on one database. The database is removed with the first.
async fn pair(settings: &str) -> [TestApp; 2] {
    let first = TestApp::builder().settings(settings).start().await;
    let second = TestApp::builder().settings(settings).beside(&first).start();
    let second = second.await;
    for app in [&first, &second] {
        warm(app).await;
    }
    [first, second]
}

/// Opens a panel's connections, so that nobody wins only by having one.
async fn warm(app: &TestApp) {
    let alice = app.sign_in("alice").await;
    join_all((0..ALL).map(|_| alice.get_json("/admin/data/orders"))).await;
}

/// The number of responses with that status.
fn count(answers: &[Answer], status: u16) -> usize {
    let those = answers.iter().filter(|answer| answer.status == status);
    those.count()
}

/// Checks that one has the first status and all others have the second.
#[track_caller]
fn one_wins(answers: &[Answer], won: u16, lost: u16) {
    let found = (count(answers, won), count(answers, lost));
    assert_eq!(found, (1, ALL - 1), "{answers:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sec_27_of_32_uses_of_a_break_glass_link_one_comes_in() {
    let apps = pair("[break_glass]\nenabled = true").await;
    let db = &apps[0].db;
    let signed_in =
        "SELECT count(*) FROM bailiwick_sessions WHERE issuer = 'bailiwick:break-glass'";
    for round in 1..=ROUNDS {
        let token = format!("token-{round}");
        db.execute(&format!(
            "INSERT INTO bailiwick_break_glass VALUES ('{}', 'admin', 'gone', 'root',
             '2026-01-01 00:00:00', '2999-01-01 00:00:00', 15)",
            BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&token))
        ));
        let answers = join_all((0..ALL).map(|number| {
            let stranger = apps[number % 2].stranger();
            let token = token.clone();
            async move {
                let fields = [("token", token.as_str())];
                let request = stranger
                    .request(Method::POST, "/auth/break-glass")
                    .header("sec-fetch-site", "same-origin");
                let request = crate::support::with_fields(request, &fields);
                let answer = stranger.send(request).await;
                let is_in = stranger.get_json("/admin/me").await.status == 200;
                assert_eq!(is_in, answer.status == 303, "{answer:?}");
                answer
            }
        }))
        .await;
        one_wins(&answers, 303, 400);
        let used = "SELECT count(*) FROM bailiwick_audit WHERE action = 'break-glass'
                    AND details LIKE '%\"used\"%'";
        let rounds = i64::try_from(round).unwrap();
        assert_eq!((db.number(signed_in), db.number(used)), (rounds, rounds));
    }
    assert_eq!(db.number("SELECT count(*) FROM bailiwick_break_glass"), 0);
}

/// The callback address, after a person was chosen at the provider.
async fn reach_callback(client: &Client, person: &str) -> String {
    let chooser = client.open("/admin/").await.expect(200);
    let request = client.request(Method::POST, chooser.url.as_str());
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let chosen = client.send(request.body(format!("person={person}"))).await;
    chosen.location().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sec_27_of_32_answers_of_the_provider_one_signs_in() {
    let app = TestApp::builder().own_provider().start().await;
    warm(&app).await;
    let sessions = "SELECT count(*) FROM bailiwick_sessions WHERE subject IS NOT NULL";
    for _ in 0..ROUNDS {
        let before = app.db.number(sessions);
        let carol = app.stranger();
        let callback = reach_callback(&carol, "carol").await;
        let all = (0..ALL).map(|_| {
            let (carol, callback) = (carol.copy(), callback.clone());
            async move { carol.get(&callback).await }
        });
        let answers = join_all(all).await;
        one_wins(&answers, 303, 400);
        // The panel itself stops the others, not only the provider, which also accepts a code once.
        for lost in answers.iter().filter(|answer| answer.status == 400) {
            assert!(lost.text().contains("This sign-in is over"), "{lost:?}");
        }
        assert_eq!(app.db.number(sessions), before + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_who_delete_a_row_one_does() {
    let app = TestApp::start().await;
    warm(&app).await;
    let alice = app.sign_in("alice").await;
    for id in 1..=ROUNDS {
        app.db.execute(&format!(
            "INSERT INTO tags (id, name) VALUES (90{id}, 'T {id}')"
        ));
        let form = alice
            .form(&format!("/admin/data/tags/row/90{id}/delete"))
            .await;
        let answers = join_all((0..ALL).map(|_| alice.submit(&form))).await;
        one_wins(&answers, 303, 404);
        assert_eq!(app.audit("delete").len(), id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn somebody_new_may_sign_in_in_several_tabs_at_the_same_moment() {
    let app = TestApp::builder().own_provider().start().await;
    warm(&app).await;
    let people = "SELECT count(*) FROM bailiwick_people WHERE name LIKE 'Carol %'";
    for _ in 0..ROUNDS {
        app.db
            .execute("DELETE FROM bailiwick_people WHERE name LIKE 'Carol %'");
        let mut tabs = Vec::new();
        for _ in 0..8 {
            let carol = app.stranger();
            let callback = reach_callback(&carol, "carol").await;
            tabs.push((carol, callback));
        }
        let all = tabs.iter().map(|(carol, callback)| carol.get(callback));
        // All of them wait for the table's lock until it is released.
        let held = app.db.hold(if app.db.is_postgres() {
            "LOCK TABLE bailiwick_people IN SHARE MODE"
        } else {
            "SELECT 1"
        });
        let (answers, ()) = tokio::join!(join_all(all), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            drop(held);
        });
        assert_eq!(count(&answers, 303), 8, "{answers:#?}");
        assert_eq!(app.db.number(people), 1);
    }
}
