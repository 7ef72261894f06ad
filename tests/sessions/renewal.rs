//! Changed rights cause a new session id (G1, SEC-19), and a session stores only the groups that
//! matter (F5).

use crate::roles::give;
use crate::support::{Answer, Client, TestApp};

const SESSION: &str = "bailiwick";

/// Whether a response sets the session cookie.
fn brings(answer: &Answer) -> bool {
    let set = answer.headers.get_all("set-cookie").iter();
    let mut set = set.map(|cookie| cookie.to_str().unwrap());
    set.any(|cookie| cookie.starts_with("bailiwick="))
}

/// Checks that the session has a new id, that the old one is invalid, and that its CSRF token
/// stays.
async fn is_renewed(old: &Client, new: &Client, status: u16) {
    assert_ne!(old.cookies()[SESSION], new.cookies()[SESSION]);
    old.get_json("/admin/").await.expect(401);
    new.get_json("/admin/data/orders").await.expect(status);
}

#[tokio::test]
async fn g1_roles_that_a_re_check_finds_bring_another_id() {
    for by_refresh in [true, false] {
        let builder = TestApp::builder().own_provider();
        let app = if by_refresh {
            builder.start().await
        } else {
            builder.without_refresh().start().await
        };
        let bob = app.sign_in("bob").await;
        for (groups, status) in [(&["viewers"][..], 200), (&[], 403), (&["admins"], 200)] {
            app.set_groups("bob", groups);
            app.wait(5);
            let old = bob.copy();
            assert_eq!(bob.open("/admin/data/orders").await.status, status);
            is_renewed(&old, &bob, status).await;
        }
        let sessions = "SELECT count(*) FROM bailiwick_sessions";
        assert_eq!(app.db.number(sessions), 1, "{by_refresh}");
    }
}

#[tokio::test]
async fn g1_the_same_roles_keep_the_id() {
    let app = TestApp::builder().own_provider().start().await;
    let bob = app.sign_in("bob").await;
    let old = bob.copy();
    app.set_groups("bob", &["editors", "others"]);
    app.wait(5);
    let page = bob.get("/admin/data/orders").await.expect(200);
    assert!(!brings(&page));
    assert_eq!(old.cookies()[SESSION], bob.cookies()[SESSION]);
}

#[tokio::test]
async fn sec_19_roles_changed_in_the_panel_bring_another_id() {
    let app = TestApp::builder().own_provider().start().await;
    app.set_groups("dave", &["guests", "plain-1"]);
    let alice = app.sign_in("alice").await;
    let dave = app.stranger();
    dave.sign_in("dave").await.expect(403);
    let old = dave.copy();
    give(&alice, "viewer", "guests").await.expect(303);
    // Other people see at once which roles dave will have.
    let all = alice.json("/admin/sessions").await;
    let all = all["sessions"].as_array().unwrap();
    assert!(all.iter().any(|one| one["roles"] == "Viewer"), "{all:?}");
    dave.get("/admin/data/orders").await.expect(200);
    is_renewed(&old, &dave, 200).await;
    // Another rule for the same role: the session stays the same.
    give(&alice, "viewer", "plain-1").await.expect(303);
    let answer = dave.get("/admin/data/orders").await.expect(200);
    assert!(!brings(&answer));
}

#[tokio::test]
async fn f5_a_rule_made_later_finds_a_group_that_did_not_count() {
    let app = TestApp::builder().own_provider().start().await;
    app.set_groups("bob", &["editors", "guests", "plain-1"]);
    let alice = app.sign_in("alice").await;
    let bob = app.sign_in("bob").await;
    let holding = |group: &str| {
        let sql = "SELECT count(*) FROM bailiwick_sessions WHERE groups LIKE";
        app.db.number(&format!("{sql} '%{group}%'"))
    };
    assert_eq!((holding("editors"), holding("guests")), (1, 0));
    let me = bob.json("/admin/me").await;
    assert_eq!(me["roles"], serde_json::json!(["editor"]));
    assert_eq!(
        me["unmapped_groups"],
        serde_json::json!(["guests", "plain-1"])
    );
    give(&alice, "viewer", "guests").await.expect(303);
    let me = bob.json("/admin/me").await;
    assert_eq!(me["roles"], serde_json::json!(["editor", "viewer"]));
    assert_eq!(me["unmapped_groups"], serde_json::json!(["plain-1"]));
    assert_eq!((holding("guests"), holding("plain-1")), (1, 0));
    // Read once, not with each request.
    assert_eq!(own_statements(&app, &bob).await, 1);
}

/// The number of statements on the panel's own tables for a request.
async fn own_statements(app: &TestApp, client: &Client) -> usize {
    let (_, statements) = app
        .all_statements(client.json("/admin/data/orders?size=1"))
        .await;
    let own = statements
        .iter()
        .filter(|sql| sql.contains("bailiwick_") && !sql.contains("bailiwick_tick"));
    own.count()
}

#[tokio::test]
async fn f5_a_rule_that_changes_nothing_for_somebody_is_looked_up_once() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let carol = app.sign_in("carol").await;
    give(&alice, "viewer", "plain-1").await.expect(303);
    // The person, and reading and writing the session; its last use may be recorded too.
    assert!(own_statements(&app, &carol).await >= 4);
    assert_eq!(own_statements(&app, &carol).await, 1);
}

#[tokio::test]
async fn f5_another_configuration_finds_groups_that_did_not_count() {
    let roles = |guests: &str| {
        format!(
            "[roles.viewer]\ngroups = [\"editors\"]\n[[roles.viewer.grants]]\non = [\"tags\"]\n\
             may = [\"view\"]\n[roles.guest]\ngroups = [{guests:?}]\n[[roles.guest.grants]]\n\
             on = [\"orders\"]\nmay = [\"view\"]\n"
        )
    };
    let first = TestApp::builder()
        .own_provider()
        .roles(&roles("others"))
        .start()
        .await;
    first.set_groups("bob", &["editors", "guests"]);
    let bob = first.sign_in("bob").await;
    bob.get("/admin/data/orders").await.expect(403);
    let again = TestApp::builder()
        .beside(&first)
        .roles(&roles("guests"))
        .start()
        .await;
    let bob = bob.at(&again);
    bob.get("/admin/data/orders").await.expect(200);
    bob.get("/admin/data/tags").await.expect(200);
}

#[tokio::test]
async fn a_look_shows_the_groups_that_are_looked_as() {
    let app = TestApp::builder().own_provider().start().await;
    app.set_groups("alice", &["admins", "plain-1"]);
    let alice = app.sign_in("alice").await;
    let own = serde_json::json!(["admins", "plain-1"]);
    assert_eq!(alice.json("/admin/me").await["groups"], own);
    let look = [("role", "viewer")];
    alice.post_form("/admin/look", &look).await.expect(303);
    let me = alice.json("/admin/me").await;
    assert_eq!(me["groups"], serde_json::json!([]));
    alice.post_form("/admin/look/end", &[]).await.expect(303);
    assert_eq!(alice.json("/admin/me").await["groups"], own);
}

#[tokio::test]
async fn g1_a_look_begins_and_ends_under_another_id() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let old = alice.copy();
    alice
        .post_form("/admin/look", &[("role", "viewer")])
        .await
        .expect(303);
    is_renewed(&old, &alice, 200).await;
    let old = alice.copy();
    alice.post_form("/admin/look/end", &[]).await.expect(303);
    is_renewed(&old, &alice, 200).await;
}
