//! The part of a row's history that its reader may see.
//!
//! A change is shown if the reader could see the row before or after it. The invisible side is left
//! out: the entry only says that the row appeared or disappeared.

use super::DataError;
use super::past::{self, PastReach, State};
use crate::access::{History, Permit};
use crate::catalog::{Key, Resource};
use crate::store::AnyConnection;
use crate::store::audit::{self, Action, Entry};
use serde_json::{Map, Value as Json};

/// The number of entries read at a time.
const BATCH: i64 = 100;

/// An entry, reduced to what its reader may see.
#[derive(Debug, Clone)]
pub struct VisibleEntry {
    /// The entry.
    pub entry: Entry,
    /// What happened to the row from the reader's view.
    pub way: RowEvent,
    before: PastReach,
    after: PastReach,
}

/// What happened to a row from its reader's view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowEvent {
    /// It was visible before and after, or was created or deleted while visible.
    Stayed,
    /// It became visible.
    Came,
    /// It became invisible.
    Left,
}

impl VisibleEntry {
    /// Whether the old and new values of a column may be shown.
    pub fn shows(&self, column: usize) -> bool {
        match Action::named(&self.entry.action) {
            Some(Action::Create) => self.after.reads(column),
            Some(Action::Delete) => self.before.reads(column),
            _ => {
                self.way == RowEvent::Stayed
                    && self.before.reads(column)
                    && self.after.reads(column)
            }
        }
    }

    /// The row's label, if the reader may see it.
    pub fn label(&self, resource: &Resource) -> Option<&str> {
        let reads = |reached: &PastReach| {
            let mut columns = resource.display.columns();
            reached.is_in_reach() && columns.all(|column| reached.reads(column))
        };
        let label = self.entry.row_label.as_deref();
        // The log holds the label after a change, or before a delete.
        label.filter(|_| match Action::named(&self.entry.action) {
            Some(Action::Delete) => reads(&self.before),
            _ => reads(&self.after),
        })
    }
}

/// Entries that the reader may see, newest first; only those before the entry `before`, if given.
/// The row need not exist any more.
///
/// # Errors
/// When the database fails.
pub fn read(
    conn: &mut AnyConnection,
    permit: &Permit<History>,
    key: &Key,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<VisibleEntry>, DataError> {
    let resource = permit.resource();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut told = Vec::new();
    let (mut row_key, mut older) = (key.encode(resource), None);
    loop {
        let batch = audit::of_row(conn, &resource.name, &row_key, older, BATCH)?;
        let Some(last) = batch.last().map(|entry| entry.id) else {
            return Ok(told);
        };
        older = Some(last);
        let mut batch = batch;
        // If the key changed, older entries are stored under the old key.
        if let Some((at, old)) = renamed(resource, &batch) {
            batch.truncate(at + 1);
            older = batch.last().map(|entry| entry.id);
            row_key = old;
        }
        batch.retain(|entry| before.is_none_or(|before| entry.id < before));
        told.extend(judged(conn, permit, batch)?);
        if told.len() >= limit {
            told.truncate(limit);
            return Ok(told);
        }
    }
}

/// Of these entries, those that the reader may see with all values, by number.
///
/// # Errors
/// When the database fails.
pub fn seen(
    conn: &mut AnyConnection,
    permit: &Permit<History>,
    entries: Vec<Entry>,
) -> Result<Vec<i64>, DataError> {
    let resource = permit.resource();
    let is_seen = |told: &VisibleEntry| {
        let changes = object(told.entry.changes.as_deref());
        changes.keys().all(|name| {
            let column = resource.index_of(name);
            column.is_some_and(|column| told.shows(column))
        })
    };
    let told = judged(conn, permit, entries)?.into_iter();
    Ok(told.filter(is_seen).map(|told| told.entry.id).collect())
}

/// The entry that changed the key, and the key before it.
fn renamed(resource: &Resource, entries: &[Entry]) -> Option<(usize, String)> {
    entries.iter().enumerate().find_map(|(at, entry)| {
        let update = Action::named(&entry.action) == Some(Action::Update);
        let changes = object(entry.changes.as_deref());
        let is_key = |field: &crate::catalog::Field| changes.contains_key(&field.name);
        if !update || !resource.key_fields().any(is_key) {
            return None;
        }
        let [old, _] = states(resource, entry);
        let values = resource.key.iter().map(|column| old.get(*column).cloned());
        let key = Key(values.collect::<Option<_>>()?);
        Some((at, key.encode(resource)))
    })
}

fn judged(
    conn: &mut AnyConnection,
    permit: &Permit<History>,
    entries: Vec<Entry>,
) -> Result<Vec<VisibleEntry>, DataError> {
    let resource = permit.resource();
    if !past::depends_on_row(permit) {
        let all = PastReach::all(permit);
        let told = |entry| VisibleEntry {
            entry,
            way: RowEvent::Stayed,
            before: all.clone(),
            after: all.clone(),
        };
        return Ok(entries.into_iter().map(told).collect());
    }
    let states: Vec<State> = entries
        .iter()
        .flat_map(|entry| states(resource, entry))
        .collect();
    let mut reached = past::judge(conn, permit, &states)?.into_iter();
    let mut told = Vec::new();
    for entry in entries {
        let before = reached.next().unwrap_or_default();
        let after = reached.next().unwrap_or_default();
        let way = match (
            Action::named(&entry.action),
            before.is_in_reach(),
            after.is_in_reach(),
        ) {
            (_, false, false) => continue,
            (Some(Action::Create), _, true) | (Some(Action::Delete), true, _) => RowEvent::Stayed,
            (_, true, true) => RowEvent::Stayed,
            (_, false, true) => RowEvent::Came,
            (_, true, false) => RowEvent::Left,
        };
        told.push(VisibleEntry {
            entry,
            way,
            before,
            after,
        });
    }
    Ok(told)
}

/// The row before and after an entry, as far as the log holds it.
fn states(resource: &Resource, entry: &Entry) -> [State; 2] {
    let changes = object(entry.changes.as_deref());
    let side =
        |state: State, index: usize| state.with(resource, &changes, |change| change.get(index));
    let unknown = || State::unknown(resource);
    match Action::named(&entry.action) {
        Some(Action::Create) => [unknown(), side(State::empty(resource), 1)],
        Some(Action::Delete) => [side(State::empty(resource), 0), unknown()],
        Some(Action::Update) => {
            let event = entry.event();
            let row = event.row_change().and_then(|change| change.row.clone());
            let row = row.unwrap_or_default();
            let same = unknown().with(resource, &row, |value| Some(value));
            [side(same.clone(), 0), side(same, 1)]
        }
        _ => [unknown(), unknown()],
    }
}

fn object(text: Option<&str>) -> Map<String, Json> {
    match text.map(serde_json::from_str) {
        Some(Ok(Json::Object(object))) => object,
        _ => Map::new(),
    }
}
