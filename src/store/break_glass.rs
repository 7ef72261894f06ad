//! Break-glass links, for sign-in while the identity provider is down: stored as hashes, used once.

use super::tables::bailiwick_break_glass as links;
use super::{AnyConnection, made};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// A link, without its token.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = links)]
pub struct Link {
    /// The hash of its token.
    pub token_hash: String,
    /// The role it gives.
    pub role: String,
    /// The reason, as entered.
    pub reason: String,
    /// The operating system's user who made it.
    pub made_by: String,
    /// When it was created.
    pub made_at: NaiveDateTime,
    /// When it expires.
    pub use_before: NaiveDateTime,
    /// The lifetime of its session, in minutes.
    pub session_minutes: i64,
}

/// Stores a link, and deletes expired ones.
///
/// # Errors
/// When a statement fails.
pub fn keep(conn: &mut AnyConnection, link: &Link, now: NaiveDateTime) -> QueryResult<()> {
    diesel::delete(links::table.filter(links::use_before.le(now))).execute(conn)?;
    let written = diesel::insert_into(links::table).values(link).execute(conn);
    made::one("bailiwick_break_glass", written)
}

/// The link with this token, if it is still valid. Finding it does not use it up.
///
/// # Errors
/// When a statement fails.
pub fn find(
    conn: &mut AnyConnection,
    token_hash: &str,
    now: NaiveDateTime,
) -> QueryResult<Option<Link>> {
    links::table
        .find(token_hash)
        .filter(links::use_before.gt(now))
        .select(Link::as_select())
        .get_result(conn)
        .optional()
}

/// Uses up a link. Of several concurrent calls, exactly one returns `true`: the one whose DELETE
/// found the row.
///
/// # Errors
/// When a statement fails.
pub fn consume(
    conn: &mut AnyConnection,
    token_hash: &str,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    let mine = links::table
        .find(token_hash)
        .filter(links::use_before.gt(now));
    Ok(diesel::delete(mine).execute(conn)? == 1)
}
