//! The audit events of changes.

use super::{Changes, Context};
use crate::catalog::{Field, Resource, Value};
use crate::data::effects::Effects;
use crate::data::row::Row;
use crate::store::AnyConnection;
use crate::store::audit::{self, Action, Event};
use diesel::QueryResult;
use serde_json::{Map, Value as Json, json};

/// Longer text is cut in the log, which is not a backup.
pub(super) const MAX_TEXT: usize = 4_000;
/// Longer values that stayed are not kept with a change.
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
    record(
        conn,
        Action::Create,
        resource,
        row,
        changes.collect(),
        None,
        context,
    )
}

pub(super) fn updated(
    conn: &mut AnyConnection,
    resource: &Resource,
    (before, after): (&Row, &Row),
    written: &Changes,
    context: &Context<'_>,
) -> QueryResult<()> {
    let changes = difference(resource, (before, after), written);
    let mut details = Map::new();
    details.insert(audit::ROW.to_owned(), stayed(resource, after, &changes));
    record(
        conn,
        Action::Update,
        resource,
        after,
        changes,
        Some(Json::Object(details)),
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
    let (gone, changed) = effects.tally();
    let mut details = Map::new();
    for (name, tally) in [("also_deleted", gone), ("also_changed", changed)] {
        if !tally.is_empty() {
            details.insert(name.to_owned(), json!(tally));
        }
    }
    let details = (!details.is_empty()).then_some(Json::Object(details));
    record(
        conn,
        Action::Delete,
        resource,
        row,
        old(resource, row),
        details,
        context,
    )
}

/// The row whose delete or change set something off, as the events of the others name it.
pub(super) fn because(action: Action, resource: &Resource, row: &Row) -> Json {
    json!({ "because_of": {
        "action": action.name(),
        "resource": resource.name,
        "row": row.key(resource).map(|key| key.encode(resource)),
    }})
}

/// A row that went with another.
pub(super) fn gone(
    conn: &mut AnyConnection,
    table: &Resource,
    row: &Row,
    because: &Json,
    context: &Context<'_>,
) -> QueryResult<()> {
    let because = Some(because.clone());
    record(
        conn,
        Action::Delete,
        table,
        row,
        old(table, row),
        because,
        context,
    )
}

/// A row that changed with another, if it did.
pub(super) fn changed(
    conn: &mut AnyConnection,
    table: &Resource,
    (before, after): (&Row, &Row),
    because: &Json,
    context: &Context<'_>,
) -> QueryResult<()> {
    let changes = difference(table, (before, after), &Changes::new());
    if changes.is_empty() {
        return Ok(());
    }
    let mut details = because.clone();
    if let Json::Object(details) = &mut details {
        details.insert(audit::ROW.to_owned(), stayed(table, after, &changes));
    }
    record(
        conn,
        Action::Update,
        table,
        after,
        changes,
        Some(details),
        context,
    )
}

fn old(resource: &Resource, row: &Row) -> Map<String, Json> {
    let changes = row.cells().filter_map(|(column, value)| {
        let field = resource.fields.get(column)?;
        let set = !value.is_null();
        set.then(|| (field.name.clone(), json!([shown(field, value), null])))
    });
    changes.collect()
}

/// The values that stayed as they were, but for long ones.
fn stayed(resource: &Resource, row: &Row, changes: &Map<String, Json>) -> Json {
    let cells = row.cells().filter_map(|(column, value)| {
        let field = resource.fields.get(column)?;
        let is_short = value.to_text(field.kind).len() <= MAX_STAYED;
        let is_kept = is_short && !field.kind.is_file() && !changes.contains_key(&field.name);
        is_kept.then(|| (field.name.clone(), value.to_json(field.kind)))
    });
    Json::Object(cells.collect())
}

fn difference(
    resource: &Resource,
    (before, after): (&Row, &Row),
    written: &Changes,
) -> Map<String, Json> {
    let changes = after.cells().filter_map(|(column, new)| {
        let field = resource.fields.get(column)?;
        let old = before.get(column)?;
        // Of bytes only the number is known: other bytes may be as many.
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

fn record(
    conn: &mut AnyConnection,
    action: Action,
    resource: &Resource,
    row: &Row,
    changes: Map<String, Json>,
    details: Option<Json>,
    context: &Context<'_>,
) -> QueryResult<()> {
    let details = match context.parent {
        Some(parent) => Some(with_parent(details, parent)),
        None => details,
    };
    let event = Event {
        row_key: row.key(resource).map(|key| key.encode(resource)),
        row_label: Some(row.label(resource)),
        changes: Some(Json::Object(changes)),
        details,
        ..Event::on(action, &resource.name)
    };
    audit::record(conn, context.actor, &event, context.now)
}

/// The details of an event that is part of a bulk change.
fn with_parent(details: Option<Json>, parent: i64) -> Json {
    let mut details = match details {
        Some(Json::Object(details)) => details,
        _ => Map::new(),
    };
    details.insert("bulk".into(), parent.into());
    Json::Object(details)
}

/// A value as the log holds it.
pub(super) fn shown(field: &Field, value: &Value) -> Json {
    match value.to_json(field.kind) {
        Json::String(text) if text.chars().count() > MAX_TEXT => {
            let kept: String = text.chars().take(MAX_TEXT).collect();
            json!(format!("{kept}\u{2026}"))
        }
        value => value,
    }
}
