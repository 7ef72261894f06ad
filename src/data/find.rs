//! Finds one row under a permit, by its key or by unique values.

use super::row::Row;
use super::select::Selection;
use super::sql::{Piece, Sql};
use super::{DataError, predicate, read};
use crate::access::{Permit, Verb};
use crate::catalog::{Filter, Key, Kind, Resource, Value};
use crate::store::AnyConnection;
use std::borrow::Cow;

/// The maximum number of keys that a collation is expected to treat as equal.
const ALIKE: i64 = 50;

/// The maximum size of a row on a page, in characters.
const MOST_OF_A_PAGE: u32 = 1024 * 1024;
/// The maximum length of one of its cells.
const MOST_OF_A_CELL: u32 = 100_000;
/// The minimum length of a cell, for rows with many columns.
const LEAST_OF_A_CELL: u32 = 10_000;

/// The row with that key, if the permit covers it; `tests` become flags of the row.
///
/// # Errors
/// [`DataError::Missing`], both for a row that does not exist and for one the permit does not
/// cover.
pub fn by_key<V: Verb>(
    conn: &mut AnyConnection,
    permit: &Permit<V>,
    key: &Key,
    tests: &[Filter],
) -> Result<Row, DataError> {
    locked(conn, permit, key, tests, false)
}

/// The row for a page: long texts are truncated, so that the page has a limited size. Truncated
/// columns are listed by [`Row::cut`].
///
/// # Errors
/// As [`by_key`].
pub fn beginning<V: Verb>(
    conn: &mut AnyConnection,
    permit: &Permit<V>,
    key: &Key,
    tests: &[Filter],
) -> Result<Row, DataError> {
    let resource = permit.resource();
    // Columns of foreign keys and unique constraints are needed whole for lookups.
    let pointing = resource.relations.iter().flat_map(|it| &it.columns);
    let unique = resource.unique.iter().flatten();
    let whole: Vec<usize> = pointing.chain(unique).copied().collect();
    let columns = u32::try_from(resource.fields.len().max(1)).unwrap_or(u32::MAX);
    let most = (MOST_OF_A_PAGE / columns).clamp(LEAST_OF_A_CELL, MOST_OF_A_CELL);
    let selection = Selection::head_of_row(permit, tests, &whole, most);
    found(conn, permit, key, &selection, false)
}

pub(super) fn locked<V: Verb>(
    conn: &mut AnyConnection,
    permit: &Permit<V>,
    key: &Key,
    tests: &[Filter],
    lock: bool,
) -> Result<Row, DataError> {
    found(conn, permit, key, &Selection::of_row(permit, tests), lock)
}

fn found<V: Verb>(
    conn: &mut AnyConnection,
    permit: &Permit<V>,
    key: &Key,
    selection: &Selection,
    lock: bool,
) -> Result<Row, DataError> {
    let resource = permit.resource();
    let reach = Filter::All(vec![permit.rows(), key_filter(resource, key)]);
    let mut statement = selection.select(resource, &reach);
    statement.text(" LIMIT ").push(Piece::Number(ALIKE));
    // A database account can lock a row only if it may change it.
    if lock && !resource.locked.edit {
        statement.push(Piece::Lock);
    }
    let found = read::rows(conn, (resource, &reach), statement).map_err(|error| match error {
        // A value that the key column cannot hold belongs to no row.
        DataError::Value | DataError::Unfit(_) => DataError::Missing,
        error => error,
    });
    let mut found: Vec<Row> = found?
        .into_iter()
        .map(|values| selection.row(resource, values))
        .collect();
    // A collation may treat several keys as equal: the row with exactly this key comes first.
    let exact = |row: &Row| row.key(resource).as_ref() == Some(key);
    match (found.iter().position(exact), found.len()) {
        (Some(at), _) => Ok(found.swap_remove(at)),
        (None, 1) => Ok(found.swap_remove(0)),
        (None, _) => Err(DataError::Missing),
    }
}

