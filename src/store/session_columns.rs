//! What a session's row keeps of who is signed in, column by column.

use super::tables::bailiwick_sessions as sessions;
use crate::access::Person;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The columns of a session, apart from its id and its use. Each part is written by a statement of
/// its own.
#[derive(Debug, Clone, Default, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub struct SessionColumns {
    /// What the session is called where people and logs speak of it.
    pub reference: String,
    /// What every state-changing request must carry.
    pub csrf_token: String,
    /// The only role that counts, of a person who came in by a link made on the server.
    pub as_role: Option<String>,
    /// The roles that its id was made for, as JSON.
    pub roles: String,
    /// As whom its person looks at the panel, as JSON.
    pub look: Option<String>,
    /// When it ends whatever the limits are, if it was begun for a time only.
    pub ends_at: Option<NaiveDateTime>,
    /// When its person signed in.
    pub created_at: NaiveDateTime,
    /// What the provider said last.
    #[diesel(embed)]
    pub identity: IdentityColumns,
}

/// What the provider of a session said last: written at sign-in, by a re-check of groups and by a
/// new proof of identity.
#[derive(Debug, Clone, Default, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sessions)]
#[diesel(treat_none_as_null = true)]
pub struct IdentityColumns {
    /// The provider that vouches for the person.
    pub issuer: Option<String>,
    /// The person's identifier there.
    pub subject: Option<String>,
    /// The provider's name in the configuration.
    pub provider: Option<String>,
    /// What to call the person.
    pub name: String,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Those of their groups that count by `rules`, as JSON.
    pub groups: String,
    /// How many groups came.
    pub groups_came: i64,
    /// By which rules the groups were sifted.
    pub rules: String,
    /// How the groups came, as JSON.
    pub groups_note: String,
    /// When the provider last told of groups.
    pub groups_checked_at: Option<NaiveDateTime>,
    /// Other claims, as JSON.
    pub claims: String,
    /// The ID token, sealed.
    pub id_token: Option<String>,
    /// The refresh token, sealed.
    pub refresh_token: Option<String>,
    /// What the ID token answered.
    pub nonce: Option<String>,
    /// When the person proved who they are.
    pub authenticated_at: Option<NaiveDateTime>,
    /// How they did.
    pub acr: Option<String>,
    /// When the provider vouched for them.
    pub vouched_at: Option<NaiveDateTime>,
    /// The provider's own name for its session (`sid`).
    pub provider_session: Option<String>,
}

impl SessionColumns {
    /// Who is signed in, with the groups that count.
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
    /// Of a person, with nothing more known about how they signed in.
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

/// The value of a column that keeps JSON. What cannot be read is empty.
pub fn from_json<T: Default + DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_default()
}

/// What a column that keeps JSON holds for a value.
pub fn to_json<T: Serialize>(value: &T) -> String {
    // Of lists, texts and maps with names as keys this cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}
