//! Checks that an accepted insert, update or delete touched exactly its one row.
//!
//! A BEFORE trigger that returns NULL (PostgreSQL) or calls RAISE(IGNORE) (SQLite) drops a row
//! without an error. The panel's own entries must not be lost that way.

use diesel::QueryResult;
use diesel::result::Error as QueryError;

/// The database accepted a statement, but did not write its row.
#[derive(Debug, thiserror::Error)]
#[error(
    "a statement on {table} touched {count} rows instead of one: look for a trigger on that table that drops rows"
)]
struct NotMade {
    table: &'static str,
    count: usize,
}

/// Passes if exactly one row was touched. The error rolls the transaction back.
///
/// # Errors
/// When no row or several rows were touched.
pub(super) fn one(table: &'static str, touched: QueryResult<usize>) -> QueryResult<()> {
    match touched? {
        1 => Ok(()),
        count => Err(QueryError::QueryBuilderError(Box::new(NotMade {
            table,
            count,
        }))),
    }
}
