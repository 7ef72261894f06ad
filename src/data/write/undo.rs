//! Undoes changes, from the values in the audit log. Undoing is a change like any other: it needs a
//! permit, covers only visible rows, and is logged.
//!
//! A change and its side effects are undone together or not at all. A row that has changed since
//! stays as it is.

use super::trace::{MAX_TEXT, shown};
use super::{Changes, Context, Refusal, create, delete, update};
use crate::access::{Cover, Denied};
use crate::catalog::{Field, Generated, Key, Kind, Resource, Value};
use crate::data::find::{self, whole};
use crate::data::{DataError, past};
use crate::store::AnyConnection;
use crate::store::audit::{Action, Entry};
use crate::texts::text;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A change with its side effects.
#[derive(Debug, Clone)]
pub struct UndoableChange {
    /// The event of the change.
    pub main: Entry,
    /// The events of its side effects, in order.
    pub beside: Vec<Entry>,
}

/// The result of undoing, or of its preview.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The changes that were undone, by their position in the request.
    pub done: Vec<usize>,
    /// How many rows had the old values already.
    pub unchanged: u64,
    /// How many rows of each table were restored with them.
    pub also: BTreeMap<String, u64>,
    /// The changes that could not be undone.
    pub refused: Vec<KeptChange>,
}

/// A change that could not be undone.
#[derive(Debug)]
pub struct KeptChange {
    /// Its position in the request.
    pub at: usize,
    /// The table of the row that prevents it.
    pub table: Option<Arc<Resource>>,
    /// The reason.
    pub why: Refusal,
}

/// Why a change cannot be undone.
struct NotUndoable {
    table: Option<Arc<Resource>>,
    why: Refusal,
}

impl From<diesel::result::Error> for NotUndoable {
    fn from(error: diesel::result::Error) -> Self {
        Self {
            table: None,
            why: error.into(),
        }
    }
}

/// Groups the events of a request, oldest first: a change is followed by its side effects.
pub fn together(entries: Vec<Entry>) -> Vec<UndoableChange> {
    let mut all: Vec<UndoableChange> = Vec::new();
    for entry in entries {
        match all.last_mut().filter(|_| came_with_another(&entry)) {
            Some(made) => made.beside.push(entry),
            None => all.push(UndoableChange {
                main: entry,
                beside: Vec::new(),
            }),
        }
    }
    all
}

/// Whether a change was caused by a change of another row.
pub fn came_with_another(entry: &Entry) -> bool {
    entry.event().came_with_another()
}

/// Whether a change is part of a bulk change.
pub fn is_part(entry: &Entry, bulk: i64) -> bool {
    entry.event().bulk() == Some(bulk)
}

impl Outcome {
    /// A digest of what is undone and what stays. If it differs, rows have changed in the meantime.
    pub fn found(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        for at in &self.done {
            hash.update(format!("done {at}\n"));
        }
        for left in &self.refused {
            hash.update(format!("left {}\n", left.at));
        }
        for (table, count) in &self.also {
            hash.update(format!("{table}: {count}\n"));
        }
        hash.finalize().to_vec()
    }
}

/// Undoes changes, the latest first. Must run inside [`AnyConnection::change`].
///
/// # Errors
/// A [`Refusal`] that is not about one row: the database failed. The transaction must be rolled
/// back.
pub fn run(
    conn: &mut AnyConnection,
    all: &[UndoableChange],
    context: &Context<'_>,
) -> Result<Outcome, Refusal> {
    let mut outcome = Outcome::default();
    let mut open: Vec<usize> = (0..all.len()).rev().collect();
    // A row may reference one that is restored later, so refused changes are retried.
    loop {
        let before = open.len();
        let mut refused = Vec::new();
        for at in open {
            let Some(made) = all.get(at) else { continue };
            match conn.part(|conn| take_back(conn, made, context)) {
                Ok(None) => outcome.unchanged += 1,
                Ok(Some(also)) => {
                    outcome.done.push(at);
                    for (table, count) in also {
                        *outcome.also.entry(table).or_default() += count;
                    }
                }
                Err(NotUndoable { table, why }) if why.is_of_row() => {
                    refused.push(KeptChange { at, table, why });
                }
                Err(stuck) => return Err(stuck.why),
            }
        }
        if refused.is_empty() || refused.len() == before {
            outcome.done.sort_unstable();
            refused.sort_by_key(|left| left.at);
            outcome.refused = refused;
            return Ok(outcome);
        }
        open = refused.into_iter().map(|left| left.at).collect();
    }
}

