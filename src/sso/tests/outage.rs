//! A provider that is not there, or not the one it should be.

use super::rig::{Browser, Rig};
use crate::clock::Clock;
use crate::sso::{Provider, Settings};
use chrono::TimeDelta;

#[actix_web::test]
async fn without_the_provider_sign_in_is_503_and_recovers_by_itself() {
    let rig = Rig::start().await;
    rig.op.set().is_down = true;
    let mut browser = Browser::new(&rig);
    let refused = browser.get("/auth/login").await;
    assert_eq!(refused.status, 503);
    assert!(refused.header("retry-after").is_some());
    assert!(refused.body.contains("ref-7"));
    assert!(!rig.provider.is_known());
    for _ in 0..5 {
        assert_eq!(browser.get("/auth/login").await.status, 503);
    }
    assert_eq!(
        rig.op.set().seen.len(),
        1,
        "failures are not repeated at once"
    );
    rig.op.set().is_down = false;
    rig.forward(TimeDelta::seconds(2));
    assert_eq!(browser.sign_in("/auth/login").await.status, 303);
    assert!(rig.provider.is_known());
    let origin = rig.provider.sign_out_origin();
    assert_eq!(origin, Some(rig.op.issuer()));
}

#[actix_web::test]
async fn sessions_go_on_without_the_provider() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    rig.op.set().is_down = true;
    rig.forward(TimeDelta::minutes(20));
    assert!(browser.is_signed_in().await);
}

#[actix_web::test]
async fn a_token_endpoint_that_fails_lets_nobody_in() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    rig.op.set().is_down = true;
    assert_eq!(browser.get(&callback).await.status, 502);
    assert!(!browser.is_signed_in().await);
}

#[actix_web::test]
async fn metadata_of_another_issuer_is_refused() {
    let rig = Rig::start().await;
    let other = format!("{}/", rig.op.issuer());
    rig.op.set().metadata = Box::new(move |metadata| {
        metadata.insert("issuer".into(), other.clone().into());
    });
    assert_eq!(Browser::new(&rig).get("/auth/login").await.status, 503);
}

#[actix_web::test]
async fn metadata_is_read_again_after_a_day_and_kept_if_that_fails() {
    let rig = Rig::start().await;
    Browser::new(&rig).sign_in("/auth/login").await;
    rig.forward(TimeDelta::hours(25));
    Browser::new(&rig).sign_in("/auth/login").await;
    assert_eq!(rig.op.count("/.well-known/openid-configuration"), 2);
    rig.forward(TimeDelta::hours(25));
    rig.op.set().is_down = true;
    // Nobody is sent to a provider that is known not to answer.
    assert_eq!(Browser::new(&rig).get("/auth/login").await.status, 503);
    assert_eq!(rig.op.count("/.well-known/openid-configuration"), 3);
    assert!(rig.provider.metadata().await.is_ok(), "it is kept");
}

#[actix_web::test]
async fn many_first_visitors_share_one_discovery() {
    let rig = Rig::start().await;
    let all = (0..20).map(|_| {
        let mut browser = Browser::new(&rig);
        async move { browser.get("/auth/login").await.status }
    });
    let statuses = futures_util::future::join_all(all).await;
    assert!(statuses.iter().all(|status| *status == 303));
    assert_eq!(rig.op.count("/.well-known/openid-configuration"), 1);
}

#[actix_web::test]
async fn wrong_settings_stop_the_start() {
    let build = |issuer: &str, redirect: &str| {
        let settings = Settings {
            name: None,
            issuer: issuer.into(),
            client_id: "c".into(),
            client_secret: None,
            scopes: vec![],
            groups_claim: "groups".into(),
            strip_prefix: String::new(),
            trusted_audiences: vec![],
            redirect_uri: redirect.into(),
            post_logout_redirect_uri: redirect.into(),
            skew: TimeDelta::seconds(60),
        };
        Provider::new(settings, Clock::system())
    };
    let redirect = "https://p.example/auth/callback";
    assert!(build("https://idp.example", redirect).is_ok());
    assert!(build("idp.example", redirect).is_err());
    assert!(build("http://idp.example", redirect).is_err());
    assert!(build("https://idp.example", "nonsense").is_err());
    let pasted = build(
        "https://idp.example/realm/.well-known/openid-configuration",
        redirect,
    );
    assert_eq!(pasted.unwrap().issuer(), "https://idp.example/realm");
}

#[actix_web::test]
async fn an_answer_longer_than_any_honest_one_is_not_read() {
    let rig = Rig::start().await;
    rig.op.set().metadata = Box::new(|metadata| {
        metadata.insert("padding".into(), "x".repeat(1_100_000).into());
    });
    let refused = Browser::new(&rig).get("/auth/login").await;
    assert_eq!(refused.status, 503);
}
