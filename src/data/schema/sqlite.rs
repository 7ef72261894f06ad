//! Reads a SQLite schema through its pragma functions.
//!
//! Five statements. Names are compared ignoring ASCII case, as SQLite does. Results use the
//! spelling of the table that owns the name.

use super::check::{self, Allowed, Rule};
use super::declared;
use crate::catalog::schema::{Column, ForeignKey, Schema, Table, TableKind};
use crate::catalog::{Generated, Kind, Locked, Matching, ReferentialAction, TableName};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text};
use std::collections::HashMap;

const TABLES: &str = "\
    SELECT t.name AS name, t.type AS kind, t.wr AS without_rowid, m.sql AS sql \
    FROM pragma_table_list AS t JOIN main.sqlite_master AS m \
    ON m.name = t.name AND m.type IN ('table', 'view') \
    WHERE t.schema = 'main' AND t.type IN ('table', 'view', 'virtual') \
    ORDER BY t.name";

const COLUMNS: &str = "\
    SELECT m.name AS table_name, c.name AS name, c.type AS sql_type, c.\"notnull\" AS required, \
    c.dflt_value AS default_value, c.pk AS key_position, c.hidden AS hidden \
    FROM main.sqlite_master AS m JOIN pragma_table_xinfo(m.name, 'main') AS c \
    WHERE m.type IN ('table', 'view') ORDER BY m.name, c.cid";

const COLUMNS_OF_ONE: &str = "\
    SELECT ? AS table_name, c.name AS name, c.type AS sql_type, c.\"notnull\" AS required, \
    c.dflt_value AS default_value, c.pk AS key_position, c.hidden AS hidden \
    FROM pragma_table_xinfo(?, 'main') AS c ORDER BY c.cid";

const FOREIGN_KEYS: &str = "\
    SELECT m.name AS table_name, f.id AS id, f.\"table\" AS target, f.\"from\" AS source, \
    f.\"to\" AS target_column, f.on_delete AS on_delete, f.on_update AS on_update \
    FROM main.sqlite_master AS m JOIN pragma_foreign_key_list(m.name, 'main') AS f \
    WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq";

const UNIQUE: &str = "\
    SELECT m.name AS table_name, i.name AS index_name, i.origin AS origin, c.name AS column_name \
    FROM main.sqlite_master AS m JOIN pragma_index_list(m.name, 'main') AS i \
    JOIN pragma_index_info(i.name, 'main') AS c \
    WHERE m.type = 'table' AND i.\"unique\" = 1 AND i.partial = 0 \
    ORDER BY m.name, i.seq, c.seqno";

const HAS_STATISTICS: &str = "\
    SELECT name AS table_name, NULL AS stat FROM main.sqlite_master WHERE name = 'sqlite_stat1'";

const STATISTICS: &str = "SELECT tbl AS table_name, stat FROM main.sqlite_stat1";

#[derive(QueryableByName)]
struct TableRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    without_rowid: i64,
    #[diesel(sql_type = Nullable<Text>)]
    sql: Option<String>,
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    sql_type: Option<String>,
    #[diesel(sql_type = BigInt)]
    required: i64,
    #[diesel(sql_type = Nullable<Text>)]
    default_value: Option<String>,
    #[diesel(sql_type = BigInt)]
    key_position: i64,
    #[diesel(sql_type = BigInt)]
    hidden: i64,
}

#[derive(QueryableByName)]
struct ForeignKeyRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    target: String,
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Nullable<Text>)]
    target_column: Option<String>,
    #[diesel(sql_type = Text)]
    on_delete: String,
    #[diesel(sql_type = Text)]
    on_update: String,
}

#[derive(QueryableByName)]
struct UniqueRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    index_name: String,
    #[diesel(sql_type = Text)]
    origin: String,
    #[diesel(sql_type = Nullable<Text>)]
    column_name: Option<String>,
}

#[derive(QueryableByName)]
struct StatisticsRow {
    #[diesel(sql_type = Nullable<Text>)]
    table_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    stat: Option<String>,
}

