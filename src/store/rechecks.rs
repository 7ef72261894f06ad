//! Re-checks of sessions: who does one, and what is written afterwards.
//!
//! Of several processes, only one holds the claim on a session, so that a refresh token is used
//! once. A session deleted in the meantime is never written back.

use super::AnyConnection;
use super::tables::bailiwick_sessions as sessions;
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// How many times a write is tried on a row that others write at the same time.
const TRIES: usize = 5;

/// A session with a requested re-check.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Its content, read after the claim.
    pub state: String,
    /// Whether this call holds the claim.
    pub is_won: bool,
    /// When the last re-check failed.
    pub failed_at: Option<NaiveDateTime>,
}

/// Claims a session until `until`. It is not won if somebody else holds it, or a re-check failed
/// after `failed_since`. `None` if the session does not exist.
///
/// # Errors
/// When a statement fails.
pub fn claim(
    conn: &mut AnyConnection,
    reference: &str,
    now: NaiveDateTime,
    until: NaiveDateTime,
    failed_since: NaiveDateTime,
) -> QueryResult<Option<Claim>> {
    conn.change(|conn| {
        let free = sessions::refreshing_until
            .is_null()
            .or(sessions::refreshing_until.le(now));
        let rested = sessions::refresh_failed_at
            .is_null()
            .or(sessions::refresh_failed_at.le(failed_since));
        let claimable = sessions::table
            .filter(sessions::reference.eq(reference))
            .filter(free)
            .filter(rested);
        // The claim comes before the read, so that this reads what the previous holder wrote.
        let claimed = diesel::update(claimable)
            .set(sessions::refreshing_until.eq(until))
            .execute(conn)?;
        let row: Option<(String, Option<NaiveDateTime>)> = sessions::table
            .filter(sessions::reference.eq(reference))
            .select((sessions::state, sessions::refresh_failed_at))
            .get_result(conn)
            .optional()?;
        Ok(row.map(|(state, failed_at)| Claim {
            state,
            is_won: claimed > 0,
            failed_at,
        }))
    })
}

/// Releases a claim; `failed_at` is set if the re-check failed.
///
/// # Errors
/// When a statement fails.
pub fn release(
    conn: &mut AnyConnection,
    reference: &str,
    failed_at: Option<NaiveDateTime>,
) -> QueryResult<()> {
    diesel::update(sessions::table.filter(sessions::reference.eq(reference)))
        .set((
            sessions::refreshing_until.eq(None::<NaiveDateTime>),
            sessions::refresh_failed_at.eq(failed_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Writes a session's content and releases the claim. `change` turns the stored text into the new
/// one, and returns a value for the caller. `None` if the session is gone, or `change` returns
/// `None`.
///
/// # Errors
/// When a statement fails.
pub fn rewrite<T>(
    conn: &mut AnyConnection,
    reference: &str,
    failed_at: Option<NaiveDateTime>,
    change: impl Fn(&str) -> Option<(String, T)>,
) -> QueryResult<Option<T>> {
    for _ in 0..TRIES {
        let this = || sessions::table.filter(sessions::reference.eq(reference));
        let there: Option<String> = this().select(sessions::state).get_result(conn).optional()?;
        let Some((there, (text, told))) =
            there.and_then(|there| Some((there.clone(), change(&there)?)))
        else {
            return Ok(None);
        };
        let written = diesel::update(this().filter(sessions::state.eq(&there)))
            .set((
                sessions::state.eq(text),
                sessions::refreshing_until.eq(None::<NaiveDateTime>),
                sessions::refresh_failed_at.eq(failed_at),
            ))
            .execute(conn)?;
        if written > 0 {
            return Ok(Some(told));
        }
    }
    Err(diesel::result::Error::RollbackTransaction)
}

/// Writes a session's content once, unless somebody else writes at this moment; claims stay
/// unchanged.
///
/// # Errors
/// When a statement fails.
pub fn amend(
    conn: &mut AnyConnection,
    reference: &str,
    change: impl Fn(&str) -> Option<String>,
) -> QueryResult<()> {
    let this = || sessions::table.filter(sessions::reference.eq(reference));
    let there: Option<String> = this().select(sessions::state).get_result(conn).optional()?;
    if let Some((there, text)) = there.and_then(|there| Some((there.clone(), change(&there)?))) {
        diesel::update(this().filter(sessions::state.eq(&there)))
            .set(sessions::state.eq(text))
            .execute(conn)?;
    }
    Ok(())
}

/// Deletes a session; returns its content, if it existed.
///
/// # Errors
/// When a statement fails.
pub fn end(conn: &mut AnyConnection, reference: &str) -> QueryResult<Option<String>> {
    let this = sessions::table.filter(sessions::reference.eq(reference));
    let state: Option<String> = this.select(sessions::state).first(conn).optional()?;
    let is_gone = diesel::delete(this).execute(conn)? > 0;
    Ok(state.filter(|_| is_gone))
}
