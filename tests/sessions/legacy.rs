//! Sessions during an upgrade from the previous version, which stored a whole session as JSON in
//! the column `state`. Nobody is signed out, and each version reads what the other writes.

use super::reference;
use crate::roles::give;
use crate::support::{Client, TestApp};
use bailiwick::session::Signed;
use bailiwick::store::{Database, DatabaseError, rechecks};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;

/// A column of the session with this reference.
fn column(app: &TestApp, reference: &str, name: &str) -> Option<String> {
    let sql = format!("SELECT {name} FROM bailiwick_sessions WHERE reference = '{reference}'");
    app.db.text(&sql)
}

fn set(app: &TestApp, reference: &str, columns: &str) {
    app.db.execute(&format!(
        "UPDATE bailiwick_sessions SET {columns} WHERE reference = '{reference}'"
    ));
}

/// Rewrites a session as the previous version would have stored it.
fn go_back(app: &TestApp, reference: &str) {
    let text = |name: &str| column(app, reference, name);
    let list = |name: &str| -> Value { serde_json::from_str(&text(name).unwrap()).unwrap() };
    let now = chrono::Utc::now();
    let signed = json!({
        "person": {
            "issuer": text("issuer"), "subject": text("subject"), "name": text("name"),
            "email": text("email"), "groups": list("groups"), "claims": list("claims"),
        },
        "groups_came": 1, "rules": text("rules"), "roles": list("roles"),
        "csrf_token": text("csrf_token"), "reference": reference,
        "id_token": text("id_token"), "refresh_token": text("refresh_token"),
        "nonce": text("nonce"), "authenticated_at": null, "acr": null, "vouched_at": null,
        "provider_session": text("provider_session"), "signed_in_at": now,
        "groups_checked_at": now, "groups_note": {"kind": "found"},
    });
    let origin = json!({"address": "127.0.0.1", "user_agent": null});
    let state = json!({"signed": signed.to_string(), "origin": origin.to_string()});
    set(
        app,
        reference,
        &format!(
            "state = '{}', provider = NULL, name = '', email = NULL, groups = '[]', claims = '{{}}',
             groups_came = 0, groups_note = '', groups_checked_at = NULL, rules = '', roles = '[]',
             csrf_token = '', id_token = NULL, refresh_token = NULL, nonce = NULL",
            state.to_string().replace('\'', "''")
        ),
    );
}

/// The session, as the previous version reads it.
fn as_before(app: &TestApp, reference: &str) -> Signed {
    let state = column(app, reference, "state").unwrap();
    let state: HashMap<String, String> = serde_json::from_str(&state).unwrap();
    let origin: Value = serde_json::from_str(&state["origin"]).unwrap();
    assert_eq!(origin["address"], "127.0.0.1");
    serde_json::from_str(&state["signed"]).unwrap()
}

async fn is_looking(client: &Client) -> bool {
    client.page("/admin/").await.has("aside.looking")
}

#[tokio::test]
async fn a_session_of_the_version_before_goes_on() {
    let app = TestApp::builder().own_provider().start().await;
    let alice = app.sign_in("alice").await;
    let name = reference(&alice).await;
    let form = alice.form("/admin/data/tags/new").await.set("name", "kept");
    let token = column(&app, &name, "csrf_token");
    go_back(&app, &name);
    let me = alice.json("/admin/me").await;
    assert_eq!(me["roles"], json!(["admin"]));
    assert_eq!(column(&app, &name, "csrf_token"), token);
    // An open form can still be sent, and groups can be read again.
    alice.submit(&form).await.expect(303);
    app.set_groups("alice", &["viewers"]);
    app.wait(5);
    let me = alice.json("/admin/me").await;
    assert_eq!(me["roles"], json!(["viewer"]));
    assert_eq!(reference(&alice).await, name);
}

