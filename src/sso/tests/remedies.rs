//! Faults of the registration at the provider, reported with their remedy, and what a sign-out
//! leaves there.

use super::provider::{CLIENT, SECRET, parameters};
use super::rig::{Browser, Rig, signed_in};
use crate::secret::Secret;
use crate::sso::exchange::ExchangeError;
use crate::sso::flow::error::SignInError;
use crate::sso::token::verify::TokenError;
use serde_json::json;

fn remedy(rig: &Rig, error: &SignInError) -> String {
    error.remedy(&rig.provider).unwrap()
}

#[actix_web::test]
async fn a_wrong_secret_is_not_answered_with_try_again() {
    let rig = Rig::with(|settings| settings.client_secret = Some(Secret::new("wrong"))).await;
    let done = Browser::new(&rig).sign_in("/auth/login").await;
    assert_eq!(done.status, 400, "{}", done.body);
    for words in [
        "This panel is not known at the identity provider",
        "trying again does not help",
        "start_again: None",
    ] {
        assert!(done.body.contains(words), "{words}: {}", done.body);
    }
    let error = SignInError::Exchange(ExchangeError::Refused("invalid_client".into()));
    let told = remedy(&rig, &error);
    assert!(
        told.contains("client_secret") && told.contains("[oidc]"),
        "{told}"
    );
    // A code that is too old is different.
    let error = SignInError::Exchange(ExchangeError::Refused("invalid_grant".into()));
    assert!(error.start_again(|| "again".into()).is_some());
    assert_eq!(error.remedy(&rig.provider), None);
}

#[actix_web::test]
async fn a_scope_that_is_not_known_is_named_with_the_line_to_write() {
    let rig = Rig::start().await;
    rig.op.set().metadata = Box::new(|metadata| {
        metadata.insert("scopes_supported".into(), json!(["openid", "profile"]));
    });
    rig.op.set().error = Some("invalid_scope");
    let done = Browser::new(&rig).sign_in("/auth/login").await;
    assert!(done.body.contains("start_again: None"), "{}", done.body);
    let error = SignInError::Refused {
        code: "invalid_scope".into(),
        description: String::new(),
    };
    let told = remedy(&rig, &error);
    let line = r#"does not list groups: write in [oidc]: scopes = ["openid", "profile"]"#;
    assert!(told.contains(line), "{told}");
}

#[actix_web::test]
async fn groups_are_asked_for_by_default_only_where_they_are_listed() {
    let asked = async |listed: Option<serde_json::Value>, is_default: bool| {
        let rig = Rig::with(|settings| {
            if is_default {
                settings.scopes_if_listed = vec!["groups".into()];
            }
        })
        .await;
        rig.op.set().metadata = Box::new(move |metadata| {
            if let Some(listed) = &listed {
                metadata.insert("scopes_supported".into(), listed.clone());
            }
        });
        Browser::new(&rig).sign_in("/auth/login").await;
        rig.op.set().last_authorization["scope"].clone()
    };
    let (all, less) = ("openid profile groups", "openid profile");
    assert_eq!(asked(Some(json!(["openid", "groups"])), true).await, all);
    assert_eq!(asked(Some(json!(["openid"])), true).await, less);
    assert_eq!(asked(None, true).await, less);
    // If scopes were configured, all of them are requested.
    assert_eq!(asked(Some(json!(["openid"])), false).await, all);
}

#[actix_web::test]
async fn extra_audiences_are_told_all_at_once() {
    let rig = Rig::start().await;
    rig.op.set().claims = Box::new(|claims| {
        claims.insert("aud".into(), json!([CLIENT, "project-1", "project-2"]));
        claims.insert("azp".into(), CLIENT.into());
    });
    let done = Browser::new(&rig).sign_in("/auth/login").await;
    assert_eq!(done.status, 403);
    let both = vec!["project-1".to_owned(), "project-2".to_owned()];
    for audience in &both {
        assert!(done.body.contains(audience), "{}", done.body);
    }
    let error = SignInError::Exchange(TokenError::OtherAudiences(both).into());
    let told = remedy(&rig, &error);
    let line = r#"trusted_audiences = ["project-1", "project-2"]"#;
    assert!(told.contains(line), "{told}");
}