/// Undoes a change with all its side effects; `None` if everything has its old values already.
fn take_back(
    conn: &mut AnyConnection,
    made: &UndoableChange,
    context: &Context<'_>,
) -> Result<Option<BTreeMap<String, u64>>, NotUndoable> {
    let mut changed = back(conn, &made.main, context)?;
    let mut also: BTreeMap<String, u64> = BTreeMap::new();
    let mut open: Vec<&Entry> = made.beside.iter().collect();
    while !open.is_empty() {
        let before = open.len();
        let (mut refused, mut first) = (Vec::new(), None);
        for entry in open {
            match conn.part(|conn| back(conn, entry, context)) {
                Ok(false) => {}
                Ok(true) => {
                    changed = true;
                    let table = entry.resource.clone().unwrap_or_default();
                    *also.entry(table).or_default() += 1;
                }
                Err(stuck) if stuck.why.is_of_row() => {
                    first.get_or_insert(stuck);
                    refused.push(entry);
                }
                Err(stuck) => return Err(stuck),
            }
        }
        match first {
            Some(stuck) if refused.len() == before => return Err(stuck),
            _ => open = refused,
        }
    }
    Ok(changed.then_some(also))
}

/// Undoes the change of one row; returns whether anything was written.
fn back(
    conn: &mut AnyConnection,
    entry: &Entry,
    context: &Context<'_>,
) -> Result<bool, NotUndoable> {
    let name = entry.resource.as_deref().unwrap_or_default();
    let Some(table) = context.rights.catalog().known(name).cloned() else {
        return Err(NotUndoable {
            table: None,
            why: Refusal::Whole(text!("undo-no-table")),
        });
    };
    let row = LoggedChange {
        table: &table,
        changes: object(entry.changes.as_deref()),
        key: entry.row_key.as_deref(),
    };
    let done = match Action::named(&entry.action) {
        Some(Action::Create) => row.remove(conn, context),
        Some(Action::Update) => row.revert(conn, context),
        Some(Action::Delete) => row.restore(conn, context),
        _ => Err(said(text!("undo-no-change"))),
    };
    done.map_err(|why| NotUndoable {
        table: Some(table),
        why,
    })
}

/// A changed row, as the log holds it.
struct LoggedChange<'p> {
    table: &'p Resource,
    /// Old and new values by column.
    changes: Map<String, Json>,
    key: Option<&'p str>,
}

