//! Sessions, one row each, found by the hash of the id in the cookie.
//!
//! A deleted row is never written back: an update finds no row and does nothing.

/// The join condition of a session and its person.
macro_rules! of_their_person {
    () => {{
        use diesel::prelude::*;
        sessions::issuer
            .eq(people::issuer.nullable())
            .and(sessions::subject.eq(people::subject.nullable()))
    }};
}

pub(in crate::store) mod legacy;
mod list;

pub use super::session_columns::{IdentityColumns, SessionColumns};
pub use list::{ListedSession, MAX_LISTED, Search, SessionOwner, Since, issuers_of, list};

use super::audit::event::EndSession;
use super::audit::{self, Actor, Event, NewEntry};
use super::tables::{bailiwick_people as people, bailiwick_sessions as sessions};
use super::{AnyConnection, ended, made};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// A session, as read.
#[derive(Debug, Clone, Queryable)]
pub struct Row {
    /// The signed-in person, and the details of their sign-in.
    pub columns: SessionColumns,
    /// Where it began.
    pub origin: Origin,
    /// When it was last used, to within the interval at which use is recorded.
    pub last_seen_at: NaiveDateTime,
    is_current: bool,
}

/// How many times a session is read while the previous version writes to it.
const TRIES: usize = 3;

/// The session whose id has this hash. None if there is none, or if the text of the previous
/// version cannot be read.
///
/// # Errors
/// When a statement fails.
pub fn find(conn: &mut AnyConnection, id_hash: &str) -> QueryResult<Option<Row>> {
    for _ in 0..TRIES {
        match look_up(conn, id_hash)? {
            Some(row) if !row.is_current => {
                if !legacy::copy_to_columns(conn, &row.columns.reference)? {
                    return Ok(None);
                }
            }
            row => return Ok(row),
        }
    }
    Ok(None)
}

fn look_up(conn: &mut AnyConnection, id_hash: &str) -> QueryResult<Option<Row>> {
    sessions::table
        .find(id_hash)
        .select((
            SessionColumns::as_select(),
            Origin::as_select(),
            sessions::last_seen_at,
            legacy::is_current(),
        ))
        // Not `first`: it binds a LIMIT, and SQLite then plans the statement again each time.
        .get_result(conn)
        .optional()
}

/// Where a session began.
#[derive(
    Debug,
    Clone,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    Queryable,
    Selectable,
    Insertable,
)]
#[diesel(table_name = sessions)]
pub struct Origin {
    /// The address of the client.
    pub address: Option<String>,
    /// The user agent, as sent by the browser.
    pub user_agent: Option<String>,
}

/// A session that is about to begin.
#[derive(Debug)]
pub struct NewSession {
    /// The hash of the id in its cookie.
    pub id_hash: String,
    /// The signed-in person, and the details of their sign-in.
    pub columns: SessionColumns,
    /// Where it began.
    pub origin: Origin,
}

/// Whether a session with this reference exists.
///
/// # Errors
/// When a statement fails.
pub fn exists(conn: &mut AnyConnection, reference: &str) -> QueryResult<bool> {
    let found: i64 = sessions::table
        .filter(sessions::reference.eq(reference))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

/// Begins a session, unless its provider has ended it in the meantime; returns whether it began.
/// Must be called first in a transaction.
///
/// # Errors
/// When a statement fails.
pub fn begin(
    conn: &mut AnyConnection,
    begun: &NewSession,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    ended::hold_back(conn)?;
    let columns = &begun.columns;
    if ended::stops(conn, &columns.identity, now)? {
        ended::note_stopped(conn, &columns.identity, &columns.reference, now)?;
        return Ok(false);
    }
    let written = diesel::insert_into(sessions::table)
        .values((
            sessions::id_hash.eq(&begun.id_hash),
            columns,
            &begun.origin,
            sessions::last_seen_at.eq(now),
            sessions::state.eq(legacy::text(columns, &begun.origin)),
        ))
        .execute(conn);
    made::one("bailiwick_sessions", written)?;
    Ok(true)
}

/// Changes to a session that come with a new id. `None` leaves a part unchanged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SessionChange {
    /// The roles that the new id is made for, as JSON.
    pub roles: Option<String>,
    /// The look, as JSON; `Some(None)` ends it.
    pub look: Option<Option<String>>,
    /// What the provider sent at step-up.
    pub identity: Option<IdentityColumns>,
}

/// The outcome of [`renew`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RenewalOutcome {
    /// The session has the new id.
    Renewed,
    /// The session no longer has the old id, because a concurrent request gave it another. After a
    /// change of roles alone, the session may also be gone.
    RenewedElsewhere,
    /// The session is gone.
    Gone,
}

#[derive(AsChangeset)]
#[diesel(table_name = sessions)]
struct RenewedColumns<'c> {
    id_hash: Option<&'c str>,
    roles: Option<&'c str>,
    look: Option<Option<&'c str>>,
    last_seen_at: NaiveDateTime,
}