#[tokio::test]
async fn a_session_of_the_version_before_is_listed_and_ended() {
    let app = TestApp::builder().own_provider().start().await;
    let bob = app.sign_in("bob").await;
    let name = reference(&bob).await;
    let alice = app.sign_in("alice").await;
    go_back(&app, &name);
    let listed = alice.json("/admin/sessions").await;
    let listed = listed["sessions"].as_array().unwrap();
    let bobs = listed.iter().find(|one| one["reference"] == *name).unwrap();
    assert_eq!(bobs["roles"], "Editor", "{bobs}");
    go_back(&app, &name);
    let tokens = app.live_refresh_tokens();
    let ended = [("reference", name.as_str())];
    alice
        .post_form("/admin/sessions/end", &ended)
        .await
        .expect(303);
    assert!(!super::is_signed_in(&bob).await);
    // Its refresh token is revoked at the provider.
    for _ in 0..100 {
        if app.live_refresh_tokens() < tokens {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the refresh token is still good");
}

#[tokio::test]
async fn a_claim_reads_what_the_version_before_has_written() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let name = reference(&alice).await;
    let token = column(&app, &name, "refresh_token");
    go_back(&app, &name);
    let database = Database::new(app.db.target(), 1, Duration::from_secs(10));
    let claim = database.run(move |conn| {
        let now = chrono::Utc::now().naive_utc();
        rechecks::claim(conn, &name, now, now, now).map_err(DatabaseError::from)
    });
    let claim = claim.await.unwrap().unwrap();
    assert!(claim.is_won && token.is_some());
    assert_eq!(claim.columns.identity.refresh_token, token);
}

#[tokio::test]
async fn a_session_that_cannot_be_read_is_none() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    app.db
        .execute("UPDATE bailiwick_sessions SET state = 'no JSON'");
    alice.get_json("/admin/").await.expect(401);
    alice.get("/admin/").await.expect(302);
}

#[tokio::test]
async fn the_version_before_reads_what_this_one_writes() {
    let app = TestApp::builder().own_provider().start().await;
    let alice = app.sign_in("alice").await;
    let name = reference(&alice).await;
    let signed = as_before(&app, &name);
    assert_eq!(
        Some(&signed.csrf_token),
        column(&app, &name, "csrf_token").as_ref()
    );
    assert_eq!(
        (&signed.roles[..], &signed.reference),
        (&["admin".to_owned()][..], &name)
    );
    // A look.
    let look = [("role", "viewer")];
    alice.post_form("/admin/look", &look).await.expect(303);
    assert!(as_before(&app, &name).look.is_some());
    alice.post_form("/admin/look/end", &[]).await.expect(303);
    assert!(as_before(&app, &name).look.is_none());
    // A re-check of groups, which brings another refresh token.
    let before = as_before(&app, &name);
    app.set_groups("alice", &["admins", "plain-1"]);
    app.wait(5);
    alice.get("/admin/").await.expect(200);
    let signed = as_before(&app, &name);
    let token = signed.refresh_token.as_ref().map(|token| token.as_text());
    assert_eq!(token, column(&app, &name, "refresh_token").as_deref());
    assert!(signed.groups_checked_at > before.groups_checked_at);
    assert_eq!(signed.groups_came, 2);
    // Other group rules, and with them other roles.
    give(&alice, "viewer", "plain-1").await.expect(303);
    alice.get("/admin/").await.expect(200);
    let signed = as_before(&app, &name);
    assert_eq!(Some(&signed.rules), column(&app, &name, "rules").as_ref());
    assert_eq!(signed.roles, ["admin", "viewer"]);
    assert_eq!(signed.person.groups, ["admins", "plain-1"]);
}

#[tokio::test]
async fn what_the_version_before_changes_is_read() {
    let app = TestApp::builder().own_provider().start().await;
    let alice = app.sign_in("alice").await;
    let name = reference(&alice).await;
    let look = [("role", "viewer")];
    alice.post_form("/admin/look", &look).await.expect(303);
    assert!(is_looking(&alice).await);
    // The previous version ends the look. Its text has another refresh token than the columns.
    let signed = Signed {
        look: None,
        ..as_before(&app, &name)
    };
    let state = json!({"signed": serde_json::to_string(&signed).unwrap()}).to_string();
    let state = state.replace('\'', "''");
    set(
        &app,
        &name,
        &format!("state = '{state}', refresh_token = 'used'"),
    );
    assert!(!is_looking(&alice).await);
    app.set_groups("alice", &["viewers"]);
    app.wait(5);
    let me = alice.json("/admin/me").await;
    assert_eq!(me["roles"], json!(["viewer"]));
    assert_eq!(app.audit("end-session").len(), 0);
}
