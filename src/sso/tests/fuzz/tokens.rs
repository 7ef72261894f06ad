//! Signed tokens: any reader refuses a token that was changed after signing.

use crate::fuzz::{holds, json, object, text};
use crate::sso::tests::provider::{CLIENT, key, sign};
use crate::sso::token::jws::{ALGORITHMS, Token};
use crate::sso::token::logout_token::{self, LogoutToken};
use crate::sso::token::verify::{Expected, id_token};
use arbtest::arbitrary::{Result, Unstructured};
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::CoreJsonWebKeySet;
use openidconnect::{AccessToken, PrivateSigningKey};
use serde_json::{Value, json};
use std::sync::LazyLock;

const NOW: i64 = 1_795_000_000;
/// The member of `events` that makes a logout token (Back-Channel Logout, section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

static KEYS: LazyLock<CoreJsonWebKeySet> =
    LazyLock::new(|| CoreJsonWebKeySet::new(vec![key(0, Some("k0")).as_verification_key()]));

/// A reader of tokens, and a token that it accepts.
struct Reader {
    name: &'static str,
    takes: fn(&str) -> bool,
    token: fn() -> String,
}

/// All readers of tokens.
const READERS: [Reader; 2] = [
    Reader {
        name: "ID token",
        takes: takes_id_token,
        token: || sign(&header(), &claims().to_string(), 0),
    },
    Reader {
        name: "logout token",
        takes: takes_logout_token,
        token: || sign(&logout_header(), &logout_claims().to_string(), 0),
    },
];

fn header() -> Value {
    json!({"alg": "RS256", "kid": "k0"})
}

fn claims() -> Value {
    json!({"iss": "https://i", "sub": "s", "aud": CLIENT, "exp": NOW + 300, "iat": NOW, "nonce": "n"})
}

fn logout_header() -> Value {
    json!({"alg": "RS256", "kid": "k0", "typ": "logout+jwt"})
}

fn logout_claims() -> Value {
    json!({"iss": "https://i", "sub": "s", "aud": CLIENT, "iat": NOW, "jti": "j", "sid": "session",
        "events": {EVENT: {}}})
}

/// Verifies in the endpoint's order: everything else first, then the signature of the same text.
fn takes_logout_token(text: &str) -> bool {
    let expected = logout_token::Expected {
        issuer: "https://i",
        client_id: CLIENT,
        now: DateTime::<Utc>::from_timestamp(NOW, 0).unwrap(),
        skew: TimeDelta::seconds(60),
        strict_typ: false,
    };
    let read = LogoutToken::read(text).and_then(|token| token.check(&expected));
    read.is_ok() && logout_token::signature(text, &KEYS, &ALGORITHMS).is_ok()
}

fn takes_id_token(token: &str) -> bool {
    let now = DateTime::<Utc>::from_timestamp(NOW, 0).unwrap();
    let expected = Expected {
        issuer: "https://i",
        client_id: CLIENT,
        trusted_audiences: &[],
        algorithms: &ALGORITHMS,
        nonce: "n",
        began_at: now - TimeDelta::seconds(30),
        now,
        skew: TimeDelta::seconds(60),
        access_token: &AccessToken::new("access".into()),
        max_age: None,
    };
    id_token(token, &KEYS, &expected).is_ok()
}

