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

#[actix_web::test]
async fn a_provider_that_goes_away_later_is_known_by_the_first_failure_and_comes_back() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    assert!(rig.provider.standing().is_up());
    rig.op.set().is_down = true;
    rig.forward(TimeDelta::minutes(3));
    assert_eq!(browser.get(&callback).await.status, 502);
    let away = rig.provider.standing().away.unwrap();
    assert_eq!(away.since.to_string(), "2026-11-23 09:03:00 UTC");
    assert_eq!(away.reason, "it answers with status 503");
    let words = rig.provider.standing().in_words("X").unwrap();
    assert!(
        words.contains("does not answer since 2026-11-23 09:03 UTC"),
        "{words}"
    );
    let refused = Browser::new(&rig).get("/auth/login").await;
    assert_eq!(refused.status, 503, "nobody is sent to it");
    assert!(refused.header("retry-after").is_some());
    rig.op.set().is_down = false;
    rig.forward(TimeDelta::seconds(2));
    assert_eq!(Browser::new(&rig).sign_in("/auth/login").await.status, 303);
    assert!(rig.provider.standing().is_up());
}

#[actix_web::test]
async fn metadata_is_read_again_after_a_failure_and_new_endpoints_are_taken_over() {
    let rig = Rig::start().await;
    Browser::new(&rig).sign_in("/auth/login").await;
    let keys_read_at = rig.provider.standing().keys_read_at;
    assert!(keys_read_at.is_some());
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    rig.op.set().is_down = true;
    browser.get(&callback).await;
    {
        let mut op = rig.op.set();
        op.is_down = false;
        op.metadata = Box::new(|metadata| {
            let moved = metadata["authorization_endpoint"]
                .as_str()
                .unwrap()
                .to_owned();
            metadata.insert(
                "authorization_endpoint".into(),
                format!("{moved}?moved=1").into(),
            );
        });
    }
    rig.forward(TimeDelta::seconds(2));
    let begun = Browser::new(&rig).get("/auth/login").await;
    assert!(begun.location().contains("moved=1"), "{}", begun.location());
}

#[actix_web::test]
async fn metadata_that_turns_into_another_issuers_is_refused() {
    let rig = Rig::start().await;
    Browser::new(&rig).sign_in("/auth/login").await;
    rig.op.set().metadata = Box::new(|metadata| {
        metadata.insert("issuer".into(), "https://evil.example".into());
        metadata.insert(
            "authorization_endpoint".into(),
            "https://evil.example/a".into(),
        );
    });
    rig.forward(TimeDelta::hours(25));
    let refused = Browser::new(&rig).get("/auth/login").await;
    assert_eq!(refused.status, 503);
    let away = rig.provider.standing().away.unwrap();
    assert!(
        away.reason.contains("what it says of itself"),
        "{}",
        away.reason
    );
}

#[actix_web::test]
async fn an_outage_is_logged_once_and_so_is_its_end() {
    let log = super::logs::capture();
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    rig.op.set().is_down = true;
    for _ in 0..5 {
        rig.forward(TimeDelta::seconds(40));
        assert_eq!(browser.get("/auth/login").await.status, 503);
    }
    rig.op.set().is_down = false;
    rig.forward(TimeDelta::seconds(40));
    browser.sign_in("/auth/login").await;
    let callback = browser.reach_callback("/auth/login?prompt=login").await;
    rig.op.set().is_down = true;
    browser.get(&callback).await;
    for _ in 0..3 {
        browser.get("/auth/login?prompt=login").await;
        rig.forward(TimeDelta::seconds(40));
    }
    rig.op.set().is_down = false;
    browser.get("/auth/login?prompt=login").await;
    browser.get("/auth/login?prompt=login").await;
    let told = |level: &str, words: &str| {
        let lines = log.lines_with(&rig.op.issuer());
        let those = |line: &&String| line.contains(level) && line.contains(words);
        lines.iter().filter(those).count()
    };
    assert_eq!(told("WARN", "cannot be used; it is looked for"), 2);
    assert_eq!(told("INFO", "was found"), 1);
    assert_eq!(told("INFO", "is back"), 1);
    assert_eq!(told("WARN", ""), 2 + told("WARN", "a sign-in was refused"));
}
