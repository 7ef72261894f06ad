//! The row as a change left it: by RETURNING where the database has it for that change, and else
//! read by its key, which must then be known.

use super::attempt::Attempt;
use super::{Changes, Refusal};
use crate::catalog::{Condition, Filter, Key, Op, Resource, Value};
use crate::data::DataError;
use crate::data::row::Row;
use crate::data::run;
use crate::data::select::Selection;
use crate::data::sql::Sql;
use crate::store::AnyConnection;
use crate::store::connection::Returning;
use diesel::QueryResult;

/// Runs an INSERT; `None` if it made no row, or none that can be told.
pub(super) fn inserted(
    conn: &mut AnyConnection,
    attempt: &Attempt<'_>,
    statement: Sql<'_>,
) -> Result<Option<Row>, Refusal> {
    match conn.returning() {
        Returning::Always | Returning::Inserts => Ok(returned(conn, attempt, statement)?.1),
        Returning::Never => {
            if attempt.execute(conn, statement)? == 0 {
                return Ok(None);
            }
            let made = last_number(conn).map_err(DataError::from)?;
            match key_of(attempt.resource, attempt.changes, |_| made.clone()) {
                Some(key) => stored(conn, attempt.resource, &key),
                None => Ok(None),
            }
        }
    }
}

/// Runs an UPDATE of the row of that key; returns how many rows it touched, and that row as it then
/// is.
pub(super) fn updated(
    conn: &mut AnyConnection,
    attempt: &Attempt<'_>,
    key: &Key,
    statement: Sql<'_>,
) -> Result<(usize, Option<Row>), Refusal> {
    match conn.returning() {
        Returning::Always => returned(conn, attempt, statement),
        Returning::Inserts | Returning::Never => {
            let touched = attempt.execute(conn, statement)?;
            if touched == 0 {
                return Ok((0, None));
            }
            let before = |place: usize| key.0.get(place).cloned();
            let row = match key_of(attempt.resource, attempt.changes, before) {
                Some(key) => stored(conn, attempt.resource, &key)?,
                None => None,
            };
            Ok((touched, row))
        }
    }
}

fn returned(
    conn: &mut AnyConnection,
    attempt: &Attempt<'_>,
    statement: Sql<'_>,
) -> Result<(usize, Option<Row>), Refusal> {
    let resource = attempt.resource;
    let selection = Selection::whole(resource);
    let mut statement = statement;
    statement.text(" RETURNING ");
    selection.columns(&mut statement, resource);
    let found = attempt.rows(conn, statement)?;
    let touched = found.len();
    let row = found.into_iter().next();
    Ok((touched, row.map(|values| selection.row(resource, values))))
}

/// The key of a row after a change; a part that was not given comes from `other`, by its place in
/// the key.
fn key_of(
    resource: &Resource,
    changes: &Changes,
    other: impl Fn(usize) -> Option<Value>,
) -> Option<Key> {
    if resource.key.is_empty() {
        return None;
    }
    let parts = resource.key.iter().enumerate().map(|(place, column)| {
        let given = changes.get(column).filter(|value| !value.is_null());
        given.cloned().or_else(|| other(place))
    });
    parts.collect::<Option<Vec<Value>>>().map(Key)
}

/// The number that the last INSERT of this connection was given, if it was given one.
fn last_number(conn: &mut AnyConnection) -> QueryResult<Option<Value>> {
    let found = run::rows(conn, Sql::new("SELECT LAST_INSERT_ID()"))?;
    let number = found
        .into_iter()
        .next()
        .and_then(|row| row.into_iter().next());
    Ok(number.filter(|number| !matches!(number, Value::Null | Value::Int(0))))
}

/// The row of a key that the database may have folded: found by what sorts as equal, which is at
/// most one row, as the key is unique by the same order.
fn stored(
    conn: &mut AnyConnection,
    resource: &Resource,
    key: &Key,
) -> Result<Option<Row>, Refusal> {
    let selection = Selection::whole(resource);
    let parts = resource.key.iter().zip(&key.0);
    let tests = parts.flat_map(|(column, value)| {
        [Op::Ge, Op::Le].map(|op| {
            Filter::Test(Condition {
                column: *column,
                op,
                values: vec![value.clone()],
            })
        })
    });
    let reach = Filter::All(tests.collect());
    let found = run::rows(conn, selection.select(resource, &reach)).map_err(DataError::from)?;
    let row = found.into_iter().next();
    Ok(row.map(|values| selection.row(resource, values)))
}
