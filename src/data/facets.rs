//! The most frequent values of a column among the rows of a list, with their counts.

use super::page::{self, PageQuery};
use super::path::{self, Path};
use super::sql::{Piece, Sql};
use super::{Count, DataError, predicate, read};
use crate::access::{Permit, View};
use crate::catalog::field::Storage;
use crate::catalog::{Field, Filter, Op, Value};
use crate::store::AnyConnection;

/// The maximum number of rows examined.
pub const CAP: u64 = 200_000;

/// The maximum length of a value, in characters.
const MOST_OF_A_VALUE: u32 = 200;

/// A value, and the number of rows that have it.
#[derive(Debug, Clone, PartialEq)]
pub struct Facet {
    /// The value.
    pub value: Value,
    /// How many of the examined rows have it.
    pub count: u64,
}

/// The most frequent values of a column or path, most frequent first, and the number of examined
/// rows. Only rows in which the column is visible count.
///
/// # Errors
/// The values of the column cannot be compared, or as [`page::read`].
pub fn of_column(
    conn: &mut AnyConnection,
    permit: &Permit<View>,
    query: &PageQuery,
    column: usize,
    most: u32,
) -> Result<(Vec<Facet>, Count), DataError> {
    let resource = permit.resource();
    let path = path::behind(resource, &query.paths, column);
    let field = path::field(resource, &query.paths, column);
    let field = field.ok_or_else(|| predicate::unknown(resource, column))?;
    if !field.kind.takes(Op::Eq) {
        return Err(predicate::unfit(Op::Eq, field).into());
    }
    let mut parts = vec![page::rows(permit, query)?];
    match path {
        None => parts.extend(predicate::covers(permit, &[column])?),
        Some(path) => {
            let reached = path.passing(Filter::everything());
            parts.push(predicate::cut(permit, &reached)?);
        }
    }
    let rows = Filter::All(parts);
    let mut statement = Sql::new("SELECT one, count(*) FROM (SELECT ");
    let leaf = |field| piece(field);
    match path {
        None => {
            statement.push(leaf(field));
        }
        Some(path) => path.value(&mut statement, resource, &leaf),
    }
    statement.push(Piece::Apart(field));
    statement.text(" AS one FROM ").table(&resource.table);
    statement.text(" WHERE ").push(Piece::Tick);
    predicate::write(&mut statement, resource, &rows);
    let cap = i64::try_from(CAP).unwrap_or(i64::MAX);
    statement.text(" LIMIT ").push(Piece::Number(cap));
    statement.text(") AS counted GROUP BY one");
    statement.text(" ORDER BY 2 DESC, 1 LIMIT ");
    statement.push(Piece::Number(i64::from(most)));
    let paths: &[Path] = path.map_or(&[], std::slice::from_ref);
    let found = read::rows(conn, (resource, &rows), statement)
        .map_err(|error| page::along(conn, paths, error))?;
    let facets = found.into_iter().filter_map(|row| {
        let mut row = row.into_iter();
        let value = field.kind.shaped(row.next()?);
        match row.next()? {
            Value::Int(count) => Some(Facet {
                value,
                count: u64::try_from(count).unwrap_or(0),
            }),
            _ => None,
        }
    });
    let facets: Vec<Facet> = facets.collect();
    let counted = super::count::capped(conn, resource, &rows, CAP)?;
    Ok((facets, counted))
}

fn piece(field: &Field) -> Piece<'_> {
    match field.kind.storage() {
        Storage::Text | Storage::Opaque => Piece::Head(field, MOST_OF_A_VALUE),
        _ => Piece::Read(field),
    }
}
