//! The claims for the scopes of a grant (OpenID Connect Core, section 5.4).

use std::collections::BTreeSet;

use openidconnect::core::CoreGenderClaim;
use openidconnect::{
    AdditionalClaims, EndUserEmail, EndUserName, EndUserUsername, StandardClaims, SubjectIdentifier,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::settings::Person;

/// The supported scopes; others are left out of the grant.
pub(super) const SCOPES: [&str; 5] = ["openid", "profile", "email", "groups", "offline_access"];

/// Names of the provider's own claims, which a person's further claims cannot have.
pub(super) const OWN: [&str; 17] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "azp",
    "nonce",
    "auth_time",
    "acr",
    "at_hash",
    "sid",
    "name",
    "preferred_username",
    "email",
    "groups",
];

/// Claims that OpenID Connect does not define.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Extra {
    #[serde(flatten)]
    pub values: Map<String, Value>,
}

impl AdditionalClaims for Extra {}

/// Name and e-mail address, as far as the scopes include them.
pub(super) fn standard(
    person: &Person,
    scopes: &BTreeSet<String>,
) -> StandardClaims<CoreGenderClaim> {
    let mut claims = StandardClaims::new(SubjectIdentifier::new(person.subject.clone()));
    if scopes.contains("profile") {
        claims = claims
            .set_name(Some(EndUserName::new(person.display_name.clone()).into()))
            .set_preferred_username(Some(EndUserUsername::new(person.name.clone())));
    }
    if scopes.contains("email") {
        claims = claims
            .set_email(Some(EndUserEmail::new(person.email.clone())))
            .set_email_verified(Some(true));
    }
    claims
}

/// Groups and further claims, as far as the scopes include them.
pub(super) fn extra(person: &Person, scopes: &BTreeSet<String>) -> Extra {
    let mut values = Map::new();
    if scopes.contains("groups") {
        values.insert("groups".to_owned(), person.groups.clone().into());
    }
    if scopes.contains("profile") {
        let further = person
            .claims
            .iter()
            .filter(|(name, _)| !OWN.contains(&name.as_str()));
        values.extend(further.map(|(name, value)| (name.clone(), value.clone())));
    }
    Extra { values }
}
