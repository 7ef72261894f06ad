//! Reads all rows of a list, one by one, in constant memory.

use super::page::{self, PageQuery, Position};
use super::row::Row;
use super::select::Selection;
use super::sql::Piece;
use super::{DataError, read, run};
use crate::access::{Export, Permit};
use crate::store::AnyConnection;
use std::ops::ControlFlow;

/// The columns of an export: all visible and exportable ones, except bytes.
pub fn columns(permit: &Permit<Export>) -> Vec<usize> {
    let fields = &permit.resource().fields;
    permit
        .readable()
        .filter(|column| {
            let field = fields.get(*column);
            field.is_some_and(|field| !field.kind.is_file())
        })
        .collect()
}

/// Passes every row of the list to `f`, in order, until it breaks or `limit` rows were passed.
///
/// # Errors
/// As [`page::read`].
pub fn each(
    conn: &mut AnyConnection,
    permit: &Permit<Export>,
    query: &PageQuery,
    columns: &[usize],
    limit: u64,
    f: &mut dyn FnMut(Row) -> ControlFlow<()>,
) -> Result<(), DataError> {
    let resource = permit.resource();
    let reach = page::rows(permit, query)?;
    let order = page::order(permit, &query.sort, &query.paths)?;
    let mut wanted = columns.to_vec();
    wanted.extend(order.iter().map(|sort| sort.column));
    let paths = query.paths.as_slice();
    let selection = Selection::of(permit, &wanted).beside(permit, paths, (&wanted, &[]), None);
    let mut statement = selection.select(resource, &reach);
    page::write_order(&mut statement, (resource, paths), &order, false);
    statement
        .text(" LIMIT ")
        .push(Piece::Number(i64::try_from(limit).unwrap_or(i64::MAX)));
    let streamed = run::stream(conn, statement, &mut |values| {
        f(selection.row(resource, values))
    });
    streamed.map_err(|error| {
        let error = read::explain(conn, (resource, &reach), error);
        page::along(conn, paths, error)
    })
}

/// The number of rows read at a time, if something is looked up for them.
const AT_A_TIME: u32 = 250;

/// A callback that takes a batch of rows, with the connection.
pub type RowsTaker<'f> =
    dyn FnMut(&mut AnyConnection, Vec<Row>) -> Result<ControlFlow<()>, DataError> + 'f;

/// Passes the rows in batches, with the connection, so that more can be looked up for them. The
/// table must have a key. Everything is read from one snapshot.
///
/// # Errors
/// As [`each`], and any error of `f`.
pub fn some_by_some(
    conn: &mut AnyConnection,
    permit: &Permit<Export>,
    query: &PageQuery,
    columns: &[usize],
    f: &mut RowsTaker<'_>,
) -> Result<(), DataError> {
    conn.snapshot(|conn| {
        let mut query = PageQuery {
            size: AT_A_TIME,
            position: Position::First,
            ..query.clone()
        };
        loop {
            let page = page::read_to(conn, permit, &query, columns, true)?;
            let next = page.next;
            match (f(conn, page.rows)?, next) {
                (ControlFlow::Continue(()), Some(next)) => query.position = Position::After(next),
                _ => return Ok(()),
            }
        }
    })
}
