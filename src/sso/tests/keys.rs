//! Tokens and keys over HTTP: refused tokens leave nothing behind, and rotated keys are found.

use super::rig::{Browser, Rig};
use crate::sso::provider::Unknown;
use crate::sso::token::jws::JwsError;
use crate::sso::token::verify::TokenError;
use chrono::TimeDelta;
use serde_json::json;

async fn refused(rig: &Rig) {
    let mut browser = Browser::new(rig);
    let done = browser.sign_in("/auth/login").await;
    assert_eq!(done.status, 403, "{}", done.body);
    assert!(done.body.contains("ref-7"), "{}", done.body);
    assert!(!browser.cookies.contains_key("bailiwick"));
    assert!(!browser.is_signed_in().await);
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
    assert_eq!(
        rig.rows("bailiwick_audit WHERE action <> 'sign-in-refused'")
            .await,
        0
    );
}

#[actix_web::test]
async fn e1_to_e9_a_wrong_token_lets_nobody_in_over_http() {
    for (name, value) in [
        ("nonce", json!("other")),
        ("aud", json!("other")),
        ("azp", json!("other")),
        ("exp", json!(1)),
        ("iss", json!("https://other")),
        ("sub", json!("")),
    ] {
        let rig = Rig::start().await;
        rig.op.set().claims = Box::new(move |claims| {
            claims.insert(name.into(), value.clone());
        });
        refused(&rig).await;
    }
    for alg in ["none", "HS256"] {
        let rig = Rig::start().await;
        rig.op.set().header = Box::new(move |header| {
            header.insert("alg".into(), alg.into());
        });
        refused(&rig).await;
    }
}

#[actix_web::test]
async fn e6_a_rotated_key_is_found_by_itself() {
    let rig = Rig::start().await;
    assert_eq!(Browser::new(&rig).sign_in("/auth/login").await.status, 303);
    {
        let mut op = rig.op.set();
        op.signer = (1, "k1");
        op.published = vec![(1, "k1")];
    }
    assert_eq!(Browser::new(&rig).sign_in("/auth/login").await.status, 303);
    assert_eq!(rig.op.count("/jwks"), 2);
}

#[actix_web::test]
async fn e6_unknown_keys_cause_one_more_request_a_minute() {
    let rig = Rig::start().await;
    rig.op.set().signer = (1, "k-unknown");
    for _ in 0..5 {
        refused(&rig).await;
    }
    assert_eq!(rig.op.count("/jwks"), 2);
    rig.forward(TimeDelta::seconds(61));
    refused(&rig).await;
    assert_eq!(rig.op.count("/jwks"), 3);
}

#[actix_web::test]
async fn e7_keys_that_are_withdrawn_stop_working_within_the_hour() {
    let rig = Rig::start().await;
    assert_eq!(Browser::new(&rig).sign_in("/auth/login").await.status, 303);
    rig.op.set().published = vec![(1, "k1")];
    assert_eq!(Browser::new(&rig).sign_in("/auth/login").await.status, 303);
    rig.forward(TimeDelta::minutes(61));
    let mut browser = Browser::new(&rig);
    assert_eq!(browser.sign_in("/auth/login").await.status, 403);
}

#[actix_web::test]
async fn e6_unknown_kid_is_one_refetch_however_many_come_at_once() {
    let rig = Rig::start().await;
    Browser::new(&rig).sign_in("/auth/login").await;
    assert_eq!(rig.op.count("/jwks"), 1);
    let mut callbacks = vec![];
    for _ in 0..12 {
        let mut browser = Browser::new(&rig);
        let callback = browser.reach_callback("/auth/login").await;
        callbacks.push((browser, callback));
    }
    {
        let mut op = rig.op.set();
        op.signer = (1, "k1");
        op.published = vec![(1, "k1")];
    }
    let all = callbacks
        .iter_mut()
        .map(|(browser, callback)| browser.get(callback));
    let all = futures_util::future::join_all(all).await;
    assert!(all.iter().all(|done| done.status == 303));
    assert_eq!(rig.op.count("/jwks"), 2, "they share one request");
}

/// Callers that lack the same key share the keys that the first of them fetched.
#[actix_web::test]
async fn e6_who_lacks_a_key_is_given_what_another_has_fetched_meanwhile() {
    let rig = Rig::start().await;
    let metadata = rig.provider.metadata().await.unwrap();
    let old = rig.provider.keys(&metadata).await.unwrap();
    rig.op.set().published = vec![(1, "k1")];
    let all = (0..5).map(|_| {
        rig.provider
            .keys_after(&old, &metadata, Unknown::OfProvider)
    });
    for found in futures_util::future::join_all(all).await {
        let newer = found.unwrap().expect("newer keys");
        assert_ne!(newer.set, old.set);
    }
    assert_eq!(rig.op.count("/jwks"), 2);
}

