//! Several processes on one database, and a restart.

use super::{change, give, make};
use crate::support::TestApp;
use std::time::{Duration, Instant};

#[tokio::test]
async fn another_process_follows_within_the_interval() {
    let app = TestApp::start().await;
    let other = TestApp::builder().beside(&app).watching().start().await;
    let alice = app.sign_in("alice").await;
    let carol = other.sign_in("carol").await;
    make(&alice, "helpers", "tags", &["view"], Some("viewers")).await;
    let given = Instant::now();
    while carol.get("/admin/data/tags").await.status != 200 {
        assert!(given.elapsed() < Duration::from_secs(8), "never in force");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    change(&alice, "/admin/roles/helpers/delete", &[])
        .await
        .expect(303);
    let taken = Instant::now();
    while carol.get("/admin/data/tags").await.status != 403 {
        assert!(taken.elapsed() < Duration::from_secs(8), "still in force");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn a_process_that_has_not_followed_yet_saves_nothing_from_an_older_state() {
    let app = TestApp::start().await;
    let other = TestApp::builder().beside(&app).start().await;
    let here = app.sign_in("alice").await;
    let there = other.sign_in("alice").await;
    let fields = [("name", "keepers"), ("manage", "roles")];
    change(&here, "/admin/roles/new", &fields).await.expect(303);
    give(&here, "keepers", "viewers").await.expect(303);
    // The other process still uses the older policy, but its pages show the newest state.
    assert_eq!(there.json("/admin/roles").await["version"], 2);
    let carol = other.sign_in("carol").await;
    carol.get("/admin/roles").await.expect(403);
    give(&there, "keepers", "editors").await.expect(303);
    carol.page("/admin/roles").await;
    // Removed there, but still effective here; nothing can be changed by it anyway.
    let carol = app.sign_in("carol").await;
    carol.page("/admin/roles").await;
    let version = super::version(&carol).await;
    change(&there, "/admin/roles/keepers/delete", &[])
        .await
        .expect(303);
    carol.page("/admin/roles").await;
    let before = super::kept(&app);
    give(&carol, "admin", "viewers").await.expect(403);
    let old = [
        ("version", version.as_str()),
        ("confirm", "yes"),
        ("how", "is"),
        ("text", "x"),
    ];
    carol
        .post_form("/admin/roles/admin/groups", &old)
        .await
        .expect(409);
    assert_eq!(super::kept(&app), before);
}

#[tokio::test]
async fn a_restart_keeps_what_was_made() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    make(&alice, "helpers", "tags", &["view"], Some("viewers")).await;
    let again = TestApp::builder().beside(&app).start().await;
    let carol = again.sign_in("carol").await;
    carol.page("/admin/data/tags").await;
}
