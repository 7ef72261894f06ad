//! Sessions as people see them: never with what opens them.

use crate::access::Person;
use crate::store::AnyConnection;
use crate::store::search::{ESCAPE, containing, lower};
use crate::store::tables::{bailiwick_people as people, bailiwick_sessions as sessions};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// The most sessions that are listed at a time.
pub const MAX_LISTED: i64 = 200;

/// Whose sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose<'w> {
    /// Everybody's.
    Everybodys,
    /// Those of one person.
    Of {
        /// The provider that vouches for them.
        issuer: &'w str,
        /// Their identifier there.
        subject: &'w str,
    },
}

/// Sessions that have not ended began, and were last used, after these moments.
#[derive(Debug, Clone, Copy)]
pub struct Since {
    /// What time it is: those that are for a time only end after it.
    pub now: NaiveDateTime,
    /// Began.
    pub created: NaiveDateTime,
    /// Were last used.
    pub seen: NaiveDateTime,
}

/// A session that somebody is signed in with.
#[derive(Debug, Clone)]
pub struct Seen {
    /// What it is called.
    pub reference: String,
    /// Who is signed in.
    pub person: Person,
    /// When they signed in.
    pub created_at: NaiveDateTime,
    /// When it was last used, to within a minute.
    pub last_seen_at: NaiveDateTime,
    /// From where they signed in.
    pub address: Option<String>,
    /// With which browser, as it says of itself.
    pub user_agent: Option<String>,
}

#[derive(Queryable)]
struct Found {
    reference: String,
    state: String,
    issuer: Option<String>,
    subject: Option<String>,
    created_at: NaiveDateTime,
    last_seen_at: NaiveDateTime,
    address: Option<String>,
    user_agent: Option<String>,
    name: Option<String>,
}

/// The sessions of people, last used first, [`MAX_LISTED`] at most; `search` is looked for in
/// names and e-mail addresses, case aside.
///
/// # Errors
/// When the database refuses.
pub fn list(
    conn: &mut AnyConnection,
    whose: Whose<'_>,
    search: Option<&str>,
    since: Since,
) -> QueryResult<Vec<Seen>> {
    let mut query = sessions::table
        .left_join(people::table.on(of_their_person!()))
        .filter(sessions::created_at.gt(since.created))
        .filter(sessions::last_seen_at.gt(since.seen))
        .filter(sessions::subject.is_not_null())
        .filter(
            sessions::ends_at
                .is_null()
                .or(sessions::ends_at.assume_not_null().gt(since.now)),
        )
        .order((sessions::last_seen_at.desc(), sessions::reference))
        .limit(MAX_LISTED)
        .select((
            sessions::reference,
            sessions::state,
            sessions::issuer,
            sessions::subject,
            sessions::created_at,
            sessions::last_seen_at,
            sessions::address,
            sessions::user_agent,
            people::name.nullable(),
        ))
        .into_boxed();
    if let Whose::Of { issuer, subject } = whose {
        query = query
            .filter(sessions::issuer.eq(issuer))
            .filter(sessions::subject.eq(subject));
    }
    if let Some(search) = search {
        let pattern = containing(search);
        let named = lower(people::name).like(pattern.clone()).escape(ESCAPE);
        let written = lower(people::email.assume_not_null())
            .like(pattern)
            .escape(ESCAPE);
        query = query.filter(named.nullable().or(written.nullable()));
    }
    let found: Vec<Found> = query.load(conn)?;
    Ok(found.into_iter().map(Seen::from).collect())
}

/// The providers of the people of that identifier who have sessions.
///
/// # Errors
/// When the database refuses.
pub fn issuers_of(conn: &mut AnyConnection, subject: &str) -> QueryResult<Vec<String>> {
    let issuers: Vec<Option<String>> = sessions::table
        .filter(sessions::subject.eq(subject))
        .select(sessions::issuer)
        .distinct()
        .load(conn)?;
    Ok(issuers.into_iter().flatten().collect())
}

impl From<Found> for Seen {
    fn from(found: Found) -> Self {
        Self {
            person: person(&found),
            reference: found.reference,
            created_at: found.created_at,
            last_seen_at: found.last_seen_at,
            address: found.address,
            user_agent: found.user_agent,
        }
    }
}

/// Who is signed in, as the session has it. What cannot be read of that has no roles.
fn person(found: &Found) -> Person {
    let signed = serde_json::from_str::<serde_json::Value>(&found.state).ok();
    let signed = signed
        .as_ref()
        .and_then(|state| state.get("signed")?.as_str());
    let person = signed.and_then(|text| {
        let signed: serde_json::Value = serde_json::from_str(text).ok()?;
        serde_json::from_value(signed.get("person")?.clone()).ok()
    });
    person.unwrap_or_else(|| Person {
        issuer: found.issuer.clone().unwrap_or_default(),
        subject: found.subject.clone().unwrap_or_default(),
        name: found.name.clone().unwrap_or_default(),
        ..Person::default()
    })
}
