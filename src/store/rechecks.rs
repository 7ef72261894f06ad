//! Sessions whose groups are read again: who does it, and what comes of it.
//!
//! Of any number of processes one has the claim of a session, so that a refresh token is used once.
//! A session that was deleted meanwhile is never written back.

use super::AnyConnection;
use super::sessions::{IdentityColumns, SessionColumns, legacy};
use super::tables::bailiwick_sessions as sessions;
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// A session that somebody wants to re-check.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The session, read after the claim was made.
    pub columns: SessionColumns,
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

/// Writes what a re-check found, and gives the claim back. If the person has meanwhile proved again
/// who they are, the `nonce` is another: that proof is newer, and stays. Returns the session as it
/// is then; none if it is gone. To be called inside a transaction.
///
/// # Errors
/// When the database refuses.
pub fn write_identity(
    conn: &mut AnyConnection,
    reference: &str,
    nonce: Option<&str>,
    identity: &IdentityColumns,
    failed_at: Option<NaiveDateTime>,
) -> QueryResult<Option<SessionColumns>> {
    let this = || sessions::table.filter(sessions::reference.eq(reference));
    let given_back = (
        sessions::refreshing_until.eq(None::<NaiveDateTime>),
        sessions::refresh_failed_at.eq(failed_at),
    );
    let written = match nonce {
        Some(nonce) => diesel::update(this().filter(sessions::nonce.eq(nonce)))
            .set((identity, given_back))
            .execute(conn)?,
        None => diesel::update(this().filter(sessions::nonce.is_null()))
            .set((identity, given_back))
            .execute(conn)?,
    };
    if written == 0 {
        release(conn, reference, failed_at)?;
    }
    legacy::write_text(conn, reference)
}

/// Writes which groups count by other rules, unless groups were read again since the moment `seen`:
/// what that found is newer. To be called inside a transaction.
///
/// # Errors
/// When the database refuses.
pub fn write_groups(
    conn: &mut AnyConnection,
    reference: &str,
    seen: NaiveDateTime,
    identity: &IdentityColumns,
) -> QueryResult<()> {
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
