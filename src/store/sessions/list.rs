//! Lists of sessions, without the ids and tokens that give access.

use super::{Origin, legacy};
use crate::access::{BREAK_GLASS, Person};
use crate::store::AnyConnection;
use crate::store::search::{ESCAPE, containing, lower};
use crate::store::session_columns::{SessionColumns, from_json};
use crate::store::tables::{bailiwick_people as people, bailiwick_sessions as sessions};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// The maximum number of sessions in a list.
pub const MAX_LISTED: i64 = 200;

/// The owner of sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionOwner<'w> {
    /// Everybody.
    Everybodys,
    /// One person.
    Of {
        /// The person's issuer.
        issuer: &'w str,
        /// The person's subject at the issuer.
        subject: &'w str,
    },
}

/// Limits in time for sessions that have not ended.
#[derive(Debug, Clone, Copy)]
pub struct Since {
    /// The current time. A session's fixed end, if any, is later.
    pub now: NaiveDateTime,
    /// The session began after this.
    pub created: NaiveDateTime,
    /// The session was last used after this.
    pub seen: NaiveDateTime,
}

/// A session in a list.
#[derive(Debug, Clone)]
pub struct ListedSession {
    /// Its reference.
    pub reference: String,
    /// The signed-in person, with only the groups that mattered under `rules`.
    pub person: Person,
    /// The identifier of the rules that selected the groups ([`crate::session::Signed::rules`]).
    pub rules: String,
    /// All groups that the provider last sent.
    pub told: Vec<String>,
    /// When the person signed in.
    pub created_at: NaiveDateTime,
    /// When it was last used, to within about a minute.
    pub last_seen_at: NaiveDateTime,
    /// The address of the client at sign-in.
    pub address: Option<String>,
    /// The user agent at sign-in, as sent by the browser.
    pub user_agent: Option<String>,
}

#[derive(Queryable)]
struct SessionRow {
    columns: SessionColumns,
    last_seen_at: NaiveDateTime,
    origin: Origin,
    name: Option<String>,
    groups: Option<String>,
    is_current: bool,
}

/// A search for sessions.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// A part of the name or the e-mail address; case is ignored. For break-glass sessions also a
    /// part of the reason, or of the role's name.
    pub text: String,
    /// The names of roles whose break-glass sessions are found too.
    pub roles: Vec<String>,
}

impl Search {
    fn finds_link(&self, person: &Person) -> bool {
        let text = self.text.to_lowercase();
        let role = person.as_role.as_deref();
        let mut told = [
            Some(person.name.as_str()),
            person.break_glass_reason(),
            role,
        ]
        .into_iter()
        .flatten();
        told.any(|told| told.to_lowercase().contains(&text))
            || role.is_some_and(|role| self.roles.iter().any(|found| found == role))
    }
}

/// How sessions are selected.
#[derive(Clone, Copy)]
enum SelectedBy<'b> {
    Nothing,
    /// A part of the name or e-mail address of a known person.
    Known(&'b str),
    /// Break-glass sessions, whose people are not stored as known people.
    Link,
}

/// Sessions that have not ended, most recently used first, at most [`MAX_LISTED`].
///
/// # Errors
/// When the database refuses.
pub fn list(
    conn: &mut AnyConnection,
    whose: SessionOwner<'_>,
    search: Option<&Search>,
    since: Since,
) -> QueryResult<Vec<ListedSession>> {
    let Some(search) = search else {
        return load(conn, whose, SelectedBy::Nothing, since);
    };
    let mut seen = load(conn, whose, SelectedBy::Link, since)?;
    seen.retain(|one| search.finds_link(&one.person));
    seen.extend(load(conn, whose, SelectedBy::Known(&search.text), since)?);
    seen.sort_by(|one, other| {
        let used = other.last_seen_at.cmp(&one.last_seen_at);
        used.then_with(|| one.reference.cmp(&other.reference))
    });
    seen.truncate(usize::try_from(MAX_LISTED).unwrap_or(usize::MAX));
    Ok(seen)
}

fn load(
    conn: &mut AnyConnection,
    whose: SessionOwner<'_>,
    by: SelectedBy<'_>,
    since: Since,
) -> QueryResult<Vec<ListedSession>> {
    let mut found = load_rows(conn, whose, by, since)?;
    let old = found.iter().filter(|row| !row.is_current);
    let old: Vec<String> = old.map(|row| row.columns.reference.clone()).collect();
    if !old.is_empty() {
        legacy::copy_each(conn, &old)?;
        found = load_rows(conn, whose, by, since)?;
    }
    Ok(found.into_iter().map(ListedSession::from).collect())
}

fn load_rows(
    conn: &mut AnyConnection,
    whose: SessionOwner<'_>,
    by: SelectedBy<'_>,
    since: Since,
) -> QueryResult<Vec<SessionRow>> {
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
            SessionColumns::as_select(),
            sessions::last_seen_at,
            Origin::as_select(),
            people::name.nullable(),
            people::groups.nullable(),
            legacy::is_current(),
        ))
        .into_boxed();
    if let SessionOwner::Of { issuer, subject } = whose {
        query = query
            .filter(sessions::issuer.eq(issuer))
            .filter(sessions::subject.eq(subject));
    }
    query = match by {
        SelectedBy::Nothing => query,
        SelectedBy::Known(text) => {
            let pattern = containing(text);
            let named = lower(people::name).like(pattern.clone()).escape(ESCAPE);
            let written = lower(people::email.assume_not_null())
                .like(pattern)
                .escape(ESCAPE);
            query.filter(named.nullable().or(written.nullable()))
        }
        SelectedBy::Link => query.filter(sessions::issuer.eq(BREAK_GLASS)),
    };
    query.load(conn)
}

/// The issuers of the people with this subject who have sessions.
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

impl From<SessionRow> for ListedSession {
    fn from(found: SessionRow) -> Self {
        let told = found.groups.as_deref();
        let mut person = found.columns.person();
        // If the text of the previous version cannot be read, the columns hold no name and no
        // roles.
        if person.name.is_empty() {
            person.name = found.name.unwrap_or_default();
        }
        Self {
            person,
            rules: found.columns.identity.rules,
            told: told.map(from_json).unwrap_or_default(),
            reference: found.columns.reference,
            created_at: found.columns.created_at,
            last_seen_at: found.last_seen_at,
            address: found.origin.address,
            user_agent: found.origin.user_agent,
        }
    }
}
