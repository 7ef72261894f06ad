//! What the panel remembers of people and of their last sign-in: read to explain it afterwards.

use super::AnyConnection;
use super::tables::{bailiwick_audit as audit, bailiwick_people as people};
use crate::access::Person;
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// A person who has signed in, and what the provider last told of them.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = people)]
pub struct Remembered {
    /// The provider that vouched for them.
    pub issuer: String,
    /// Their identifier there.
    pub subject: String,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: Option<String>,
    /// When they first signed in, in UTC.
    pub first_seen_at: NaiveDateTime,
    /// When they last did.
    pub last_seen_at: NaiveDateTime,
    /// The provider's name in configuration; none for `[oidc]`.
    pub provider: Option<String>,
    groups: Option<String>,
    /// How the groups came, by the name of the note.
    pub groups_note: Option<String>,
    claims: Option<String>,
}

/// A sign-in as the audit has it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audit)]
pub struct SignIn {
    /// When, in UTC.
    pub at: NaiveDateTime,
    /// Names of the roles it gave, separated by commas.
    pub roles: String,
    /// In which request.
    pub request_id: String,
    /// From where.
    pub address: Option<String>,
}

impl Remembered {
    /// The person, as a session would hold them.
    pub fn person(&self) -> Person {
        let groups = self.groups.as_deref().map(serde_json::from_str);
        let claims = self.claims.as_deref().map(serde_json::from_str);
        Person {
            issuer: self.issuer.clone(),
            subject: self.subject.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            provider: self.provider.clone(),
            // What cannot be read gives nothing.
            groups: groups.and_then(Result::ok).unwrap_or_default(),
            claims: claims.and_then(Result::ok).unwrap_or_default(),
            ..Person::default()
        }
    }

    /// Whether what the provider told was noted: it is at every sign-in since it is kept.
    pub fn is_told(&self) -> bool {
        self.groups.is_some()
    }

    /// Whether they are known by this text: the subject alone or behind the issuer, or in any case
    /// the e-mail address or the name.
    pub fn is_called(&self, text: &str) -> bool {
        let is_alike = |name: &str| name.to_lowercase() == text.to_lowercase();
        self.is_exactly(text) || is_alike(&self.name) || self.email.as_deref().is_some_and(is_alike)
    }

    /// Whether the text is the subject, alone or behind the issuer.
    pub fn is_exactly(&self, text: &str) -> bool {
        text.strip_suffix(self.subject.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.trim_end() == self.issuer)
    }
}

/// The people who signed in last, the latest first.
///
/// # Errors
/// When the database refuses.
pub fn people(conn: &mut AnyConnection, limit: i64) -> QueryResult<Vec<Remembered>> {
    people::table
        .order((people::last_seen_at.desc(), people::issuer, people::subject))
        .limit(limit)
        .select(Remembered::as_select())
        .load(conn)
}

/// The people of this subject, however long ago they signed in.
///
/// # Errors
/// When the database refuses.
pub fn of_subject(conn: &mut AnyConnection, subject: &str) -> QueryResult<Vec<Remembered>> {
    people::table
        .filter(people::subject.eq(subject))
        .select(Remembered::as_select())
        .load(conn)
}

/// The last sign-in of a person, if the audit still has it.
///
/// # Errors
/// When the database refuses.
pub fn last_sign_in(
    conn: &mut AnyConnection,
    issuer: &str,
    subject: &str,
) -> QueryResult<Option<SignIn>> {
    audit::table
        .filter(audit::actor_issuer.eq(issuer))
        .filter(audit::actor_subject.eq(subject))
        .filter(audit::action.eq(super::Action::SignIn.name()))
        .order(audit::id.desc())
        .select(SignIn::as_select())
        .first(conn)
        .optional()
}