/// Reads the tables and views of the main database.
///
/// A view that no longer works, or a virtual table whose module is missing, is left out with a
/// warning. It cannot be read anyway.
///
/// # Errors
/// When the database cannot be read at all.
pub fn read_sqlite(conn: &mut SqliteConnection) -> QueryResult<Schema> {
    let found: Vec<TableRow> = sql_query(TABLES).load(conn)?;
    let mut columns = by(columns(conn, &found)?, |row| row.table_name.clone());
    let mut unique = by(sql_query(UNIQUE).load::<UniqueRow>(conn)?, |row| {
        row.table_name.clone()
    });
    let mut estimates = estimates(conn)?;
    let mut tables: Vec<Table> = found
        .into_iter()
        .filter_map(|row| {
            let columns = columns.remove(&row.name)?;
            let unique = unique.remove(&row.name).unwrap_or_default();
            let estimate = estimates.remove(&row.name);
            Some(Table {
                estimate,
                ..table(row, columns, unique)
            })
        })
        .collect();
    let keys = by(
        sql_query(FOREIGN_KEYS).load::<ForeignKeyRow>(conn)?,
        |row| (row.table_name.clone(), row.id),
    );
    add_foreign_keys(&mut tables, keys);
    // The panel's own tables have no foreign keys. One that has some belongs to somebody else, and
    // is kept.
    tables.retain(|table| table.listed || !table.foreign_keys.is_empty());
    Ok(Schema {
        default_schema: None,
        tables,
    })
}

/// Groups rows by a key, keeping their order.
fn by<K: std::hash::Hash + Eq, R>(rows: Vec<R>, key: impl Fn(&R) -> K) -> HashMap<K, Vec<R>> {
    let mut out: HashMap<K, Vec<R>> = HashMap::new();
    for row in rows {
        out.entry(key(&row)).or_default().push(row);
    }
    out
}

/// One broken view fails the statement for all tables, so each is then queried alone.
fn columns(conn: &mut SqliteConnection, tables: &[TableRow]) -> QueryResult<Vec<ColumnRow>> {
    if let Ok(rows) = sql_query(COLUMNS).load(conn) {
        return Ok(rows);
    }
    let mut all = Vec::new();
    for table in tables {
        let one = sql_query(COLUMNS_OF_ONE)
            .bind::<Text, _>(&table.name)
            .bind::<Text, _>(&table.name)
            .load::<ColumnRow>(conn);
        match one {
            Ok(rows) => all.extend(rows),
            Err(error) => {
                tracing::warn!(table = %table.name, %error, "left out what cannot be read");
            }
        }
    }
    Ok(all)
}

/// Row counts of the last ANALYZE: the first number, and the largest among a table's indexes.
fn estimates(conn: &mut SqliteConnection) -> QueryResult<HashMap<String, u64>> {
    let mut out = HashMap::new();
    if sql_query(HAS_STATISTICS)
        .load::<StatisticsRow>(conn)?
        .is_empty()
    {
        return Ok(out);
    }
    for row in sql_query(STATISTICS).load::<StatisticsRow>(conn)? {
        let rows: Option<u64> = row
            .stat
            .as_deref()
            .and_then(|stat| stat.split(' ').next()?.parse().ok());
        if let (Some(table), Some(rows)) = (row.table_name, rows) {
            let known = out.entry(table).or_insert(0);
            *known = rows.max(*known);
        }
    }
    Ok(out)
}

fn table(row: TableRow, mut columns: Vec<ColumnRow>, unique: Vec<UniqueRow>) -> Table {
    // Hidden columns of virtual tables are arguments, not data.
    columns.retain(|column| column.hidden != 1);
    let mut key: Vec<&ColumnRow> = columns.iter().filter(|c| c.key_position > 0).collect();
    key.sort_by_key(|column| column.key_position);
    // A primary key without an index of its own is the rowid.
    let is_rowid = row.without_rowid == 0
        && !unique.iter().any(|index| index.origin == "pk")
        && matches!(key.as_slice(), [only] if is_integer(only));
    let primary_key = key.iter().map(|column| column.name.clone()).collect();
    let rules = row
        .sql
        .as_deref()
        .map(check::in_create_table)
        .unwrap_or_default();
    let is_table = row.kind == "table";
    Table {
        listed: !Schema::is_internal(&row.name),
        name: TableName {
            schema: None,
            name: row.name,
        },
        kind: if is_table {
            TableKind::Table
        } else {
            TableKind::View
        },
        writable: is_table,
        locked: Locked::default(),
        comment: String::new(),
        columns: columns
            .iter()
            .map(|found| column(found, is_rowid, &rules))
            .collect(),
        primary_key,
        unique: unique_columns(unique),
        foreign_keys: Vec::new(),
        estimate: None,
    }
}

fn is_integer(column: &ColumnRow) -> bool {
    column
        .sql_type
        .as_deref()
        .is_some_and(|name| name.eq_ignore_ascii_case("integer"))
}