/// Changes a session and gives it a new id, in one statement. Of several concurrent requests, only
/// one sets its new id. The others still change the look or identity, under the session's current
/// id. They do not change its roles, which belong to the id.
///
/// With an identity, deletes the session if its provider has ended it in the meantime. Must be
/// called first in a transaction.
///
/// # Errors
/// When a statement fails.
pub fn renew(
    conn: &mut AnyConnection,
    (id_hash, new_hash): (&str, &str),
    reference: &str,
    change: &SessionChange,
    now: NaiveDateTime,
) -> QueryResult<RenewalOutcome> {
    let identity = change.identity.as_ref();
    if identity.is_some() {
        ended::hold_back(conn)?;
    }
    legacy::bring_up(conn, reference)?;
    let mut columns = RenewedColumns {
        id_hash: Some(new_hash),
        roles: change.roles.as_deref(),
        look: change.look.as_ref().map(Option::as_deref),
        last_seen_at: now,
    };
    let renewed = diesel::update(sessions::table.find(id_hash))
        .set((&columns, identity))
        .execute(conn)?;
    let mut outcome = RenewalOutcome::Renewed;
    if renewed == 0 {
        outcome = RenewalOutcome::RenewedElsewhere;
        if change.look.is_none() && identity.is_none() {
            return Ok(outcome);
        }
        columns.id_hash = None;
        columns.roles = None;
        let named = sessions::table.filter(sessions::reference.eq(reference));
        let changed = diesel::update(named)
            .set((&columns, identity))
            .execute(conn)?;
        if changed == 0 {
            return Ok(RenewalOutcome::Gone);
        }
    }
    // The provider may have ended its session since it sent the identity.
    if let Some(identity) = identity
        && ended::stops(conn, identity, now)?
    {
        ended::note_stopped(conn, identity, reference, now)?;
        delete_named(conn, reference)?;
        return Ok(RenewalOutcome::Gone);
    }
    legacy::write_text(conn, reference)?;
    Ok(outcome)
}

/// Records that a session is in use.
///
/// # Errors
/// When a statement fails.
pub fn touch(conn: &mut AnyConnection, id_hash: &str, now: NaiveDateTime) -> QueryResult<()> {
    diesel::update(sessions::table.find(id_hash))
        .set(sessions::last_seen_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// Deletes the session with this id.
///
/// # Errors
/// When a statement fails.
pub fn delete(conn: &mut AnyConnection, id_hash: &str) -> QueryResult<()> {
    diesel::delete(sessions::table.find(id_hash)).execute(conn)?;
    Ok(())
}

/// Deletes the session with this reference; false if it was gone already.
///
/// # Errors
/// When a statement fails.
pub fn delete_named(conn: &mut AnyConnection, reference: &str) -> QueryResult<bool> {
    let row = sessions::table.filter(sessions::reference.eq(reference));
    Ok(diesel::delete(row).execute(conn)? > 0)
}

/// Deletes sessions that are too old, were unused for too long, or have passed their fixed end.
/// Returns how many.
///
/// # Errors
/// When a statement fails.
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

/// Which sessions to end.
#[derive(Debug, Clone, Copy)]
pub enum SessionSelection<'w> {
    /// The one with this reference, if `whose` includes it.
    Named {
        /// The reference.
        reference: &'w str,
        /// The required owner.
        whose: SessionOwner<'w>,
    },
    /// The sessions of a person.
    OfPerson {
        /// The person's issuer.
        issuer: &'w str,
        /// The person's subject at the issuer.
        subject: &'w str,
        /// The reference of a session that goes on.
        but: Option<&'w str>,
    },
    /// The sessions that a provider has ended. What is given of `sid` and `subject` must match;
    /// with neither, none is selected.
    OfProvider {
        /// The issuer.
        issuer: &'w str,
        /// The provider's session (`sid`).
        sid: Option<&'w str>,
        /// The person (`sub`).
        subject: Option<&'w str>,
    },
}

/// An ended session and its person.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Ended {
    /// Its reference.
    pub reference: String,
    /// The person's issuer.
    pub issuer: Option<String>,
    subject: Option<String>,
    name: Option<String>,
    /// Its refresh token, sealed.
    pub refresh_token: Option<String>,
}

/// Deletes sessions, and records each in the audit log. Must be called inside a transaction. Leaves
/// out sessions that somebody else ended at the same moment.
///
/// # Errors
/// When a statement fails.
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

/// Deletes the session with this reference, without an audit event. Returns it, or `None` if it was
/// gone already.
///
/// # Errors
/// When a statement fails.
pub fn end_named(conn: &mut AnyConnection, reference: &str) -> QueryResult<Option<Ended>> {
    let which = SessionSelection::Named {
        reference,
        whose: SessionOwner::Everybodys,
    };
    let found = find_all(conn, &which)?.pop();
    let is_gone = delete_named(conn, reference)?;
    Ok(found.filter(|_| is_gone))
}

/// The sessions to end, read from columns that are up to date.
fn find_all(conn: &mut AnyConnection, which: &SessionSelection<'_>) -> QueryResult<Vec<Ended>> {
    let mut found = load(conn, which)?;
    let old = found.iter().filter(|(_, is_current)| !is_current);
    let old: Vec<String> = old.map(|(ended, _)| ended.reference.clone()).collect();
    if !old.is_empty() {
        legacy::copy_each(conn, &old)?;
        found = load(conn, which)?;
    }
    Ok(found.into_iter().map(|(ended, _)| ended).collect())
}

fn load(conn: &mut AnyConnection, which: &SessionSelection<'_>) -> QueryResult<Vec<(Ended, bool)>> {
    let mut query = sessions::table
        .left_join(people::table.on(of_their_person!()))
        .select((
            (
                sessions::reference,
                sessions::issuer,
                sessions::subject,
                people::name.nullable(),
                sessions::refresh_token,
            ),
            legacy::is_current(),
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
