//! The provider's response: accepted once, in the same browser, from the same provider.

use super::rig::{Browser, Rig};
use chrono::TimeDelta;

#[actix_web::test]
async fn c2_a_replayed_answer_goes_home_with_a_session_and_to_start_again_without() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let callback = browser
        .reach_callback("/auth/login?return_to=/admin/me")
        .await;
    assert_eq!(browser.get(&callback).await.location(), "/admin/me");
    let again = browser.get(&callback).await;
    assert_eq!((again.status, again.location()), (303, "/admin/".into()));
    browser.cookies.remove("bailiwick");
    let without = browser.get(&callback).await;
    assert_eq!(without.status, 400);
    assert!(
        without.body.contains("This sign-in is over"),
        "{}",
        without.body
    );
    assert!(without.body.contains("/auth/login"), "{}", without.body);
    assert_eq!(rig.op.count("/token"), 1);
}

#[actix_web::test]
async fn a5_an_answer_in_another_browser_is_refused_and_costs_nothing() {
    let rig = Rig::start().await;
    let mut attacker = Browser::new(&rig);
    let callback = attacker.reach_callback("/auth/login").await;
    let mut without_cookie = Browser::new(&rig);
    let refused = without_cookie.get(&callback).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("sign-in cookie"), "{}", refused.body);
    let mut with_own_cookie = Browser::new(&rig);
    with_own_cookie.reach_callback("/auth/login").await;
    let refused = with_own_cookie.get(&callback).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("another browser"), "{}", refused.body);
    assert_eq!(rig.op.count("/token"), 0);
    for browser in [&mut without_cookie, &mut with_own_cookie] {
        assert!(!browser.is_signed_in().await);
    }
    let done = attacker.get(&callback).await;
    let why = "its own browser may still finish";
    assert_eq!(done.status, 303, "{why}: {}", done.body);
}

#[actix_web::test]
async fn c1_of_parallel_answers_exactly_one_wins() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    let all = (0..32).map(|_| {
        let (mut browser, callback) = (browser.clone(), callback.clone());
        async move { browser.get(&callback).await.status }
    });
    let statuses = futures_util::future::join_all(all).await;
    assert_eq!(
        statuses.iter().filter(|status| **status == 303).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(rig.op.count("/token"), 1);
    assert_eq!(rig.rows("bailiwick_sessions").await, 1);
}

#[actix_web::test]
async fn c1_an_attempt_expires_after_ten_minutes() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    rig.forward(TimeDelta::seconds(601));
    let late = browser.get(&callback).await;
    assert_eq!(late.status, 400);
    assert!(late.body.contains("This sign-in is over"));
    assert_eq!(rig.op.count("/token"), 0);
}

#[actix_web::test]
async fn a6_two_tabs_both_finish() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let one = browser
        .reach_callback("/auth/login?return_to=/admin/one")
        .await;
    let two = browser
        .reach_callback("/auth/login?return_to=/admin/two")
        .await;
    assert_eq!(browser.get(&two).await.location(), "/admin/two");
    assert_eq!(browser.get(&one).await.location(), "/admin/one");
    assert!(browser.is_signed_in().await);
}

#[actix_web::test]
async fn a6_ten_tabs_that_begin_at_once_all_finish() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let mut callbacks = Vec::new();
    let mut cookies = Vec::new();
    for n in 0..10 {
        // None of them has seen another's response yet.
        let mut tab = Browser::new(&rig);
        callbacks.push(
            tab.reach_callback(&format!("/auth/login?return_to=/admin/{n}"))
                .await,
        );
        cookies.push(tab.cookies);
    }
    browser.cookies.extend(cookies.into_iter().flatten());
    for (n, callback) in callbacks.iter().enumerate() {
        let done = browser.get(callback).await;
        assert_eq!((done.status, done.location()), (303, format!("/admin/{n}")));
    }
    assert!(browser.is_signed_in().await);
}

#[actix_web::test]
async fn a6_attempts_of_one_browser_are_capped_and_the_oldest_dropped() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let first = browser.reach_callback("/auth/login").await;
    let mut last = String::new();
    for _ in 0..25 {
        rig.forward(TimeDelta::seconds(1));
        last = browser.reach_callback("/auth/login").await;
    }
    assert_eq!(rig.rows("bailiwick_sign_ins").await, 20);
    assert_eq!(browser.cookies.len(), 1);
    assert_eq!(browser.get(&first).await.status, 400);
    assert_eq!(browser.get(&last).await.status, 303);
}

