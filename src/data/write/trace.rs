//! Writes the audit events of changes.

use super::{Changes, Context};
use crate::catalog::{Field, Resource, Value};
use crate::data::effects::Effects;
use crate::data::row::Row;
use crate::store::AnyConnection;
use crate::store::audit::event::{Cause, RowChange};
use crate::store::audit::{self, Action, Event, NewEntry};
use diesel::QueryResult;
use serde_json::{Map, Value as Json, json};

/// The maximum length of a text in the log, which is not a backup.
pub(super) const MAX_TEXT: usize = 4_000;
/// The maximum length of an unchanged value that is stored with a change.
const MAX_STAYED: usize = 200;

pub(super) fn created(
    conn: &mut AnyConnection,
    resource: &Resource,
    row: &Row,
    context: &Context<'_>,
) -> QueryResult<()> {
    let changes = row.cells().filter_map(|(column, value)| {
        let field = resource.fields.get(column)?;
        let set = !value.is_null();
        set.then(|| (field.name.clone(), json!([null, shown(field, value)])))
    });
    let told = RowChange::default();
    let changes = changes.collect();
    record(conn, resource, row, changes, (Event::Create, told), context)
}

pub(super) fn updated(
    conn: &mut AnyConnection,
    resource: &Resource,
    (before, after): (&Row, &Row),
    written: &Changes,
    context: &Context<'_>,
) -> QueryResult<()> {
    let changes = difference(resource, (before, after), written);
    let told = RowChange {
        row: Some(stayed(resource, after, &changes)),
        ..RowChange::default()
    };
    record(
        conn,
        resource,
        after,
        changes,
        (Event::Update, told),
        context,
    )
}

pub(super) fn deleted(
    conn: &mut AnyConnection,
    resource: &Resource,
    row: &Row,
    effects: &Effects,
    context: &Context<'_>,
) -> QueryResult<()> {
    let (also_deleted, also_changed) = effects.tally();
    let told = RowChange {
        also_deleted,
        also_changed,
        ..RowChange::default()
    };
    let changes = old(resource, row);
    record(conn, resource, row, changes, (Event::Delete, told), context)
}

/// The row whose delete or change caused others, as their events name it.
pub(super) fn because(action: Action, resource: &Resource, row: &Row) -> RowChange {
    RowChange {
        because_of: Some(Cause {
            action: action.name().to_owned(),
            resource: resource.name.clone(),
            row: row.key(resource).map(|key| key.encode(resource)),
        }),
        ..RowChange::default()
    }
}

/// Records a row that was deleted with another.
pub(super) fn gone(
    conn: &mut AnyConnection,
    table: &Resource,
    row: &Row,
    because: &RowChange,
    context: &Context<'_>,
) -> QueryResult<()> {
    let (changes, told) = (old(table, row), because.clone());
    record(conn, table, row, changes, (Event::Delete, told), context)
}

/// Records a row that changed with another, if it did.
pub(super) fn changed(
    conn: &mut AnyConnection,
    table: &Resource,
    (before, after): (&Row, &Row),
    because: &RowChange,
    context: &Context<'_>,
) -> QueryResult<()> {
    let changes = difference(table, (before, after), &Changes::new());
    if changes.is_empty() {
        return Ok(());
    }
    let told = RowChange {
        row: Some(stayed(table, after, &changes)),
        ..because.clone()
    };
    record(conn, table, after, changes, (Event::Update, told), context)
}

fn old(resource: &Resource, row: &Row) -> Map<String, Json> {
    let changes = row.cells().filter_map(|(column, value)| {
        let field = resource.fields.get(column)?;
        let set = !value.is_null();
        set.then(|| (field.name.clone(), json!([shown(field, value), null])))
    });
    changes.collect()
}

/// The unchanged values, without long ones.
fn stayed(resource: &Resource, row: &Row, changes: &Map<String, Json>) -> Map<String, Json> {
    let cells = row.cells().filter_map(|(column, value)| {
        let field = resource.fields.get(column)?;
        let is_short = value.to_text(field.kind).len() <= MAX_STAYED;
        let is_kept = is_short && !field.kind.is_file() && !changes.contains_key(&field.name);
        is_kept.then(|| (field.name.clone(), value.to_json(field.kind)))
    });
    cells.collect()
}

fn difference(
    resource: &Resource,
    (before, after): (&Row, &Row),
    written: &Changes,
) -> Map<String, Json> {
    let changes = after.cells().filter_map(|(column, new)| {
        let field = resource.fields.get(column)?;
        let old = before.get(column)?;
        // Only the size of bytes is known, and other bytes may have the same size.
        let moved = old != new || field.kind.is_file() && written.contains_key(&column);
        moved.then(|| {
            (
                field.name.clone(),
                json!([shown(field, old), shown(field, new)]),
            )
        })
    });
    changes.collect()
}

/// Writes the entry of a row, as a part of a bulk change if there is one.
fn record(
    conn: &mut AnyConnection,
    resource: &Resource,
    row: &Row,
    changes: Map<String, Json>,
    (event, told): (fn(RowChange) -> Event, RowChange),
    context: &Context<'_>,
) -> QueryResult<()> {
    let told = RowChange {
        bulk: context.parent,
        ..told
    };
    let entry = NewEntry {
        row_key: row.key(resource).map(|key| key.encode(resource)),
        row_label: Some(row.label(resource)),
        changes: Some(Json::Object(changes)),
        ..NewEntry::on(&resource.name, event(told))
    };
    audit::record(conn, context.actor, &entry, context.now)
}

/// A value in the form of the log.
pub(super) fn shown(field: &Field, value: &Value) -> Json {
    match value.to_json(field.kind) {
        Json::String(text) if text.chars().count() > MAX_TEXT => {
            let kept: String = text.chars().take(MAX_TEXT).collect();
            json!(format!("{kept}\u{2026}"))
        }
        value => value,
    }
}
