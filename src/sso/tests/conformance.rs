//! The modules of the OpenID Foundation's plans for relying parties, by name: Basic, Form Post (the
//! same with posted responses), and Config.

use super::provider::{SECRET, TestProvider};
use super::rig::{Browser, Got, Rig};
use crate::config::ResponseMode;
use serde_json::json;

/// How the provider sends its response.
#[derive(Clone, Copy)]
enum Mode {
    Query,
    FormPost,
}

async fn rig(mode: Mode) -> Rig {
    Rig::with(|settings| {
        settings.response_mode = match mode {
            Mode::Query => ResponseMode::Query,
            Mode::FormPost => ResponseMode::FormPost,
        };
    })
    .await
}

async fn sign_in(browser: &mut Browser, mode: Mode) -> Got {
    match mode {
        Mode::Query => browser.sign_in("/auth/login").await,
        Mode::FormPost => {
            let (to, form) = browser.reach_form("/auth/login").await;
            let kind = "application/x-www-form-urlencoded";
            browser.post_from_elsewhere(&to, kind, &form).await
        }
    }
}

async fn accepted(rig: &Rig, mode: Mode) -> serde_json::Value {
    let mut browser = Browser::new(rig);
    let done = sign_in(&mut browser, mode).await;
    assert_eq!(
        (done.status, done.location()),
        (303, "/admin/".into()),
        "{}",
        done.body
    );
    browser.get("/admin/page").await.json()
}

async fn refused(rig: &Rig, mode: Mode, status: u16) {
    let mut browser = Browser::new(rig);
    let done = sign_in(&mut browser, mode).await;
    assert_eq!(done.status, status, "{}", done.body);
    assert!(
        done.body.contains("ref-7"),
        "a reference is on the page: {}",
        done.body
    );
    assert!(!browser.cookies.contains_key("bailiwick"));
    assert!(!browser.is_signed_in().await);
    let noted = "bailiwick_audit WHERE action <> 'sign-in-refused'";
    for table in ["bailiwick_sessions", noted, "bailiwick_people"] {
        assert_eq!(rig.rows(table).await, 0, "{table}");
    }
}

fn claim(op: &TestProvider, name: &'static str, value: Option<serde_json::Value>) {
    op.set().claims = Box::new(move |claims| {
        claims.remove(name);
        if let Some(value) = &value {
            claims.insert(name.into(), value.clone());
        }
    });
}

fn header(op: &TestProvider, name: &'static str, value: Option<&'static str>) {
    op.set().header = Box::new(move |header| {
        header.remove(name);
        if let Some(value) = value {
            header.insert(name.into(), value.into());
        }
    });
}

async fn client_test(mode: Mode) {
    let rig = rig(mode).await;
    claim(&rig.op, "groups", None);
    rig.op.set().userinfo = json!({"sub": "s-alice", "groups": ["admins"]});
    let page = accepted(&rig, mode).await;
    assert_eq!(page["person"]["groups"], json!(["admins"]));
    assert_eq!((rig.op.count("/token"), rig.op.count("/userinfo")), (1, 1));
}

async fn invalid_iss(mode: Mode) {
    let rig = rig(mode).await;
    claim(&rig.op, "iss", Some(json!("https://other.example")));
    refused(&rig, mode, 403).await;
    let slash = format!("{}/", rig.op.issuer());
    claim(&rig.op, "iss", Some(json!(slash)));
    refused(&rig, mode, 403).await;
}

async fn missing_sub(mode: Mode) {
    let rig = rig(mode).await;
    claim(&rig.op, "sub", None);
    refused(&rig, mode, 403).await;
}

async fn invalid_aud(mode: Mode) {
    let rig = rig(mode).await;
    claim(&rig.op, "aud", Some(json!("other")));
    refused(&rig, mode, 403).await;
}

async fn missing_aud(mode: Mode) {
    let rig = rig(mode).await;
    claim(&rig.op, "aud", None);
    refused(&rig, mode, 403).await;
}

async fn missing_iat(mode: Mode) {
    let rig = rig(mode).await;
    claim(&rig.op, "iat", None);
    refused(&rig, mode, 403).await;
}

async fn kid_absent_single_jwks(mode: Mode) {
    let rig = rig(mode).await;
    header(&rig.op, "kid", None);
    accepted(&rig, mode).await;
}

async fn kid_absent_multiple_jwks(mode: Mode) {
    let rig = rig(mode).await;
    header(&rig.op, "kid", None);
    rig.op.set().published = vec![(1, "k1"), (0, "k0")];
    accepted(&rig, mode).await;
}

async fn idtoken_sig_rs256(mode: Mode) {
    let rig = rig(mode).await;
    accepted(&rig, mode).await;
    assert_eq!(rig.op.count("/jwks"), 1, "the keys are asked for");
}

