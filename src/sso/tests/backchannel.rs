//! Back-channel logout: tokens that are wrong in one way end nothing, right ones end exactly what
//! they say, once, and for sign-ins under way too.
//!
//! Tests named `rp_backchannel_…` are the modules of the OpenID Foundation's plan
//! `oidcc-client-back-channel-logout-rp-basic`.

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

/// The claims of a logout token of Alice's session, with a name of its own.
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

/// The answer is a refusal that says why, and the session is there still.
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
    // Signed with what the client's secret is, which the provider of these tests lists.
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
    // Whatever else stands in another token of that name.
    let other = with(without(claims.clone(), "sid"), "sub", json!("s-bob"));
    assert_eq!(tell(&rig, &other).await.status, 400);
    // It is remembered for as long as the clocks could let it pass.
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
            let header = match kind.is_null() {
                true => without(header(), "typ"),
                false => with(header(), "typ", kind.clone()),
            };
            let got = send(&rig, &sign(&header, &claims(&rig).to_string(), 0)).await;
            let is_named = kind
                .as_str()
                .is_some_and(|kind| kind.ends_with("logout+jwt"));
            match strict && !is_named {
                true => is_refused(&rig, &mut browser, &got, "typ").await,
                false => is_ok(&got),
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
    // With everything that a logout token has, but for what only an ID token has.
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

#[actix_web::test]
async fn j8_only_a_form_with_one_token_of_a_bounded_size_is_read() {
    let (rig, mut browser) = signed_in().await;
    let token = sign(&header(), &claims(&rig).to_string(), 0);
    let client = reqwest::Client::new();
    let url = format!("{}{PATH}", rig.base);
    let form = format!("logout_token={token}");
    let wrong = "form with exactly one logout_token";
    for (kind, body) in [
        ("application/json", form.clone()),
        ("text/plain", form.clone()),
        ("application/x-www-form-urlencodedx", form.clone()),
        ("multipart/form-data; boundary=x", form.clone()),
        ("application/x-www-form-urlencoded", String::new()),
        ("application/x-www-form-urlencoded", format!("x={token}")),
        (
            "application/x-www-form-urlencoded",
            format!("{form}&{form}"),
        ),
        (
            "application/x-www-form-urlencoded",
            format!("{form}&x={}", "x".repeat(64 * 1024)),
        ),
    ] {
        let request = client.post(&url).header("content-type", kind).body(body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 400, "{kind}");
        assert!(answer.text().await.unwrap().contains(wrong), "{kind}");
    }
    for text in ["", "x", "a.b.c", "....", &"x".repeat(60_000)] {
        let got = send(&rig, text).await;
        is_refused(&rig, &mut browser, &got, "cannot be checked").await;
    }
    let got = browser.get(PATH).await;
    assert_eq!((got.status, got.header("allow")), (405, Some("POST")));
    let twice = r#"{"iss":"a","iss":"b"}"#;
    let got = send(&rig, &sign(&header(), twice, 0)).await;
    is_refused(&rig, &mut browser, &got, "claims cannot be read").await;
    let kind = "Application/X-WWW-Form-Urlencoded; charset=UTF-8";
    let request = client.post(&url).header("content-type", kind).body(form);
    assert_eq!(request.send().await.unwrap().status().as_u16(), 200);
}

#[actix_web::test]
async fn j8_the_callers_cookies_are_neither_read_nor_written() {
    let (rig, mut browser) = signed_in().await;
    let claims = with(claims(&rig), "sid", json!("sid-of-nobody"));
    let token = sign(&header(), &claims.to_string(), 0);
    let before = browser.cookies.clone();
    rig.forward(TimeDelta::minutes(2));
    let claims = with(claims, "jti", json!("another"));
    let fresh = with(claims, "iat", json!(rig.op.set().now.timestamp()));
    for token in [token, sign(&header(), &fresh.to_string(), 0)] {
        let got = browser.post(PATH, &[("logout_token", &token)]).await;
        assert!(got.header("set-cookie").is_none());
    }
    assert_eq!(browser.cookies, before);
    // Nor is it counted as use of the session.
    let unused = "bailiwick_sessions WHERE last_seen_at = created_at";
    assert_eq!(rig.rows(unused).await, 1);
}

#[actix_web::test]
async fn j8_what_is_wrong_at_once_makes_nobody_fetch_keys() {
    let rig = Rig::start().await;
    rig.provider.metadata().await.unwrap();
    for (name, value) in [
        ("iss", json!("https://other")),
        ("aud", json!("other")),
        ("iat", json!(1)),
        ("events", json!({})),
        ("nonce", json!("n")),
        ("sid", json!(7)),
        ("jti", json!("")),
    ] {
        assert_eq!(
            tell(&rig, &with(claims(&rig), name, value)).await.status,
            400
        );
    }
    assert_eq!(rig.op.count("/jwks"), 0);
}

#[actix_web::test]
async fn j8_a_thousand_unknown_keys_cause_two_fetches() {
    let (rig, mut browser) = signed_in().await;
    let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let sender = Browser::new(&rig);
    for _ in 0..50 {
        let all = (0..20).map(|_| {
            // No key fits, so no signature is looked at.
            let header = with(header(), "kid", json!("k-unknown"));
            let token = format!("{}.{}.AAAA", part(header), part(claims(&rig)));
            let mut sender = sender.clone();
            async move { sender.post(PATH, &[("logout_token", &token)]).await.status }
        });
        let all = futures_util::future::join_all(all).await;
        assert!(all.iter().all(|status| *status == 400));
    }
    assert_eq!(rig.op.count("/jwks"), 2);
    assert!(browser.is_signed_in().await);
}

#[actix_web::test]
async fn a_rotated_key_is_found() {
    let (rig, mut browser) = signed_in().await;
    rig.op.set().published = vec![(1, "k1")];
    let header = with(header(), "kid", json!("k1"));
    is_ok(&send(&rig, &sign(&header, &claims(&rig).to_string(), 1)).await);
    assert!(!browser.is_signed_in().await);
}

#[actix_web::test]
async fn without_the_providers_keys_the_sign_out_can_be_sent_again() {
    let (rig, mut browser) = signed_in().await;
    rig.forward(TimeDelta::minutes(20));
    browser.is_signed_in().await;
    let header = with(header(), "kid", json!("k1"));
    let token = sign(&header, &claims(&rig).to_string(), 1);
    rig.op.set().is_down = true;
    let got = send(&rig, &token).await;
    assert_eq!(
        (got.status, &got.json()["error"]),
        (400, &json!("server_error"))
    );
    assert!(browser.is_signed_in().await);
    rig.op.set().is_down = false;
    rig.op.set().published = vec![(1, "k1")];
    rig.forward(TimeDelta::seconds(61));
    is_ok(&send(&rig, &token).await);
    assert!(!browser.is_signed_in().await);
}

/// Signs in as that person in that session of the provider.
async fn sign_in_as(rig: &Rig, subject: &'static str, sid: &'static str) -> Browser {
    rig.op.set().claims = Box::new(move |claims| {
        claims.insert("sub".into(), json!(subject));
        claims.insert("sid".into(), json!(sid));
    });
    let mut browser = Browser::new(rig);
    assert_eq!(browser.sign_in("/auth/login").await.status, 303);
    browser
}

/// Who of four is signed in still after this: Alice in two sessions, with two browsers in the
/// first, and Bob.
async fn left(change: impl Fn(Value) -> Value) -> [bool; 4] {
    let rig = Rig::start().await;
    let mut all = [
        sign_in_as(&rig, "s-alice", "sid-1").await,
        sign_in_as(&rig, "s-alice", "sid-1").await,
        sign_in_as(&rig, "s-alice", "sid-2").await,
        sign_in_as(&rig, "s-bob", "sid-3").await,
    ];
    is_ok(&tell(&rig, &change(claims(&rig))).await);
    let mut left = [false; 4];
    for (left, browser) in left.iter_mut().zip(&mut all) {
        *left = browser.is_signed_in().await;
    }
    left
}

#[actix_web::test]
async fn j7_exactly_what_the_token_says_ends() {
    assert_eq!(
        left(|claims| without(claims, "sub")).await,
        [false, false, true, true]
    );
    assert_eq!(
        left(|claims| without(claims, "sid")).await,
        [false, false, false, true]
    );
    assert_eq!(left(|claims| claims).await, [false, false, true, true]);
    // Both must fit.
    assert_eq!(
        left(|claims| with(claims, "sub", json!("s-bob"))).await,
        [true; 4]
    );
    assert_eq!(
        left(|claims| with(claims, "sid", json!("sid-3"))).await,
        [true; 4]
    );
    // Nothing that is known: that is well too.
    assert_eq!(
        left(|claims| with(claims, "sid", json!("sid-9"))).await,
        [true; 4]
    );
    let shared = left(|claims| with(claims, "aud", json!(["other", CLIENT])));
    assert_eq!(shared.await, [false, false, true, true]);
}

#[actix_web::test]
async fn j7_a_session_of_another_issuer_stays() {
    let (rig, mut browser) = signed_in().await;
    let elsewhere = "UPDATE bailiwick_sessions SET issuer = 'https://other'";
    rig.execute(elsewhere).await;
    is_ok(&tell(&rig, &without(claims(&rig), "sub")).await);
    is_ok(&tell(&rig, &without(claims(&rig), "sid")).await);
    assert!(browser.is_signed_in().await);
}

#[actix_web::test]
async fn j9_a_sign_in_under_way_comes_to_nothing_when_its_session_has_ended() {
    for token in ["sub", "nothing", "sid"] {
        let rig = Rig::start().await;
        let mut browser = Browser::new(&rig);
        let callback = browser.reach_callback("/auth/login").await;
        is_ok(&tell(&rig, &without(claims(&rig), token)).await);
        assert_eq!(browser.get(&callback).await.status, 303);
        assert!(!browser.is_signed_in().await, "without {token}");
        assert_eq!(rig.rows(SESSIONS).await, 0);
        let noted = "bailiwick_audit WHERE action = 'end-session' AND details LIKE '%under_way%'";
        assert_eq!(rig.rows(noted).await, 1);
    }
}

#[actix_web::test]
async fn j9_a_later_sign_in_of_the_person_is_not_stopped() {
    let (rig, mut browser) = signed_in().await;
    is_ok(&tell(&rig, &without(claims(&rig), "sid")).await);
    assert!(!browser.is_signed_in().await);
    rig.forward(TimeDelta::seconds(1));
    browser.sign_in("/auth/login").await;
    assert!(browser.is_signed_in().await);
    // Nor is that of another person, nor one in another session.
    let rig = Rig::start().await;
    is_ok(&tell(&rig, &claims(&rig)).await);
    assert!(
        sign_in_as(&rig, "s-bob", "sid-1")
            .await
            .is_signed_in()
            .await
    );
    assert!(
        sign_in_as(&rig, "s-alice", "sid-2")
            .await
            .is_signed_in()
            .await
    );
    assert!(
        !sign_in_as(&rig, "s-alice", "sid-1")
            .await
            .is_signed_in()
            .await
    );
}

#[actix_web::test]
async fn j9_an_older_notice_that_comes_late_changes_nothing() {
    let rig = Rig::start().await;
    rig.forward(TimeDelta::seconds(20));
    let early = without(claims(&rig), "sid");
    rig.forward(TimeDelta::seconds(20));
    is_ok(&tell(&rig, &without(claims(&rig), "sid")).await);
    is_ok(&tell(&rig, &early).await);
    let mut browser = Browser::new(&rig);
    rig.op.set().now -= TimeDelta::seconds(10);
    browser.sign_in("/auth/login").await;
    assert!(!browser.is_signed_in().await);
}

#[actix_web::test]
async fn what_is_remembered_is_swept() {
    let (rig, mut browser) = signed_in().await;
    is_ok(&tell(&rig, &without(claims(&rig), "sub")).await);
    assert_eq!(rig.rows("bailiwick_logouts").await, 2);
    rig.forward(TimeDelta::minutes(11));
    browser.sign_in("/auth/login").await;
    assert!(browser.is_signed_in().await);
    rig.forward(TimeDelta::minutes(5));
    is_ok(&tell(&rig, &with(claims(&rig), "sid", json!("sid-9"))).await);
    assert_eq!(rig.rows("bailiwick_logouts").await, 2);
}

#[actix_web::test]
async fn j9_of_sign_ins_racing_a_sign_out_none_stays() {
    for left_out in ["sub", "sid"] {
        let rig = Rig::start().await;
        let mut browsers = Vec::new();
        for _ in 0..8 {
            let mut browser = Browser::new(&rig);
            let callback = browser.reach_callback("/auth/login").await;
            browsers.push((browser, callback));
        }
        let token = sign(&header(), &without(claims(&rig), left_out).to_string(), 0);
        let sign_ins = browsers.iter_mut().map(async |(browser, callback)| {
            assert_eq!(browser.get(callback).await.status, 303);
        });
        let sign_out = async {
            // In the midst of them.
            while rig.rows(SESSIONS).await < 2 {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
            is_ok(&send(&rig, &token).await);
        };
        tokio::join!(futures_util::future::join_all(sign_ins), sign_out);
        assert_eq!(rig.rows(SESSIONS).await, 0);
        let begun = rig.rows("bailiwick_audit WHERE action = 'sign-in'").await;
        let ended = rig
            .rows("bailiwick_audit WHERE action = 'end-session'")
            .await;
        assert_eq!((begun, ended), (8, 8));
    }
}

#[actix_web::test]
async fn g4_a_request_in_flight_does_not_bring_a_signed_out_session_back() {
    let (rig, mut browser) = signed_in().await;
    let claims = claims(&rig);
    let other = browser.clone();
    let in_flight = (0..32).map(|_| {
        let mut browser = other.clone();
        async move { browser.get("/admin/writes").await.status }
    });
    let told = tell(&rig, &claims);
    let (_, got) = tokio::join!(futures_util::future::join_all(in_flight), told);
    is_ok(&got);
    // A page of the tests writes for strangers too; those sessions are nobody's.
    let theirs = "bailiwick_sessions WHERE subject IS NOT NULL";
    assert_eq!(rig.rows(theirs).await, 0);
    assert!(!browser.is_signed_in().await);
}
