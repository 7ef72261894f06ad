//! Pages of a list, by keyset: a page deep inside a large table costs what the first one costs.

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

/// A page is reached by its number as long as its rows are among so many first ones.
pub const MAX_SKIPPED: u64 = 10_000;

/// The most characters of a page's cells, unless there are many cells.
const MOST_OF_A_PAGE: u32 = 4 * 1024 * 1024;
/// The most and the least that is read of a cell, in characters.
const MOST_OF_A_CELL: u32 = 10_000;
const LEAST_OF_A_CELL: u32 = 200;

/// What a list shows.
#[derive(Debug, Clone, PartialEq)]
pub struct PageQuery {
    /// The order; the key is added behind it.
    pub sort: Vec<Sort>,
    /// The person's filter.
    pub filter: Filter,
    /// Words searched for; empty: none.
    pub search: String,
    /// Columns of rows pointed at. As columns they are counted on behind those of the resource.
    pub paths: Vec<Path>,
    /// Columns of rows pointed at that are searched too.
    pub searched: Vec<Path>,
    /// Rows on a page.
    pub size: u32,
    /// Which page.
    pub position: Position,
}

/// Which page of a list.
#[derive(Debug, Clone, PartialEq)]
pub enum Position {
    /// The first.
    First,
    /// The one behind this place.
    After(Cursor),
    /// The one before this place.
    Before(Cursor),
    /// The one of this number, from 1.
    Number(u64),
}

/// A page that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Its rows.
    pub rows: Vec<Row>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
    /// Where the page before ends, if there is one.
    pub previous: Option<Cursor>,
    /// How many rows lie before it, where that is known.
    pub skipped: Option<u64>,
}

/// Reads a page of these columns (and the key and sort columns).
///
/// # Errors
/// A [`DataError`] that says what of the query cannot be used, or that the database failed.
pub fn read<V: Verb>(
    conn: &mut AnyConnection,
    permit: &Permit<V>,
    query: &PageQuery,
    columns: &[usize],
) -> Result<Page, DataError> {
    read_to(conn, permit, query, columns, false)
}

/// The same, with every cell whole if that is wanted.
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
    // Where the next page begins is told by whole values; what points at rows is looked up by them.
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

/// What it means that rows cannot be read together with those that they point at.
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

/// How many characters of a cell are read, so that a page of so many rows and columns is bounded.
fn most_of_a_cell(rows: u32, columns: usize) -> u32 {
    let columns = u32::try_from(columns).unwrap_or(u32::MAX);
    let cells = rows.max(1).saturating_mul(columns.max(1));
    (MOST_OF_A_PAGE / cells).clamp(LEAST_OF_A_CELL, MOST_OF_A_CELL)
}

/// Every row the query covers: the permit's rows, the filter and the search, each cut to what may
/// be read.
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

/// The whole order: what was asked for, and the key as tie-break.
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
            // A default order by a column that this person may not read is left out.
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
    // The key follows the direction of the last column: one index then serves the whole order.
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

/// Rows without a key are reached by counting; those alike in the order asked for would change
/// places from page to page, so all other columns are put behind it.
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

/// Binds a value for use by other files of the engine.
pub(super) fn bind_owned<'q>(sql: &mut Sql<'q>, field: &'q Field, value: Value) {
    sql.push(Piece::Bind(Cow::Owned(value), field));
}