async fn idtoken_sig_none(mode: Mode) {
    let rig = rig(mode).await;
    header(&rig.op, "alg", Some("none"));
    rig.op.set().id_token_instead = Some(|token| {
        let (input, _) = token.rsplit_once('.').unwrap();
        format!("{input}.")
    });
    refused(&rig, mode, 403).await;
}

async fn idtoken_sig_hs256(mode: Mode) {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use openidconnect::PrivateSigningKey;
    use openidconnect::core::{CoreHmacKey, CoreJwsSigningAlgorithm};
    let rig = rig(mode).await;
    header(&rig.op, "alg", Some("HS256"));
    rig.op.set().id_token_instead = Some(|token| {
        let (input, _) = token.rsplit_once('.').unwrap();
        let key = CoreHmacKey::new(SECRET);
        let hs256 = CoreJwsSigningAlgorithm::HmacSha256;
        let signature = key.sign(&hs256, input.as_bytes()).unwrap();
        format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    });
    refused(&rig, mode, 403).await;
}

async fn invalid_sig_rs256(mode: Mode) {
    let rig = rig(mode).await;
    rig.op.set().signer = (1, "k0");
    refused(&rig, mode, 403).await;
}

async fn userinfo_invalid_sub(mode: Mode) {
    let rig = rig(mode).await;
    claim(&rig.op, "groups", None);
    rig.op.set().userinfo = json!({"sub": "s-mallory", "groups": ["admins"]});
    refused(&rig, mode, 502).await;
}

async fn nonce_invalid(mode: Mode) {
    let rig = rig(mode).await;
    claim(&rig.op, "nonce", Some(json!("other")));
    refused(&rig, mode, 403).await;
    claim(&rig.op, "nonce", None);
    refused(&rig, mode, 403).await;
}

async fn scope_userinfo_claims(mode: Mode) {
    let rig = rig(mode).await;
    claim(&rig.op, "groups", None);
    rig.op.set().userinfo =
        json!({"sub": "s-alice", "groups": ["editors"], "phone_number": "1", "region": "emea"});
    let page = accepted(&rig, mode).await;
    let asked = rig.op.set().last_authorization.clone();
    assert_eq!(asked["scope"], "openid profile groups");
    assert_eq!(page["person"]["claims"]["region"], "emea");
    assert_eq!(page["person"]["claims"]["phone_number"], "1");
}

async fn client_secret_basic(mode: Mode) {
    let rig = rig(mode).await;
    rig.op.set().metadata = Box::new(|metadata| {
        let both = json!(["client_secret_basic", "client_secret_post"]);
        metadata.insert("token_endpoint_auth_methods_supported".into(), both);
    });
    accepted(&rig, mode).await;
    let op = rig.op.set();
    assert!(op.last_token_header.as_ref().unwrap().starts_with("Basic "));
    assert!(!op.last_token_request.contains_key("client_secret"));
}

async fn userinfo_bearer_header(mode: Mode) {
    let rig = rig(mode).await;
    claim(&rig.op, "groups", None);
    rig.op.set().userinfo = json!({"sub": "s-alice", "groups": []});
    accepted(&rig, mode).await;
    let header = rig.op.set().last_userinfo_header.clone();
    assert_eq!(header.as_deref(), Some("Bearer access-canary"));
}

/// Distributed claims are recognised, but never fetched.
async fn distributed_claims(mode: Mode) {
    let rig = rig(mode).await;
    let endpoint = format!("{}/distributed", rig.op.issuer());
    rig.op.set().claims = Box::new(move |claims| {
        claims.remove("groups");
        claims.insert("_claim_names".into(), json!({"groups": "src1"}));
        claims.insert(
            "_claim_sources".into(),
            json!({"src1": {"endpoint": endpoint}}),
        );
    });
    let page = accepted(&rig, mode).await;
    assert_eq!(page["note"]["kind"], "overage");
    assert_eq!(page["person"]["groups"], json!([]));
    assert_eq!(rig.op.count("/distributed"), 0);
}

async fn aggregated_claims(mode: Mode) {
    let rig = rig(mode).await;
    rig.op.set().claims = Box::new(|claims| {
        claims.remove("groups");
        claims.insert("_claim_names".into(), json!({"groups": "src1"}));
        claims.insert("_claim_sources".into(), json!({"src1": {"JWT": "a.b.c"}}));
    });
    let page = accepted(&rig, mode).await;
    assert_eq!(page["note"]["kind"], "overage");
}

macro_rules! plan {
    ($($plan:ident $mode:ident),*: $modules:tt) => {
        $(plan!(@ $plan $mode $modules);)*
    };
    (@ $plan:ident $mode:ident [$($test:ident $module:ident),* $(,)?]) => {
        mod $plan {
            use super::Mode;
            $(
                #[actix_web::test]
                async fn $test() {
                    super::$module(Mode::$mode).await;
                }
            )*
        }
    };
}