#[actix_web::test]
async fn a5_what_is_kept_of_an_attempt_does_not_finish_it() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    browser.reach_callback("/auth/login").await;
    let state = rig.op.set().last_authorization["state"].clone();
    let by_state = format!("bailiwick_sign_ins WHERE state_hash = '{state}'");
    assert_eq!(rig.rows(by_state.leak()).await, 0);
    let cookie = browser.cookies.values().next().unwrap().clone();
    let by_cookie = format!("bailiwick_sign_ins WHERE browser_hash = '{cookie}'");
    assert_eq!(rig.rows(by_cookie.leak()).await, 0);
}

#[actix_web::test]
async fn c3_the_answer_must_be_from_the_provider_that_was_asked() {
    let right = Rig::start().await;
    right.op.set().answer = vec![("iss", right.op.issuer())];
    assert_eq!(
        Browser::new(&right).sign_in("/auth/login").await.status,
        303
    );

    let wrong = Rig::start().await;
    wrong.op.set().answer = vec![("iss", "https://evil.example".into())];
    let refused = Browser::new(&wrong).sign_in("/auth/login").await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    wrong.op.set().answer = vec![("iss", format!("{}/", wrong.op.issuer()))];
    assert_eq!(
        Browser::new(&wrong).sign_in("/auth/login").await.status,
        400
    );
    wrong.op.set().error = Some("access_denied");
    let refused = Browser::new(&wrong).sign_in("/auth/login").await;
    assert_eq!(refused.status, 400, "for errors too");
    assert_eq!(wrong.op.count("/token"), 0);

    let missing = Rig::start().await;
    missing.op.set().metadata = Box::new(|metadata| {
        metadata.insert(
            "authorization_response_iss_parameter_supported".into(),
            true.into(),
        );
    });
    assert_eq!(
        Browser::new(&missing).sign_in("/auth/login").await.status,
        400
    );
    assert_eq!(missing.op.count("/token"), 0);
}

#[actix_web::test]
async fn c4_errors_of_the_provider_are_told_in_our_words() {
    let rig = Rig::start().await;
    rig.op.set().answer = vec![("error_description", "<b>canary</b>".into())];
    for (error, status, words) in [
        ("access_denied", 403, "cancelled"),
        ("login_required", 403, "sign in there first"),
        ("interaction_required", 403, "something to ask you"),
        (
            "account_selection_required",
            403,
            "choose one of your accounts",
        ),
        ("consent_required", 403, "wants your consent"),
        ("invalid_scope", 403, "oidc.scopes"),
        ("unauthorized_client", 403, "allow this client"),
        ("invalid_request", 403, "how this panel is registered"),
        ("temporarily_unavailable", 503, "being worked on"),
        ("server_error", 502, "a problem of its own"),
        ("<script>", 403, "answered with an error"),
    ] {
        rig.op.set().error = Some(error);
        let done = Browser::new(&rig).sign_in("/auth/login").await;
        assert_eq!(done.status, status, "{error}: {}", done.body);
        assert!(done.body.contains(words), "{error}: {}", done.body);
        assert!(!done.body.contains("canary") && !done.body.contains("<script>"));
    }
    assert_eq!(rig.op.count("/token"), 0);
}

#[actix_web::test]
async fn c4_an_error_without_a_known_state_changes_nothing() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    let refused = browser
        .get("/auth/callback?error=access_denied&state=other")
        .await;
    assert_eq!(refused.status, 400);
    assert_eq!(browser.get(&callback).await.status, 303);
}

#[actix_web::test]
async fn c5_a_malformed_answer_is_refused_before_anything_is_used_up() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    for more in ["&error=x", "&code=y", "&state=z", "&iss=a&iss=b"] {
        assert_eq!(
            browser.get(&format!("{callback}{more}")).await.status,
            400,
            "{more}"
        );
    }
    assert_eq!(browser.get("/auth/callback").await.status, 400);
    assert_eq!(browser.post(&callback, &[]).await.status, 400);
    assert_eq!(rig.op.count("/token"), 0);
    assert_eq!(browser.get(&callback).await.status, 303);
}
