//! The people whom the panel knows, as their providers last told of them.

use super::AnyConnection;
use super::tables::bailiwick_people as people;
use crate::access::Person;
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// Somebody who has signed in at some time.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// The person, with the groups and claims of then.
    pub person: Person,
    /// When they last signed in, in UTC.
    pub last_seen_at: NaiveDateTime,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = people)]
struct Row {
    issuer: String,
    provider: Option<String>,
    subject: String,
    name: String,
    email: Option<String>,
    groups: Option<String>,
    claims: Option<String>,
    last_seen_at: NaiveDateTime,
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
    all.sort_by(|one, other| one.place().cmp(&other.place()));
    Ok(all)
}

impl Known {
    fn place(&self) -> (String, &str, &str) {
        let person = &self.person;
        (person.name.to_lowercase(), &person.issuer, &person.subject)
    }
}

impl From<Row> for Known {
    fn from(row: Row) -> Self {
        let groups = row.groups.and_then(|text| serde_json::from_str(&text).ok());
        let claims = row.claims.and_then(|text| serde_json::from_str(&text).ok());
        Self {
            person: Person {
                issuer: row.issuer,
                provider: row.provider,
                subject: row.subject,
                name: row.name,
                email: row.email,
                groups: groups.unwrap_or_default(),
                claims: claims.unwrap_or_default(),
                ..Person::default()
            },
            last_seen_at: row.last_seen_at,
        }
    }
}
