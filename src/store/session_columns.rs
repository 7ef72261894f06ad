//! The columns of a session that describe the signed-in person.

use super::tables::bailiwick_sessions as sessions;
use crate::access::Person;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The columns of a session, except its id, origin, last use and re-check. Each part is written by
/// its own statement.
#[derive(Debug, Clone, Default, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub struct SessionColumns {
    /// The session's name in lists and logs.
    pub reference: String,
    /// The CSRF token, which every state-changing request must carry.
    pub csrf_token: String,
    /// The only role of a person who signed in with a break-glass link.
    pub as_role: Option<String>,
    /// The roles that the id was made for, as JSON.
    pub roles: String,
    /// The look, as JSON.
    pub look: Option<String>,
    /// The fixed end of the session, if it has one.
    pub ends_at: Option<NaiveDateTime>,
    /// When the person signed in.
    pub created_at: NaiveDateTime,
    /// What the provider last sent.
    #[diesel(embed)]
    pub identity: IdentityColumns,
}

/// What the provider last sent: at sign-in, at a re-check of groups, or at step-up.
#[derive(Debug, Clone, Default, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sessions)]
#[diesel(treat_none_as_null = true)]
pub struct IdentityColumns {
    /// The person's issuer.
    pub issuer: Option<String>,
    /// The person's subject at the issuer.
    pub subject: Option<String>,
    /// The provider's name in the configuration.
    pub provider: Option<String>,
    /// The person's name.
    pub name: String,
    /// Their e-mail address.
    pub email: Option<String>,
    /// The groups that matter under `rules`, as JSON.
    pub groups: String,
    /// The number of groups that the provider sent.
    pub groups_came: i64,
    /// The identifier of the rules that selected the groups.
    pub rules: String,
    /// The note on how the groups came, as JSON.
    pub groups_note: String,
    /// The time from which the age of the groups counts.
    pub groups_checked_at: Option<NaiveDateTime>,
    /// Other claims, for row rules, as JSON.
    pub claims: String,
    /// The ID token, sealed.
    pub id_token: Option<String>,
    /// The refresh token, sealed.
    pub refresh_token: Option<String>,
    /// The `nonce` in the ID token.
    pub nonce: Option<String>,
    /// When the person authenticated (`auth_time`).
    pub authenticated_at: Option<NaiveDateTime>,
    /// How they authenticated (`acr`).
    pub acr: Option<String>,
    /// When the provider last issued an ID token (`iat`).
    pub vouched_at: Option<NaiveDateTime>,
    /// The provider's own name for its session (`sid`).
    pub provider_session: Option<String>,
}

impl SessionColumns {
    /// The signed-in person, with the groups that matter.
    pub fn person(&self) -> Person {
        let identity = &self.identity;
        Person {
            issuer: identity.issuer.clone().unwrap_or_default(),
            provider: identity.provider.clone(),
            subject: identity.subject.clone().unwrap_or_default(),
            name: identity.name.clone(),
            email: identity.email.clone(),
            groups: from_json(&identity.groups),
            claims: from_json(&identity.claims),
            as_role: self.as_role.clone(),
        }
    }
}

impl IdentityColumns {
    /// The columns of a person, without details of the sign-in.
    pub fn of(person: &Person) -> Self {
        Self {
            issuer: Some(person.issuer.clone()),
            subject: Some(person.subject.clone()),
            provider: person.provider.clone(),
            name: person.name.clone(),
            email: person.email.clone(),
            groups: to_json(&person.groups),
            claims: to_json(&person.claims),
            ..Self::default()
        }
    }
}

/// Parses a column that holds JSON; the default if it is invalid.
pub fn from_json<T: Default + DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_default()
}

/// Writes a value as JSON for a column.
pub fn to_json<T: Serialize>(value: &T) -> String {
    // Cannot fail for lists, texts, and maps with text keys.
    serde_json::to_string(value).unwrap_or_default()
}
