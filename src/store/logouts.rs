//! Sign-outs that providers tell of: each token is used once, and what it ends stays ended.
//!
//! A sign-in may be under way when the sign-out comes. What has been signed out is therefore
//! remembered for a while, and asked after in the transaction in which a session begins.

use super::audit::{self, Action, Actor, Event};
use super::sessions::{self, Content, Ended, Which};
use super::tables::bailiwick_logouts as logouts;
use super::{AnyConnection, DatabaseError};
use crate::access::Person;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use sha2::{Digest, Sha256};

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

/// A provider as the audit log names it.
pub fn provider_as_actor(issuer: &str) -> Actor {
    Actor {
        person: Person {
            issuer: issuer.to_owned(),
            name: "Identity provider".to_owned(),
            ..Person::default()
        },
        roles: Vec::new(),
        request_id: "-".to_owned(),
        address: None,
        looking_as: None,
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
    let which = Which::OfProvider {
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
    diesel::insert_into(logouts::table)
        .values((
            logouts::issuer.eq(&notice.issuer),
            logouts::kind.eq(kind),
            logouts::value.eq(value),
            logouts::issued_at.eq(notice.issued_at.naive_utc()),
            logouts::kept_until.eq(kept_until),
        ))
        .execute(conn)?;
    Ok(())
}

/// Holds notices back until the end of this transaction, so that none can come between
/// [`stops`] and the session that begins after it. To be called first in the transaction.
///
/// # Errors
/// When the database refuses.
pub fn hold_back(conn: &mut AnyConnection) -> QueryResult<()> {
    match conn {
        // The transaction has the one write lock there is.
        AnyConnection::Sqlite(_) => Ok(()),
        AnyConnection::Postgres(conn) => {
            conn.batch_execute("LOCK TABLE bailiwick_logouts IN SHARE MODE")
        }
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(conn) => conn.batch_execute(
            "SELECT name FROM bailiwick_locks WHERE name = 'logouts' LOCK IN SHARE MODE",
        ),
    }
}

/// Waits for those who hold notices back, where writing to the table does not wait for them.
fn come_forward(conn: &mut AnyConnection) -> QueryResult<()> {
    match conn {
        AnyConnection::Sqlite(_) | AnyConnection::Postgres(_) => Ok(()),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(conn) => {
            conn.batch_execute("SELECT name FROM bailiwick_locks WHERE name = 'logouts' FOR UPDATE")
        }
    }
}

/// Whether a session must not begin, as its provider has said meanwhile that it has ended:
/// its `sid` in any case, its person if that was said after the provider vouched for them.
///
/// # Errors
/// When the database refuses.
pub fn stops(
    conn: &mut AnyConnection,
    content: &Content,
    vouched_at: Option<NaiveDateTime>,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    let (Some(issuer), Some(subject)) = (&content.issuer, &content.subject) else {
        return Ok(false);
    };
    let told = |kind: &'static str, values: Vec<String>| {
        logouts::table
            .filter(logouts::issuer.eq(issuer))
            .filter(logouts::kind.eq(kind))
            .filter(logouts::value.eq_any(values))
            .filter(logouts::kept_until.ge(now))
            .select(logouts::issued_at)
    };
    if let Some(sid) = &content.provider_session {
        let values = vec![digest(&[sid]), digest(&[sid, subject])];
        let ended: Vec<NaiveDateTime> = told("sid", values).load(conn)?;
        if !ended.is_empty() {
            return Ok(true);
        }
    }
    let ended: Vec<NaiveDateTime> = told("sub", vec![digest(&[subject])]).load(conn)?;
    let is_older = |said: NaiveDateTime| vouched_at.is_none_or(|vouched| vouched <= said);
    Ok(ended.into_iter().any(is_older))
}

/// Puts into the audit that a sign-in came to no session; to be called where [`stops`] said so.
///
/// # Errors
/// When the database refuses.
pub fn note_stopped(
    conn: &mut AnyConnection,
    content: &Content,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let issuer = content.issuer.as_deref().unwrap_or_default();
    let event = Event {
        row_key: Some(content.reference.clone()),
        ..Event::new(Action::EndSession)
    };
    let event = event.with_details(serde_json::json!({
        "issuer": issuer,
        "subject": content.subject,
        "under_way": true,
    }));
    audit::record(conn, &provider_as_actor(issuer), &event, now)
}

/// Names of any length and alphabet, as a key.
fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    BASE64_URL_SAFE_NO_PAD.encode(hash.finalize())
}