/// A thousand tokens with unknown keys, spread over a minute.
#[actix_web::test]
async fn e6_a_thousand_bad_kids_in_a_minute_cause_at_most_two_fetches() {
    let rig = Rig::start().await;
    let metadata = rig.provider.metadata().await.unwrap();
    rig.provider.keys(&metadata).await.unwrap();
    let before = rig.op.count("/jwks");
    let unknown = || Err(TokenError::Jws(JwsError::UnknownKey));
    for _ in 0..1_000 {
        let outcome = rig.provider.with_keys(&metadata, |_| unknown()).await;
        assert!(outcome.is_err());
        rig.forward(TimeDelta::milliseconds(60));
    }
    let forced = rig.op.count("/jwks") - before;
    println!("fetches of keys forced by 1,000 bad kids in a minute: {forced}");
    assert!((1..=2).contains(&forced), "{forced}");
}

#[actix_web::test]
async fn e6_a_forced_fetch_that_fails_counts_too() {
    let rig = Rig::start().await;
    let metadata = rig.provider.metadata().await.unwrap();
    rig.provider.keys(&metadata).await.unwrap();
    rig.op.set().is_down = true;
    let unknown = || Err(TokenError::Jws(JwsError::UnknownKey));
    for _ in 0..20 {
        assert!(
            rig.provider
                .with_keys(&metadata, |_| unknown())
                .await
                .is_err()
        );
    }
    assert_eq!(rig.op.count("/jwks"), 2);
}

#[actix_web::test]
async fn e7_old_keys_serve_while_they_cannot_be_read_again_and_not_for_ever() {
    let rig = Rig::start().await;
    let metadata = rig.provider.metadata().await.unwrap();
    let keys = || rig.provider.keys(&metadata);
    assert!(keys().await.is_ok());
    rig.op.set().is_down = true;
    rig.forward(TimeDelta::minutes(61));
    assert!(keys().await.is_ok(), "an hour old");
    rig.forward(TimeDelta::minutes(298));
    assert!(keys().await.is_ok(), "nearly six hours old");
    rig.forward(TimeDelta::minutes(1));
    assert!(keys().await.is_err(), "six hours old");
}

#[actix_web::test]
async fn e7_keys_are_read_again_after_an_hour_and_not_before() {
    let rig = Rig::start().await;
    let metadata = rig.provider.metadata().await.unwrap();
    rig.provider.keys(&metadata).await.unwrap();
    rig.forward(TimeDelta::seconds(3_599));
    rig.provider.keys(&metadata).await.unwrap();
    assert_eq!(rig.op.count("/jwks"), 1);
    rig.forward(TimeDelta::seconds(1));
    rig.provider.keys(&metadata).await.unwrap();
    assert_eq!(rig.op.count("/jwks"), 2);
}

#[actix_web::test]
async fn e3_algorithms_can_be_narrowed_and_are_taken_only_if_listed() {
    use openidconnect::core::CoreJwsSigningAlgorithm::EcdsaP256Sha256;
    let rig = Rig::with(|settings| settings.algorithms = vec![EcdsaP256Sha256]).await;
    assert_eq!(Browser::new(&rig).get("/auth/login").await.status, 503);
    let rig = Rig::with(|settings| settings.algorithms = vec![EcdsaP256Sha256]).await;
    rig.op.set().metadata = Box::new(|metadata| {
        let name = "id_token_signing_alg_values_supported";
        metadata.insert(name.into(), json!(["RS256", "ES256"]));
    });
    refused(&rig).await;
}

#[actix_web::test]
async fn e2_an_audience_that_is_trusted_is_no_cause_for_worry() {
    let rig = Rig::with(|settings| settings.trusted_audiences = vec!["project".into()]).await;
    let both = |claims: &mut serde_json::Map<String, serde_json::Value>| {
        claims.insert("aud".into(), json!([super::provider::CLIENT, "project"]));
        claims.insert("azp".into(), json!(super::provider::CLIENT));
    };
    rig.op.set().claims = Box::new(both);
    assert_eq!(Browser::new(&rig).sign_in("/auth/login").await.status, 303);
    let rig = Rig::start().await;
    rig.op.set().claims = Box::new(both);
    let done = Browser::new(&rig).sign_in("/auth/login").await;
    assert_eq!(done.status, 403);
    assert!(done.body.contains("trusted_audiences"), "{}", done.body);
}