fn column(row: &ColumnRow, is_rowid: bool, rules: &[Rule]) -> Column {
    let sql_type = row.sql_type.clone().unwrap_or_default();
    let declared = declared::understand(&sql_type);
    let of_key = row.key_position > 0;
    let generated = match row.hidden {
        2 | 3 => Generated::Always,
        _ if of_key && is_rowid => Generated::ByDefault,
        _ => Generated::No,
    };
    let (kind, choices) = ruled(&row.name, declared.kind, rules);
    Column {
        name: row.name.clone(),
        // In lower case, it could be taken for a type of another database, with its limits.
        sql_type: sql_type.to_ascii_uppercase(),
        kind,
        nullable: row.required == 0 && !of_key,
        default: row
            .default_value
            .clone()
            .filter(|_| generated != Generated::Always),
        generated,
        max_length: declared.max_length.filter(|_| kind != Kind::Json),
        choices,
        comment: String::new(),
    }
}

/// The effect of CHECK constraints on a text column.
fn ruled(column: &str, kind: Kind, rules: &[Rule]) -> (Kind, Vec<String>) {
    let mut own = rules
        .iter()
        .filter(|rule| rule.column.eq_ignore_ascii_case(column));
    match (own.next().map(|rule| &rule.allowed), own.next()) {
        _ if kind != Kind::Text => (kind, Vec::new()),
        (Some(Allowed::Values(values)), None) => (Kind::Choice, values.clone()),
        (Some(Allowed::Json), None) => (Kind::Json, Vec::new()),
        // Several rules for one column: their intersection is not computed.
        _ => (kind, Vec::new()),
    }
}

/// Unique indexes on columns only; those on expressions are left out.
fn unique_columns(rows: Vec<UniqueRow>) -> Vec<Vec<String>> {
    let mut out: Vec<(String, Option<Vec<String>>)> = Vec::new();
    for row in rows.into_iter().filter(|row| row.origin != "pk") {
        match out.last_mut().filter(|(index, _)| *index == row.index_name) {
            Some((_, columns)) => {
                *columns = columns
                    .take()
                    .zip(row.column_name)
                    .map(|(mut columns, name)| {
                        columns.push(name);
                        columns
                    });
            }
            None => out.push((row.index_name, row.column_name.map(|name| vec![name]))),
        }
    }
    out.into_iter().filter_map(|(_, columns)| columns).collect()
}

fn add_foreign_keys(tables: &mut [Table], keys: HashMap<(String, i64), Vec<ForeignKeyRow>>) {
    let mut keys: Vec<_> = keys.into_iter().collect();
    // SQLite lists the last declared key first.
    keys.sort_by(|((a, x), _), ((b, y), _)| a.cmp(b).then(y.cmp(x)));
    for ((name, _), rows) in keys {
        let Some(key) = foreign_key(tables, &name, &rows) else {
            continue;
        };
        if let Some(table) = tables.iter_mut().find(|table| table.name.name == name) {
            table.foreign_keys.push(key);
        }
    }
}

/// `None` if the target does not exist, or has no key to reference.
fn foreign_key(tables: &[Table], source: &str, rows: &[ForeignKeyRow]) -> Option<ForeignKey> {
    let first = rows.first()?;
    let source = tables.iter().find(|table| table.name.name == source)?;
    let target = tables
        .iter()
        .find(|table| table.name.name.eq_ignore_ascii_case(&first.target))?;
    let spelled = |table: &Table, name: &str| {
        table
            .columns
            .iter()
            .map(|c| &c.name)
            .find(|c| c.eq_ignore_ascii_case(name))
            .cloned()
    };
    let target_columns = if rows.iter().all(|row| row.target_column.is_none()) {
        target.primary_key.clone()
    } else {
        rows.iter()
            .map(|row| spelled(target, row.target_column.as_deref()?))
            .collect::<Option<_>>()?
    };
    let columns: Vec<String> = rows
        .iter()
        .map(|row| spelled(source, &row.source))
        .collect::<Option<_>>()?;
    (columns.len() == target_columns.len()).then(|| ForeignKey {
        columns,
        target: target.name.clone(),
        target_columns,
        on_delete: action(&first.on_delete),
        on_update: action(&first.on_update),
        matching: Matching::default(),
    })
}

fn action(name: &str) -> ReferentialAction {
    match name {
        "CASCADE" => ReferentialAction::Cascade,
        "SET NULL" => ReferentialAction::SetNull,
        "SET DEFAULT" => ReferentialAction::SetDefault,
        _ => ReferentialAction::Refuse,
    }
}

#[cfg(test)]
#[path = "sqlite_tests.rs"]
mod tests;
