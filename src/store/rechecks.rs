//! Sessions whose groups are read again: who does it, and what comes of it.
//!
//! Of any number of processes one has the claim of a session, so that a refresh token is used once.
//! A session that was deleted meanwhile is never written back.

use super::AnyConnection;
use super::tables::bailiwick_sessions as sessions;
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// How often a row is tried to be written that others write at the same time.
const TRIES: usize = 5;

/// A session that somebody wants to re-check.
#[derive(Debug, Clone)]
pub struct Claim {
    /// What it holds, read after the claim was made.
    pub state: String,
    /// Whether the claim is ours.
    pub is_won: bool,
    /// When the last re-check failed.
    pub failed_at: Option<NaiveDateTime>,
}

/// Claims a session until `until`, unless somebody else has or it failed since `failed_since`.
/// None if there is no such session.
///
/// # Errors
/// When the database refuses.
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
        // First the claim, then the look: what is read is what the one before us has written.
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

/// Gives a claim back; `failed_at` if nothing came of it.
///
/// # Errors
/// When the database refuses.
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

/// Writes what a session holds and gives the claim back: `change` makes the new text of the text
/// that is there, and what to tell of it. None if the session is gone, or `change` gives none.
///
/// # Errors
/// When the database refuses.
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

/// Writes what a session holds once, if nobody else does at this moment; claims stay as they are.
///
/// # Errors
/// When the database refuses.
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

/// Ends a session; gives back what it held, if it was there.
///
/// # Errors
/// When the database refuses.
pub fn end(conn: &mut AnyConnection, reference: &str) -> QueryResult<Option<String>> {
    let this = sessions::table.filter(sessions::reference.eq(reference));
    let state: Option<String> = this.select(sessions::state).first(conn).optional()?;
    let is_gone = diesel::delete(this).execute(conn)? > 0;
    Ok(state.filter(|_| is_gone))
}
