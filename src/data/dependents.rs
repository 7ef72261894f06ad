//! What points at a row, as far as it is shown with the row.

use super::DataError;
use super::page::{self, PageQuery, Position};
use super::row::Row;
use crate::access::{Permit, View};
use crate::catalog::{Child, Condition, Filter, Op};
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
        paths: Vec::new(),
        searched: Vec::new(),
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
