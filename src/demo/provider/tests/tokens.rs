//! The token endpoint, and the content of tokens.

use std::collections::HashMap;
use std::time::Duration;

use reqwest::{Method, StatusCode, header};
use serde_json::Value;

use super::{Browser, CALLBACK, VERIFIER, settings, start};

fn payload(token: &Value) -> Value {
    use base64::Engine;
    let part = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(part)
            .unwrap(),
    )
    .unwrap()
}

#[tokio::test]
async fn groups_are_told_where_the_settings_say() {
    let provider = start(settings()).await;
    let mut browser = Browser::new(&provider);
    let back = browser.sign_in("bob", &[]).await;
    let tokens = browser.redeem(&back["code"]).await.json();
    let claims = payload(&tokens["id_token"]);
    assert!(claims.get("groups").is_none() && claims.get("region").is_none());
    assert!(claims["sid"].is_string());
    let told = browser
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await
        .json();
    assert_eq!(
        (&told["groups"][0], &told["region"]),
        (&"editors".into(), &"emea".into())
    );

    let provider = start(settings().groups_in_id_token(true)).await;
    let mut browser = Browser::new(&provider);
    let back = browser.sign_in("dave", &[]).await;
    let tokens = browser.redeem(&back["code"]).await.json();
    assert_eq!(
        payload(&tokens["id_token"])["groups"],
        Value::Array(Vec::new())
    );

    let back = browser
        .sign_in(
            "dave",
            &[("scope", "openid something"), ("prompt", "login")],
        )
        .await;
    let tokens = browser.redeem(&back["code"]).await.json();
    assert_eq!(tokens["scope"], "openid");
    assert!(tokens.get("refresh_token").is_none());
    assert!(payload(&tokens["id_token"]).get("groups").is_none());
}

#[tokio::test]
async fn a_code_is_worth_nothing_to_anyone_else() {
    let provider = start(settings()).await;
    let mut browser = Browser::new(&provider);
    for (name, value) in [
        (
            "code_verifier",
            "wrong-wrong-wrong-wrong-wrong-wrong-wrong-wrong",
        ),
        ("code_verifier", ""),
        ("redirect_uri", "http://127.0.0.1:8080/auth/callback/"),
        ("code", "unknown"),
    ] {
        let back = browser.sign_in("alice", &[("prompt", "login")]).await;
        let mut form = HashMap::from([
            ("grant_type", "authorization_code"),
            ("code", back["code"].as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ]);
        form.insert(name, value);
        let form: Vec<_> = form.into_iter().collect();
        let answer = browser.token(&form).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (StatusCode::BAD_REQUEST, &"invalid_grant".into()),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_code_that_comes_twice_ends_what_the_first_brought() {
    let provider = start(settings()).await;
    let mut browser = Browser::new(&provider);
    let back = browser.sign_in("alice", &[]).await;
    let tokens = browser.redeem(&back["code"]).await.json();
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(browser.userinfo(access).await.status, StatusCode::OK);
    assert_eq!(
        browser.redeem(&back["code"]).await.json()["error"],
        "invalid_grant"
    );
    assert_eq!(
        browser.userinfo(access).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn an_expired_code_is_refused() {
    let mut settings = settings();
    settings.code_lifetime = Duration::ZERO;
    let provider = start(settings).await;
    let mut browser = Browser::new(&provider);
    let back = browser.sign_in("alice", &[]).await;
    assert_eq!(
        browser.redeem(&back["code"]).await.json()["error"],
        "invalid_grant"
    );
}

#[tokio::test]
async fn the_client_must_authenticate_in_one_way() {
    let provider = start(settings()).await;
    let mut browser = Browser::new(&provider);
    let wrong = [
        ("client_id", "panel"),
        ("client_secret", "guess"),
        ("grant_type", "authorization_code"),
    ];
    let answer = browser.send(Method::POST, "/token", &[], &wrong).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (StatusCode::UNAUTHORIZED, &"invalid_client".into())
    );
    assert!(answer.headers.contains_key(header::WWW_AUTHENTICATE));
    let answer = browser
        .send(
            Method::POST,
            "/token",
            &[("authorization", "Basic cGFuZWw6eA==")],
            &[],
        )
        .await;
    assert_eq!(answer.json()["error"], "invalid_client");
    let answer = browser
        .send(
            Method::POST,
            "/token",
            &[("authorization", "Basic cGFuZWw6eA==")],
            &wrong,
        )
        .await;
    assert_eq!(answer.json()["error"], "invalid_request");
    let answer = browser.send(Method::POST, "/token", &[], &[]).await;
    assert_eq!(answer.json()["error"], "invalid_client");
}

#[tokio::test]
async fn a_refresh_token_rotates_and_its_reuse_ends_the_family() {
    let provider = start(settings()).await;
    let mut browser = Browser::new(&provider);
    let back = browser.sign_in("alice", &[]).await;
    let first = browser.redeem(&back["code"]).await.json();
    let old = first["refresh_token"].as_str().unwrap();
    let second = browser
        .token(&[("grant_type", "refresh_token"), ("refresh_token", old)])
        .await
        .json();
    let new = second["refresh_token"].as_str().unwrap();
    assert_ne!(old, new);
    let reused = browser
        .token(&[("grant_type", "refresh_token"), ("refresh_token", old)])
        .await
        .json();
    assert_eq!(reused["error"], "invalid_grant");
    let after = browser
        .token(&[("grant_type", "refresh_token"), ("refresh_token", new)])
        .await
        .json();
    assert_eq!(after["error"], "invalid_grant");
    assert_eq!(
        browser
            .userinfo(second["access_token"].as_str().unwrap())
            .await
            .status,
        StatusCode::UNAUTHORIZED
    );
}