/// The token with changes at one place or a few.
fn changed(u: &mut Unstructured<'_>, token: &str) -> Result<String> {
    let mut chars: Vec<char> = token.chars().collect();
    for _ in 0..u.int_in_range(1..=3)? {
        // Encodings are lenient at the ends of parts.
        let at = if u.ratio(1, 3)? {
            let dots = chars.iter().enumerate().filter(|(_, c)| **c == '.');
            let ends: Vec<usize> = dots.map(|(at, _)| at).chain([chars.len()]).collect();
            u.choose(&ends)?.saturating_sub(1)
        } else {
            u.choose_index(chars.len().max(1))?
        };
        let new = *u.choose(&[
            'A', 'B', 'Q', 'g', 'w', '-', '_', '=', '.', '/', '+', ' ', '\n', 'é',
        ])?;
        match u.int_in_range(0..=4)? {
            0 => chars.insert(at.min(chars.len()), new),
            1 if !chars.is_empty() => drop(chars.remove(at.min(chars.len() - 1))),
            2 if chars.len() > 1 => {
                let other = u.choose_index(chars.len())?;
                let at = at.min(chars.len() - 1);
                chars.swap(at, other);
            }
            3 => chars.truncate(at.max(1)),
            _ => {
                if let Some(old) = chars.get_mut(at) {
                    *old = new;
                }
            }
        }
    }
    Ok(chars.into_iter().collect())
}

#[test]
fn a_token_that_was_changed_is_refused() {
    for reader in READERS {
        let token = (reader.token)();
        assert!((reader.takes)(&token), "{}", reader.name);
        holds(|u| {
            let changed = changed(u, &token)?;
            assert!(
                changed == token || !(reader.takes)(&changed),
                "the {} {changed} was taken for {token}",
                reader.name
            );
            Ok(())
        });
    }
}

/// Flips every bit of one token, as there are few enough. The other tokens use the same code up to
/// their claims. Of those it flips one bit of each byte, and all bits at the ends of parts.
#[test]
fn no_byte_of_a_token_can_be_another() {
    for (number, reader) in READERS.iter().enumerate() {
        let token = (reader.token)();
        for at in 0..token.len() {
            let is_end = matches!(token.as_bytes().get(at + 1), None | Some(b'.'));
            let bits = if number == 0 || is_end {
                0..7
            } else {
                at % 7..at % 7 + 1
            };
            for bit in bits {
                let mut bytes = token.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                let other = String::from_utf8(bytes).unwrap();
                assert!(
                    !(reader.takes)(&other),
                    "the {} with byte {at} changed",
                    reader.name
                );
            }
        }
    }
}

#[test]
fn what_is_no_token_is_refused() {
    holds(|u| {
        let parts = [
            "eyJhbGciOiJSUzI1NiJ9",
            "eyJhbGciOiJub25lIn0",
            "e30",
            ".",
            ".",
            "..",
            "AAAA",
            "=",
            "{}",
        ];
        let text = text(u, &parts, 6)?;
        if let Ok(token) = Token::parse(&text, &ALGORITHMS) {
            let _ = token.kind();
            assert!(token.verify(&KEYS).is_err(), "{text:?}");
        }
        for reader in READERS {
            assert!(!(reader.takes)(&text), "the {} {text:?}", reader.name);
        }
        Ok(())
    });
}

