//! Sessions, one row each, found by the hash of the id in the cookie.
//!
//! A row that is gone is never written back: an update finds no row and does nothing.

use super::AnyConnection;
use super::tables::bailiwick_sessions as sessions;
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// A session as it was read.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub struct Row {
    /// What the session holds, as JSON.
    pub state: String,
    /// When its person signed in.
    pub created_at: NaiveDateTime,
    /// When it was last used, to within the time between touches.
    pub last_seen_at: NaiveDateTime,
    /// When it ends whatever the limits are, if it was begun for a time only.
    pub ends_at: Option<NaiveDateTime>,
}

/// What a session holds, and what it can be found by.
#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = sessions)]
#[diesel(treat_none_as_null = true)]
pub struct Content {
    /// What the session holds, as JSON.
    pub state: String,
    /// The provider that vouches for the person.
    pub issuer: Option<String>,
    /// The person's identifier there.
    pub subject: Option<String>,
    /// The provider's own name for its session (`sid`).
    pub provider_session: Option<String>,
    /// What the session is called where people and logs speak of it.
    pub reference: String,
    /// When it ends whatever the limits are, if it was begun for a time only.
    pub ends_at: Option<NaiveDateTime>,
}

/// The session of this id.
///
/// # Errors
/// When the database refuses.
pub fn find(conn: &mut AnyConnection, id_hash: &str) -> QueryResult<Option<Row>> {
    sessions::table
        .find(id_hash)
        .select(Row::as_select())
        // Not `first`: SQLite plans a statement with a bound LIMIT anew each time.
        .get_result(conn)
        .optional()
}

/// Starts a session.
///
/// # Errors
/// When the database refuses.
pub fn insert(
    conn: &mut AnyConnection,
    id_hash: &str,
    content: &Content,
    created_at: NaiveDateTime,
    now: NaiveDateTime,
) -> QueryResult<()> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id_hash.eq(id_hash),
            content,
            sessions::created_at.eq(created_at),
            sessions::last_seen_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Writes what a session holds; says whether the session was still there.
///
/// # Errors
/// When the database refuses.
pub fn update(
    conn: &mut AnyConnection,
    id_hash: &str,
    content: &Content,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    let updated = diesel::update(sessions::table.find(id_hash))
        .set((content, sessions::last_seen_at.eq(now)))
        .execute(conn)?;
    Ok(updated > 0)
}

/// Notes that a session is in use.
///
/// # Errors
/// When the database refuses.
pub fn touch(conn: &mut AnyConnection, id_hash: &str, now: NaiveDateTime) -> QueryResult<()> {
    diesel::update(sessions::table.find(id_hash))
        .set(sessions::last_seen_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// When the database refuses.
pub fn delete(conn: &mut AnyConnection, id_hash: &str) -> QueryResult<()> {
    diesel::delete(sessions::table.find(id_hash)).execute(conn)?;
    Ok(())
}

/// Removes the sessions that began or were last used too long ago; returns how many.
///
/// # Errors
/// When the database refuses.
pub fn sweep(
    conn: &mut AnyConnection,
    created_before: NaiveDateTime,
    seen_before: NaiveDateTime,
) -> QueryResult<usize> {
    let ended = sessions::table.filter(
        sessions::created_at
            .lt(created_before)
            .or(sessions::last_seen_at.lt(seen_before)),
    );
    diesel::delete(ended).execute(conn)
}
