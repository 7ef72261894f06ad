//! Pages of a list by keyset pagination: a page deep in a large table costs as much as the first.

mod plan;
mod search;

pub use search::{search, searched};

use super::DataError;
use super::cursor::Cursor;
use super::path::{self, Path};
use super::predicate;
use super::row::Row;
use super::schema::TableState;
use super::select::Selection;
use super::sql::{Piece, Sql};
use crate::access::{Cover, Permit, Verb};
use crate::catalog::{Field, Filter, FilterError, Resource, Sort, Value};
use crate::store::AnyConnection;
use plan::{Plan, place};
use std::borrow::Cow;

/// A page can be reached by its number if its rows are among this many first rows.
pub const MAX_SKIPPED: u64 = 10_000;

/// The size limit of a page's cells, in characters, unless there are many cells.
const MOST_OF_A_PAGE: u32 = 4 * 1024 * 1024;
/// The maximum and minimum length read of a cell, in characters.
const MOST_OF_A_CELL: u32 = 10_000;
const LEAST_OF_A_CELL: u32 = 200;

/// The query of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct PageQuery {
    /// The order; the key is appended.
    pub sort: Vec<Sort>,
    /// The person's filter.
    pub filter: Filter,
    /// The search text; empty for no search.
    pub search: String,
    /// Columns of referenced rows. Their indexes continue after those of the resource.
    pub paths: Vec<Path>,
    /// Columns of referenced rows that are searched too.
    pub searched: Vec<Path>,
    /// The number of rows on a page.
    pub size: u32,
    /// The page to read.
    pub position: Position,
}

/// The page to read.
#[derive(Debug, Clone, PartialEq)]
pub enum Position {
    /// The first.
    First,
    /// The page after this position.
    After(Cursor),
    /// The page before this position.
    Before(Cursor),
    /// The page with this number, counted from 1.
    Number(u64),
}

/// A page of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Its rows.
    pub rows: Vec<Row>,
    /// The start of the next page, if there is one.
    pub next: Option<Cursor>,
    /// The end of the previous page, if there is one.
    pub previous: Option<Cursor>,
    /// The number of rows before it, if known.
    pub skipped: Option<u64>,
}

/// Reads a page with these columns, the key and the sort columns.
///
/// # Errors
/// A [`DataError`] that names the invalid part of the query, or a database failure.
pub fn read<V: Verb>(
    conn: &mut AnyConnection,
    permit: &Permit<V>,
    query: &PageQuery,
    columns: &[usize],
) -> Result<Page, DataError> {
    read_to(conn, permit, query, columns, false)
}

/// Reads a page, optionally with complete cells.
pub(super) fn read_to<V: Verb>(
    conn: &mut AnyConnection,
    permit: &Permit<V>,
    query: &PageQuery,
    columns: &[usize],
    is_whole: bool,
) -> Result<Page, DataError> {
    let resource = permit.resource();
    let paths = query.paths.as_slice();
    let order = order(permit, &query.sort, paths)?;
    let plan = Plan::new(conn, (resource, paths), &order, &query.position, query.size)?;
    let mut parts = vec![rows(permit, query)?];
    parts.extend(plan.beyond.clone());
    let reach = Filter::All(parts);

    let mut wanted = columns.to_vec();
    wanted.extend(order.iter().map(|sort| sort.column));
    // Cursors need whole values, and so do lookups of referenced rows.
    let sorted = order.iter().map(|sort| sort.column);
    let pointing = resource
        .relations
        .iter()
        .flat_map(|relation| &relation.columns);
    let whole: Vec<usize> = sorted.chain(pointing.copied()).collect();
    let most = most_of_a_cell(query.size, wanted.len());
    let selection = if is_whole {
        Selection::of(permit, &wanted)
    } else {
        Selection::cut_to(permit, &wanted, &whole, most)
    };
    let most = (!is_whole).then_some(most);
    let selection = selection.beside(permit, paths, (&wanted, &whole), most);
    let mut statement = selection.select(resource, &reach);
    write_order(&mut statement, (resource, paths), &order, plan.backwards);
    statement
        .text(" LIMIT ")
        .push(Piece::Number(i64::from(query.size) + 1));
    if let Some(skip) = plan.skip.filter(|skip| *skip > 0) {
        statement
            .text(" OFFSET ")
            .push(Piece::Number(i64::try_from(skip).unwrap_or(i64::MAX)));
    }
    let found = super::read::rows(conn, (resource, &reach), statement)
        .map_err(|error| along(conn, paths, error))?;
    let rows = found
        .into_iter()
        .map(|values| selection.row(resource, values))
        .collect();
    Ok(plan.page(rows, query.size, |row| {
        place(row, &order, resource.fields.len())
    }))
}

