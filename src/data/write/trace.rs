//! The audit events of changes.

use super::{Changes, Context};
use crate::catalog::{Field, Resource, Value};
use crate::data::row::Row;
use crate::store::AnyConnection;
use crate::store::audit::{self, Action, Event};
use diesel::QueryResult;
use serde_json::{Map, Value as Json, json};

/// Longer text is cut in the log, which is not a backup.
const MAX_TEXT: usize = 4_000;

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
    record(
        conn,
        Action::Update,
        resource,
        after,
        changes.collect(),
        None,
        context,
    )
}

pub(super) fn deleted(
    conn: &mut AnyConnection,
    resource: &Resource,
    row: &Row,
    cascades: &[(String, u64)],
    context: &Context<'_>,
) -> QueryResult<()> {
    let changes = row.cells().filter_map(|(column, value)| {
        let field = resource.fields.get(column)?;
        let set = !value.is_null();
        set.then(|| (field.name.clone(), json!([shown(field, value), null])))
    });
    let details = match cascades.is_empty() {
        true => None,
        false => {
            let also: Map<String, Json> = cascades
                .iter()
                .map(|(name, count)| (name.clone(), json!(count)))
                .collect();
            Some(json!({ "also_deleted": also }))
        }
    };
    record(
        conn,
        Action::Delete,
        resource,
        row,
        changes.collect(),
        details,
        context,
    )
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
    let event = Event {
        row_key: row.key(resource).map(|key| key.encode(resource)),
        row_label: Some(row.label(resource)),
        changes: Some(Json::Object(changes)),
        details,
        ..Event::on(action, &resource.name)
    };
    audit::record(conn, context.actor, &event, context.now)
}

fn shown(field: &Field, value: &Value) -> Json {
    match value.to_json(field.kind) {
        Json::String(text) if text.chars().count() > MAX_TEXT => {
            let kept: String = text.chars().take(MAX_TEXT).collect();
            json!(format!("{kept}\u{2026}"))
        }
        value => value,
    }
}
