//! Runs statements, and decodes their values for each database.

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use super::sql::Sql;
use crate::catalog::Value;
use crate::store::AnyConnection;
use crate::store::hop::tick;
use diesel::QueryResult;
use diesel::query_builder::QueryFragment;
use std::ops::ControlFlow;

/// Runs a statement and passes each row to `f` until it breaks.
pub(super) fn each(
    conn: &mut AnyConnection,
    sql: Sql<'_>,
    f: &mut dyn FnMut(Vec<Value>) -> ControlFlow<()>,
) -> QueryResult<()> {
    match conn {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(conn) => sqlite::each(conn, sql, f),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => postgres::each(conn, sql, f),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(conn) => mysql::each(conn, sql, f),
    }
}

/// Like [`each`], but without loading all rows first, however slowly they are processed.
pub(super) fn stream(
    conn: &mut AnyConnection,
    sql: Sql<'_>,
    f: &mut dyn FnMut(Vec<Value>) -> ControlFlow<()>,
) -> QueryResult<()> {
    match conn {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(conn) => sqlite::each(conn, sql, f),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => postgres::stream(conn, sql, f),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(conn) => mysql::stream(conn, sql, f),
    }
}

/// Runs a statement and returns its rows.
pub(super) fn rows(conn: &mut AnyConnection, sql: Sql<'_>) -> QueryResult<Vec<Vec<Value>>> {
    let mut rows = Vec::new();
    each(conn, sql, &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })?;
    Ok(rows)
}

/// Runs a statement and returns the number of rows it touched.
pub(super) fn execute(conn: &mut AnyConnection, sql: Sql<'_>) -> QueryResult<usize> {
    match conn {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(conn) => without_rows(conn, &sql),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => without_rows(conn, &sql),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(conn) => without_rows(conn, &sql),
    }
}

/// Runs a statement that returns no rows.
fn without_rows<C>(conn: &mut C, sql: &Sql<'_>) -> QueryResult<usize>
where
    C: diesel::Connection,
    for<'q> Sql<'q>: QueryFragment<C::Backend>,
{
    tick::begin();
    conn.execute_returning_count(sql)
}