impl LoggedChange<'_> {
    /// Deletes a created row, if it is unchanged since and nothing is deleted with it.
    fn remove(&self, conn: &mut AnyConnection, context: &Context<'_>) -> Result<bool, Refusal> {
        let permit = context.rights.delete_beside(&self.table.name);
        let permit = permit.map_err(denied)?;
        let key = self.key()?;
        let row = find::by_key(conn, &permit, &key, &[])?;
        let now = whole(conn, self.table, &key)?;
        let is_as_made = now.cells().all(|(column, value)| {
            let field = self.table.fields.get(column);
            field.is_some_and(|field| shown(field, value) == *self.side(field, 1))
        });
        if !is_as_made {
            return Err(said(text!("undo-changed-since-made")));
        }
        let (gone, changed) = delete(conn, &permit, &key, Some(&row.digest()), context)?;
        if gone.is_empty() && changed.is_empty() {
            Ok(true)
        } else {
            Err(said(text!("undo-pointed-at")))
        }
    }

    /// Restores a row's old values.
    fn revert(&self, conn: &mut AnyConnection, context: &Context<'_>) -> Result<bool, Refusal> {
        let permit = context.rights.edit_beside(&self.table.name);
        let permit = permit.map_err(denied)?;
        let key = self.key()?;
        let row = find::by_key(conn, &permit, &key, &[])?;
        let (mut values, mut moved) = (Changes::new(), Vec::new());
        for name in self.changes.keys() {
            let (column, field) = self.column(name)?;
            if field.generated == Generated::Always {
                // It is computed from other columns.
                continue;
            }
            let now = row.get(column).ok_or_else(hidden)?;
            let now = shown(field, now);
            if field.kind.is_file() {
                return Err(not_held(field));
            } else if now == *self.side(field, 1) {
                values.insert(column, self.old(field)?);
            } else if now != *self.side(field, 0) {
                moved.push((column, text!("undo-changed-again")));
            }
        }
        if !moved.is_empty() {
            return Err(Refusal::Fields(moved));
        }
        if values.is_empty() {
            return Ok(false);
        }
        let (_, written) = update(conn, &permit, &key, &row.digest(), &values, context)?;
        Ok(written)
    }

    /// Creates a deleted row again.
    fn restore(&self, conn: &mut AnyConnection, context: &Context<'_>) -> Result<bool, Refusal> {
        let permit = context.rights.create_beside(&self.table.name);
        let permit = permit.map_err(denied)?;
        for name in self.changes.keys() {
            self.column(name)?;
        }
        let mut values = Changes::new();
        for (column, field) in self.table.fields.iter().enumerate() {
            let is_held = self.changes.contains_key(&field.name);
            match field.generated {
                Generated::Always if !self.table.key.contains(&column) => {}
                Generated::Always => {
                    return Err(said(text!("undo-own-keys")));
                }
                _ if is_held => {
                    values.insert(column, self.old(field)?);
                }
                // If it were left out, the database would use its default.
                _ if field.nullable && field.default.is_some() => {
                    values.insert(column, Value::Null);
                }
                _ => {}
            }
        }
        if values.keys().any(|c| permit.writes(*c) == Cover::Nowhere) {
            return Err(hidden());
        }
        let wanted = self.key.is_some().then(|| self.key()).transpose()?;
        if let (Some(key), Some(view)) = (&wanted, context.rights.view(&self.table.name)) {
            match find::by_key(conn, &view, key, &[]) {
                Ok(_) => return Err(said(text!("undo-there-again"))),
                Err(DataError::Missing) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if create(conn, &permit, &values, context)? == wanted {
            Ok(true)
        } else {
            Err(said(text!("undo-other-key")))
        }
    }

    fn key(&self) -> Result<Key, Refusal> {
        let key = self.key.and_then(|key| Key::decode(self.table, key).ok());
        key.ok_or_else(|| said(text!("undo-no-key")))
    }

    fn column(&self, name: &str) -> Result<(usize, &Field), Refusal> {
        let column = self.table.index_of(name);
        let found = column.and_then(|at| Some((at, self.table.fields.get(at)?)));
        found.ok_or_else(|| said(text!("undo-no-column")))
    }

    /// The old (0) or new (1) value of a column in the log. A missing value was NULL.
    fn side(&self, field: &Field, index: usize) -> &Json {
        let change = self.changes.get(&field.name);
        change
            .and_then(|change| change.get(index))
            .unwrap_or(&Json::Null)
    }

    fn old(&self, field: &Field) -> Result<Value, Refusal> {
        restored(field, self.side(field, 0)).ok_or_else(|| not_held(field))
    }
}

fn hidden() -> Refusal {
    said(text!("undo-hidden"))
}

fn said(text: String) -> Refusal {
    Refusal::Whole(text)
}

fn denied(denied: Denied) -> Refusal {
    said(denied.to_string())
}

fn not_held(field: &Field) -> Refusal {
    said(text!("undo-not-held", field = field.label))
}

/// The value in the log; `None` if the log holds only a part of it.
fn restored(field: &Field, json: &Json) -> Option<Value> {
    match (field.kind, json) {
        // For bytes, the log holds only the size.
        (kind, _) if kind.is_file() && !json.is_null() => None,
        // It is unknown whether the text was a JSON string or not JSON at all.
        (Kind::Json, Json::String(_)) => None,
        (Kind::Json, Json::Null) if field.nullable => Some(Value::Null),
        (Kind::Json, json) => Some(Value::Text(json.to_string())),
        // Truncated, with a mark at the end.
        (_, Json::String(text)) if text.chars().count() > MAX_TEXT => None,
        (Kind::Text | Kind::Choice | Kind::Other, Json::String(text)) => {
            Some(Value::Text(text.clone()))
        }
        (kind, json) => past::read(kind, json),
    }
}

fn object(text: Option<&str>) -> Map<String, Json> {
    match text.map(serde_json::from_str) {
        Some(Ok(Json::Object(object))) => object,
        _ => Map::new(),
    }
}
