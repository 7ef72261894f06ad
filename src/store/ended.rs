//! Whether a session may begin, or its provider has ended it in the meantime.

use super::AnyConnection;
use super::audit::event::EndSession;
use super::audit::{self, Actor, Event, NewEntry};
use super::session_columns::IdentityColumns;
use super::tables::bailiwick_logouts as logouts;
use crate::access::Person;
use crate::texts::{stored, text};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::NaiveDateTime;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use sha2::{Digest, Sha256};

/// A provider as the actor in the audit log.
pub fn provider_as_actor(issuer: &str) -> Actor {
    Actor {
        person: Person {
            issuer: issuer.to_owned(),
            name: stored(|| text!("actor-provider")),
            ..Person::default()
        },
        roles: Vec::new(),
        request_id: "-".to_owned(),
        address: None,
        looking_as: None,
    }
}

/// Blocks logout notices until the end of this transaction. Thus none can arrive between [`stops`]
/// and the start of the session. Must be called first in the transaction.
///
/// # Errors
/// When a statement fails.
pub fn hold_back(conn: &mut AnyConnection) -> QueryResult<()> {
    match conn {
        // The transaction holds the only write lock.
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => Ok(()),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => {
            conn.batch_execute("LOCK TABLE bailiwick_logouts IN SHARE MODE")
        }
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(conn) => conn.batch_execute(
            "SELECT name FROM bailiwick_locks WHERE name = 'logouts' LOCK IN SHARE MODE",
        ),
    }
}

/// Waits for transactions that block notices, on databases where writing to the table does not
/// wait.
pub(super) fn come_forward(conn: &mut AnyConnection) -> QueryResult<()> {
    match conn {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => Ok(()),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => Ok(()),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(conn) => {
            conn.batch_execute("SELECT name FROM bailiwick_locks WHERE name = 'logouts' FOR UPDATE")
        }
    }
}

/// Whether a session must not begin, because its provider has ended it in the meantime. A notice
/// for its `sid` always counts. A notice for the person counts if it is newer than the sign-in.
///
/// # Errors
/// When a statement fails.
pub fn stops(
    conn: &mut AnyConnection,
    identity: &IdentityColumns,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    let (Some(issuer), Some(subject)) = (&identity.issuer, &identity.subject) else {
        return Ok(false);
    };
    let said = |kind: &'static str, values: Vec<String>| {
        logouts::table
            .filter(logouts::issuer.eq(issuer))
            .filter(logouts::kind.eq(kind))
            .filter(logouts::value.eq_any(values))
            .filter(logouts::kept_until.ge(now))
            .select(logouts::issued_at)
    };
    if let Some(sid) = &identity.provider_session {
        let values = vec![digest(&[sid]), digest(&[sid, subject])];
        let ended: Vec<NaiveDateTime> = said("sid", values).load(conn)?;
        if !ended.is_empty() {
            return Ok(true);
        }
    }
    let ended: Vec<NaiveDateTime> = said("sub", vec![digest(&[subject])]).load(conn)?;
    let is_older = |said: NaiveDateTime| identity.vouched_at.is_none_or(|vouched| vouched <= said);
    Ok(ended.into_iter().any(is_older))
}

/// Records a sign-in that began no session; must be called when [`stops`] returned true.
///
/// # Errors
/// When a statement fails.
pub fn note_stopped(
    conn: &mut AnyConnection,
    identity: &IdentityColumns,
    reference: &str,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let issuer = identity.issuer.as_deref().unwrap_or_default();
    let event = Event::EndSession(EndSession {
        issuer: Some(issuer.to_owned()),
        subject: identity.subject.clone(),
        under_way: true,
    });
    let entry = NewEntry {
        row_key: Some(reference.to_owned()),
        ..NewEntry::new(event)
    };
    audit::record(conn, &provider_as_actor(issuer), &entry, now)
}

/// Hashes names of any length and alphabet into a key.
pub(super) fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    BASE64_URL_SAFE_NO_PAD.encode(hash.finalize())
}
