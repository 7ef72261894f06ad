//! Reading groups from arbitrary JSON.

use crate::access::GroupsNote;
use crate::config::OidcConfig;
use crate::fuzz::{holds, json, object, text};
use crate::sso::token::groups::{Claims, MAX_GROUPS, keep};
use crate::sso::token::person::of_claims;
use arbtest::arbitrary::{Result, Unstructured};
use serde_json::Value;
use std::collections::HashSet;

const TEXTS: [&str; 28] = [
    "groups",
    "groups",
    "sub",
    "iss",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "email",
    "a",
    "a.b",
    "a.b.c",
    "b",
    "c",
    "_claim_names",
    "_claim_sources",
    "hasgroups",
    "nonce",
    "sid",
    "region",
    "admins",
    "/admins",
    "//admins",
    "Admins",
    "admins ",
    " ",
    "https://example.com/roles",
    "x",
];

fn config(claim: &str, prefix: &str) -> OidcConfig {
    toml::from_str(&format!(
        "issuer = \"https://i\"\nclient_id = \"c\"\nclient_secret = \"s\"\n\
         groups_claim = {claim:?}\nstrip_prefix = {prefix:?}\n"
    ))
    .unwrap()
}

/// Claims that usually contain groups.
fn claims(u: &mut Unstructured<'_>, claim: &str) -> Result<Claims> {
    let mut claims = object(u, &TEXTS, 3)?;
    let value = match u.int_in_range(0..=7)? {
        0 | 1 => json(u, &TEXTS, 3)?,
        2 => many(u)?,
        3..=5 => {
            let mut groups = Vec::new();
            for _ in 0..u.int_in_range(0..=9)? {
                groups.push(Value::from(text(u, &TEXTS, 2)?));
            }
            groups.into()
        }
        _ => return Ok(claims),
    };
    let mut steps = claim.split('.');
    match (u.arbitrary::<bool>()?, steps.next(), steps.next()) {
        (true, Some(first), Some(second)) => {
            let inner = Claims::from_iter([(second.to_owned(), value)]);
            claims.insert(first.to_owned(), inner.into());
        }
        _ => {
            claims.insert(claim.to_owned(), value);
        }
    }
    Ok(claims)
}

/// More groups than the limit.
fn many(u: &mut Unstructured<'_>) -> Result<Value> {
    let count = MAX_GROUPS + u.int_in_range(0..=9)?;
    let name = text(u, &TEXTS, 2)?;
    let names = (0..count).map(|number| Value::from(format!("{name}{number}")));
    Ok(names.collect::<Vec<_>>().into())
}

/// Every text in it, including keys.
fn texts<'v>(value: &'v Value, into: &mut HashSet<&'v str>) {
    match value {
        Value::String(text) => {
            into.insert(text);
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Value::Object(members) => members.iter().for_each(|(name, item)| {
            into.insert(name);
            texts(item, into);
        }),
        _ => {}
    }
}

#[test]
fn groups_are_texts_that_came_and_a_person_is_told_apart_from_the_token() {
    let (mut found, mut cut) = (0, 0);
    holds(|u| {
        let claim = *u.choose(&["groups", "a.b", "a", "https://example.com/roles"])?;
        let prefix = *u.choose(&["", "/", "ad"])?;
        let claims = claims(u, claim)?;
        let (person, groups) = of_claims(Some(&config(claim, prefix)), &claims);
        let whole = Value::from(claims.clone());
        let mut came = HashSet::new();
        texts(&whole, &mut came);
        for name in &groups.names {
            let is_told =
                came.contains(name.as_str()) || came.contains(format!("{prefix}{name}").as_str());
            assert!(is_told, "the group {name:?} did not come in {whole}");
            assert!(!name.trim().is_empty(), "a blank group of {whole}");
        }
        let once: HashSet<_> = groups.names.iter().collect();
        assert_eq!(once.len(), groups.names.len(), "a group twice, of {whole}");
        let cut_off = groups.names.len().saturating_sub(MAX_GROUPS);
        assert_eq!(groups.cut, cut_off);
        let mut kept = groups.names.clone();
        keep(&mut kept, |_| true);
        assert_eq!(kept.len() + cut_off, groups.names.len());
        assert_eq!(
            groups.note == GroupsNote::Found,
            !groups.names.is_empty(),
            "{whole}"
        );
        found += usize::from(groups.note == GroupsNote::Found);
        cut += usize::from(groups.cut > 0);

        assert_eq!(person.groups, groups.names);
        assert_eq!(person.issuer, "https://i");
        let subject = claims
            .get("sub")
            .and_then(Value::as_str)
            .unwrap_or("somebody");
        assert_eq!(person.subject, subject);
        let shown = std::iter::once(&person.name).chain(&person.email);
        for text in shown.filter(|text| *text != subject) {
            assert!(
                !text.trim().is_empty() && text.chars().count() <= 200,
                "{text:?}"
            );
            assert!(!text.chars().any(char::is_control), "{text:?}");
        }
        assert!(person.claims.len() <= 64);
        for (name, value) in &person.claims {
            assert_eq!(
                claims.get(name),
                Some(value),
                "a claim that did not come so"
            );
            assert!(
                name != claim
                    && !["sub", "iss", "nonce", "sid", "hasgroups"].contains(&name.as_str())
            );
            assert!(name.len() + value.to_string().len() <= 1_024 && !value.is_object());
        }
        Ok(())
    });
    assert!(
        found > 40 && cut > 3,
        "groups in {found} of the inputs, too many in {cut}"
    );
}
