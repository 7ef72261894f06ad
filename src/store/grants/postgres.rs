//! Privileges on PostgreSQL.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

/// The privileges needed on each table.
const NEEDED: &str = "SELECT, INSERT, UPDATE, DELETE";

#[derive(QueryableByName)]
struct OwnTable {
    #[diesel(sql_type = Text)]
    schema: String,
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Bool)]
    is_lacking: bool,
}

pub(super) fn statements(conn: &mut PgConnection, account: &str) -> QueryResult<Vec<String>> {
    Ok(written(&own_tables(conn)?, account))
}

pub(super) fn lacking(conn: &mut PgConnection) -> QueryResult<Vec<String>> {
    let mut tables = own_tables(conn)?;
    tables.retain(|own| own.is_lacking);
    if tables.is_empty() {
        return Ok(Vec::new());
    }
    #[derive(QueryableByName)]
    struct Account {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let who = diesel::sql_query("SELECT current_user::text AS name");
    let account: Account = who.get_result(conn)?;
    Ok(written(&tables, &account.name))
}

fn written(tables: &[OwnTable], account: &str) -> Vec<String> {
    let Some(first) = tables.first() else {
        return Vec::new();
    };
    let account = quoted(account);
    let schema = quoted(&first.schema);
    let names: Vec<String> = tables
        .iter()
        .map(|own| format!("{schema}.{}", own.table))
        .collect();
    vec![
        format!("GRANT USAGE ON SCHEMA {schema} TO {account};"),
        format!("GRANT {NEEDED} ON {} TO {account};", names.join(", ")),
    ]
}

/// The panel's own tables in any schema, and whether this account lacks a privilege on each.
fn own_tables(conn: &mut PgConnection) -> QueryResult<Vec<OwnTable>> {
    // Reads the catalog, because names resolve only in schemas that the account may use.
    diesel::sql_query(
        "SELECT n.nspname::text AS schema, c.relname::text AS table, \
             NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') \
                 AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE') \
                 AND has_table_privilege(c.oid, 'DELETE')) AS is_lacking \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind = 'r' AND starts_with(c.relname::text, 'bailiwick_') AND n.oid = ( \
             SELECT m.relnamespace FROM pg_class m JOIN pg_namespace s ON s.oid = m.relnamespace \
             WHERE m.relname = 'bailiwick_migrations' AND m.relkind = 'r' \
             ORDER BY s.nspname <> current_schema() NULLS LAST, s.nspname <> 'public', s.nspname \
             LIMIT 1) \
         ORDER BY c.relname",
    )
    .load(conn)
}

/// Quotes an identifier.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
