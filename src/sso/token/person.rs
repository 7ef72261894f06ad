//! Reads a person from the provider's claims.

use super::groups::{Claims, Groups, Reading};
use crate::access::Person;
use crate::config::OidcConfig;
use serde_json::Value;

/// The maximum length of a name, in characters.
const MAX_NAME: usize = 200;
/// The maximum length of a stored claim, in bytes of its JSON.
const MAX_CLAIM: usize = 1_024;
/// The maximum number of stored claims.
const MAX_CLAIMS: usize = 64;

/// Claims about the token, not about the person.
const OF_THE_TOKEN: [&str; 22] = [
    "iss",
    "sub",
    "aud",
    "azp",
    "exp",
    "iat",
    "nbf",
    "jti",
    "sid",
    "nonce",
    "acr",
    "amr",
    "typ",
    "at_hash",
    "c_hash",
    "s_hash",
    "auth_time",
    "session_state",
    "events",
    "hasgroups",
    "_claim_names",
    "_claim_sources",
];

/// The person in these claims; earlier sources take precedence. The subject must have been
/// verified.
pub fn from_claims(
    issuer: &str,
    subject: &str,
    sources: &[&Claims],
    groups: Groups,
    groups_claim: &str,
) -> Person {
    Person {
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        name: name(sources).unwrap_or_else(|| subject.to_owned()),
        email: text(sources, "email"),
        groups: groups.names,
        claims: others(sources, groups_claim),
        ..Person::default()
    }
}

/// The person and groups that these claims would give at a sign-in, for `bailiwick explain`.
/// Nothing is verified here; a sign-in never calls this.
pub fn of_claims(config: Option<&OidcConfig>, claims: &Claims) -> (Person, Groups) {
    let said = |name: &str| claims.get(name).and_then(Value::as_str);
    let reading = config.map(Reading::of).unwrap_or_default();
    let groups = reading.read(&[claims]);
    let issuer = config.map(|oidc| oidc.issuer.as_str()).or(said("iss"));
    let person = from_claims(
        issuer.unwrap_or_default(),
        said("sub").unwrap_or("somebody"),
        &[claims],
        groups.clone(),
        &reading.claim,
    );
    let provider = config.and_then(|oidc| oidc.name.clone());
    (Person { provider, ..person }, groups)
}

fn text(sources: &[&Claims], claim: &str) -> Option<String> {
    sources
        .iter()
        .find_map(|claims| claims.get(claim)?.as_str())
        .map(|text| {
            text.chars()
                .filter(|character| !character.is_control())
                .take(MAX_NAME)
                .collect::<String>()
        })
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

fn name(sources: &[&Claims]) -> Option<String> {
    let parts = || {
        let given = text(sources, "given_name")?;
        let family = text(sources, "family_name")?;
        Some(format!("{given} {family}"))
    };
    text(sources, "name")
        .or_else(parts)
        .or_else(|| text(sources, "preferred_username"))
        .or_else(|| text(sources, "email"))
}

/// Claims for row rules: single values and lists of them.
fn others(sources: &[&Claims], groups_claim: &str) -> Claims {
    let mut kept = Claims::new();
    let all = sources.iter().flat_map(|claims| claims.iter());
    for (name, value) in all {
        let is_wanted = name != groups_claim
            && !OF_THE_TOKEN.contains(&name.as_str())
            && !kept.contains_key(name)
            && is_simple(value)
            && name.len() + value.to_string().len() <= MAX_CLAIM;
        if is_wanted && kept.len() < MAX_CLAIMS {
            kept.insert(name.clone(), value.clone());
        }
    }
    kept
}

fn is_simple(value: &Value) -> bool {
    let is_scalar =
        |value: &Value| matches!(value, Value::Bool(_) | Value::Number(_) | Value::String(_));
    match value {
        Value::Array(items) => items.iter().all(is_scalar),
        other => is_scalar(other),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use serde_json::json;

    fn person(token: Value, userinfo: Value) -> Person {
        let (Value::Object(token), Value::Object(userinfo)) = (token, userinfo) else {
            panic!("not objects");
        };
        let sources = [&token, &userinfo];
        let groups = Reading::default().read(&sources);
        from_claims("https://i", "s-1", &sources, groups, "groups")
    }

    #[test]
    fn the_name_is_the_best_there_is() {
        for (claims, name) in [
            (json!({"name": "A B", "email": "a@b"}), "A B"),
            (json!({"given_name": "A", "family_name": "B"}), "A B"),
            (json!({"preferred_username": "ab", "email": "a@b"}), "ab"),
            (json!({"name": "  ", "email": "a@b"}), "a@b"),
            (json!({"name": 7, "email": ["x"]}), "s-1"),
            (json!({"name": "A\u{0}\nB"}), "AB"),
        ] {
            assert_eq!(person(claims, json!({})).name, name);
        }
    }

    #[test]
    fn other_claims_are_kept_if_they_are_simple_and_small() {
        let long = "x".repeat(2_000);
        let kept = person(
            json!({"sub": "s-1", "iss": "i", "aud": "c", "nonce": "n", "sid": "x", "groups": ["g"],
                   "region": "emea", "teams": ["a", 1], "nested": {"a": 1}, "long": long, "none": null}),
            json!({"sub": "s-1", "region": "other", "level": 3, "email_verified": "true"}),
        )
        .claims;
        let names: Vec<&str> = kept.keys().map(String::as_str).collect();
        assert_eq!(names, ["region", "teams", "level", "email_verified"]);
        assert_eq!(kept["region"], "emea");
    }

    #[test]
    fn so_many_claims_are_kept_and_so_long_ones() {
        let kept = |claims: Value| person(claims, json!({})).claims;
        let all = (0..70).map(|n| (format!("c{n}"), json!(n)));
        let claims = kept(Value::Object(all.collect()));
        assert_eq!(claims.len(), MAX_CLAIMS);
        assert!(claims.contains_key("c63") && !claims.contains_key("c64"));
        // The name, the two quotes and the text.
        let longest = MAX_CLAIM - "long".len() - 2;
        assert_eq!(kept(json!({"long": "x".repeat(longest)})).len(), 1);
        assert_eq!(kept(json!({"long": "x".repeat(longest + 1)})).len(), 0);
        let lists = kept(json!({"flat": ["a", true], "mixed": ["a", {"b": 1}], "deep": [["a"]]}));
        assert_eq!(lists.keys().collect::<Vec<_>>(), ["flat"]);
    }

    #[test]
    fn without_a_provider_the_claims_say_who_vouches() {
        let Value::Object(claims) = json!({"iss": "https://said", "sub": "s-1"}) else {
            panic!("no object");
        };
        let (person, _) = of_claims(None, &claims);
        assert_eq!(
            (person.issuer.as_str(), person.subject.as_str()),
            ("https://said", "s-1")
        );
    }

    #[test]
    fn the_identity_is_not_taken_from_the_claims() {
        let person = person(
            json!({"sub": "other", "iss": "other", "groups": ["a"]}),
            json!({}),
        );
        assert_eq!(
            (person.issuer.as_str(), person.subject.as_str()),
            ("https://i", "s-1")
        );
        assert_eq!(person.groups, ["a"]);
    }
}
