//! What lies in schemas that are not shown: often the reason why nothing is found.

use crate::store::AnyConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};

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
    let AnyConnection::Postgres(conn) = conn else {
        return Ok(Vec::new());
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
