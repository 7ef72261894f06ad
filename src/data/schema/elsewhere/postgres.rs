//! The same from PostgreSQL's system catalogs.

use super::UnlistedTable;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};

#[derive(QueryableByName)]
struct SchemaRow {
    #[diesel(sql_type = Text)]
    schema: String,
    #[diesel(sql_type = BigInt)]
    tables: i64,
}

pub(super) fn elsewhere(
    conn: &mut PgConnection,
    shown: &[String],
) -> QueryResult<Vec<(String, i64)>> {
    let found: Vec<SchemaRow> = diesel::sql_query(
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

pub(super) fn unseen(conn: &mut PgConnection, shown: &[String]) -> QueryResult<Vec<UnlistedTable>> {
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

pub(super) fn absent(conn: &mut PgConnection, shown: &[String]) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Absent {
        #[diesel(sql_type = Text)]
        schema: String,
    }
    let absent: Vec<Absent> = diesel::sql_query(
        "SELECT s.name AS schema FROM unnest($1) AS s (name) \
         WHERE NOT EXISTS (SELECT FROM pg_namespace n WHERE n.nspname::text = s.name)",
    )
    .bind::<Array<Text>, _>(shown)
    .load(conn)?;
    Ok(absent.into_iter().map(|one| one.schema).collect())
}
