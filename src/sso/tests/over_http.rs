//! Tokens and keys over HTTP: refused tokens leave nothing behind, rotated keys are found.

use super::rig::{Browser, Rig};
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
async fn a_wrong_token_lets_nobody_in_over_http() {
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
async fn a_rotated_key_is_found_by_itself() {
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
async fn unknown_keys_cause_one_more_request_a_minute() {
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
async fn keys_that_are_withdrawn_stop_working_within_the_hour() {
    let rig = Rig::start().await;
    assert_eq!(Browser::new(&rig).sign_in("/auth/login").await.status, 303);
    rig.op.set().published = vec![(1, "k1")];
    assert_eq!(Browser::new(&rig).sign_in("/auth/login").await.status, 303);
    rig.forward(TimeDelta::minutes(61));
    let mut browser = Browser::new(&rig);
    assert_eq!(browser.sign_in("/auth/login").await.status, 403);
}

#[actix_web::test]
async fn a_token_answer_that_cannot_be_used_lets_nobody_in() {
    for (name, value) in [
        ("id_token", json!(null)),
        ("id_token", json!(7)),
        ("token_type", json!("mac")),
        ("access_token", json!(null)),
    ] {
        let rig = Rig::start().await;
        rig.op.set().token_answer = Box::new(move |answer| {
            answer.insert(name.into(), value.clone());
        });
        let mut browser = Browser::new(&rig);
        assert_eq!(browser.sign_in("/auth/login").await.status, 502, "{name}");
        assert!(!browser.is_signed_in().await);
    }
}