#[test]
fn a_token_that_is_taken_says_all_that_it_must() {
    let names = [
        "iss",
        "sub",
        "aud",
        "azp",
        "exp",
        "iat",
        "nbf",
        "nonce",
        "events",
        "at_hash",
        "x",
        "https://i",
        CLIENT,
        "n",
    ];
    let (mut taken, mut refused) = (0, 0);
    holds(|u| {
        // Signing is slow: most inputs change only a little of the signed text.
        let mut said = claims();
        let mut top = header();
        for (name, value) in object(u, &names, 1)?
            .into_iter()
            .take(u.int_in_range(0..=2)?)
        {
            said[name] = value;
        }
        if u.ratio(1, 3)? {
            let name = *u.choose(&["typ", "alg", "kid", "crit", "jwk", "jku"])?;
            top[name] = json(
                u,
                &[
                    "jwt",
                    "JWT",
                    "at+jwt",
                    "logout+jwt",
                    "RS256",
                    "none",
                    "HS256",
                    "k0",
                    "k1",
                ],
                1,
            )?;
        }
        if !takes_id_token(&sign(&top, &said.to_string(), 0)) {
            refused += 1;
            return Ok(());
        }
        taken += 1;
        let text = |name: &str| said.get(name).and_then(Value::as_str);
        assert_eq!(
            (text("iss"), text("nonce")),
            (Some("https://i"), Some("n")),
            "{said}"
        );
        assert!(
            text("sub").is_some_and(|sub| (1..=255).contains(&sub.len())),
            "{said}"
        );
        let is_ours = said["aud"] == CLIENT || said["aud"] == json!([CLIENT]);
        let repeated = said["aud"]
            .as_array()
            .is_some_and(|all| all.iter().all(|one| one == CLIENT));
        assert!(is_ours || repeated, "{said}");
        assert!(said.get("azp").is_none_or(|azp| azp == CLIENT), "{said}");
        assert!(
            said.get("events").is_none() && said.get("at_hash").is_none(),
            "{said}"
        );
        let seconds = |name: &str| said.get(name).and_then(Value::as_f64);
        assert!(
            seconds("exp").is_some_and(|exp| exp > (NOW - 60) as f64),
            "{said}"
        );
        assert!(
            seconds("iat").is_some_and(|iat| (iat - NOW as f64).abs() < 92.0),
            "{said}"
        );
        assert!(top["alg"] == "RS256" && top.get("crit").is_none(), "{top}");
        assert!(top.get("kid").is_none_or(|kid| kid == "k0"), "{top}");
        let kind = top.get("typ").and_then(Value::as_str);
        assert!(
            top.get("typ").is_none() || kind.is_some_and(|kind| kind.eq_ignore_ascii_case("jwt")),
            "{top}"
        );
        Ok(())
    });
    assert!(
        taken > 20 && refused > 20,
        "{taken} taken, {refused} refused"
    );
}

/// No mixture of their claims is accepted by both readers.
#[test]
fn an_id_token_is_never_a_logout_token_nor_the_reverse() {
    let (mut of_id, mut of_logout) = (0, 0);
    holds(|u| {
        let mut said = claims();
        let mut top = header();
        let mut all: Vec<(String, Value)> = logout_claims()
            .as_object()
            .unwrap()
            .clone()
            .into_iter()
            .collect();
        // Nearly an ID token, nearly a logout token, or something in between.
        let leans = u.int_in_range(0..=2)?;
        for (name, value) in all.drain(..) {
            if u.ratio([1, 5, 9][leans], 10)? {
                said[name] = value;
            }
        }
        for name in ["nonce", "exp", "sub", "sid", "events"] {
            if u.ratio([1, 4, 6][leans], 12)? {
                said.as_object_mut().unwrap().remove(name);
            }
        }
        if u.ratio(1, 6)? {
            said["events"] = json(u, &[EVENT, "x"], 2)?;
        }
        let kinds = [
            "logout+jwt",
            "LOGOUT+JWT",
            "application/logout+jwt",
            "JWT",
            "at+jwt",
        ];
        if u.ratio(1, 2)? {
            top["typ"] = (*u.choose(&kinds)?).into();
        }
        let token = sign(&top, &said.to_string(), 0);
        let (id, logout) = (takes_id_token(&token), takes_logout_token(&token));
        assert!(!(id && logout), "taken for both: {top} {said}");
        of_id += usize::from(id);
        of_logout += usize::from(logout);
        if logout {
            assert!(said.get("nonce").is_none() && said["events"][EVENT].is_object());
            assert!(said["jti"] == "j" && (said["sub"] == "s" || said["sid"] == "session"));
        }
        Ok(())
    });
    assert!(
        of_id > 3 && of_logout > 3,
        "{of_id} ID tokens, {of_logout} logout tokens"
    );
}

#[test]
fn no_token_of_one_kind_is_taken_for_the_other() {
    for strange in [
        sign(&header(), &claims().to_string(), 0),
        sign(&logout_header(), &claims().to_string(), 0),
    ] {
        assert!(!takes_logout_token(&strange));
    }
    for strange in [
        sign(&logout_header(), &logout_claims().to_string(), 0),
        sign(&header(), &logout_claims().to_string(), 0),
    ] {
        assert!(!takes_id_token(&strange));
    }
}
