//! Back-channel logout. Tokens that are wrong in one way end nothing. Valid ones end exactly what
//! they name, once, including sign-ins in progress.
//!
//! Tests named `rp_backchannel_…` are the modules of the OpenID Foundation's plan
//! `oidcc-client-back-channel-logout-rp-basic`.

mod ends;
mod requests;

use super::provider::{CLIENT, SECRET, sign};
use super::rig::{Browser, Got, Rig};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use openidconnect::PrivateSigningKey;
use openidconnect::core::{CoreHmacKey, CoreJwsSigningAlgorithm};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

const PATH: &str = "/auth/backchannel-logout";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const SESSIONS: &str = "bailiwick_sessions";

fn header() -> Value {
    json!({"alg": "RS256", "kid": "k0", "typ": "logout+jwt"})
}

/// The claims of a logout token for Alice's session, with a unique id.
pub fn claims(rig: &Rig) -> Value {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let now = rig.op.set().now.timestamp();
    json!({
        "iss": rig.op.issuer(), "aud": CLIENT, "iat": now, "exp": now + 120,
        "jti": format!("jti-{}", NUMBER.fetch_add(1, Ordering::Relaxed)),
        "events": {EVENT: {}}, "sid": "sid-1", "sub": "s-alice",
    })
}

pub fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

pub fn without(mut claims: Value, name: &str) -> Value {
    claims.as_object_mut().unwrap().remove(name);
    claims
}

async fn send(rig: &Rig, token: &str) -> Got {
    Browser::new(rig)
        .post(PATH, &[("logout_token", token)])
        .await
}

pub async fn tell(rig: &Rig, claims: &Value) -> Got {
    send(rig, &sign(&header(), &claims.to_string(), 0)).await
}

async fn signed_in() -> (Rig, Browser) {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    assert_eq!(browser.sign_in("/auth/login").await.status, 303);
    (rig, browser)
}

#[track_caller]
fn is_ok(got: &Got) {
    assert_eq!((got.status, got.body.as_str()), (200, ""));
    assert_eq!(got.header("cache-control"), Some("no-store"));
    assert!(got.header("set-cookie").is_none());
}

/// Checks that the response is a refusal with its reason, and that the session still exists.
async fn is_refused(rig: &Rig, browser: &mut Browser, got: &Got, why: &str) {
    assert_eq!(got.status, 400, "{}", got.body);
    assert_eq!(got.header("cache-control"), Some("no-store"));
    assert_eq!(got.header("content-type"), Some("application/json"));
    assert!(got.header("set-cookie").is_none());
    let said = got.json();
    assert_eq!(said["error"], "invalid_request", "{said}");
    let text = said["error_description"].as_str().unwrap();
    assert!(text.contains(why) && text.len() < 120, "{why:?}: {text:?}");
    assert!(browser.is_signed_in().await, "{why}");
    assert_eq!(rig.rows("bailiwick_logouts").await, 0, "{why}");
}

async fn refuses(claims: impl Fn(&Rig) -> Value, why: &str) {
    let (rig, mut browser) = signed_in().await;
    let got = tell(&rig, &claims(&rig)).await;
    is_refused(&rig, &mut browser, &got, why).await;
}

async fn refuses_text(token: impl Fn(&Rig) -> String, why: &str) {
    let (rig, mut browser) = signed_in().await;
    let got = send(&rig, &token(&rig)).await;
    is_refused(&rig, &mut browser, &got, why).await;
}

#[actix_web::test]
async fn e6_a_strangers_logout_token_does_not_use_up_what_sign_ins_need() {
    let (rig, _) = signed_in().await;
    let unknown = json!({"alg": "RS256", "kid": "made-up", "typ": "logout+jwt"});
    for _ in 0..3 {
        let token = sign(&unknown, &claims(&rig).to_string(), 1);
        assert_eq!(send(&rig, &token).await.status, 400);
    }
    assert_eq!(rig.op.count("/jwks"), 2, "once a minute");
    {
        let mut op = rig.op.set();
        op.signer = (1, "k1");
        op.published = vec![(1, "k1")];
    }
    assert_eq!(Browser::new(&rig).sign_in("/auth/login").await.status, 303);
    assert_eq!(rig.op.count("/jwks"), 3);
}

#[actix_web::test]
async fn rp_backchannel_rpinitlogout() {
    let (rig, mut browser) = signed_in().await;
    is_ok(&tell(&rig, &claims(&rig)).await);
    assert!(!browser.is_signed_in().await);
    assert_eq!(rig.rows(SESSIONS).await, 0);
    let noted = "bailiwick_audit WHERE action = 'end-session' AND actor_name = 'Identity provider' \
                 AND row_key <> '' AND row_label = 'Alice Adams' AND request_id = 'ref-7' \
                 AND address = '127.0.0.1' AND details LIKE '%s-alice%'";
    assert_eq!(rig.rows(noted).await, 1);
}

