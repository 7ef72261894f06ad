//! Sign-outs that providers tell of: each token is used once, and what it ends stays ended.
//!
//! A sign-in may be under way when the sign-out comes. What has been signed out is therefore
//! remembered for a while, and asked after in the transaction in which a session begins.

use super::audit::Actor;
pub use super::ended::provider_as_actor;
use super::ended::{come_forward, digest};
use super::sessions::{self, Ended, SessionSelection};
use super::tables::bailiwick_logouts as logouts;
use super::{AnyConnection, DatabaseError, made};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

/// For how long a used token is remembered: for longer than any is taken, whatever the clocks.
const KEEP_TOKEN: TimeDelta = TimeDelta::minutes(15);
/// For how long a sign-out is remembered: as long as a sign-in may be under way.
const KEEP_SIGN_OUT: TimeDelta = TimeDelta::minutes(10);

/// What a provider says has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Who says so.
    pub issuer: String,
    /// The name of the token that says it (`jti`).
    pub token: String,
    /// The provider's session that has ended (`sid`).
    pub sid: Option<String>,
    /// Whose: with a session the one it must be of, without one all of theirs have ended (`sub`).
    pub subject: Option<String>,
    /// When it was said (`iat`).
    pub issued_at: DateTime<Utc>,
}

/// Why a notice was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// Its token has been used before.
    #[error("the logout token has been used before")]
    Replayed,
    /// The database refuses.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<Error> for NoticeError {
    fn from(error: Error) -> Self {
        Self::Database(error.into())
    }
}

/// Ends the sessions that a notice is about, and remembers it: all of it or nothing.
///
/// # Errors
/// When its token has been used before, or the database refuses.
pub fn carry_out(
    conn: &mut AnyConnection,
    notice: &Notice,
    actor: &Actor,
    now: NaiveDateTime,
) -> Result<Vec<Ended>, NoticeError> {
    diesel::delete(logouts::table.filter(logouts::kept_until.lt(now))).execute(conn)?;
    match conn.change(|conn| try_carry_out(conn, notice, actor, now)) {
        // Another notice about the same was noted at the same moment.
        Err(NoticeError::Database(DatabaseError::Query(Error::DatabaseError(
            DatabaseErrorKind::UniqueViolation,
            _,
        )))) => conn.change(|conn| try_carry_out(conn, notice, actor, now)),
        outcome => outcome,
    }
}

fn try_carry_out(
    conn: &mut AnyConnection,
    notice: &Notice,
    actor: &Actor,
    now: NaiveDateTime,
) -> Result<Vec<Ended>, NoticeError> {
    come_forward(conn)?;
    use_up(conn, notice, now)?;
    remember(conn, notice, now)?;
    let which = SessionSelection::OfProvider {
        issuer: &notice.issuer,
        sid: notice.sid.as_deref(),
        subject: notice.subject.as_deref(),
    };
    Ok(sessions::end(conn, &which, actor, now)?)
}

/// Of any number of copies of a token exactly one is taken: the one whose INSERT succeeds.
fn use_up(
    conn: &mut AnyConnection,
    notice: &Notice,
    now: NaiveDateTime,
) -> Result<(), NoticeError> {
    let token = digest(&[&notice.token]);
    match insert(conn, notice, ("jti", &token), now + KEEP_TOKEN) {
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
            Err(NoticeError::Replayed)
        }
        outcome => Ok(outcome?),
    }
}

fn remember(conn: &mut AnyConnection, notice: &Notice, now: NaiveDateTime) -> QueryResult<()> {
    let (kind, value) = match (&notice.sid, &notice.subject) {
        (Some(sid), Some(subject)) => ("sid", digest(&[sid, subject])),
        (Some(sid), None) => ("sid", digest(&[sid])),
        (None, Some(subject)) => ("sub", digest(&[subject])),
        (None, None) => return Ok(()),
    };
    let kept_until = now + KEEP_SIGN_OUT;
    let known = logouts::table.find((&notice.issuer, kind, &value));
    let before: Option<NaiveDateTime> = known
        .select(logouts::issued_at)
        .get_result(conn)
        .optional()?;
    let Some(before) = before else {
        return insert(conn, notice, (kind, &value), kept_until);
    };
    // Notices may overtake each other: the latest counts.
    diesel::update(known)
        .set((
            logouts::issued_at.eq(before.max(notice.issued_at.naive_utc())),
            logouts::kept_until.eq(kept_until),
        ))
        .execute(conn)?;
    Ok(())
}

fn insert(
    conn: &mut AnyConnection,
    notice: &Notice,
    (kind, value): (&str, &str),
    kept_until: NaiveDateTime,
) -> QueryResult<()> {
    let written = diesel::insert_into(logouts::table)
        .values((
            logouts::issuer.eq(&notice.issuer),
            logouts::kind.eq(kind),
            logouts::value.eq(value),
            logouts::issued_at.eq(notice.issued_at.naive_utc()),
            logouts::kept_until.eq(kept_until),
        ))
        .execute(conn);
    made::one("bailiwick_logouts", written)
}
