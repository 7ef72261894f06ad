//! People, metadata, headers, start and stop.

use std::net::SocketAddr;

use reqwest::{Method, StatusCode};

use super::super::{Provider, ProviderError, start as start_on};
use super::{Browser, settings, start};

#[tokio::test]
async fn changed_groups_are_told_at_once() {
    let provider = start(settings()).await;
    let mut browser = Browser::new(&provider);
    let back = browser.sign_in("dave", &[]).await;
    let access = browser.redeem(&back["code"]).await.json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let answer = browser
        .send(
            Method::POST,
            "/people/dave",
            &[],
            &[("groups", "viewers, <b>&")],
        )
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(
        browser.userinfo(&access).await.json()["groups"],
        serde_json::json!(["viewers", "<b>&"])
    );

    let page = browser.get("/people").await;
    assert!(
        page.body.contains("&lt;b&gt;") && !page.body.contains("<b>&"),
        "{}",
        page.body
    );
    let people = browser
        .send(
            Method::GET,
            "/people",
            &[("accept", "application/json")],
            &[],
        )
        .await
        .json();
    assert_eq!(people["people"][3]["groups"][0], "viewers");

    browser
        .send(Method::POST, "/people/dave", &[], &[("groups", "")])
        .await;
    assert_eq!(
        browser.userinfo(&access).await.json()["groups"],
        serde_json::json!([])
    );
    assert!(provider.set_groups("dave", &["editors"]) && !provider.set_groups("eve", &[]));

    let foreign = [("Sec-Fetch-Site", "cross-site")];
    let answer = browser
        .send(
            Method::POST,
            "/people/dave",
            &foreign,
            &[("groups", "admins")],
        )
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let answer = browser
        .send(Method::POST, "/people/eve", &[], &[("groups", "admins")])
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let answer = browser.send(Method::POST, "/people/dave", &[], &[]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        browser.userinfo(&access).await.json()["groups"],
        serde_json::json!(["editors"])
    );
}

#[tokio::test]
async fn the_metadata_says_what_is_supported() {
    let provider = start(settings()).await;
    let metadata = Browser::new(&provider)
        .get("/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(metadata["issuer"], provider.issuer());
    assert_eq!(
        metadata["code_challenge_methods_supported"],
        serde_json::json!(["S256"])
    );
    assert_eq!(
        metadata["authorization_response_iss_parameter_supported"],
        true
    );
    assert_eq!(
        metadata["end_session_endpoint"],
        format!("{}/end_session", provider.issuer())
    );
    assert_eq!(metadata["scopes_supported"].as_array().unwrap().len(), 5);
    let jwks = Browser::new(&provider).get("/jwks").await.json();
    assert_eq!(
        (&jwks["keys"][0]["kty"], &jwks["keys"][0]["use"]),
        (&"RSA".into(), &"sig".into())
    );
    assert!(jwks["keys"][0].get("d").is_none());
}

#[tokio::test]
async fn every_answer_is_guarded_and_unknown_paths_are_not_found() {
    let provider = start(settings()).await;
    let mut browser = Browser::new(&provider);
    for (path, status) in [
        ("/people", 200),
        ("/style.css", 200),
        ("/nowhere", 404),
        ("/authorize", 400),
        ("/token", 404),
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("form-action"));
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    }
    assert!(
        browser
            .get("/people")
            .await
            .body
            .contains("not for production")
    );
}

#[tokio::test]
async fn it_is_not_reachable_from_elsewhere_and_stops() {
    let anywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    let refused = start_on(anywhere, settings()).await.unwrap_err();
    assert!(matches!(refused, ProviderError::NotLoopback(_)));
    let listener = std::net::TcpListener::bind(anywhere).unwrap();
    assert!(matches!(
        Provider::new(settings()).start(listener).await,
        Err(ProviderError::NotLoopback(_))
    ));

    let provider = start(settings()).await;
    let address = provider.address();
    let taken = start_on(address, settings()).await.unwrap_err();
    assert!(matches!(taken, ProviderError::Bind { .. }), "{taken}");
    provider.stop().await;
    let again = start_on(address, settings()).await.unwrap();
    drop(again);
}
