//! The people who are known, to be looked up: who they are and what their provider last told.

use super::AnyConnection;
use super::tables::bailiwick_people as people;
use crate::access::Person;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::Text;

diesel::define_sql_function! {
    /// In small letters, as far as the database knows them.
    fn lower(text: Text) -> Text;
}

/// Someone who has signed in before.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// Who, with the groups and claims of their last sign-in.
    pub person: Person,
    /// How the groups came, as the log has it; none if they have not been noted yet.
    pub groups_note: Option<String>,
    /// When they were last told of.
    pub last_seen_at: NaiveDateTime,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = people)]
struct Row {
    issuer: String,
    subject: String,
    name: String,
    email: Option<String>,
    last_seen_at: NaiveDateTime,
    provider: Option<String>,
    groups: Option<String>,
    groups_note: Option<String>,
    claims: Option<String>,
}

impl From<Row> for Known {
    fn from(row: Row) -> Self {
        let read = |text: Option<String>| text.unwrap_or_default();
        Self {
            person: Person {
                issuer: row.issuer,
                provider: row.provider,
                subject: row.subject,
                name: row.name,
                email: row.email,
                groups: serde_json::from_str(&read(row.groups)).unwrap_or_default(),
                claims: serde_json::from_str(&read(row.claims)).unwrap_or_default(),
                as_role: None,
            },
            groups_note: row.groups_note,
            last_seen_at: row.last_seen_at,
        }
    }
}

/// Someone by what they are: issuer and subject.
///
/// # Errors
/// When the database refuses.
pub fn find(conn: &mut AnyConnection, issuer: &str, subject: &str) -> QueryResult<Option<Known>> {
    let row = people::table
        .find((issuer, subject))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Known::from))
}

/// Those of whose name, e-mail address or subject this is a part, the last seen first; all of them
/// if it is empty.
///
/// # Errors
/// When the database refuses.
pub fn search(conn: &mut AnyConnection, text: &str, limit: i64) -> QueryResult<Vec<Known>> {
    let pattern = format!("%{}%", escaped(&text.to_lowercase()));
    let like = |pattern: &str| pattern.to_owned();
    let named = lower(people::name).like(like(&pattern)).escape('\\');
    let mailed = lower(people::email.assume_not_null())
        .like(like(&pattern))
        .escape('\\');
    let called = lower(people::subject).like(like(&pattern)).escape('\\');
    let rows: Vec<Row> = people::table
        .filter(named.or(people::email.is_not_null().and(mailed)).or(called))
        .order((people::last_seen_at.desc(), people::subject))
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Known::from).collect())
}

/// The `limit` people who were seen last, by name.
///
/// Those of whom no groups are noted have none: what is not known gives nothing.
///
/// # Errors
/// When the database refuses.
pub fn latest(conn: &mut AnyConnection, limit: i64) -> QueryResult<Vec<Known>> {
    let rows: Vec<Row> = people::table
        .order((people::last_seen_at.desc(), people::issuer, people::subject))
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    let mut all: Vec<Known> = rows.into_iter().map(Known::from).collect();
    all.sort_by_cached_key(Known::place);
    Ok(all)
}

impl Known {
    fn place(&self) -> (String, String, String) {
        let person = &self.person;
        (
            person.name.to_lowercase(),
            person.issuer.clone(),
            person.subject.clone(),
        )
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}
