//! Sessions, one row each, found by the hash of the id in the cookie.
//!
//! A row that is gone is never written back: an update finds no row and does nothing.

/// A session and the person it is of.
macro_rules! of_their_person {
    () => {{
        use diesel::prelude::*;
        sessions::issuer
            .eq(people::issuer.nullable())
            .and(sessions::subject.eq(people::subject.nullable()))
    }};
}

mod list;

pub use list::{ListedSession, MAX_LISTED, Search, SessionOwner, Since, issuers_of, list};

use super::audit::event::EndSession;
use super::audit::{self, Actor, Event, NewEntry};
pub use super::ended::Content;
use super::tables::{bailiwick_people as people, bailiwick_sessions as sessions};
use super::{AnyConnection, ended, made};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// A session as it was read.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub struct Row {
    /// What the session holds, as JSON.
    pub state: String,
    /// When its person signed in.
    pub created_at: NaiveDateTime,
    /// When it was last used, to within the time between touches.
    pub last_seen_at: NaiveDateTime,
    /// When it ends whatever the limits are, if it was begun for a time only.
    pub ends_at: Option<NaiveDateTime>,
}

/// The session of this id.
///
/// # Errors
/// When the database refuses.
pub fn find(conn: &mut AnyConnection, id_hash: &str) -> QueryResult<Option<Row>> {
    sessions::table
        .find(id_hash)
        .select(Row::as_select())
        // Not `first`: SQLite plans a statement with a bound LIMIT anew each time.
        .get_result(conn)
        .optional()
}

/// Where a session was begun.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, Insertable,
)]
#[diesel(table_name = sessions)]
pub struct Origin {
    /// From which address.
    pub address: Option<String>,
    /// With which browser, as it says of itself.
    pub user_agent: Option<String>,
}

/// A session that is to begin.
#[derive(Debug)]
pub struct Begun {
    /// The hash of the id in its cookie.
    pub id_hash: String,
    /// What it holds.
    pub content: Content,
    /// Where it was begun.
    pub origin: Origin,
    /// When the provider vouched for its person.
    pub vouched_at: Option<NaiveDateTime>,
    /// When its person signed in.
    pub created_at: NaiveDateTime,
}

