//! Tests of the flow from the authorization request to a verified token.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD;
use openidconnect::core::{CoreClient, CoreProviderMetadata, CoreUserInfoClaims};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, HttpRequest, HttpResponse,
    IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeVerifier, RedirectUrl, RefreshToken,
    TokenResponse,
};
use reqwest::{Method, StatusCode, header};

use super::{Browser, CALLBACK, VERIFIER, authorize, settings, start};

/// The HTTP client function for `openidconnect`.
async fn http(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let response = reqwest::Client::new().execute(request.try_into()?).await?;
    let mut answer = openidconnect::http::Response::builder().status(response.status());
    *answer.headers_mut().unwrap() = response.headers().clone();
    Ok(answer.body(response.bytes().await?.to_vec()).unwrap())
}

#[tokio::test]
async fn a_sign_in_ends_in_a_token_that_openidconnect_verifies() {
    let provider = start(settings()).await;
    let mut browser = Browser::new(&provider);
    let back = browser.sign_in("bob", &[]).await;
    assert_eq!(
        (back["state"].as_str(), back["iss"].as_str()),
        ("st&te", provider.issuer())
    );

    let issuer = IssuerUrl::new(provider.issuer().to_owned()).unwrap();
    let metadata = CoreProviderMetadata::discover_async(issuer, &http)
        .await
        .unwrap();
    let userinfo = metadata.userinfo_endpoint().unwrap().clone();
    assert!(userinfo.as_str().starts_with(provider.issuer()));
    let client = CoreClient::from_provider_metadata(
        metadata,
        ClientId::new("panel".into()),
        Some(ClientSecret::new("s:cret +%".into())),
    )
    .set_redirect_uri(RedirectUrl::new(CALLBACK.into()).unwrap());
    let tokens = client
        .exchange_code(AuthorizationCode::new(back["code"].clone()))
        .unwrap()
        .set_pkce_verifier(PkceCodeVerifier::new(VERIFIER.into()))
        .request_async(&http)
        .await
        .unwrap();

    let verifier = client.id_token_verifier();
    let token = tokens.id_token().unwrap();
    let claims = token.claims(&verifier, &Nonce::new("n1".into())).unwrap();
    assert!(
        token
            .claims(&verifier, &Nonce::new("other".into()))
            .is_err()
    );
    assert!(claims.auth_time().is_some());
    assert_eq!(claims.preferred_username().unwrap().as_str(), "bob");
    let key = token.signing_key(&verifier).unwrap();
    let expected =
        AccessTokenHash::from_token(tokens.access_token(), token.signing_alg().unwrap(), key)
            .unwrap();
    assert_eq!(claims.access_token_hash(), Some(&expected));

    let told: CoreUserInfoClaims = client
        .user_info(
            tokens.access_token().clone(),
            Some(claims.subject().clone()),
        )
        .unwrap()
        .request_async(&http)
        .await
        .unwrap();
    assert_eq!(told.email().unwrap().as_str(), "bob@example.com");

    let refreshed = client
        .exchange_refresh_token(&RefreshToken::new(
            tokens.refresh_token().unwrap().secret().clone(),
        ))
        .unwrap()
        .request_async(&http)
        .await
        .unwrap();
    let no_nonce = |nonce: Option<&Nonce>| nonce.map_or(Ok(()), |_| Err("a nonce".to_owned()));
    let again = refreshed
        .id_token()
        .unwrap()
        .claims(&verifier, no_nonce)
        .unwrap();
    assert_eq!(
        (again.subject(), again.auth_time()),
        (claims.subject(), claims.auth_time())
    );
}

#[tokio::test]
async fn an_unknown_client_or_address_gets_a_page_and_no_redirect() {
    let provider = start(settings()).await;
    let mut browser = Browser::new(&provider);
    for (name, value) in [
        ("client_id", "other"),
        ("redirect_uri", "http://127.0.0.1:8080/auth/callback?x=1"),
        ("redirect_uri", "http://localhost:8080/auth/callback"),
        ("redirect_uri", ""),
    ] {
        let answer = browser.get(&authorize(&[(name, value)])).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}={value}");
        assert!(!answer.headers.contains_key(header::LOCATION));
    }
    provider.register_redirect_uri("http://localhost:8080/auth/callback");
    let path = authorize(&[("redirect_uri", "http://localhost:8080/auth/callback")]);
    assert_eq!(browser.get(&path).await.status, StatusCode::OK);
}

