//! Rows that reference a row, shown with that row.

use super::count::{self, Count};
use super::find::key_filter;
use super::page::{self, PageQuery, Position};
use super::row::Row;
use super::select::Selection;
use super::sql::Piece;
use super::{DataError, predicate, read};
use crate::access::{Permit, View};
use crate::catalog::{Child, Condition, Filter, Key, Op};
use crate::store::AnyConnection;

/// The filter for the rows that reference this one.
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

/// The first visible rows that reference this one; one more than `limit` if there are more.
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
        // The referencing column is not visible.
        Err(DataError::Filter(_)) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The maximum length of a line's cell, in characters; longer text is edited on its own page.
const MOST_OF_A_CELL: u32 = 10_000;
/// The maximum number of lines that one statement selects by key.
const MAX_KEYS: usize = 100;

/// The lines of a row to read.
#[derive(Debug, Clone, Copy)]
pub enum LineSelection<'k> {
    /// A range of lines, in key order.
    Some {
        /// How many lines to skip.
        skip: u64,
        /// The maximum number of lines to read.
        limit: u32,
    },
    /// The lines with these keys.
    Of(&'k [Key]),
}

/// Visible rows that reference this one, with all their visible columns; `tests` become flags of
/// each row. Long texts are truncated as by [`look`](super::find::beginning); such a row has
/// [`Row::cut`] cells.
///
/// # Errors
/// When the database fails.
pub fn lines(
    conn: &mut AnyConnection,
    permit: &Permit<View>,
    (child, row): (&Child, &Row),
    tests: &[Filter],
    which: LineSelection<'_>,
) -> Result<Vec<Row>, DataError> {
    let Some(pointing) = pointing_at(child, row) else {
        return Ok(Vec::new());
    };
    // If the referencing column is not visible, no row is.
    let Ok(pointing) = predicate::cut(permit, &pointing) else {
        return Ok(Vec::new());
    };
    let parts = vec![permit.rows(), pointing];
    match which {
        LineSelection::Some { skip, limit } => {
            read_lines(conn, permit, parts, tests, Some((skip, limit)))
        }
        LineSelection::Of(keys) => {
            let mut rows = Vec::new();
            for keys in keys.chunks(MAX_KEYS) {
                let keys = keys.iter().map(|key| key_filter(permit.resource(), key));
                let mut parts = parts.clone();
                parts.push(Filter::Any(keys.collect()));
                rows.extend(read_lines(conn, permit, parts, tests, None)?);
            }
            Ok(rows)
        }
    }
}

fn read_lines(
    conn: &mut AnyConnection,
    permit: &Permit<View>,
    parts: Vec<Filter>,
    tests: &[Filter],
    range: Option<(u64, u32)>,
) -> Result<Vec<Row>, DataError> {
    let resource = permit.resource();
    let pointing = resource.relations.iter().flat_map(|it| &it.columns);
    let whole: Vec<usize> = pointing.copied().collect();
    let selection = Selection::head_of_row(permit, tests, &whole, MOST_OF_A_CELL);
    let reach = Filter::All(parts);
    let mut statement = selection.select(resource, &reach);
    let mut first = true;
    for key in resource.key_fields() {
        statement.text(if first { " ORDER BY " } else { ", " });
        first = false;
        statement.push(Piece::Sorted(&resource.table, key));
    }
    if let Some((skip, limit)) = range {
        let limit = Piece::Number(i64::from(limit));
        statement.text(" LIMIT ").push(limit);
        if skip > 0 {
            let skip = Piece::Number(i64::try_from(skip).unwrap_or(i64::MAX));
            statement.text(" OFFSET ").push(skip);
        }
    }
    let found = read::rows(conn, (resource, &reach), statement)?;
    Ok(found
        .into_iter()
        .map(|values| selection.row(resource, values))
        .collect())
}

/// The number of visible rows that reference this one, up to a cap.
///
/// # Errors
/// When the database fails.
pub fn count(
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
        paths: Vec::new(),
        searched: Vec::new(),
        size: 1,
        position: Position::First,
    };
    match count::of_query(conn, permit, &query) {
        Err(DataError::Filter(_)) => Ok(Count::Exact(0)),
        counted => counted,
    }
}
