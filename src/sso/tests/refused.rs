//! Refused sign-ins in the audit log.

use super::rig::{Browser, Rig};
use serde_json::json;

/// The number of recorded refusals with that cause, with request id and address.
async fn noted(rig: &Rig, cause: &str) -> i64 {
    let issuer = rig.op.issuer();
    let rows = format!(
        "bailiwick_audit WHERE action = 'sign-in-refused' AND actor_issuer = '{issuer}' \
         AND actor_subject = '' AND request_id = 'ref-7' AND address = '127.0.0.1' \
         AND details LIKE '%{cause}%'"
    );
    rig.rows(rows.leak()).await
}

#[actix_web::test]
async fn a_token_that_is_refused_is_noted_with_the_rule_it_breaks() {
    for (claim, value, cause) in [
        ("nonce", json!("other"), "the nonce"),
        ("aud", json!("other"), "the audience"),
        ("exp", json!(1), "expired"),
        ("sub", json!(""), "the claim sub"),
    ] {
        let rig = Rig::start().await;
        rig.op.set().claims = Box::new(move |claims| {
            claims.insert(claim.into(), value.clone());
        });
        Browser::new(&rig).sign_in("/auth/login").await;
        assert_eq!(noted(&rig, cause).await, 1, "{claim}");
        assert_eq!(rig.rows("bailiwick_audit").await, 1);
        let id_token = rig.op.set().last_id_token.clone();
        let leak = format!("bailiwick_audit WHERE details LIKE '%{id_token}%'");
        assert_eq!(rig.rows(leak.leak()).await, 0);
    }
}

#[actix_web::test]
async fn errors_of_the_provider_are_noted_without_what_strangers_write() {
    let rig = Rig::start().await;
    rig.op.set().error = Some("access_denied");
    Browser::new(&rig).sign_in("/auth/login").await;
    assert_eq!(noted(&rig, "answered access_denied").await, 1);
    rig.op.set().error = Some("<script>");
    Browser::new(&rig).sign_in("/auth/login").await;
    assert_eq!(noted(&rig, "an unknown error").await, 1);
    assert_eq!(noted(&rig, "script").await, 0);
}

#[actix_web::test]
async fn answers_in_another_browser_are_noted() {
    let rig = Rig::start().await;
    let callback = Browser::new(&rig).reach_callback("/auth/login").await;
    Browser::new(&rig).get(&callback).await;
    assert_eq!(noted(&rig, "no cookie").await, 1);
    let mut other = Browser::new(&rig);
    other.reach_callback("/auth/login").await;
    other.get(&callback).await;
    assert_eq!(noted(&rig, "another browser").await, 1);
}

#[actix_web::test]
async fn what_anybody_can_ask_for_is_not_noted() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    for query in ["code=a&state=b", "state=b", "", "error=x&state=y"] {
        browser.get(&format!("/auth/callback?{query}")).await;
    }
    assert_eq!(rig.rows("bailiwick_audit").await, 0);
}

#[actix_web::test]
async fn refusals_do_not_fill_the_log() {
    let rig = Rig::start().await;
    let callback = Browser::new(&rig).reach_callback("/auth/login").await;
    let all = (0..90).map(|_| {
        let (mut browser, callback) = (Browser::new(&rig), callback.clone());
        async move { browser.get(&callback).await.status }
    });
    futures_util::future::join_all(all).await;
    assert_eq!(rig.rows("bailiwick_audit").await, 60);
}

#[actix_web::test]
async fn sign_ins_and_sign_outs_name_their_session() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    let csrf = browser.csrf().await;
    let same = "bailiwick_audit a JOIN bailiwick_sessions s \
                ON a.row_key = s.reference WHERE a.action = 'sign-in'";
    assert_eq!(rig.rows(same).await, 1);
    browser.post("/auth/logout", &[("csrf_token", &csrf)]).await;
    let same = "bailiwick_audit a JOIN bailiwick_audit b \
                ON a.row_key = b.row_key \
                WHERE a.action = 'sign-in' AND b.action = 'sign-out'";
    assert_eq!(rig.rows(same).await, 1);
}

#[actix_web::test]
async fn an_answer_of_another_issuer_is_noted() {
    let rig = Rig::start().await;
    rig.op.set().answer = vec![("iss", "https://evil.example".into())];
    Browser::new(&rig).sign_in("/auth/login").await;
    assert_eq!(noted(&rig, "issuer is not the configured issuer").await, 1);
    assert_eq!(noted(&rig, "evil").await, 0);
}

#[actix_web::test]
async fn of_several_providers_none_is_named_for_the_attempt_of_another_browser() {
    let rig = Rig::with_partner(|_| ()).await;
    let login = "/auth/login?provider=partner";
    let callback = Browser::new(&rig).reach_callback(login).await;
    Browser::new(&rig).get(&callback).await;
    let nobody = "bailiwick_audit WHERE action = 'sign-in-refused' AND actor_issuer = ''";
    assert_eq!(rig.rows(nobody).await, 1);
}

#[actix_web::test]
async fn of_several_providers_the_one_that_was_asked_is_named() {
    let rig = Rig::with_partner(|_| ()).await;
    let partner = rig.partner.as_ref().unwrap();
    partner.set().error = Some("access_denied");
    let login = "/auth/login?provider=partner";
    Browser::new(&rig).sign_in(login).await;
    let named = format!(
        "bailiwick_audit WHERE action = 'sign-in-refused' AND actor_issuer = '{}'",
        partner.issuer()
    );
    assert_eq!(rig.rows(named.leak()).await, 1);
}