#[tokio::test]
async fn other_faults_go_back_to_the_client_with_state_and_issuer() {
    let provider = start(settings()).await;
    let mut browser = Browser::new(&provider);
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "profile", "invalid_scope"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("prompt", "none login", "invalid_request"),
        ("prompt", "none", "login_required"),
        ("max_age", "soon", "invalid_request"),
        ("request", "x", "request_not_supported"),
    ] {
        let back = browser.get(&authorize(&[(name, value)])).await.query();
        assert_eq!(
            (back["error"].as_str(), back["state"].as_str()),
            (error, "st&te"),
            "{name}={value}"
        );
        assert_eq!(back["iss"], provider.issuer());
        assert!(!back.contains_key("code"));
    }
}

#[tokio::test]
async fn a_browser_that_is_signed_in_is_not_asked_again_unless_the_client_wants_it() {
    let provider = start(settings()).await;
    let mut browser = Browser::new(&provider);
    browser.sign_in("carol", &[]).await;
    assert!(
        browser
            .get(&authorize(&[]))
            .await
            .query()
            .contains_key("code")
    );
    assert!(
        browser
            .get(&authorize(&[("prompt", "none")]))
            .await
            .query()
            .contains_key("code")
    );
    assert!(
        browser
            .get(&authorize(&[("max_age", "60")]))
            .await
            .query()
            .contains_key("code")
    );
    for further in [
        ("prompt", "login"),
        ("prompt", "select_account"),
        ("max_age", "0"),
    ] {
        assert_eq!(
            browser.get(&authorize(&[further])).await.status,
            StatusCode::OK,
            "{further:?}"
        );
    }
    let silent = browser
        .get(&authorize(&[("prompt", "none"), ("max_age", "0")]))
        .await;
    assert_eq!(silent.query()["error"], "login_required");
    let stranger = Browser::new(&provider).get(&authorize(&[])).await;
    assert!(
        stranger.body.contains("name=\"person\" value=\"carol\""),
        "{}",
        stranger.body
    );
}

#[tokio::test]
async fn how_somebody_signs_in_is_told_if_it_was_asked_for() {
    async fn told(browser: &mut Browser, code: &str) -> Option<String> {
        let answer: serde_json::Value =
            serde_json::from_str(&browser.redeem(code).await.body).unwrap();
        let payload = answer["id_token"]
            .as_str()
            .unwrap()
            .split('.')
            .nth(1)
            .unwrap();
        let payload = URL_SAFE_NO_PAD.decode(payload).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&payload).unwrap();
        claims.get("acr")?.as_str().map(str::to_owned)
    }

    let provider = start(settings()).await;
    let mut browser = Browser::new(&provider);
    let back = browser.sign_in("bob", &[]).await;
    assert_eq!(told(&mut browser, &back["code"]).await, None);
    let asking = authorize(&[("acr_values", "urn:mfa urn:key")]);
    for (chosen, acr) in [
        ("urn:other", None),
        ("", None),
        ("urn:key", Some("urn:key".to_owned())),
    ] {
        let page = browser.get(&asking).await;
        assert_eq!(page.status, StatusCode::OK, "the session will not do");
        assert!(
            page.body.contains("<option>urn:mfa</option>"),
            "{}",
            page.body
        );
        let form = [("person", "bob"), ("acr", chosen)];
        let back = browser
            .send(Method::POST, &asking, &[], &form)
            .await
            .query();
        assert_eq!(told(&mut browser, &back["code"]).await, acr, "{chosen}");
    }
    assert_eq!(browser.get(&asking).await.status, StatusCode::SEE_OTHER);
    let other = authorize(&[("acr_values", "urn:mfa")]);
    assert_eq!(browser.get(&other).await.status, StatusCode::OK);
}
