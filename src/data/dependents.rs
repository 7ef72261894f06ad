//! What points at a row: shown with the row, and before it is deleted.

use super::DataError;
use super::count::{self, Count};
use super::page::{self, PageQuery, Position};
use super::row::{self, Row};
use crate::access::{Delete, Permit, View};
use crate::catalog::{Child, Condition, Filter, Key, Op, Resource};
use crate::store::AnyConnection;

/// The test that only rows which point at this one pass.
pub fn pointing_at(child: &Child, row: &Row) -> Option<Filter> {
    let tests = child.columns.iter().zip(&child.parent_columns);
    let tests: Option<Vec<Filter>> = tests
        .map(|(column, parent)| {
            let value = row.get(*parent).filter(|value| !value.is_null())?;
            Some(Filter::Test(Condition {
                column: *column,
                op: Op::Eq,
                values: vec![value.clone()],
            }))
        })
        .collect();
    tests.map(Filter::All)
}

/// The first rows that point at this one and are within reach, with one more than `limit` if
/// there are more.
///
/// # Errors
/// When the database fails.
pub fn visible(
    conn: &mut AnyConnection,
    permit: &Permit<View>,
    child: &Child,
    row: &Row,
    limit: u32,
    columns: &[usize],
) -> Result<Vec<Row>, DataError> {
    let Some(filter) = pointing_at(child, row) else {
        return Ok(Vec::new());
    };
    let query = PageQuery {
        sort: Vec::new(),
        filter,
        search: String::new(),
        size: limit,
        position: Position::First,
    };
    match page::read(conn, permit, &query, columns) {
        Ok(page) => Ok(page.rows),
        // The column that points here may not be read.
        Err(DataError::Filter(_)) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// How many rows point at this one and are within reach.
///
/// # Errors
/// When the database fails.
pub fn count_visible(
    conn: &mut AnyConnection,
    permit: &Permit<View>,
    child: &Child,
    row: &Row,
) -> Result<Count, DataError> {
    let Some(filter) = pointing_at(child, row) else {
        return Ok(Count::Exact(0));
    };
    let query = PageQuery {
        sort: Vec::new(),
        filter,
        search: String::new(),
        size: 0,
        position: Position::First,
    };
    match count::of_query(conn, permit, &query) {
        // The column that points here may not be read.
        Err(DataError::Filter(_)) => Ok(Count::Exact(0)),
        other => other,
    }
}

/// How many rows point at the one that is to be deleted, whoever may see them: a delete takes them
/// all with it, or is refused for them.
///
/// # Errors
/// When the database fails.
pub fn count(
    conn: &mut AnyConnection,
    permit: &Permit<Delete>,
    (key, row): (&Key, &Row),
    resource: &Resource,
    child: &Child,
) -> Result<Count, DataError> {
    let is_masked = |column: &usize| row.get(*column).is_none();
    let rows = match child.parent_columns.iter().any(is_masked) {
        // What they point with may not be read, but it is still what they point with.
        true => pointing_at(child, &row::whole(conn, permit.resource(), key)?),
        false => pointing_at(child, row),
    };
    match rows {
        Some(rows) => count::capped(conn, resource, &rows, count::CAP),
        None => Ok(Count::Exact(0)),
    }
}
