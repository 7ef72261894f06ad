//! The token request, and which responses are accepted.

use super::rig::{Browser, Rig};
use serde_json::json;

#[actix_web::test]
async fn d2_redirects_of_the_provider_are_not_followed() {
    let rig = Rig::start().await;
    {
        let mut op = rig.op.set();
        let moved = format!("{}/moved", op.issuer);
        op.metadata = Box::new(move |metadata| {
            metadata.insert("userinfo_endpoint".into(), moved.clone().into());
        });
        op.claims = Box::new(|claims| {
            claims.remove("groups");
        });
    }
    let mut browser = Browser::new(&rig);
    assert_eq!(browser.sign_in("/auth/login").await.status, 502);
    assert_eq!(rig.op.count("/userinfo"), 0);
}

#[actix_web::test]
async fn d1_the_client_shows_its_secret_as_the_metadata_says_and_as_configured() {
    use crate::config::AuthMethod::{ClientSecretBasic as Basic, ClientSecretPost as Post};
    for (configured, listed, in_body) in [
        (None, None, false),
        (None, Some(json!(["client_secret_post"])), true),
        (None, Some(json!(["client_secret_basic"])), false),
        (
            None,
            Some(json!(["client_secret_post", "client_secret_basic"])),
            false,
        ),
        (Some(Post), None, true),
        (Some(Post), Some(json!(["client_secret_basic"])), true),
        (Some(Basic), Some(json!(["client_secret_post"])), false),
    ] {
        let rig = Rig::with(|settings| settings.auth_method = configured).await;
        let case = format!("{configured:?} {listed:?}");
        {
            let mut op = rig.op.set();
            op.takes_secret_in_body = in_body;
            op.metadata = Box::new(move |metadata| {
                if let Some(listed) = &listed {
                    let name = "token_endpoint_auth_methods_supported";
                    metadata.insert(name.into(), listed.clone());
                }
            });
        }
        let done = Browser::new(&rig).sign_in("/auth/login").await;
        assert_eq!(done.status, 303, "{case}: {}", done.body);
        let op = rig.op.set();
        assert_eq!(op.last_token_header.is_none(), in_body, "{case}");
    }
}

#[actix_web::test]
async fn d3_a_code_that_the_provider_does_not_take_is_told() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    rig.op.set().codes.clear();
    let done = browser.get(&callback).await;
    assert_eq!(done.status, 400);
    assert!(
        done.body.contains("no longer takes the code"),
        "{}",
        done.body
    );
    assert!(!browser.is_signed_in().await);
}

#[actix_web::test]
async fn d3_a_token_answer_that_cannot_be_used_lets_nobody_in() {
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

#[actix_web::test]
async fn d2_an_answer_longer_than_any_honest_one_is_not_read() {
    let rig = Rig::start().await;
    rig.op.set().metadata = Box::new(|metadata| {
        metadata.insert("padding".into(), "x".repeat(1_100_000).into());
    });
    let refused = Browser::new(&rig).get("/auth/login").await;
    assert_eq!(refused.status, 503);
}

#[actix_web::test]
async fn d3_answers_that_are_none_are_refused() {
    let token = json!({"access_token": "a", "token_type": "Bearer"}).to_string();
    for (status, kind, body, refused) in [
        (200, "text/html", "<html>", 502),
        (200, "text/plain", token.as_str(), 502),
        (200, "application/json", "", 502),
        (200, "application/json", "[]", 502),
        (200, "application/json", token.as_str(), 502),
        (500, "text/html", "<html>", 502),
        (302, "application/json", token.as_str(), 502),
        (
            400,
            "application/json",
            r#"{"error": "invalid_client"}"#,
            400,
        ),
    ] {
        let rig = Rig::start().await;
        rig.op.set().token_instead = Some((status, kind, body.to_owned()));
        let mut browser = Browser::new(&rig);
        let done = browser.sign_in("/auth/login").await;
        assert_eq!(
            done.status, refused,
            "{status} {kind} {body}: {}",
            done.body
        );
        assert!(done.body.contains("ref-7"), "{}", done.body);
        assert!(!browser.is_signed_in().await);
    }
}

#[actix_web::test]
async fn d2_a_redirect_of_the_token_endpoint_or_of_the_metadata_is_not_followed() {
    let rig = Rig::start().await;
    let moved = format!("{}/moved", rig.op.issuer());
    rig.op.set().metadata = Box::new(move |metadata| {
        metadata.insert("token_endpoint".into(), moved.clone().into());
    });
    assert_eq!(Browser::new(&rig).sign_in("/auth/login").await.status, 502);
    assert_eq!(rig.op.count("/userinfo"), 0, "where that leads to");

    let rig = Rig::start().await;
    let moved = format!("{}/moved", rig.op.issuer());
    rig.op.set().metadata = Box::new(move |metadata| {
        metadata.insert("jwks_uri".into(), moved.clone().into());
    });
    assert_ne!(Browser::new(&rig).sign_in("/auth/login").await.status, 303);
    assert_eq!(rig.op.count("/userinfo"), 0);
}

/// A provider that accepts the connection and never responds.
#[actix_web::test]
async fn d2_a_provider_that_never_answers_is_waited_for_ten_seconds() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", listener.local_addr().unwrap());
    let rig = Rig::with(|settings| settings.issuer = silent).await;
    let began = std::time::Instant::now();
    let refused = Browser::new(&rig).get("/auth/login").await;
    assert_eq!(refused.status, 503);
    let seconds = began.elapsed().as_secs();
    assert!((9..=15).contains(&seconds), "{seconds} s");
    drop(listener);
}

#[actix_web::test]
async fn e13_an_encrypted_token_is_told_as_such() {
    let rig = Rig::start().await;
    rig.op.set().id_token_instead = Some(|_| "a.b.c.d.e".into());
    let done = Browser::new(&rig).sign_in("/auth/login").await;
    assert_eq!(done.status, 403);
    assert!(
        done.body.contains("encrypts its ID tokens (JWE)"),
        "{}",
        done.body
    );
}
