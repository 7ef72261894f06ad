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

/// A session as it was read.
#[derive(Debug, Clone, Queryable)]
pub struct Row {
    /// Who is signed in, and how.
    pub columns: SessionColumns,
    /// Where it was begun.
    pub origin: Origin,
    /// When it was last used, to within the time between touches.
    pub last_seen_at: NaiveDateTime,
    is_current: bool,
}

/// The session of this id.
///
/// # Errors
/// When a statement fails.
pub fn find(conn: &mut AnyConnection, id_hash: &str) -> QueryResult<Option<Row>> {
    match look_up(conn, id_hash)? {
        Some(row) if !row.is_current => {
            if !legacy::copy_to_columns(conn, &row.columns.reference)? {
                return Ok(None);
            }
            look_up(conn, id_hash)
        }
        row => Ok(row),
    }
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
        // Not `first`: SQLite plans a statement with a bound LIMIT anew each time.
        .get_result(conn)
        .optional()
}

/// Where a session was begun.
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
    /// Who is signed in, and how.
    pub columns: SessionColumns,
    /// Where it was begun.
    pub origin: Origin,
}

/// Whether the session that is called so is there.
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

/// Starts a session, unless its provider has told meanwhile that it has ended; says whether it
/// did. Must be called inside a transaction.
///
/// # Errors
/// When a statement fails.
pub fn begin(conn: &mut AnyConnection, begun: &Begun, now: NaiveDateTime) -> QueryResult<bool> {
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

/// What changes in a session together with its id. What is none stays as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SessionChange {
    /// The roles that its new id is made for, as JSON.
    pub roles: Option<String>,
    /// As whom its person looks at the panel, as JSON; `Some(None)` ends a look.
    pub look: Option<Option<String>>,
    /// What the provider said at a new proof of identity.
    pub identity: Option<IdentityColumns>,
}

/// What became of a session that was to be given another id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RenewalOutcome {
    /// It has the new id.
    Renewed,
    /// A request beside this one has given it another id.
    RenewedElsewhere,
    /// It is not there any more.
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

/// Gives a session another id and changes it, in one statement: of several requests at the same
/// time one succeeds. A look or an identity is then still changed, under the id that the session
/// has by now; roles are not, as they belong to the id. Must be called inside a transaction.
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
    // The provider may have ended in the meantime what it has just vouched for.
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

/// Notes that a session is in use.
///
/// # Errors
/// When a statement fails.
pub fn touch(conn: &mut AnyConnection, id_hash: &str, now: NaiveDateTime) -> QueryResult<()> {
    diesel::update(sessions::table.find(id_hash))
        .set(sessions::last_seen_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// When a statement fails.
pub fn delete(conn: &mut AnyConnection, id_hash: &str) -> QueryResult<()> {
    diesel::delete(sessions::table.find(id_hash)).execute(conn)?;
    Ok(())
}

/// Ends the session that is called so; says whether it was there.
///
/// # Errors
/// When a statement fails.
pub fn delete_named(conn: &mut AnyConnection, reference: &str) -> QueryResult<bool> {
    let row = sessions::table.filter(sessions::reference.eq(reference));
    Ok(diesel::delete(row).execute(conn)? > 0)
}

/// Removes the sessions that began or were last used too long ago, or were for a time that is over;
/// returns how many.
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
    /// The provider that vouched for its person.
    pub issuer: Option<String>,
    subject: Option<String>,
    name: Option<String>,
    /// Its refresh token, sealed.
    pub refresh_token: Option<String>,
}

/// Ends sessions and puts each into the audit; to be called inside a transaction. A session that
/// somebody else ended at the same moment is not counted.
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

/// Ends the session that is called so, without an audit event; gives it back if it was there.
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

/// The sessions that are to end. What is kept of them is read from their columns.
fn find_all(conn: &mut AnyConnection, which: &SessionSelection<'_>) -> QueryResult<Vec<Ended>> {
    let mut found = load(conn, which)?;
    if !found.iter().all(|(_, is_current)| *is_current) {
        legacy::copy_all(conn)?;
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
