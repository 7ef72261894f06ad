//! Back-channel sign-outs: each logout token is used once, and what it ends stays ended.
//!
//! A sign-in may be in progress when the sign-out arrives. So a sign-out is remembered for a while,
//! and checked in the transaction that begins a session.

use super::audit::Actor;
pub use super::ended::provider_as_actor;
use super::ended::{come_forward, digest};
use super::sessions::{self, Ended, SessionSelection};
use super::tables::bailiwick_logouts as logouts;
use super::{AnyConnection, DatabaseError, made};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

/// How long a used token is remembered: longer than any token is accepted, including clock
/// differences.
const KEEP_TOKEN: TimeDelta = TimeDelta::minutes(15);
/// How long a sign-out is remembered: as long as a sign-in may take.
const KEEP_SIGN_OUT: TimeDelta = TimeDelta::minutes(10);

/// A provider's notice that sessions have ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The issuer.
    pub issuer: String,
    /// The id of the token (`jti`).
    pub token: String,
    /// The provider's session that has ended (`sid`).
    pub sid: Option<String>,
    /// The person (`sub`). With a `sid`, the session must be theirs; without one, all their
    /// sessions have ended.
    pub subject: Option<String>,
    /// When the notice was issued (`iat`).
    pub issued_at: DateTime<Utc>,
}

/// Why a notice had no effect.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// Its token has been used before.
    #[error("the logout token has been used before")]
    Replayed,
    /// A statement failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<Error> for NoticeError {
    fn from(error: Error) -> Self {
        Self::Database(error.into())
    }
}

/// Ends the sessions of a notice and remembers the notice, in one transaction.
///
/// # Errors
/// When its token has been used before, or a statement fails.
pub fn carry_out(
    conn: &mut AnyConnection,
    notice: &Notice,
    actor: &Actor,
    now: NaiveDateTime,
) -> Result<Vec<Ended>, NoticeError> {
    diesel::delete(logouts::table.filter(logouts::kept_until.lt(now))).execute(conn)?;
    match conn.change(|conn| try_carry_out(conn, notice, actor, now)) {
        // Another notice about the same person or session was recorded at the same time.
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

/// Accepts exactly one of several copies of a token: the one whose INSERT succeeds.
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
    // Notices may arrive out of order: the latest issue time counts.
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