/// Whether the session that is called so is there.
///
/// # Errors
/// When the database refuses.
pub fn exists(conn: &mut AnyConnection, reference: &str) -> QueryResult<bool> {
    let found: i64 = sessions::table
        .filter(sessions::reference.eq(reference))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

/// Starts a session, unless its provider has told meanwhile that it has ended; says whether it
/// did. To be called inside a transaction.
///
/// # Errors
/// When the database refuses.
pub fn begin(conn: &mut AnyConnection, begun: &Begun, now: NaiveDateTime) -> QueryResult<bool> {
    ended::hold_back(conn)?;
    if ended::stops(conn, &begun.content, begun.vouched_at, now)? {
        ended::note_stopped(conn, &begun.content, now)?;
        return Ok(false);
    }
    let written = diesel::insert_into(sessions::table)
        .values((
            sessions::id_hash.eq(&begun.id_hash),
            &begun.content,
            &begun.origin,
            sessions::created_at.eq(begun.created_at),
            sessions::last_seen_at.eq(now),
        ))
        .execute(conn);
    made::one("bailiwick_sessions", written)?;
    Ok(true)
}

/// Writes what a session holds; says whether the session was still there.
///
/// # Errors
/// When the database refuses.
pub fn update(
    conn: &mut AnyConnection,
    id_hash: &str,
    content: &Content,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    let updated = diesel::update(sessions::table.find(id_hash))
        .set((content, sessions::last_seen_at.eq(now)))
        .execute(conn)?;
    Ok(updated > 0)
}

/// Gives a session another id; says whether it was there under the old one.
///
/// # Errors
/// When the database refuses.
pub fn rename(conn: &mut AnyConnection, id_hash: &str, new_hash: &str) -> QueryResult<bool> {
    let renamed = diesel::update(sessions::table.find(id_hash))
        .set(sessions::id_hash.eq(new_hash))
        .execute(conn)?;
    Ok(renamed > 0)
}

/// The hash of the id that the session has which is called so.
///
/// # Errors
/// When the database refuses.
pub fn id_of(conn: &mut AnyConnection, reference: &str) -> QueryResult<Option<String>> {
    let named = sessions::table.filter(sessions::reference.eq(reference));
    let id = named.select(sessions::id_hash);
    id.get_result(conn).optional()
}

/// Notes that a session is in use.
///
/// # Errors
/// When the database refuses.
pub fn touch(conn: &mut AnyConnection, id_hash: &str, now: NaiveDateTime) -> QueryResult<()> {
    diesel::update(sessions::table.find(id_hash))
        .set(sessions::last_seen_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// When the database refuses.
pub fn delete(conn: &mut AnyConnection, id_hash: &str) -> QueryResult<()> {
    diesel::delete(sessions::table.find(id_hash)).execute(conn)?;
    Ok(())
}

/// Ends the session that is called so; says whether it was there.
///
/// # Errors
/// When the database refuses.
pub fn delete_named(conn: &mut AnyConnection, reference: &str) -> QueryResult<bool> {
    let row = sessions::table.filter(sessions::reference.eq(reference));
    Ok(diesel::delete(row).execute(conn)? > 0)
}

/// Removes the sessions that began or were last used too long ago, or were for a time that is over;
/// returns how many.
///
/// # Errors
/// When the database refuses.
pub fn sweep(conn: &mut AnyConnection, since: Since) -> QueryResult<usize> {
    let over = sessions::ends_at.is_not_null();
    let over = over.and(sessions::ends_at.assume_not_null().le(since.now));
    let ended = sessions::table.filter(
        sessions::created_at
            .lt(since.created)
            .or(sessions::last_seen_at.lt(since.seen))
            .or(over),
    );
    diesel::delete(ended).execute(conn)
}

/// Sessions that are to end.
#[derive(Debug, Clone, Copy)]
pub enum SessionSelection<'w> {
    /// The one of this reference, if it is one of those.
    Named {
        /// What the session is called.
        reference: &'w str,
        /// Whose it must be.
        whose: SessionOwner<'w>,
    },
    /// Those of a person.
    OfPerson {
        /// The provider that vouches for the person.
        issuer: &'w str,
        /// The person's identifier there.
        subject: &'w str,
        /// But for this one.
        but: Option<&'w str>,
    },
    /// Those that a provider says have ended: what it names must all fit.
    OfProvider {
        /// The provider.
        issuer: &'w str,
        /// Its own name for its session.
        sid: Option<&'w str>,
        /// The person.
        subject: Option<&'w str>,
    },
}

/// A session that has ended, and whose it was.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Ended {
    /// What it was called.
    pub reference: String,
    issuer: Option<String>,
    subject: Option<String>,
    name: Option<String>,
    /// What it held, as its row kept it.
    pub state: String,
}

/// Ends sessions and puts each into the audit; to be called inside a transaction. A session that
/// somebody else ended at the same moment is not counted.
///
/// # Errors
/// When the database refuses.
pub fn end(
    conn: &mut AnyConnection,
    which: &SessionSelection<'_>,
    actor: &Actor,
    now: NaiveDateTime,
) -> QueryResult<Vec<Ended>> {
    let mut gone = Vec::new();
    for ended in find_all(conn, which)? {
        if !delete_named(conn, &ended.reference)? {
            continue;
        }
        let event = Event::EndSession(EndSession {
            issuer: ended.issuer.clone(),
            subject: ended.subject.clone(),
            under_way: false,
        });
        let entry = NewEntry {
            row_key: Some(ended.reference.clone()),
            row_label: ended.name.clone(),
            ..NewEntry::new(event)
        };
        audit::record(conn, actor, &entry, now)?;
        gone.push(ended);
    }
    Ok(gone)
}

fn find_all(conn: &mut AnyConnection, which: &SessionSelection<'_>) -> QueryResult<Vec<Ended>> {
    let mut query = sessions::table
        .left_join(people::table.on(of_their_person!()))
        .select((
            sessions::reference,
            sessions::issuer,
            sessions::subject,
            people::name.nullable(),
            sessions::state,
        ))
        .into_boxed();
    query = match *which {
        SessionSelection::Named { reference, whose } => {
            let named = query.filter(sessions::reference.eq(reference));
            match whose {
                SessionOwner::Everybodys => named.filter(sessions::issuer.is_not_null()),
                SessionOwner::Of { issuer, subject } => named
                    .filter(sessions::issuer.eq(issuer))
                    .filter(sessions::subject.eq(subject)),
            }
        }
        SessionSelection::OfPerson {
            issuer,
            subject,
            but,
        } => query
            .filter(sessions::issuer.eq(issuer))
            .filter(sessions::subject.eq(subject))
            .filter(sessions::reference.ne(but.unwrap_or_default())),
        SessionSelection::OfProvider {
            issuer,
            sid,
            subject,
        } => {
            let theirs = query.filter(sessions::issuer.eq(issuer));
            match (sid, subject) {
                (Some(sid), Some(subject)) => theirs
                    .filter(sessions::provider_session.eq(sid))
                    .filter(sessions::subject.eq(subject)),
                (Some(sid), None) => theirs.filter(sessions::provider_session.eq(sid)),
                (None, Some(subject)) => theirs.filter(sessions::subject.eq(subject)),
                (None, None) => return Ok(Vec::new()),
            }
        }
    };
    query.load(conn)
}
