//! The part of a row's history that its reader may see.
//!
//! Rights are tested on the row as it is now. An entry from a time when the row was another one
//! (its key was used before), or lay outside of what the reader's grants cover, would show what
//! they never could read. So for those who do not reach every cell of the resource the trail ends
//! where the row came within reach.

use crate::access::{Cover, History, Permit};
use crate::catalog::{Filter, Key, Resource};
use crate::data::Row;
use crate::store::AnyConnection;
use crate::store::audit::{self, Entry};
use diesel::QueryResult;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// Entries read at a time.
const BATCH: i64 = 200;

/// The entries that the reader may see, newest first, older than `before` if given.
pub(super) fn read(
    conn: &mut AnyConnection,
    permit: &Permit<History>,
    (key, row): (&Key, &Row),
    before: Option<i64>,
    limit: i64,
) -> QueryResult<Vec<Entry>> {
    let resource = permit.resource();
    let row_key = key.encode(resource);
    let watched = watched(permit);
    if watched.is_empty() {
        return audit::of_row(conn, &resource.name, &row_key, before, limit);
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut seen = Vec::new();
    let mut older = None;
    // From the newest on, whatever page is asked for: the trail may have ended before it.
    loop {
        let batch = audit::of_row(conn, &resource.name, &row_key, older, BATCH)?;
        let Some(last) = batch.last().map(|entry| entry.id) else {
            return Ok(seen);
        };
        older = Some(last);
        for entry in batch {
            let (kept, ends) = judge(resource, &watched, row, entry);
            let wanted = |entry: &Entry| before.is_none_or(|before| entry.id < before);
            seen.extend(kept.filter(wanted));
            if ends || seen.len() >= limit {
                return Ok(seen);
            }
        }
    }
}

/// The columns on which it depends what the reader may see of a row, with those of its key; none
/// if they may always see the same.
fn watched(permit: &Permit<History>) -> BTreeSet<usize> {
    let resource = permit.resource();
    let mut columns = BTreeSet::new();
    let mut partial = !permit.reaches_everything();
    add_columns(&permit.rows(), &mut columns);
    for column in 0..resource.fields.len() {
        if let Cover::Where(rows) = permit.reads(column) {
            partial = true;
            add_columns(&rows, &mut columns);
        }
    }
    if partial {
        columns.extend(&resource.key);
    }
    columns
}

fn add_columns(filter: &Filter, columns: &mut BTreeSet<usize>) {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => {
            for part in parts {
                add_columns(part, columns);
            }
        }
        Filter::Test(test) | Filter::ByMeaning(test) => {
            columns.insert(test.column);
        }
    }
}

/// What of an entry is shown, and whether the trail ends there.
fn judge(
    resource: &Resource,
    watched: &BTreeSet<usize>,
    row: &Row,
    entry: Entry,
) -> (Option<Entry>, bool) {
    let changes = entry.changes.as_deref();
    let changes = changes.and_then(|text| serde_json::from_str::<Map<String, Json>>(text).ok());
    let changes = changes.unwrap_or_default();
    let change = |column: &usize| {
        let field = resource.fields.get(*column)?;
        changes.get(&field.name)
    };
    match entry.action.as_str() {
        "delete" => (None, true),
        "create" => {
            let is_as_now = watched.iter().all(|column| {
                let made = change(column).and_then(|change| change.get(1));
                match (row.get(*column), resource.fields.get(*column)) {
                    (Some(now), Some(field)) => {
                        *made.unwrap_or(&Json::Null) == now.to_json(field.kind)
                    }
                    _ => false,
                }
            });
            (Some(entry).filter(|_| is_as_now), true)
        }
        _ if watched.iter().any(|column| change(column).is_some()) => {
            // That it happened may be known, but not what the row was before.
            let bare = Entry {
                changes: None,
                ..entry
            };
            (Some(bare), true)
        }
        _ => (Some(entry), false),
    }
}