#[actix_web::test]
async fn e8_a_wrong_clock_is_told_with_the_offset() {
    for (name, offset, told) in [("iat", 420, "420 s ahead"), ("iat", -420, "420 s before")] {
        let rig = Rig::start().await;
        let at = rig.op.set().now.timestamp() + offset;
        rig.op.set().claims = Box::new(move |claims| {
            claims.insert(name.into(), at.into());
        });
        let done = Browser::new(&rig).sign_in("/auth/login").await;
        assert_eq!(done.status, 403);
        assert!(done.body.contains(told), "{}", done.body);
    }
    let rig = Rig::with(|settings| settings.skew = TimeDelta::seconds(300)).await;
    let at = rig.op.set().now.timestamp() + 300;
    rig.op.set().claims = Box::new(move |claims| {
        claims.insert("iat".into(), at.into());
    });
    assert_eq!(Browser::new(&rig).sign_in("/auth/login").await.status, 303);
}

#[actix_web::test]
async fn e11_a_configured_max_age_is_checked_on_the_way_back() {
    let rig = Rig::with(|settings| settings.params = vec![("max_age".into(), "600".into())]).await;
    refused(&rig).await;
    assert_eq!(rig.op.set().last_authorization["max_age"], "600");
    let now = rig.op.set().now.timestamp();
    rig.op.set().claims = Box::new(move |claims| {
        claims.insert("auth_time".into(), (now - 600).into());
    });
    assert_eq!(Browser::new(&rig).sign_in("/auth/login").await.status, 303);
}

#[actix_web::test]
async fn e6_members_of_the_metadata_that_are_not_read_may_be_of_any_type() {
    let rig = Rig::start().await;
    rig.op.set().metadata = Box::new(|metadata| {
        for name in [
            "response_types_supported",
            "subject_types_supported",
            "grant_types_supported",
            "claims_supported",
            "claims_parameter_supported",
            "display_values_supported",
            "registration_endpoint",
            "op_policy_uri",
            "service_documentation",
            "userinfo_signing_alg_values_supported",
            "userinfo_encryption_alg_values_supported",
            "token_endpoint_auth_methods_supported",
            "end_session_endpoint",
            "authorization_response_iss_parameter_supported",
            "mtls_endpoint_aliases",
        ] {
            metadata.insert(name.into(), json!({"odd": [1, null]}));
        }
        metadata.remove("subject_types_supported");
        let algorithms = json!(["RS256", 7, null, {"x": 1}]);
        metadata.insert("id_token_signing_alg_values_supported".into(), algorithms);
    });
    assert_eq!(Browser::new(&rig).sign_in("/auth/login").await.status, 303);
}

#[actix_web::test]
async fn e7_a_set_of_no_keys_does_not_take_the_place_of_those_that_are_known() {
    let rig = Rig::start().await;
    assert_eq!(Browser::new(&rig).sign_in("/auth/login").await.status, 303);
    rig.op.set().published = vec![];
    rig.forward(TimeDelta::minutes(61));
    assert_eq!(Browser::new(&rig).sign_in("/auth/login").await.status, 303);
    assert_eq!(rig.op.count("/jwks"), 2);
    rig.forward(TimeDelta::hours(6));
    assert_ne!(Browser::new(&rig).sign_in("/auth/login").await.status, 303);
}

#[actix_web::test]
async fn d3_metadata_and_keys_are_json_and_say_so() {
    for (kind, status) in [
        ("text/html", 503),
        ("application/jwt", 503),
        ("", 503),
        ("application/jwk-set+json", 303),
        ("Application/JSON; charset=utf-8", 303),
    ] {
        let rig = Rig::start().await;
        rig.op.set().documents_type = kind;
        let begun = Browser::new(&rig).get("/auth/login").await;
        assert_eq!(begun.status, status, "{kind}: {}", begun.body);
    }
    // Keys may have many content types.
    for kind in [
        "application/octet-stream",
        "text/plain",
        "",
        "application/jwk+json",
    ] {
        let rig = Rig::start().await;
        let mut browser = Browser::new(&rig);
        let callback = browser.reach_callback("/auth/login").await;
        rig.op.set().documents_type = kind;
        let done = browser.get(&callback).await;
        assert_eq!(done.status, 303, "{kind}: {}", done.body);
    }
    // But not that of a page.
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    rig.op.set().documents_type = "text/html";
    let refused = browser.get(&callback).await;
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(!browser.is_signed_in().await);
}