/// Waits for a background request.
async fn comes(rig: &Rig, path: &str) {
    let arrived = async {
        while rig.op.count(path) == 0 {
            tokio::task::yield_now().await;
        }
    };
    let limit = std::time::Duration::from_secs(20);
    tokio::time::timeout(limit, arrived).await.unwrap();
}

#[actix_web::test]
async fn a_sign_out_gives_the_refresh_token_back() {
    for in_body in [false, true] {
        let rig = Rig::start().await;
        rig.op.set().gives_refresh = true;
        rig.op.set().takes_secret_in_body = in_body;
        let at = format!("{}/revoke", rig.op.issuer());
        rig.op.set().metadata = Box::new(move |metadata| {
            metadata.insert("revocation_endpoint".into(), at.clone().into());
            if in_body {
                let methods = json!(["client_secret_post"]);
                metadata.insert("token_endpoint_auth_methods_supported".into(), methods);
            }
        });
        let mut browser = signed_in(&rig).await;
        let csrf = browser.csrf().await;
        browser.post("/auth/logout", &[("csrf_token", &csrf)]).await;
        comes(&rig, "/revoke").await;
        let op = rig.op.set();
        let sent = op.last_revocation.clone();
        assert_eq!(sent["token"], "refresh-canary-0");
        assert_eq!(sent["token_type_hint"], "refresh_token");
        assert_eq!(sent.contains_key("client_secret"), in_body);
        if in_body {
            assert_eq!(
                (&*sent["client_id"], &*sent["client_secret"]),
                (CLIENT, SECRET)
            );
        }
        assert_eq!(op.last_revocation_header.is_none(), in_body);
        assert_eq!(
            op.last_revocation_header.is_some(),
            op.last_token_header.is_some()
        );
    }
}

#[actix_web::test]
async fn a_sign_out_at_the_provider_gives_the_refresh_token_back() {
    let rig = Rig::start().await;
    rig.op.set().gives_refresh = true;
    let at = format!("{}/revoke", rig.op.issuer());
    rig.op.set().metadata = Box::new(move |metadata| {
        metadata.insert("revocation_endpoint".into(), at.clone().into());
    });
    let browser = signed_in(&rig).await;
    let claims = super::backchannel::claims(&rig);
    let got = super::backchannel::tell(&rig, &claims).await;
    assert_eq!(got.status, 200, "{}", got.body);
    comes(&rig, "/revoke").await;
    assert_eq!(rig.op.set().last_revocation["token"], "refresh-canary-0");
    drop(browser);
}

#[actix_web::test]
async fn a_provider_without_an_end_may_have_one_in_the_configuration() {
    let rig = Rig::with(|settings| {
        let template = "https://id.example/logout?client_id={client_id}&logout_uri=\
                        {post_logout_redirect_uri}";
        settings.sign_out_url = Some(template.into());
    })
    .await;
    rig.op.set().metadata = Box::new(|metadata| {
        metadata.remove("end_session_endpoint");
    });
    let mut browser = signed_in(&rig).await;
    let csrf = browser.csrf().await;
    let gone = browser.post("/auth/logout", &[("csrf_token", &csrf)]).await;
    let to = url::Url::parse(&gone.leads_to()).unwrap();
    assert_eq!((to.host_str(), to.path()), (Some("id.example"), "/logout"));
    let sent = parameters(to.query().unwrap());
    assert_eq!(sent["client_id"], CLIENT);
    assert_eq!(sent["logout_uri"], format!("{}/auth/signed-out", rig.base));
    assert_eq!(sent.len(), 2, "nothing is added: {sent:?}");
}