/// The error when rows cannot be read together with the rows they reference.
pub(super) fn along(conn: &mut AnyConnection, paths: &[Path], error: DataError) -> DataError {
    if !matches!(error, DataError::Failed(_)) {
        return error;
    }
    for table in paths.iter().flat_map(Path::tables) {
        match super::read::looked_at(conn, table) {
            Ok(TableState::Changed) => return DataError::Changed,
            Ok(TableState::Closed) => return DataError::Closed,
            Ok(TableState::Same) | Err(_) => {}
        }
    }
    error
}

/// The characters read of each cell, so that a page with this many cells has a limited size.
fn most_of_a_cell(rows: u32, columns: usize) -> u32 {
    let columns = u32::try_from(columns).unwrap_or(u32::MAX);
    let cells = rows.max(1).saturating_mul(columns.max(1));
    (MOST_OF_A_PAGE / cells).clamp(LEAST_OF_A_CELL, MOST_OF_A_CELL)
}

/// All rows of the query: the permit's rows, the filter and the search, each limited to visible
/// columns.
pub(super) fn rows<V: Verb>(permit: &Permit<V>, query: &PageQuery) -> Result<Filter, FilterError> {
    let mut parts = vec![permit.rows()];
    if !query.filter.is_everything() {
        parts.push(predicate::cut(permit, &query.filter)?);
    }
    if !query.search.trim().is_empty() {
        let found = search(permit, &query.search, &query.searched);
        parts.push(predicate::cut(permit, &found)?);
    }
    for sort in &query.sort {
        let cover = match path::behind(permit.resource(), &query.paths, sort.column) {
            Some(path) => path::cover(permit, path),
            None => permit.tests(sort.column),
        };
        match cover {
            Cover::Everywhere => {}
            Cover::Where(rows) => parts.push(rows),
            Cover::Nowhere => return Err(predicate::unknown(permit.resource(), sort.column)),
        }
    }
    Ok(Filter::All(parts))
}

/// The complete order: the requested one, and the key as a tie-break.
pub(super) fn order<V: Verb>(
    permit: &Permit<V>,
    asked: &[Sort],
    paths: &[Path],
) -> Result<Vec<Sort>, FilterError> {
    let resource = permit.resource();
    let mut order: Vec<Sort> = Vec::new();
    let chosen = if asked.is_empty() {
        resource.sort.as_slice()
    } else {
        asked
    };
    for sort in chosen {
        let sortable =
            path::field(resource, paths, sort.column).is_some_and(|field| field.kind.is_sortable());
        let readable = match path::behind(resource, paths, sort.column) {
            Some(path) => path::cover(permit, path),
            None => permit.tests(sort.column),
        };
        if !sortable || readable == Cover::Nowhere {
            // Skips a default sort column that the person may not read.
            if asked.is_empty() {
                continue;
            }
            return Err(predicate::unknown(resource, sort.column));
        }
        if asked.is_empty() && readable != Cover::Everywhere {
            continue;
        }
        if !order.iter().any(|known| known.column == sort.column) {
            order.push(*sort);
        }
    }
    // The key sorts in the direction of the last column, so that one index serves the whole order.
    let descending = order.last().is_some_and(|sort| sort.descending);
    for column in &resource.key {
        if !order.iter().any(|known| known.column == *column) {
            order.push(Sort {
                column: *column,
                descending,
            });
        }
    }
    if resource.key.is_empty() && !order.is_empty() {
        settle(permit, &mut order);
    }
    Ok(order)
}

/// Makes the order of rows without a key stable, as their pages are reached by counting. Rows that
/// are equal in the requested order would otherwise change places between pages. So all other
/// columns are appended.
fn settle<V: Verb>(permit: &Permit<V>, order: &mut Vec<Sort>) {
    for (column, field) in permit.resource().fields.iter().enumerate() {
        let known = order.iter().any(|sort| sort.column == column);
        let usable = field.kind.is_sortable() && permit.tests(column) == Cover::Everywhere;
        if usable && !known {
            order.push(Sort {
                column,
                descending: false,
            });
        }
    }
}

pub(super) fn write_order<'q>(
    sql: &mut Sql<'q>,
    (resource, paths): (&'q Resource, &'q [Path]),
    order: &[Sort],
    backwards: bool,
) {
    let mut first = true;
    for sort in order {
        let Some(field) = path::field(resource, paths, sort.column) else {
            continue;
        };
        sql.text(if first { " ORDER BY " } else { ", " });
        first = false;
        match path::behind(resource, paths, sort.column) {
            Some(path) => path.value(sql, resource, &Piece::Column),
            None => {
                sql.push(Piece::Sorted(&resource.table, field));
            }
        }
        sql.text(if sort.descending != backwards {
            " DESC"
        } else {
            " ASC"
        });
    }
}

/// Binds a value for other files of the engine.
pub(super) fn bind_owned<'q>(sql: &mut Sql<'q>, field: &'q Field, value: Value) {
    sql.push(Piece::Bind(Cow::Owned(value), field));
}
