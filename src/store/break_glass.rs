//! Links that let somebody in while the identity provider is gone: kept hashed, used once.

use super::tables::bailiwick_break_glass as links;
use super::{AnyConnection, made};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// A link, without the token that opens it.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = links)]
pub struct Link {
    /// The hash of its token.
    pub token_hash: String,
    /// The role it gives.
    pub role: String,
    /// Why it was made.
    pub reason: String,
    /// The operating system's user who made it.
    pub made_by: String,
    /// When it was made.
    pub made_at: NaiveDateTime,
    /// When it stops working.
    pub use_before: NaiveDateTime,
    /// How long the session that it begins lasts, in minutes.
    pub session_minutes: i64,
}

/// Keeps a link, and drops those whose time is over.
///
/// # Errors
/// When the database refuses.
pub fn keep(conn: &mut AnyConnection, link: &Link, now: NaiveDateTime) -> QueryResult<()> {
    diesel::delete(links::table.filter(links::use_before.le(now))).execute(conn)?;
    let written = diesel::insert_into(links::table).values(link).execute(conn);
    made::one("bailiwick_break_glass", written)
}

/// The link of this token if it still works; looking does not use it up.
///
/// # Errors
/// When the database refuses.
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

/// Uses up a link. Of any number at the same time exactly one is told `true`: the one whose DELETE
/// found the row.
///
/// # Errors
/// When the database refuses.
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
