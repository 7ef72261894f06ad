//! ID tokens that are wrong in one way: each is refused for that reason.

mod keys;

use super::provider::{self, CLIENT, RS256, sign};
use crate::sso::token::jws::{JwsError as J, usable};
use crate::sso::token::verify::TokenError as E;
use crate::sso::token::verify::{Expected, id_token};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreHmacKey, CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm,
    CoreRsaPrivateSigningKey,
};
use openidconnect::{AccessToken, PrivateSigningKey};
use serde_json::{Value, json};

const NOW: i64 = 1_795_000_000;

fn header() -> Value {
    json!({"alg": "RS256", "kid": "k0"})
}

fn claims() -> Value {
    json!({"iss": "https://i", "sub": "s", "aud": CLIENT, "exp": NOW + 300, "iat": NOW, "nonce": "n"})
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().remove(name);
    object
}

fn keys(published: &[(usize, Option<&str>)]) -> CoreJsonWebKeySet {
    CoreJsonWebKeySet::new(
        published
            .iter()
            .map(|(which, kid)| provider::key(*which, *kid).as_verification_key())
            .collect(),
    )
}

fn check_with(
    token: &str,
    keys: &CoreJsonWebKeySet,
    algorithms: &[CoreJwsSigningAlgorithm],
    trusted: &[String],
) -> Result<(), E> {
    let access_token = AccessToken::new("access".into());
    let expected = expected(algorithms, trusted, &access_token);
    id_token(token, keys, &expected).map(|_| ())
}

fn expected<'e>(
    algorithms: &'e [CoreJwsSigningAlgorithm],
    trusted_audiences: &'e [String],
    access_token: &'e AccessToken,
) -> Expected<'e> {
    let now = DateTime::<Utc>::from_timestamp(NOW, 0).unwrap();
    Expected {
        issuer: "https://i",
        client_id: CLIENT,
        trusted_audiences,
        algorithms,
        nonce: "n",
        began_at: now - TimeDelta::seconds(30),
        now,
        skew: TimeDelta::seconds(60),
        max_age: None,
        access_token,
    }
}

fn check(token: &str) -> Result<(), E> {
    check_with(token, &keys(&[(0, Some("k0"))]), &[RS256], &[])
}

fn claimed(claims: &Value) -> Result<(), E> {
    check(&sign(&header(), &claims.to_string(), 0))
}

#[test]
fn e8_a_right_token_is_accepted() {
    assert_eq!(claimed(&claims()), Ok(()));
    for good in [
        with(claims(), "aud", json!([CLIENT])),
        with(claims(), "azp", json!(CLIENT)),
        with(claims(), "exp", json!(NOW - 59)),
        with(claims(), "iat", json!(NOW + 60)),
        with(claims(), "iat", json!(NOW as f64 + 0.5)),
        with(claims(), "nbf", json!(NOW + 60)),
        with(claims(), "updated_at", json!("text")),
        with(claims(), "email_verified", json!("true")),
        with(claims(), "address", json!("text")),
        with(claims(), "amr", json!("text")),
        with(claims(), "auth_time", json!(null)),
        with(claims(), "sub", json!("x".repeat(255))),
    ] {
        assert_eq!(claimed(&good), Ok(()), "{good}");
    }
    for typ in ["JWT", "jwt", "application/jwt"] {
        let token = sign(&with(header(), "typ", json!(typ)), &claims().to_string(), 0);
        assert_eq!(check(&token), Ok(()), "{typ}");
    }
}

#[test]
fn e1_another_issuer_is_refused() {
    for issuer in ["https://i/", "https://I", "http://i", "https://i:443", ""] {
        let refused = claimed(&with(claims(), "iss", json!(issuer)));
        assert_eq!(refused, Err(E::Issuer(issuer.into())));
    }
    assert_eq!(claimed(&without(claims(), "iss")), Err(E::Claim("iss")));
    assert_eq!(
        claimed(&with(claims(), "iss", json!(["https://i"]))),
        Err(E::Claim("iss"))
    );
}

