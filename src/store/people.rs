//! People who have signed in, by issuer and subject, never by e-mail or user name. For each, the
//! panel stores what the provider last said.

use super::search::{ESCAPE, containing, lower};
use super::tables::bailiwick_people as people;
use super::{AnyConnection, made};
use crate::access::Person;
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// Someone who has signed in before.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownPerson {
    /// The person, with the groups and claims that the provider last sent.
    pub person: Person,
    /// The note on how the groups came; none if nothing was stored yet.
    pub groups_note: Option<String>,
    /// When they first signed in, in UTC.
    pub first_seen_at: NaiveDateTime,
    /// When their provider last sent their claims.
    pub last_seen_at: NaiveDateTime,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = people)]
struct Row {
    issuer: String,
    subject: String,
    name: String,
    email: Option<String>,
    first_seen_at: NaiveDateTime,
    last_seen_at: NaiveDateTime,
    provider: Option<String>,
    groups: Option<String>,
    groups_note: Option<String>,
    claims: Option<String>,
}

impl From<Row> for KnownPerson {
    fn from(row: Row) -> Self {
        Self {
            person: Person {
                issuer: row.issuer,
                provider: row.provider,
                subject: row.subject,
                name: row.name,
                email: row.email,
                groups: read(row.groups),
                claims: read(row.claims),
                as_role: None,
            },
            groups_note: row.groups_note,
            first_seen_at: row.first_seen_at,
            last_seen_at: row.last_seen_at,
        }
    }
}

/// Reads JSON. A missing or unreadable value counts as empty.
fn read<T: Default + serde::de::DeserializeOwned>(text: Option<String>) -> T {
    let value = text.and_then(|text| serde_json::from_str(&text).ok());
    value.unwrap_or_default()
}

impl KnownPerson {
    /// Whether the provider's claims were stored. Every sign-in stores them, except with versions
    /// that did not do so yet.
    pub fn is_told(&self) -> bool {
        self.groups_note.is_some()
    }

    /// Whether this text identifies them. It is the subject, alone or after the issuer. Or it is,
    /// ignoring case, the e-mail address, name or user name (`preferred_username`).
    pub fn is_called(&self, text: &str) -> bool {
        let is_alike = |name: &str| name.to_lowercase() == text.to_lowercase();
        let person = &self.person;
        self.is_exactly(text)
            || is_alike(&person.name)
            || person.email.as_deref().is_some_and(is_alike)
            || self.user_name().is_some_and(is_alike)
    }

    /// The name they sign in with at the provider, if it sent one.
    pub fn user_name(&self) -> Option<&str> {
        self.person.claims.get("preferred_username")?.as_str()
    }

    /// Whether the text is the subject, alone or after the issuer.
    pub fn is_exactly(&self, text: &str) -> bool {
        text.strip_suffix(self.person.subject.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.trim_end() == self.person.issuer)
    }
}

/// The person with this issuer and subject.
///
/// # Errors
/// When a statement fails.
pub fn find(
    conn: &mut AnyConnection,
    issuer: &str,
    subject: &str,
) -> QueryResult<Option<KnownPerson>> {
    let row = people::table
        .find((issuer, subject))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(KnownPerson::from))
}

/// The people with this subject, at any provider.
///
/// # Errors
/// When a statement fails.
pub fn of_subject(conn: &mut AnyConnection, subject: &str) -> QueryResult<Vec<KnownPerson>> {
    let rows: Vec<Row> = people::table
        .filter(people::subject.eq(subject))
        .select(Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(KnownPerson::from).collect())
}

/// People whose name, e-mail address or subject contains the text, last seen first. An empty text
/// matches everyone.
///
/// # Errors
/// When a statement fails.
pub fn search(conn: &mut AnyConnection, text: &str, limit: i64) -> QueryResult<Vec<KnownPerson>> {
    let pattern = containing(text);
    let named = lower(people::name).like(pattern.clone()).escape(ESCAPE);
    let mailed = lower(people::email.assume_not_null())
        .like(pattern.clone())
        .escape(ESCAPE);
    let called = lower(people::subject).like(pattern).escape(ESCAPE);
    let rows: Vec<Row> = people::table
        .filter(named.or(people::email.is_not_null().and(mailed)).or(called))
        .order((people::last_seen_at.desc(), people::subject))
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(KnownPerson::from).collect())
}

/// The `limit` people who were last seen, the latest first.
///
/// People without stored groups have none.
///
/// # Errors
/// When a statement fails.
pub fn latest(conn: &mut AnyConnection, limit: i64) -> QueryResult<Vec<KnownPerson>> {
    let rows: Vec<Row> = people::table
        .order((people::last_seen_at.desc(), people::issuer, people::subject))
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(KnownPerson::from).collect())
}

/// What the provider said about a person.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = people)]
#[diesel(treat_none_as_null = true)]
struct PersonUpdate<'t> {
    provider: Option<&'t str>,
    groups: String,
    groups_note: &'t str,
    claims: String,
}

/// Records a sign-in, and what the provider said about the person.
///
/// # Errors
/// When a statement fails.
pub fn seen(
    conn: &mut AnyConnection,
    person: &Person,
    groups_note: &str,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let told = PersonUpdate {
        provider: person.provider.as_deref(),
        groups: serde_json::json!(person.groups).to_string(),
        groups_note,
        claims: serde_json::json!(person.claims).to_string(),
    };
    let known = people::table.find((&person.issuer, &person.subject));
    let updated = diesel::update(known)
        .set((
            people::name.eq(&person.name),
            people::email.eq(&person.email),
            people::last_seen_at.eq(now),
            &told,
        ))
        .execute(conn)?;
    if updated > 0 {
        return Ok(());
    }
    let written = diesel::insert_into(people::table)
        .values((
            people::issuer.eq(&person.issuer),
            people::subject.eq(&person.subject),
            people::name.eq(&person.name),
            people::email.eq(&person.email),
            people::first_seen_at.eq(now),
            people::last_seen_at.eq(now),
            &told,
        ))
        .execute(conn);
    made::one("bailiwick_people", written)
}
