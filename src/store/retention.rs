//! Deletes old entries of the audit log. It works in small batches, and each batch writes an entry
//! of its own in the same transaction.

use super::audit::event::Prune;
use super::audit::{self, Actor, Event, NewEntry};
use super::tables::{bailiwick_audit, bailiwick_secrets as notes};
use super::{AnyConnection, secrets};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

/// The number of entries deleted in one transaction.
const PIECE: i64 = 5_000;
/// The number of entries deleted in one statement: databases limit the number of parameters.
const AT_ONCE: usize = 500;
/// The name of the note on when a process last began to delete entries.
const NOTE: &str = "audit-pruned-at";
/// The time format of the note, which sorts by time.
const FORMAT: &str = "%Y-%m-%dT%H:%M:%S";

/// A batch of deleted entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The number of entries.
    pub entries: i64,
    /// When the newest of them was written.
    pub until: Option<NaiveDateTime>,
    /// Whether there is more to remove.
    pub more: bool,
}

/// The number of entries before that time.
///
/// # Errors
/// When a statement fails.
pub fn older(conn: &mut AnyConnection, before: NaiveDateTime) -> QueryResult<i64> {
    bailiwick_audit::table
        .filter(bailiwick_audit::at.lt(before))
        .count()
        .get_result(conn)
}

/// Deletes some entries before that time, oldest first, and writes an entry about it.
///
/// # Errors
/// When a statement fails; then nothing is deleted.
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
        // Another process may have deleted them first.
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

/// Whether this process should delete entries now. Of several processes exactly one gets `true`,
/// and none again until `rest` has passed.
///
/// # Errors
/// When a statement fails.
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