#[test]
fn e2_another_audience_or_party_is_refused() {
    assert!(matches!(
        claimed(&with(claims(), "aud", json!("other"))),
        Err(E::Audience(_))
    ));
    assert!(matches!(
        claimed(&with(claims(), "aud", json!([]))),
        Err(E::Audience(_))
    ));
    assert_eq!(claimed(&without(claims(), "aud")), Err(E::Claim("aud")));
    assert_eq!(
        claimed(&with(claims(), "aud", json!([CLIENT, 7]))),
        Err(E::Claim("aud"))
    );
    let two = with(
        with(claims(), "aud", json!([CLIENT, "other"])),
        "azp",
        json!(CLIENT),
    );
    assert_eq!(claimed(&two), Err(E::OtherAudiences(vec!["other".into()])));
    let trusted = |claims: &Value| {
        let token = sign(&header(), &claims.to_string(), 0);
        check_with(
            &token,
            &keys(&[(0, Some("k0"))]),
            &[RS256],
            &["other".into()],
        )
    };
    assert_eq!(trusted(&two), Ok(()));
    assert_eq!(trusted(&without(two, "azp")), Err(E::Claim("azp")));
    for party in [json!("other"), json!(null), json!([CLIENT])] {
        assert_eq!(claimed(&with(claims(), "azp", party)), Err(E::Party));
    }
}

#[test]
fn e8_a_token_from_another_time_is_refused() {
    assert_eq!(
        claimed(&with(claims(), "exp", json!(NOW - 60))),
        Err(E::Expired(60))
    );
    assert_eq!(
        claimed(&with(claims(), "iat", json!(NOW + 61))),
        Err(E::Future(61))
    );
    assert_eq!(
        claimed(&with(claims(), "iat", json!(NOW - 91))),
        Err(E::Old(61))
    );
    assert_eq!(
        claimed(&with(claims(), "nbf", json!(NOW + 61))),
        Err(E::Future(61))
    );
    for name in ["exp", "iat"] {
        assert_eq!(claimed(&without(claims(), name)), Err(E::Claim(name)));
        assert_eq!(
            claimed(&with(claims(), name, json!("1"))),
            Err(E::Claim(name))
        );
        assert_eq!(
            claimed(&with(claims(), name, json!(1e300))),
            Err(E::Claim(name))
        );
    }
    assert_eq!(
        claimed(&with(claims(), "nbf", json!("1"))),
        Err(E::Claim("nbf"))
    );
}

#[test]
fn e9_e15_a_token_of_another_sign_in_or_of_nobody_is_refused() {
    assert_eq!(claimed(&with(claims(), "nonce", json!("m"))), Err(E::Nonce));
    assert_eq!(claimed(&with(claims(), "nonce", json!(""))), Err(E::Nonce));
    assert_eq!(claimed(&without(claims(), "nonce")), Err(E::Claim("nonce")));
    for subject in [json!(""), json!(null), json!(7), json!("x".repeat(256))] {
        assert_eq!(
            claimed(&with(claims(), "sub", subject)),
            Err(E::Claim("sub"))
        );
    }
    assert_eq!(claimed(&without(claims(), "sub")), Err(E::Claim("sub")));
}

#[test]
fn e12_a_token_that_is_not_an_id_token_is_refused() {
    assert_eq!(
        claimed(&with(claims(), "events", json!({}))),
        Err(E::Events)
    );
    for typ in ["logout+jwt", "at+jwt", "application/at+jwt", "secevent+jwt"] {
        let token = sign(&with(header(), "typ", json!(typ)), &claims().to_string(), 0);
        assert!(matches!(check(&token), Err(E::Jws(J::Type(_)))), "{typ}");
    }
}

#[test]
fn e10_the_access_token_must_be_the_one_it_came_with() {
    let hash = |token: &str| {
        use sha2::Digest;
        let digest = sha2::Sha256::digest(token);
        json!(BASE64_URL_SAFE_NO_PAD.encode(&digest[..16]))
    };
    assert_eq!(claimed(&with(claims(), "at_hash", hash("access"))), Ok(()));
    assert_eq!(
        claimed(&with(claims(), "at_hash", hash("other"))),
        Err(E::AccessToken)
    );
    assert_eq!(
        claimed(&with(claims(), "at_hash", json!(7))),
        Err(E::Claim("at_hash"))
    );
}

