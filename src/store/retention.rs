//! How long the audit log is kept: what is older is removed in small pieces, and each piece leaves an
//! entry of its own in the same transaction.

use super::audit::event::Prune;
use super::audit::{self, Actor, Event, NewEntry};
use super::tables::{bailiwick_audit, bailiwick_secrets as notes};
use super::{AnyConnection, secrets};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

/// So many entries go in one transaction.
const PIECE: i64 = 5_000;
/// So many go in one statement: a database takes only so many values at a time.
const AT_ONCE: usize = 500;
/// Where it is noted when a process last began to remove entries.
const NOTE: &str = "audit-pruned-at";
/// How the time is written there: later is larger.
const FORMAT: &str = "%Y-%m-%dT%H:%M:%S";

/// What was removed at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// How many entries.
    pub entries: i64,
    /// When the latest of them was written.
    pub until: Option<NaiveDateTime>,
    /// Whether there is more to remove.
    pub more: bool,
}

/// How many entries are older.
///
/// # Errors
/// When the database refuses.
pub fn older(conn: &mut AnyConnection, before: NaiveDateTime) -> QueryResult<i64> {
    bailiwick_audit::table
        .filter(bailiwick_audit::at.lt(before))
        .count()
        .get_result(conn)
}

/// Removes some of the entries that are older, the oldest first, and leaves one that says so.
///
/// # Errors
/// When the database refuses; then nothing is removed.
pub fn remove(
    conn: &mut AnyConnection,
    actor: &Actor,
    before: NaiveDateTime,
    now: NaiveDateTime,
) -> QueryResult<Piece> {
    conn.change(|conn| {
        let found: Vec<(i64, NaiveDateTime)> = bailiwick_audit::table
            .filter(bailiwick_audit::at.lt(before))
            .order((bailiwick_audit::at, bailiwick_audit::id))
            .limit(PIECE)
            .select((bailiwick_audit::id, bailiwick_audit::at))
            .load(conn)?;
        let mut gone = 0;
        for some in found.chunks(AT_ONCE) {
            let ids = some.iter().map(|(id, _)| *id);
            let these = bailiwick_audit::table.filter(bailiwick_audit::id.eq_any(ids));
            gone += diesel::delete(these).execute(conn)?;
        }
        let piece = Piece {
            entries: i64::try_from(gone).unwrap_or(i64::MAX),
            until: found.last().map(|(_, at)| *at),
            more: i64::try_from(found.len()).is_ok_and(|count| count == PIECE),
        };
        // Another process may have been quicker.
        if let (1.., Some(until)) = (piece.entries, piece.until) {
            let written = |at: NaiveDateTime| at.format("%Y-%m-%d %H:%M:%S").to_string();
            let entry = NewEntry::new(Event::Prune(Prune {
                entries: piece.entries,
                until: written(until),
                kept_from: written(before),
            }));
            audit::record(conn, actor, &entry, now)?;
        }
        Ok(piece)
    })
}

/// Whether it is for this process to remove entries now: of several exactly one is told so, and
/// none for as long as `rest` after that.
///
/// # Errors
/// When the database refuses.
pub fn is_due(conn: &mut AnyConnection, now: NaiveDateTime, rest: TimeDelta) -> QueryResult<bool> {
    let never = NaiveDateTime::default().format(FORMAT).to_string();
    secrets::get_or_keep(conn, NOTE, &never)?;
    let written = |at: NaiveDateTime| at.format(FORMAT).to_string();
    let last = notes::table
        .filter(notes::name.eq(NOTE))
        .filter(notes::value.le(written(now - rest)));
    let claimed = diesel::update(last)
        .set(notes::value.eq(written(now)))
        .execute(conn)?;
    Ok(claimed == 1)
}