plan!(basic Query, form_post FormPost: [
    oidcc_client_test client_test,
    oidcc_client_test_invalid_iss invalid_iss,
    oidcc_client_test_missing_sub missing_sub,
    oidcc_client_test_invalid_aud invalid_aud,
    oidcc_client_test_missing_aud missing_aud,
    oidcc_client_test_missing_iat missing_iat,
    oidcc_client_test_kid_absent_single_jwks kid_absent_single_jwks,
    oidcc_client_test_kid_absent_multiple_jwks kid_absent_multiple_jwks,
    oidcc_client_test_idtoken_sig_rs256 idtoken_sig_rs256,
    oidcc_client_test_idtoken_sig_none idtoken_sig_none,
    oidcc_client_test_idtoken_sig_hs256 idtoken_sig_hs256,
    oidcc_client_test_invalid_sig_rs256 invalid_sig_rs256,
    oidcc_client_test_userinfo_invalid_sub userinfo_invalid_sub,
    oidcc_client_test_nonce_invalid nonce_invalid,
    oidcc_client_test_scope_userinfo_claims scope_userinfo_claims,
    oidcc_client_test_client_secret_basic client_secret_basic,
    oidcc_client_test_userinfo_bearer_header userinfo_bearer_header,
    oidcc_client_test_distributed_claims distributed_claims,
    oidcc_client_test_aggregated_claims aggregated_claims,
]);

mod config {
    use super::*;

    #[actix_web::test]
    async fn oidcc_client_test_discovery_openid_config() {
        let rig = rig(Mode::Query).await;
        rig.op.set().metadata = Box::new(|metadata| {
            // Known members are used, and unknown ones are ignored.
            metadata.insert("x_unknown".into(), json!({"a": [1]}));
            metadata.insert("scopes_supported".into(), json!(["openid"]));
        });
        accepted(&rig, Mode::Query).await;
        assert_eq!(rig.op.count("/.well-known/openid-configuration"), 1);
    }

    #[actix_web::test]
    async fn oidcc_client_test_discovery_jwks_uri_keys() {
        let rig = rig(Mode::Query).await;
        rig.op.set().published = vec![(1, "other"), (0, "k0")];
        accepted(&rig, Mode::Query).await;
        assert_eq!(rig.op.count("/jwks"), 1);
    }

    #[actix_web::test]
    async fn oidcc_client_test_discovery_issuer_mismatch() {
        let rig = rig(Mode::Query).await;
        rig.op.set().metadata = Box::new(|metadata| {
            metadata.insert("issuer".into(), "https://other.example".into());
        });
        let refused = Browser::new(&rig).get("/auth/login").await;
        assert_eq!(refused.status, 503);
        assert!(
            refused.body.contains("finds the cause in its log"),
            "{}",
            refused.body
        );
        assert_eq!(rig.op.count("/authorize"), 0);
    }

    #[actix_web::test]
    async fn oidcc_client_test_idtoken_sig_none() {
        idtoken_sig_none(Mode::Query).await;
    }

    #[actix_web::test]
    async fn oidcc_client_test_signing_key_rotation() {
        let rig = rig(Mode::Query).await;
        accepted(&rig, Mode::Query).await;
        {
            let mut op = rig.op.set();
            op.signer = (1, "k1");
            op.published = vec![(0, "k0"), (1, "k1")];
        }
        accepted(&rig, Mode::Query).await;
        assert_eq!(rig.op.count("/jwks"), 2);
    }

    #[actix_web::test]
    async fn oidcc_client_test_signing_key_rotation_just_before_signing() {
        let rig = rig(Mode::Query).await;
        accepted(&rig, Mode::Query).await;
        let mut browser = Browser::new(&rig);
        let callback = browser.reach_callback("/auth/login").await;
        {
            let mut op = rig.op.set();
            op.signer = (1, "k1");
            op.published = vec![(1, "k1")];
        }
        assert_eq!(browser.get(&callback).await.status, 303);
        assert_eq!(rig.op.count("/jwks"), 2);
    }

    #[actix_web::test]
    async fn a_key_replaced_under_the_same_name_is_found_too() {
        let rig = rig(Mode::Query).await;
        accepted(&rig, Mode::Query).await;
        {
            let mut op = rig.op.set();
            header_without_kid(&mut op);
            op.signer = (1, "");
            op.published = vec![(1, "")];
        }
        accepted(&rig, Mode::Query).await;
    }

    fn header_without_kid(op: &mut super::super::provider::Switches) {
        op.header = Box::new(|header| {
            header.remove("kid");
        });
    }
}
