//! Audit events of rows that were deleted or changed with another, read afterwards.

use super::trace;
use super::{Context, Refusal, check_reach};
use crate::access::Denied;
use crate::catalog::{Filter, Key, Resource, Value};
use crate::data::DataError;
use crate::data::effects::{AffectedRow, Change, Consequence, Effects, covered, ident};
use crate::data::find;
use crate::data::row::Row;
use crate::store::AnyConnection;
use crate::store::audit::Action;
use crate::texts::text;
use std::collections::BTreeMap;

/// The row that was deleted or changed directly.
pub(super) struct Main<'m> {
    pub(super) action: Action,
    pub(super) table: &'m Resource,
    pub(super) before: &'m Row,
    /// Its new state, if it still exists.
    pub(super) after: Option<&'m Row>,
}

/// Passes if the person may cause all these side effects.
pub(super) fn check(effects: &Effects) -> Result<(), Refusal> {
    if let Some(text) = effects.obstacle() {
        return Err(Refusal::Whole(text));
    }
    match effects.unconfirmed() {
        Some(denied) => Err(Refusal::Whole(denied.to_string())),
        None => Ok(()),
    }
}

/// Writes an event for each deleted or changed row. Passes if changed rows are still where the
/// person may change rows.
pub(super) fn trace(
    conn: &mut AnyConnection,
    main: &Main<'_>,
    effects: &Effects,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let main_ident = ident(main.table, main.before);
    let mut now: BTreeMap<(String, String), Row> = BTreeMap::new();
    if let Some(after) = main.after {
        now.insert(main_ident.clone(), after.clone());
    }
    let because = trace::because(main.action, main.table, main.before);
    for touched in effects.touched() {
        let is = ident(touched.table, touched.before);
        if is == main_ident {
            continue;
        }
        let after = after(conn, &touched, &now)?;
        match &after {
            None => trace::gone(conn, touched.table, touched.before, &because, context)?,
            Some(after) => {
                check_right(conn, &touched, after, context)?;
                let rows = (touched.before, after);
                trace::changed(conn, touched.table, rows, &because, context)?;
                now.insert(is, after.clone());
            }
        }
    }
    Ok(())
}

/// The state of a row after the statement; `None` if it was deleted.
fn after(
    conn: &mut AnyConnection,
    touched: &AffectedRow<'_>,
    now: &BTreeMap<(String, String), Row>,
) -> Result<Option<Row>, Refusal> {
    let expected = expected(touched, now);
    let Some(key) = expected.key(touched.table) else {
        // It cannot be looked up; this is what the foreign key's action says.
        return Ok((!touched.goes).then_some(expected));
    };
    match find::whole(conn, touched.table, &key) {
        Ok(row) => Ok(Some(row)),
        Err(DataError::Missing) if touched.goes => Ok(None),
        Err(DataError::Missing) => Err(Refusal::Whole(text!("change-untraceable"))),
        Err(error) => Err(error.into()),
    }
}

/// The row with its foreign keys as their actions set them.
fn expected(touched: &AffectedRow<'_>, now: &BTreeMap<(String, String), Row>) -> Row {
    let mut row = touched.before.clone();
    for change in &touched.changes {
        let reference = change.reference;
        let parent = change.parent(now);
        for (column, target) in reference.columns.iter().zip(&reference.target_columns) {
            let value = match change.consequence {
                Consequence::Follows => parent.and_then(|parent| parent.get(*target)).cloned(),
                _ => None,
            };
            row.put(*column, value.unwrap_or(Value::Null));
        }
    }
    row
}

/// Passes if the person may also change the row in its new state. No row may enter or leave their
/// rights through the change of another row.
fn check_right(
    conn: &mut AnyConnection,
    touched: &AffectedRow<'_>,
    after: &Row,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    if touched.changes.is_empty() {
        return Ok(());
    }
    let permit = context.rights.edit_beside(&touched.table.name);
    let permit = permit.map_err(|denied: Denied| Refusal::Whole(denied.to_string()))?;
    let columns = touched
        .changes
        .iter()
        .flat_map(|change: &Change<'_>| &change.reference.columns);
    let columns = columns.map(|column| covered(permit.writes(*column)));
    let tests: Vec<Filter> = std::iter::once(permit.rows()).chain(columns).collect();
    let key: Option<Key> = after.key(touched.table);
    match key {
        Some(key) => check_reach(conn, touched.table, &key, &tests).map_err(beyond),
        None if tests.iter().all(Filter::is_everything) => Ok(()),
        None => Err(beyond(Refusal::OutOfReach)),
    }
}

/// The error must not say that the row itself is out of reach.
fn beyond(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::OutOfReach => Refusal::Whole(text!("change-others-beyond")),
        other => other,
    }
}
