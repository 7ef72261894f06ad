//! Finds one row, by its key or by unique values, as far as a permit reaches.

use super::row::Row;
use super::select::Selection;
use super::sql::{Piece, Sql};
use super::{DataError, predicate, read};
use crate::access::{Permit, Verb};
use crate::catalog::{Filter, Key, Kind, Resource, Value};
use crate::store::AnyConnection;
use std::borrow::Cow;

/// The most keys that a collation is expected to take for equal.
const ALIKE: i64 = 50;

/// The most characters of a row that are looked at.
const MOST_OF_A_PAGE: u32 = 1024 * 1024;
/// The most characters of one of its cells.
const MOST_OF_A_CELL: u32 = 100_000;
/// The fewest, however many columns there are.
const LEAST_OF_A_CELL: u32 = 10_000;

/// The row of that key, if the permit reaches it; `tests` are answered as flags of the row.
///
/// # Errors
/// [`DataError::Missing`] alike for a row that does not exist and for one out of reach.
pub fn by_key<V: Verb>(
    conn: &mut AnyConnection,
    permit: &Permit<V>,
    key: &Key,
    tests: &[Filter],
) -> Result<Row, DataError> {
    locked(conn, permit, key, tests, false)
}

/// The same row to be looked at: of long texts only the beginning is read, so that a page of it is
/// bounded. Whatever is cut is named by [`Row::cut`].
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
    // What points at rows, or is pointed at, is looked up by its whole value.
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
    // A row can only be locked by an account that may change it.
    if lock && !resource.locked.edit {
        statement.push(Piece::Lock);
    }
    let found = read::rows(conn, (resource, &reach), statement).map_err(|error| match error {
        // What the key column cannot hold is the key of no row.
        DataError::Value | DataError::Unfit(_) => DataError::Missing,
        error => error,
    });
    let mut found: Vec<Row> = found?
        .into_iter()
        .map(|values| selection.row(resource, values))
        .collect();
    // A collation may take several keys for equal: the row whose key is spelled as it was asked for
    // comes first.
    let exact = |row: &Row| row.key(resource).as_ref() == Some(key);
    match (found.iter().position(exact), found.len()) {
        (Some(at), _) => Ok(found.swap_remove(at)),
        (None, 1) => Ok(found.swap_remove(0)),
        (None, _) => Err(DataError::Missing),
    }
}

/// The row with these values of these columns, which are unique; `None` alike for one that does not
/// exist, for one out of reach, and for columns that may not be read in it.
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
        // What the column cannot hold is in no row.
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

/// The bytes of a column of one row, with the row's name.
///
/// # Errors
/// [`DataError::Missing`] when the row is out of reach, or the column may not be read in it.
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

/// Every column of a row, whoever asks: for the audit log, and for what a delete takes with it.
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

/// Writes the test that only the row of that key passes, its key compared exactly, and only if it
/// is one of `rows`. The filter of the key comes with it, as indexes are found by that.
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

/// The test that only the row of that key passes.
pub(super) fn key_filter(resource: &Resource, key: &Key) -> Filter {
    if resource.key.is_empty() || resource.key.len() != key.0.len() {
        return Filter::nothing();
    }
    tests_of(resource, &resource.key, &key.0)
}

/// The test that each of these columns has its value.
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
            // Without a type, the text of a number may be of the number itself.
            (_, Some(Kind::Other)) => Filter::ByMeaning(test(Op::Eq, vec![value.clone()])),
            _ => Filter::Test(test(Op::Eq, vec![value.clone()])),
        }
    });
    Filter::All(tests.collect())
}