#[actix_web::test]
async fn rp_backchannel_rpinitlogout_alg_none() {
    for alg in ["none", "None", "nOnE"] {
        refuses_text(
            |rig| {
                let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
                let header = with(header(), "alg", json!(alg));
                format!("{}.{}.", part(header), part(claims(rig)))
            },
            "cannot be checked",
        )
        .await;
    }
}

#[actix_web::test]
async fn rp_backchannel_rpinitlogout_wrong_alg() {
    // Signed with the client's secret, with an algorithm that the test provider lists.
    refuses_text(
        |rig| {
            let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
            let header = with(without(header(), "kid"), "alg", json!("HS256"));
            let input = format!("{}.{}", part(header), part(claims(rig)));
            let signature = CoreHmacKey::new(SECRET)
                .sign(&CoreJwsSigningAlgorithm::HmacSha256, input.as_bytes())
                .unwrap();
            format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
        },
        "cannot be checked",
    )
    .await;
}

#[actix_web::test]
async fn j6_an_algorithm_that_this_provider_does_not_list_is_refused() {
    let (rig, mut browser) = signed_in().await;
    rig.op.set().metadata = Box::new(|metadata| {
        metadata.insert(
            "id_token_signing_alg_values_supported".into(),
            json!(["EdDSA"]),
        );
    });
    rig.hand.forward(TimeDelta::hours(25));
    rig.op.set().now += TimeDelta::hours(25);
    let got = tell(&rig, &claims(&rig)).await;
    assert_eq!(got.status, 400);
    assert_eq!(rig.rows(SESSIONS).await, 1);
    // It has ended by its age, not by the token.
    assert!(!browser.is_signed_in().await);
}

#[actix_web::test]
async fn rp_backchannel_rpinitlogout_wrong_aud() {
    for audience in [
        json!("other"),
        json!(["other"]),
        json!([]),
        json!(null),
        json!({CLIENT: 1}),
    ] {
        refuses(
            |rig| with(claims(rig), "aud", audience.clone()),
            "not for this client",
        )
        .await;
    }
    refuses(|rig| without(claims(rig), "aud"), "not for this client").await;
}

#[actix_web::test]
async fn rp_backchannel_rpinitlogout_wrong_iss() {
    for issuer in [json!("https://other"), json!(""), json!(null), json!(7)] {
        refuses(
            |rig| with(claims(rig), "iss", issuer.clone()),
            "not from the configured",
        )
        .await;
    }
    refuses(
        |rig| with(claims(rig), "iss", json!(format!("{}/", rig.op.issuer()))),
        "not from the configured",
    )
    .await;
    refuses(|rig| without(claims(rig), "iss"), "not from the configured").await;
}

#[actix_web::test]
async fn rp_backchannel_rpinitlogout_no_event() {
    refuses(|rig| without(claims(rig), "events"), "event").await;
}

#[actix_web::test]
async fn rp_backchannel_rpinitlogout_wrong_event() {
    for events in [
        json!({}),
        json!({"http://schemas.openid.net/event/other": {}}),
        json!({EVENT: true}),
        json!({EVENT: null}),
        json!({EVENT: []}),
        json!([EVENT]),
        json!(EVENT),
    ] {
        refuses(|rig| with(claims(rig), "events", events.clone()), "event").await;
    }
}

#[actix_web::test]
async fn rp_backchannel_rpinitlogout_with_nonce() {
    for nonce in [json!("n"), json!(""), json!(null)] {
        refuses(|rig| with(claims(rig), "nonce", nonce.clone()), "nonce").await;
    }
}

#[actix_web::test]
async fn j6_a_wrong_signature_is_refused() {
    refuses_text(
        |rig| sign(&header(), &claims(rig).to_string(), 1),
        "signature",
    )
    .await;
    refuses_text(
        |rig| {
            let token = sign(&header(), &claims(rig).to_string(), 0);
            let (head, rest) = token.split_once('.').unwrap();
            let (_, signature) = rest.split_once('.').unwrap();
            let other = BASE64_URL_SAFE_NO_PAD.encode(claims(rig).to_string());
            format!("{head}.{other}.{signature}")
        },
        "signature",
    )
    .await;
}

#[actix_web::test]
async fn j6_a_token_is_used_once() {
    let (rig, _) = signed_in().await;
    let claims = claims(&rig);
    is_ok(&tell(&rig, &claims).await);
    let again = tell(&rig, &claims).await;
    assert_eq!(again.status, 400, "{}", again.body);
    assert!(again.body.contains("used before"), "{}", again.body);
    // Another token with the same id is refused, whatever its other claims.
    let other = with(without(claims.clone(), "sid"), "sub", json!("s-bob"));
    assert_eq!(tell(&rig, &other).await.status, 400);
    // It is remembered as long as clock differences could let it pass.
    let rig = Rig::start().await;
    let now = rig.op.set().now.timestamp();
    let claims = with(claims, "iss", json!(rig.op.issuer()));
    let claims = with(
        with(claims, "iat", json!(now + 60)),
        "exp",
        json!(now + 3_600),
    );
    is_ok(&tell(&rig, &claims).await);
    rig.forward(TimeDelta::seconds(359));
    let late = tell(&rig, &claims).await;
    assert!(late.body.contains("used before"), "{}", late.body);
}

