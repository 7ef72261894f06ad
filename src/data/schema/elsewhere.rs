//! What lies in schemas that are not shown: often the reason why nothing is found.

use crate::store::AnyConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Text};

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    schema: String,
    #[diesel(sql_type = BigInt)]
    tables: i64,
}

/// Schemas of the application that hold tables or views, beside those named, and how many each.
/// None where the database has no schemas.
///
/// # Errors
/// When the database's own catalog cannot be read.
pub fn elsewhere(conn: &mut AnyConnection, shown: &[String]) -> QueryResult<Vec<(String, i64)>> {
    let conn = match conn {
        AnyConnection::Postgres(conn) => conn,
        AnyConnection::Sqlite(_) => return Ok(Vec::new()),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => return Ok(Vec::new()),
    };
    let found: Vec<Found> = diesel::sql_query(
        "SELECT n.nspname::text AS schema, count(*) AS tables \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema' \
             AND NOT starts_with(n.nspname::text, 'pg_') AND n.nspname::text <> ALL ($1) \
             AND NOT starts_with(c.relname::text, 'bailiwick_') \
         GROUP BY 1 ORDER BY 2 DESC, 1",
    )
    .bind::<Array<Text>, _>(shown)
    .load(conn)?;
    let found = found.into_iter();
    Ok(found.map(|one| (one.schema, one.tables)).collect())
}

/// A table or view that is there and cannot be administered.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Unseen {
    /// Its schema.
    #[diesel(sql_type = Text)]
    pub schema: String,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub table: String,
    /// Whether the schema is among those shown; then the account may not read the table.
    #[diesel(sql_type = Bool)]
    pub is_shown: bool,
}

/// Tables that the account may not read, or that lie in schemas that are not shown: "does not
/// exist" is not said of them. None where the database has no schemas.
///
/// # Errors
/// When the database's own catalog cannot be read.
pub fn unseen(conn: &mut AnyConnection, shown: &[String]) -> QueryResult<Vec<Unseen>> {
    let conn = match conn {
        AnyConnection::Postgres(conn) => conn,
        AnyConnection::Sqlite(_) => return Ok(Vec::new()),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => return Ok(Vec::new()),
    };
    diesel::sql_query(
        "SELECT n.nspname::text AS schema, c.relname::text AS table, \
             n.nspname::text = ANY ($1) AS is_shown \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema' \
             AND NOT starts_with(n.nspname::text, 'pg_') \
             AND NOT starts_with(c.relname::text, 'bailiwick_') \
             AND (n.nspname::text <> ALL ($1) OR NOT has_schema_privilege(n.oid, 'USAGE') \
                 OR NOT has_any_column_privilege(c.oid, 'SELECT')) \
         ORDER BY 1, 2 LIMIT 10000",
    )
    .bind::<Array<Text>, _>(shown)
    .load(conn)
}

/// The schemas among these that do not exist.
///
/// # Errors
/// When the database's own catalog cannot be read.
pub fn absent(conn: &mut AnyConnection, shown: &[String]) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Absent {
        #[diesel(sql_type = Text)]
        schema: String,
    }
    let conn = match conn {
        AnyConnection::Postgres(conn) => conn,
        AnyConnection::Sqlite(_) => return Ok(Vec::new()),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => return Ok(Vec::new()),
    };
    let absent: Vec<Absent> = diesel::sql_query(
        "SELECT s.name AS schema FROM unnest($1) AS s (name) \
         WHERE NOT EXISTS (SELECT FROM pg_namespace n WHERE n.nspname::text = s.name)",
    )
    .bind::<Array<Text>, _>(shown)
    .load(conn)?;
    Ok(absent.into_iter().map(|one| one.schema).collect())
}
