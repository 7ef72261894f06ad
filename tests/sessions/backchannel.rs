//! The development provider signs people out, and notifies the panel.

use super::{FIREFOX, IPHONE, is_signed_in, sign_in};
use crate::support::{Client, TestApp};
use reqwest::Method;

/// Presses the button on the provider's page; returns how many clients were notified.
async fn sign_out_everywhere(app: &TestApp, client: &Client, person: &str) -> serde_json::Value {
    let url = format!("{}/people/{person}/sign-out", app.issuer);
    let request = client.request(Method::POST, &url);
    let answer = client
        .send(request.header("accept", "application/json"))
        .await;
    answer.expect(200).json()["told"].take()
}

#[tokio::test]
async fn a_sign_out_at_the_provider_ends_exactly_its_sessions() {
    let app = TestApp::builder().own_provider().start().await;
    let laptop = sign_in(&app, "alice", FIREFOX).await;
    let phone = sign_in(&app, "alice", IPHONE).await;
    let bob = sign_in(&app, "bob", FIREFOX).await;
    // The laptop signs out at the provider, without the panel.
    let end = format!("{}/end_session", app.issuer);
    let asked = laptop.get(&end).await.expect(200);
    assert!(asked.text().contains("Sign out Alice Archer?"));
    assert!(is_signed_in(&laptop).await);
    let request = laptop.request(Method::POST, &end);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    laptop.send(request.body("confirm=yes")).await.expect(200);
    assert!(!is_signed_in(&laptop).await);
    assert!(is_signed_in(&phone).await && is_signed_in(&bob).await);
    let entries = app.audit("end-session");
    assert_eq!(entries.len(), 1);
    assert!(entries[0].starts_with("Identity provider||"), "{entries:?}");
}

#[tokio::test]
async fn signing_somebody_out_everywhere_ends_all_of_theirs() {
    let app = TestApp::builder().own_provider().start().await;
    let alice = [
        sign_in(&app, "alice", FIREFOX).await,
        sign_in(&app, "alice", IPHONE).await,
    ];
    let bob = sign_in(&app, "bob", FIREFOX).await;
    let page = bob.get(&format!("{}/people", app.issuer)).await.expect(200);
    assert!(page.text().contains("Sign Alice Archer out everywhere"));
    assert_eq!(sign_out_everywhere(&app, &bob, "alice").await, 1);
    for alice in &alice {
        assert!(!is_signed_in(alice).await);
        // The provider asks for the person again.
        let chooser = alice.open("/admin/").await.expect(200);
        assert!(chooser.page().has("button[name=person]"));
    }
    assert!(is_signed_in(&bob).await);
}

#[tokio::test]
async fn a_sign_out_of_the_panel_comes_back_by_the_back_channel_without_harm() {
    let app = TestApp::builder().own_provider().start().await;
    let alice = sign_in(&app, "alice", FIREFOX).await;
    let phone = sign_in(&app, "alice", IPHONE).await;
    let page = alice.page("/admin/").await;
    let form = page.form_of("form[action$='/auth/logout']");
    let answer = alice.submit(&form).await.expect(200);
    let end = alice.follow(answer).await.expect(200);
    assert_eq!(end.url.path(), "/auth/signed-out");
    let page = end.page();
    // The page stays: nothing on it starts a sign-in automatically.
    assert!(!page.has("meta[http-equiv]") && !page.has("form") && !page.has("script:not([src])"));
    assert!(page.has("a[href='/auth/login']"));
    assert!(!is_signed_in(&alice).await);
    assert!(is_signed_in(&phone).await);
    assert_eq!(
        (app.audit("sign-out").len(), app.audit("end-session").len()),
        (1, 0)
    );
    assert_eq!(app.db.number("SELECT count(*) FROM bailiwick_logouts"), 2);
}

#[tokio::test]
async fn a_second_sign_in_works_after_a_sign_out() {
    let app = TestApp::builder().own_provider().start().await;
    let alice = sign_in(&app, "alice", FIREFOX).await;
    sign_out_everywhere(&app, &alice, "alice").await;
    assert!(!is_signed_in(&alice).await);
    // Token times are whole seconds: a notice of the same second may be older than the sign-in.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    alice.sign_in("alice").await.expect(200);
    assert!(is_signed_in(&alice).await);
}

#[tokio::test]
async fn the_provider_says_that_it_tells_of_sign_outs() {
    let app = TestApp::shared().await;
    let stranger = app.stranger();
    let url = format!("{}/.well-known/openid-configuration", app.issuer);
    let metadata = stranger.get(&url).await.json();
    assert_eq!(metadata["backchannel_logout_supported"], true);
    assert_eq!(metadata["backchannel_logout_session_supported"], true);
    let url = format!("{}/people/alice/sign-out", app.issuer);
    let request = stranger.request(Method::POST, &url);
    let answer = stranger
        .send(request.header("sec-fetch-site", "cross-site"))
        .await;
    assert_eq!(answer.status, 403);
}

/// Waits until the provider has exactly this many valid refresh tokens.
async fn left(app: &TestApp, wanted: usize) {
    for _ in 0..100 {
        if app.live_refresh_tokens() == wanted {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(app.live_refresh_tokens(), wanted);
}

#[tokio::test]
async fn however_a_session_ends_its_refresh_token_is_given_back() {
    let app = TestApp::builder().own_provider().start().await;
    let alice = app.sign_in("alice").await;
    let _other = app.sign_in("alice").await;
    let _bob = app.sign_in("bob").await;
    let carol = app.sign_in("carol").await;
    assert_eq!(app.live_refresh_tokens(), 4);
    // By their owner, by a person who manages sessions, and by signing out.
    alice
        .post_form("/admin/sessions/end-others", &[])
        .await
        .expect(303);
    left(&app, 3).await;
    let page = alice.page("/admin/sessions?q=bob").await;
    alice
        .save(&page.form_of("form[action$='sessions/end']"))
        .await;
    left(&app, 2).await;
    let home = carol.page("/admin/").await;
    carol
        .submit(&home.form_of("form[action$='/auth/logout']"))
        .await
        .expect(200);
    left(&app, 1).await;
}