#[test]
fn e13_e14_what_is_malformed_is_refused() {
    let good = sign(&header(), &claims().to_string(), 0);
    for bad in [
        "",
        "a",
        "a.b",
        "a.b.c.d",
        "..",
        "!.!.!",
        &good[1..],
        &format!("{good}="),
        &format!("{good} "),
    ] {
        assert!(check(bad).is_err(), "{bad}");
    }
    assert_eq!(check("a.b.c.d.e"), Err(E::Jws(J::Encrypted)));
    let long = sign(
        &header(),
        &with(claims(), "x", json!("x".repeat(70_000))).to_string(),
        0,
    );
    assert_eq!(check(&long), Err(E::Jws(J::Malformed("it is too long"))));
    let twice = claims().to_string().replacen('{', r#"{"sub":"other","#, 1);
    assert!(matches!(
        check(&sign(&header(), &twice, 0)),
        Err(E::Payload(_))
    ));
    let critical = with(header(), "crit", json!(["exp"]));
    assert_eq!(
        check(&sign(&critical, &claims().to_string(), 0)),
        Err(E::Jws(J::Critical))
    );
    let odd = with(header(), "kid", json!(7));
    assert!(matches!(
        check(&sign(&odd, &claims().to_string(), 0)),
        Err(E::Jws(J::Malformed(_)))
    ));
    assert!(matches!(
        check(&sign(&header(), "[]", 0)),
        Err(E::Payload(_))
    ));
}

#[test]
fn e8_the_skew_is_what_was_configured() {
    let with_skew = |name: &str, value: i64, skew: i64| {
        let token = sign(
            &header(),
            &with(claims(), name, json!(value)).to_string(),
            0,
        );
        let now = DateTime::<Utc>::from_timestamp(NOW, 0).unwrap();
        let access_token = AccessToken::new("access".into());
        let expected = Expected {
            skew: TimeDelta::seconds(skew),
            began_at: now,
            ..expected(&[RS256], &[], &access_token)
        };
        id_token(&token, &keys(&[(0, Some("k0"))]), &expected).map(|_| ())
    };
    for skew in [0, 1, 60, 300] {
        assert_eq!(with_skew("exp", NOW - skew + 1, skew), Ok(()));
        assert_eq!(with_skew("exp", NOW - skew, skew), Err(E::Expired(skew)));
        for (name, ahead) in [("iat", NOW + skew), ("nbf", NOW + skew)] {
            assert_eq!(with_skew(name, ahead, skew), Ok(()));
            assert_eq!(with_skew(name, ahead + 1, skew), Err(E::Future(skew + 1)));
        }
        assert_eq!(with_skew("iat", NOW - skew, skew), Ok(()));
        assert_eq!(
            with_skew("iat", NOW - skew - 1, skew),
            Err(E::Old(skew + 1))
        );
    }
    let told = E::Future(420).to_string();
    assert!(told.contains("420 s ahead"), "{told}");
}

#[test]
fn e11_if_a_max_age_was_asked_for_the_sign_in_there_must_be_that_young() {
    let aged = |auth_time: Option<Value>| {
        let claims = auth_time.map_or(claims(), |time| with(claims(), "auth_time", time));
        let token = sign(&header(), &claims.to_string(), 0);
        let access_token = AccessToken::new("access".into());
        let expected = Expected {
            max_age: Some(TimeDelta::seconds(600)),
            ..expected(&[RS256], &[], &access_token)
        };
        id_token(&token, &keys(&[(0, Some("k0"))]), &expected).map(|_| ())
    };
    for young in [json!(NOW), json!(NOW - 660), json!(NOW as f64 - 10.5)] {
        assert_eq!(aged(Some(young)), Ok(()));
    }
    assert_eq!(aged(Some(json!(NOW - 661))), Err(E::Stale(661)));
    assert!(
        matches!(aged(Some(json!(0))), Err(E::Stale(_))),
        "as Glewlwyd sends"
    );
    for missing in [None, Some(json!(null)), Some(json!("1"))] {
        assert_eq!(aged(missing), Err(E::Claim("auth_time")));
    }
}

#[test]
fn e15_the_subject_is_kept_to_the_letter() {
    let long = "x".repeat(255);
    for subject in ["S", " s", "s@example.com", &long] {
        assert_eq!(claimed(&with(claims(), "sub", json!(subject))), Ok(()));
    }
}

/// A key of another type with the same id does not fit, so the keys may be read again.
#[test]
fn e4_a_key_of_another_kind_or_for_encryption_does_not_fit() {
    let token = sign(&header(), &claims().to_string(), 0);
    let (_, elliptic, _) = keys::SIGNED_ELSEWHERE[0];
    let elliptic = with(serde_json::from_str(elliptic).unwrap(), "kid", json!("k0"));
    let rsa = provider::key(0, Some("k0")).as_verification_key();
    let for_encryption = with(serde_json::to_value(rsa).unwrap(), "alg", json!("A256GCM"));
    for key in [elliptic, for_encryption] {
        let key: CoreJsonWebKey = serde_json::from_value(key).unwrap();
        let keys = CoreJsonWebKeySet::new(vec![key]);
        let refused = check_with(&token, &keys, &[RS256], &[]);
        assert_eq!(refused, Err(E::Jws(J::UnknownKey)));
    }
}

#[test]
fn e14_a_token_is_read_up_to_64_kib_and_told_of_shortly() {
    let parts = E::Jws(J::Malformed("it does not have three parts"));
    assert_eq!(check(&"x".repeat(64 * 1024)), Err(parts));
    let long = E::Jws(J::Malformed("it is too long"));
    assert_eq!(check(&"x".repeat(64 * 1024 + 1)), Err(long));
    let name = "x".repeat(1_000);
    for (header, name) in [("typ", &name), ("alg", &name)] {
        let header = with(self::header(), header, json!(name));
        let refused = check(&sign(&header, &claims().to_string(), 0));
        let told = refused.unwrap_err().to_string();
        assert!(told.len() < 150, "{told}");
    }
}

#[test]
fn e4_the_keys_that_may_be_used_are_those_that_fit_some_accepted_algorithm() {
    let published = keys(&[(0, Some("k0")), (1, None)]);
    let count = |algorithms: &[CoreJwsSigningAlgorithm]| usable(&published, algorithms).count();
    assert_eq!(count(&[CoreJwsSigningAlgorithm::EdDsa, RS256]), 2);
    assert_eq!(count(&[CoreJwsSigningAlgorithm::EdDsa]), 0);
    assert_eq!(count(&[]), 0);
}

#[test]
fn e2_of_other_audiences_only_those_that_are_trusted_are_taken() {
    let trusted = ["api".to_owned(), "other".to_owned()];
    let check = |audiences: &[&str]| {
        let claims = with(claims(), "aud", json!(audiences));
        let claims = with(claims, "azp", json!(CLIENT));
        let token = sign(&header(), &claims.to_string(), 0);
        check_with(&token, &keys(&[(0, Some("k0"))]), &[RS256], &trusted)
    };
    assert_eq!(check(&[CLIENT, "api"]), Ok(()));
    assert_eq!(check(&["other", CLIENT, "api"]), Ok(()));
    for refused in ["else", "API", "api2", ""] {
        let expected = Err(E::OtherAudiences(vec![refused.into()]));
        assert_eq!(check(&[CLIENT, refused]), expected);
        assert_eq!(check(&["api", CLIENT, refused]), expected);
    }
}

#[test]
fn e1_a_long_issuer_is_told_of_shortly() {
    let issuer = "https://i/".repeat(1_000);
    let refused = claimed(&with(claims(), "iss", json!(issuer)));
    assert_eq!(refused, Err(E::Issuer(issuer.chars().take(200).collect())));
}
