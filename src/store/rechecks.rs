//! Re-checks of sessions: who does one, and what is written afterwards.
//!
//! Of several processes, only one holds the claim on a session, so that a refresh token is used
//! once. A session deleted in the meantime is never written back.

use super::AnyConnection;
use super::sessions::{IdentityColumns, SessionColumns, legacy};
use super::tables::bailiwick_sessions as sessions;
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// A session with a requested re-check.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The session, read after the claim was made.
    pub columns: SessionColumns,
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
        let row = match read_claim(conn, reference)? {
            Some((_, _, false)) if legacy::copy_to_columns(conn, reference)? => {
                read_claim(conn, reference)?
            }
            Some((_, _, false)) => None,
            row => row,
        };
        Ok(row.map(|(columns, failed_at, _)| Claim {
            columns,
            is_won: claimed > 0,
            failed_at,
        }))
    })
}

/// The columns of a session, when its last re-check failed, and whether the columns are up to date.
type ClaimRow = (SessionColumns, Option<NaiveDateTime>, bool);

fn read_claim(conn: &mut AnyConnection, reference: &str) -> QueryResult<Option<ClaimRow>> {
    sessions::table
        .filter(sessions::reference.eq(reference))
        .select((
            SessionColumns::as_select(),
            sessions::refresh_failed_at,
            legacy::is_current(),
        ))
        .get_result(conn)
        .optional()
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

/// Writes the result of a re-check, and releases the claim. The `nonce` differs if the person has
/// signed in again in the meantime: that sign-in is newer, and stays. Returns the session as it is
/// then; `None` if it is gone. Must be called inside a transaction.
///
/// # Errors
/// When a statement fails.
pub fn write_identity(
    conn: &mut AnyConnection,
    reference: &str,
    nonce: Option<&str>,
    identity: &IdentityColumns,
    failed_at: Option<NaiveDateTime>,
) -> QueryResult<Option<SessionColumns>> {
    let this = || sessions::table.filter(sessions::reference.eq(reference));
    let released = (
        sessions::refreshing_until.eq(None::<NaiveDateTime>),
        sessions::refresh_failed_at.eq(failed_at),
    );
    let read = match legacy::read_whole(conn, reference)? {
        Some((_, _, state)) if !state.starts_with(' ') => {
            legacy::bring_up(conn, reference)?;
            legacy::read_whole(conn, reference)?
        }
        read => read,
    };
    let Some((mut columns, origin, state)) = read else {
        return Ok(None);
    };
    if columns.identity.nonce.as_deref() == nonce {
        columns.identity = identity.clone();
    }
    let unchanged = this().filter(sessions::state.eq(state));
    let written = diesel::update(unchanged)
        .set((
            &columns.identity,
            released,
            sessions::state.eq(legacy::text(&columns, &origin)),
        ))
        .execute(conn)?;
    if written > 0 {
        return Ok(Some(columns));
    }
    // Another request has written since. The row is written first, and so locked, and then read.
    legacy::bring_up(conn, reference)?;
    let written = match nonce {
        Some(nonce) => diesel::update(this().filter(sessions::nonce.eq(nonce)))
            .set((identity, released))
            .execute(conn)?,
        None => diesel::update(this().filter(sessions::nonce.is_null()))
            .set((identity, released))
            .execute(conn)?,
    };
    if written == 0 {
        release(conn, reference, failed_at)?;
    }
    legacy::write_text(conn, reference)
}

/// Writes which groups count by other rules, unless the groups were re-checked after `seen`: that
/// result is newer. Must be called inside a transaction.
///
/// # Errors
/// When a statement fails.
pub fn write_groups(
    conn: &mut AnyConnection,
    reference: &str,
    seen: NaiveDateTime,
    identity: &IdentityColumns,
) -> QueryResult<()> {
    legacy::bring_up(conn, reference)?;
    let this = sessions::table
        .filter(sessions::reference.eq(reference))
        .filter(sessions::groups_checked_at.eq(seen));
    let written = diesel::update(this)
        .set((
            sessions::groups.eq(&identity.groups),
            sessions::groups_came.eq(identity.groups_came),
            sessions::rules.eq(&identity.rules),
        ))
        .execute(conn)?;
    if written > 0 {
        legacy::write_text(conn, reference)?;
    }
    Ok(())
}
