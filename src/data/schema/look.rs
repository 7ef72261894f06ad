//! Checks one table: whether it still matches the catalog, and may be read.

use crate::catalog::TableName;
use crate::store::AnyConnection;
use diesel::QueryResult;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

/// The state of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableState {
    /// It matches the catalog.
    Same,
    /// It or one of its columns does not exist.
    Changed,
    /// The panel's account may not read it.
    Closed,
}

#[derive(QueryableByName)]
struct PrivilegeRow {
    #[diesel(sql_type = BigInt)]
    there: i64,
    #[diesel(sql_type = Bool)]
    may: bool,
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Checks a table and these columns of it.
///
/// # Errors
/// When a statement fails.
pub fn look(
    conn: &mut AnyConnection,
    table: &TableName,
    columns: &[&str],
) -> QueryResult<TableState> {
    match conn {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(conn) => {
            let found: Vec<Column> = diesel::sql_query("SELECT name FROM pragma_table_xinfo(?)")
                .bind::<Text, _>(&table.name)
                .load(conn)?;
            let is_there = |name: &&str| found.iter().any(|column| column.name == *name);
            Ok(if columns.iter().all(is_there) {
                TableState::Same
            } else {
                TableState::Changed
            })
        }
        // Tables that the account may not read are not listed there.
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(conn) => {
            let found: Vec<Column> = diesel::sql_query(
                "SELECT CAST(column_name AS CHAR) AS name FROM information_schema.columns \
                 WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ?",
            )
            .bind::<diesel::sql_types::Nullable<Text>, _>(&table.schema)
            .bind::<Text, _>(&table.name)
            .load(conn)?;
            let is_there = |name: &&str| found.iter().any(|column| column.name == *name);
            Ok(if columns.iter().all(is_there) {
                TableState::Same
            } else {
                TableState::Changed
            })
        }
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => {
            let found: Option<PrivilegeRow> = diesel::sql_query(
                "SELECT count(*) AS there, COALESCE(bool_and(has_schema_privilege(n.oid, 'USAGE') \
                 AND has_column_privilege(c.oid, a.attnum, 'SELECT')), true) AS may \
                 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
                 JOIN pg_attribute AS a ON a.attrelid = c.oid \
                 WHERE n.nspname = $1 AND c.relname = $2 AND a.attname = ANY($3) \
                 AND a.attnum > 0 AND NOT a.attisdropped",
            )
            .bind::<Text, _>(table.schema.as_deref().unwrap_or("public"))
            .bind::<Text, _>(&table.name)
            .bind::<diesel::sql_types::Array<Text>, _>(columns)
            .get_result(conn)
            .optional()?;
            let expected = i64::try_from(columns.len()).unwrap_or(i64::MAX);
            Ok(match found {
                Some(found) if found.there < expected => TableState::Changed,
                Some(found) if !found.may => TableState::Closed,
                _ => TableState::Same,
            })
        }
    }
}