/// The row with these values in these unique columns. `None` if it does not exist or is not covered
/// by the permit. Also `None` if one of the columns is not visible in it.
///
/// # Errors
/// When the database fails.
pub fn by_values<V: Verb>(
    conn: &mut AnyConnection,
    permit: &Permit<V>,
    columns: &[usize],
    values: &[Value],
) -> Result<Option<Row>, DataError> {
    let resource = permit.resource();
    let Ok(asked) = predicate::cut(permit, &tests_of(resource, columns, values)) else {
        return Ok(None);
    };
    let reach = Filter::All(vec![permit.rows(), asked]);
    let selection = Selection::of_row(permit, &[]);
    let mut statement = selection.select(resource, &reach);
    statement.text(" LIMIT ").push(Piece::Number(ALIKE));
    let found = match read::rows(conn, (resource, &reach), statement) {
        // A value that the column cannot hold is in no row.
        Err(DataError::Value | DataError::Unfit(_)) => Vec::new(),
        found => found?,
    };
    let mut found: Vec<Row> = found
        .into_iter()
        .map(|values| selection.row(resource, values))
        .collect();
    let is_exact = |row: &Row| {
        let mut pairs = columns.iter().zip(values);
        pairs.all(|(column, value)| row.get(*column) == Some(value))
    };
    Ok(match (found.iter().position(is_exact), found.len()) {
        (Some(at), _) => Some(found.swap_remove(at)),
        (None, 1) => found.pop(),
        (None, _) => None,
    })
}

/// The bytes of a column of one row, with the row's label.
///
/// # Errors
/// [`DataError::Missing`] when the permit does not cover the row, or the column is not visible in
/// it.
pub fn bytes<V: Verb>(
    conn: &mut AnyConnection,
    permit: &Permit<V>,
    key: &Key,
    column: usize,
) -> Result<Vec<u8>, DataError> {
    let resource = permit.resource();
    let selection = Selection::with_content(permit, &[column]);
    let reach = Filter::All(vec![permit.rows(), key_filter(resource, key)]);
    let mut statement = selection.select(resource, &reach);
    statement.text(" LIMIT 1");
    let found = read::rows(conn, (resource, &reach), statement)?
        .into_iter()
        .next();
    let row = found.map(|values| selection.row(resource, values));
    match row.as_ref().and_then(|row| row.get(column)) {
        Some(Value::Bytes(bytes)) => Ok(bytes.clone()),
        Some(Value::Text(text)) => Ok(text.clone().into_bytes()),
        _ => Err(DataError::Missing),
    }
}

/// Every column of a row, without a permit: for the audit log, and for rows deleted with others.
pub(super) fn whole(
    conn: &mut AnyConnection,
    resource: &Resource,
    key: &Key,
) -> Result<Row, DataError> {
    let selection = Selection::whole(resource);
    let rows = Filter::everything();
    let mut statement = selection.select(resource, &rows);
    statement.text(" AND ");
    let reach = key_filter(resource, key);
    write_row(&mut statement, resource, (key, &reach), &rows);
    let found = read::rows(conn, (resource, &reach), statement)?;
    let row = found
        .into_iter()
        .next()
        .map(|values| selection.row(resource, values));
    row.ok_or(DataError::Missing)
}

/// Writes the condition for the row with exactly that key, if it is one of `rows`. The plain key
/// filter is included, so that an index can be used.
pub(super) fn write_row<'q>(
    sql: &mut Sql<'q>,
    resource: &'q Resource,
    (key, reach): (&'q Key, &'q Filter),
    rows: &'q Filter,
) {
    predicate::write(sql, resource, reach);
    let parts = key.0.iter().zip(resource.key_fields());
    for (value, field) in parts.filter(|(value, _)| !value.is_null()) {
        sql.text(" AND ");
        sql.push(Piece::Exact(Cow::Borrowed(value), field));
    }
    if !rows.is_everything() {
        sql.text(" AND ");
        predicate::write(sql, resource, rows);
    }
}

/// The filter for the row with that key.
pub(super) fn key_filter(resource: &Resource, key: &Key) -> Filter {
    if resource.key.is_empty() || resource.key.len() != key.0.len() {
        return Filter::nothing();
    }
    tests_of(resource, &resource.key, &key.0)
}

/// The filter for rows with these values in these columns.
fn tests_of(resource: &Resource, columns: &[usize], values: &[Value]) -> Filter {
    use crate::catalog::{Condition, Op};
    let tests = columns.iter().zip(values).map(|(column, value)| {
        let test = |op, values| Condition {
            column: *column,
            op,
            values,
        };
        let kind = resource.fields.get(*column).map(|field| field.kind);
        match (value, kind) {
            (Value::Null, _) => Filter::Test(test(Op::Null, Vec::new())),
            // A column without a type may hold the text of a number or the number itself.
            (_, Some(Kind::Other)) => Filter::ByMeaning(test(Op::Eq, vec![value.clone()])),
            _ => Filter::Test(test(Op::Eq, vec![value.clone()])),
        }
    });
    Filter::All(tests.collect())
}