#[actix_web::test]
async fn j6_of_32_copies_of_a_token_one_is_taken() {
    let (rig, _) = signed_in().await;
    let token = sign(&header(), &claims(&rig).to_string(), 0);
    let all = (0..32).map(|_| send(&rig, &token));
    let all = futures_util::future::join_all(all).await;
    let taken = all.iter().filter(|got| got.status == 200).count();
    let refused = all.iter().filter(|got| got.body.contains("used before"));
    assert_eq!((taken, refused.count()), (1, 31));
    assert_eq!(
        rig.rows("bailiwick_audit WHERE action = 'end-session'")
            .await,
        1
    );
}

#[actix_web::test]
async fn j6_a_token_needs_a_name_of_its_own() {
    refuses(|rig| without(claims(rig), "jti"), "jti").await;
    for name in [json!(""), json!(null), json!(7), json!("x".repeat(256))] {
        refuses(|rig| with(claims(rig), "jti", name.clone()), "jti").await;
    }
}

#[actix_web::test]
async fn j6_a_token_must_say_what_ends() {
    refuses(
        |rig| without(without(claims(rig), "sid"), "sub"),
        "neither a sub nor a sid",
    )
    .await;
    for name in ["sid", "sub"] {
        for value in [json!(""), json!(null), json!(7), json!(["sid-1"])] {
            refuses(|rig| with(claims(rig), name, value.clone()), name).await;
        }
    }
}

#[actix_web::test]
async fn j6_a_token_of_another_time_is_refused() {
    let at = |name: &'static str, seconds: i64| {
        move |rig: &Rig| {
            let now = rig.op.set().now.timestamp();
            with(claims(rig), name, json!(now + seconds))
        }
    };
    refuses(at("iat", 61), "from the future").await;
    refuses(at("iat", -301), "too old").await;
    refuses(at("exp", -60), "too old").await;
    for name in ["iat", "exp"] {
        refuses(|rig| with(claims(rig), name, json!("soon")), name).await;
    }
    refuses(|rig| without(claims(rig), "iat"), "iat").await;
    refuses(|rig| without(at("iat", -121)(rig), "exp"), "too old").await;
    for right in [at("iat", 60), at("iat", -300), at("exp", -59)] {
        let (rig, mut browser) = signed_in().await;
        is_ok(&tell(&rig, &right(&rig)).await);
        assert!(!browser.is_signed_in().await);
    }
    // Some providers do not say when their logout tokens expire.
    let (rig, mut browser) = signed_in().await;
    is_ok(&tell(&rig, &without(at("iat", -120)(&rig), "exp")).await);
    assert!(!browser.is_signed_in().await);
}

#[actix_web::test]
async fn j6_the_type_may_be_left_out_unless_it_is_demanded() {
    for kind in [
        json!("JWT"),
        json!("logout+jwt"),
        json!("application/logout+jwt"),
        json!(null),
    ] {
        for strict in [false, true] {
            let rig = Rig::with(|settings| settings.strict_logout_typ = strict).await;
            let mut browser = Browser::new(&rig);
            browser.sign_in("/auth/login").await;
            let header = if kind.is_null() {
                without(header(), "typ")
            } else {
                with(header(), "typ", kind.clone())
            };
            let got = send(&rig, &sign(&header, &claims(&rig).to_string(), 0)).await;
            let is_named = kind
                .as_str()
                .is_some_and(|kind| kind.ends_with("logout+jwt"));
            if strict && !is_named {
                is_refused(&rig, &mut browser, &got, "typ").await
            } else {
                is_ok(&got)
            }
        }
    }
    for kind in [json!("at+jwt"), json!("id+jwt"), json!(""), json!(7)] {
        refuses_text(
            |rig| {
                let header = with(header(), "typ", kind.clone());
                sign(&header, &claims(rig).to_string(), 0)
            },
            "typ",
        )
        .await;
    }
}

#[actix_web::test]
async fn j6_an_id_token_is_no_logout_token_and_a_logout_token_no_id_token() {
    refuses_text(|rig| rig.op.set().last_id_token.clone(), "event").await;
    // With all claims of a logout token, except those that only an ID token has.
    let rig = Rig::start().await;
    rig.op.set().claims = Box::new(|claims| {
        claims.insert("events".into(), json!({EVENT: {}}));
        claims.insert("jti".into(), json!("j"));
    });
    let mut browser = Browser::new(&rig);
    assert_eq!(browser.sign_in("/auth/login").await.status, 403);
    let id_token = rig.op.set().last_id_token.clone();
    let got = send(&rig, &id_token).await;
    assert!(
        got.status == 400 && got.body.contains("nonce"),
        "{}",
        got.body
    );
    rig.op.set().header = Box::new(|header| {
        header.insert("typ".into(), json!("logout+jwt"));
    });
    rig.op.set().claims = Box::new(|_| ());
    assert_eq!(browser.sign_in("/auth/login").await.status, 403);
}
