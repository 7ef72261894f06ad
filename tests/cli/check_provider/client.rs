//! What the provider responds to a sign-in attempt without a person.

use super::{Fake, keys};
use serde_json::json;

#[actix_web::test]
async fn an_error_that_comes_back_at_once_is_told_with_its_remedy() {
    let flow = "allow this client the authorization code flow";
    for (error, told, remedy) in [
        ("invalid_scope", "invalid_scope", "from oidc.scopes"),
        ("invalid%1B_scope", "invalid_scope", "from oidc.scopes"),
        ("unauthorized_client", "unauthorized_client", flow),
        (
            "unsupported_response_type",
            "unsupported_response_type",
            flow,
        ),
        ("access_denied", "access_denied", "the provider's log"),
    ] {
        let endpoint = format!("ISSUER/back/{error}");
        let ran = Fake::with(json!({"authorization_endpoint": endpoint}))
            .check()
            .await;
        ran.only_failure(&["refuses to start a sign-in", told, remedy]);
    }
    let ran = Fake::with(json!({"authorization_endpoint": "ISSUER/elsewhere"}))
        .check()
        .await;
    assert!(
        ran.out.contains("the provider starts a sign-in"),
        "{}",
        ran.out
    );
}

#[actix_web::test]
async fn what_the_token_endpoint_says_of_the_client_is_told() {
    let refused = async |error: &str| {
        let endpoint = format!("ISSUER/token/{error}");
        Fake::with(json!({"token_endpoint": endpoint}))
            .check()
            .await
    };
    let ran = refused("invalid_client").await;
    ran.only_failure(&["invalid_client", "oidc.client_secret"]);
    let ran = refused("unauthorized_client").await;
    ran.only_failure(&["unauthorized_client", "authorization code flow"]);
    let ran = refused("slow_down").await;
    ran.warning(&["not known whether the provider accepts its secret"]);
    let ran = refused("invalid_grant").await;
    assert!(
        ran.out.contains("the provider accepts its secret"),
        "{}",
        ran.out
    );
}

#[actix_web::test]
async fn nothing_is_told_that_is_not_so() {
    let ran = Fake::with(json!({})).check().await;
    assert!(ran.out.contains("its endpoints are safe to use"));
    assert!(!ran.out.contains("has no name (kid)"), "{}", ran.out);
    let ran = Fake::with(json!({"token_endpoint": "http://id.example.com/t"}))
        .check()
        .await;
    assert!(
        !ran.out.contains("its endpoints are safe to use"),
        "{}",
        ran.out
    );
}

#[actix_web::test]
async fn a_clock_is_told_of_at_half_of_what_it_may_be_off() {
    for (skew, outcome) in [("30s", "warn  clock"), ("60s", "ok    clock")] {
        let date = chrono::Utc::now() + chrono::TimeDelta::seconds(22);
        let date = date.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let fake = Fake::start(json!({}), keys(), Some(date.leak()));
        let ran = fake.check_with(&format!("skew = \"{skew}\""), false).await;
        assert!(ran.out.contains(outcome), "{skew}: {}", ran.out);
    }
}
