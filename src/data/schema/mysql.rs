//! Reads the schema of MySQL and MariaDB from `information_schema`.
//!
//! Six statements, joined here, because the server joins these views slowly. They list only what
//! this account may see.

mod types;

use super::check::{self, Allowed};
use crate::catalog::schema::{Column, ForeignKey, Schema, Table, TableKind};
use crate::catalog::{Generated, Kind, Locked, Matching, ReferentialAction, TableName};
use crate::store::mysql::{MysqlConnection, ServerFamily};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text};
use std::collections::HashMap;

mod queries;

/// A table's schema and name.
type Name = (String, String);

#[derive(QueryableByName)]
struct TableRow {
    #[diesel(sql_type = Text)]
    schema_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    comment: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    estimate: Option<i64>,
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    schema_name: String,
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    column_type: String,
    #[diesel(sql_type = Text)]
    nullable: String,
    #[diesel(sql_type = Nullable<Text>)]
    default_value: Option<String>,
    #[diesel(sql_type = Text)]
    extra: String,
    #[diesel(sql_type = Text)]
    privileges: String,
    #[diesel(sql_type = Text)]
    comment: String,
}

#[derive(QueryableByName)]
struct IndexRow {
    #[diesel(sql_type = Text)]
    schema_name: String,
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    index_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    column_name: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    prefix: Option<i64>,
}

#[derive(QueryableByName)]
struct KeyColumnRow {
    #[diesel(sql_type = Text)]
    schema_name: String,
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    constraint_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    target_schema: String,
    #[diesel(sql_type = Text)]
    target_table: String,
    #[diesel(sql_type = Text)]
    target_column: String,
}

#[derive(QueryableByName)]
struct RuleRow {
    #[diesel(sql_type = Text)]
    schema_name: String,
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    constraint_name: String,
    #[diesel(sql_type = Text)]
    delete_rule: String,
    #[diesel(sql_type = Text)]
    update_rule: String,
}

#[derive(QueryableByName)]
struct CheckRow {
    #[diesel(sql_type = Text)]
    schema_name: String,
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    clause: String,
}

#[derive(QueryableByName)]
struct Current {
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
}

/// Reads the tables and views of these databases; the first is the default one. If only
/// PostgreSQL's `public` is configured, it reads the database of the URL.
///
/// # Errors
/// When `information_schema` cannot be read.
pub fn read_mysql(conn: &mut MysqlConnection, schemas: &[String]) -> QueryResult<Schema> {
    let current: Current = sql_query("SELECT DATABASE() AS name").get_result(conn)?;
    let schemas: Vec<String> = match (schemas, current.name) {
        ([only], Some(current)) if only == "public" => vec![current],
        (schemas, _) => schemas.to_vec(),
    };
    let keys: Vec<KeyColumnRow> = sql_query(queries::KEY_COLUMNS).load(conn)?;
    let shown = schemas;
    let schemas = with_those_that_point(&shown, &keys);
    let checks = match conn.family() {
        ServerFamily::MariaDb => queries::MARIADB_CHECKS,
        ServerFamily::Mysql => queries::MYSQL_CHECKS,
    };
    let checks = Checks::of(of(conn, checks, &schemas)?);
    let tables: Vec<TableRow> = of(conn, queries::TABLES, &schemas)?;
    let columns: Vec<ColumnRow> = of(conn, queries::COLUMNS, &schemas)?;
    let indexes: Vec<IndexRow> = of(conn, queries::INDEXES, &schemas)?;
    let rules: Vec<RuleRow> = of(conn, queries::RULES, &schemas)?;
    let tables = tables.into_iter().map(|row| table(row, &shown));
    let mut found = Tables::of(tables.collect());
    for row in columns {
        let column = column(&row, conn.family(), &checks);
        let may = |privilege: &str| row.privileges.split(',').any(|given| given == privilege);
        let (selects, inserts, updates) = (may("select"), may("insert"), may("update"));
        let table = found.at((row.schema_name, row.table_name));
        if let Some(table) = table.filter(|_| selects) {
            add_column(table, column, inserts, updates);
        }
    }
    found.add_indexes(indexes);
    found.add_foreign_keys(keys, rules);
    // The panel's own tables have no foreign keys. One that has some belongs to somebody else, and
    // is kept.
    let mut tables = found.tables;
    tables.retain(|table| table.listed || !table.foreign_keys.is_empty());
    Ok(Schema {
        default_schema: shown.first().cloned(),
        tables,
    })
}

/// These databases, and those with foreign keys to them, at any depth. Their rows may be deleted or
/// changed with a shown one.
fn with_those_that_point(shown: &[String], keys: &[KeyColumnRow]) -> Vec<String> {
    let mut all = shown.to_vec();
    let mut next = 0;
    while let Some(target) = all.get(next).cloned() {
        for key in keys.iter().filter(|key| key.target_schema == target) {
            if !all.contains(&key.schema_name) {
                all.push(key.schema_name.clone());
            }
        }
        next += 1;
    }
    all
}

fn add_column(table: &mut Table, column: Column, inserts: bool, updates: bool) {
    table.writable |= table.kind == TableKind::Table && (inserts || updates);
    table.locked.create &= !inserts;
    table.locked.edit &= !updates;
    if !inserts {
        table.locked.create_columns.push(column.name.clone());
    }
    if !updates {
        table.locked.edit_columns.push(column.name.clone());
    }
    table.columns.push(column);
}

fn of<R>(conn: &mut MysqlConnection, sql: &str, schemas: &[String]) -> QueryResult<Vec<R>>
where
    R: QueryableByName<Mysql> + 'static,
{
    let places = vec!["?"; schemas.len()].join(", ");
    let mut query = sql_query(sql.replace("{schemas}", &places)).into_boxed();
    for schema in schemas {
        query = query.bind::<Text, _>(schema);
    }
    query.load(conn)
}

/// The tables, indexed by name.
struct Tables {
    tables: Vec<Table>,
    places: HashMap<Name, usize>,
}

impl Tables {
    fn of(tables: Vec<Table>) -> Self {
        let name = |table: &Table| {
            let schema = table.name.schema.clone().unwrap_or_default();
            (schema, table.name.name.clone())
        };
        let places = tables.iter().map(name).zip(0..).collect();
        Self { tables, places }
    }

    fn at(&mut self, name: Name) -> Option<&mut Table> {
        let place = self.places.get(&name)?;
        self.tables.get_mut(*place)
    }

    fn add_indexes(&mut self, rows: Vec<IndexRow>) {
        let same = |one: &IndexRow, other: &IndexRow| {
            (&one.schema_name, &one.table_name, &one.index_name)
                == (&other.schema_name, &other.table_name, &other.index_name)
        };
        for rows in rows.chunk_by(same) {
            let Some(first) = rows.first() else {
                continue;
            };
            // An expression has no column, and an index on prefixes does not make whole texts
            // unique.
            let is_key = first.index_name == "PRIMARY";
            let whole = rows.iter().all(|row| is_key || row.prefix.is_none());
            let columns: Option<Vec<String>> =
                rows.iter().map(|row| row.column_name.clone()).collect();
            let name = (first.schema_name.clone(), first.table_name.clone());
            match (self.at(name), columns.filter(|_| whole)) {
                (Some(table), Some(columns)) if is_key => table.primary_key = columns,
                (Some(table), Some(columns)) => table.unique.push(columns),
                _ => {}
            }
        }
    }

    fn add_foreign_keys(&mut self, columns: Vec<KeyColumnRow>, rules: Vec<RuleRow>) {
        let rules: HashMap<(String, String, String), [String; 2]> = rules
            .into_iter()
            .map(|row| {
                let key = (row.schema_name, row.table_name, row.constraint_name);
                (key, [row.delete_rule, row.update_rule])
            })
            .collect();
        let id = |row: &KeyColumnRow| {
            (
                row.schema_name.clone(),
                row.table_name.clone(),
                row.constraint_name.clone(),
            )
        };
        for rows in columns.chunk_by(|one, other| id(one) == id(other)) {
            let Some(first) = rows.first() else {
                continue;
            };
            let [on_delete, on_update] = rules.get(&id(first)).map_or_else(
                || [ReferentialAction::Refuse; 2],
                |rules| rules.each_ref().map(|rule| action(rule)),
            );
            let key = ForeignKey {
                columns: rows.iter().map(|row| row.column_name.clone()).collect(),
                target: TableName {
                    schema: Some(first.target_schema.clone()),
                    name: first.target_table.clone(),
                },
                target_columns: rows.iter().map(|row| row.target_column.clone()).collect(),
                on_delete,
                on_update,
                matching: Matching::default(),
            };
            let name = (first.schema_name.clone(), first.table_name.clone());
            if let Some(table) = self.at(name) {
                let matching = Matching {
                    lockable: !table.locked.edit,
                    ..Matching::default()
                };
                table.foreign_keys.push(ForeignKey { matching, ..key });
            }
        }
    }
}

fn action(rule: &str) -> ReferentialAction {
    match rule {
        "CASCADE" => ReferentialAction::Cascade,
        "SET NULL" => ReferentialAction::SetNull,
        // The server accepts SET DEFAULT without effect, and refuses the delete.
        _ => ReferentialAction::Refuse,
    }
}

fn table(row: TableRow, shown: &[String]) -> Table {
    let is_table = row.kind != "VIEW";
    Table {
        listed: shown.contains(&row.schema_name) && !Schema::is_internal(&row.name),
        name: TableName {
            schema: Some(row.schema_name),
            name: row.name,
        },
        kind: if is_table {
            TableKind::Table
        } else {
            TableKind::View
        },
        // Privileges are read column by column; none of them covers deleting.
        writable: false,
        locked: Locked {
            create: true,
            edit: true,
            ..Locked::default()
        },
        // For a view, the comment is the word VIEW.
        comment: if is_table { row.comment } else { String::new() },
        columns: Vec::new(),
        primary_key: Vec::new(),
        unique: Vec::new(),
        foreign_keys: Vec::new(),
        estimate: row.estimate.and_then(|rows| u64::try_from(rows).ok()),
    }
}

fn column(row: &ColumnRow, family: ServerFamily, checks: &Checks) -> Column {
    let sql_type = row.column_type.to_ascii_lowercase();
    let allowed = checks.of_column(row);
    let mut kind = types::kind(&sql_type);
    let mut choices = types::labels(&row.column_type);
    match allowed {
        // MariaDB declares JSON this way.
        Some(Allowed::Json) if kind == Kind::Text => kind = Kind::Json,
        Some(Allowed::Values(values)) if kind == Kind::Text => choices.clone_from(values),
        _ => {}
    }
    if kind == Kind::Text && !choices.is_empty() {
        kind = Kind::Choice;
    }
    if kind != Kind::Choice {
        choices.clear();
    }
    Column {
        name: row.name.clone(),
        max_length: types::max_length(&sql_type),
        sql_type: types::without_labels(&sql_type).to_owned(),
        kind,
        nullable: row.nullable == "YES",
        default: default(row, family),
        generated: generated(&row.extra),
        choices,
        comment: row.comment.clone(),
    }
}

/// Who sets its value. `DEFAULT_GENERATED` only means that the default is an expression.
fn generated(extra: &str) -> Generated {
    let extra = extra.to_ascii_uppercase();
    if extra.contains("VIRTUAL GENERATED") || extra.contains("STORED GENERATED") {
        Generated::Always
    } else if extra.contains("AUTO_INCREMENT") {
        Generated::ByDefault
    } else {
        Generated::No
    }
}

/// The default as SQL. MariaDB stores SQL; MySQL stores the bare value, unless it is an expression.
fn default(row: &ColumnRow, family: ServerFamily) -> Option<String> {
    let given = row.default_value.clone()?;
    match family {
        ServerFamily::MariaDb => Some(given).filter(|given| given != "NULL"),
        ServerFamily::Mysql => {
            let is_sql = row.extra.contains("DEFAULT_GENERATED")
                || given.starts_with("b'")
                || given.parse::<f64>().is_ok()
                || given.to_ascii_uppercase().starts_with("CURRENT_TIMESTAMP");
            Some(if is_sql {
                given
            } else {
                format!("'{}'", given.replace('\'', "''"))
            })
        }
    }
}

/// The content that constraints allow, by column; `None` if several constraints apply.
struct Checks(HashMap<(Name, String), Option<Allowed>>);

impl Checks {
    fn of(rows: Vec<CheckRow>) -> Self {
        let mut found = HashMap::new();
        for row in rows {
            let Some(clause) = types::plain_clause(&row.clause) else {
                continue;
            };
            let rules = check::in_create_table(&format!("CHECK ({clause})"));
            for rule in rules {
                let table = (row.schema_name.clone(), row.table_name.clone());
                let entry = found.entry((table, rule.column.to_lowercase()));
                entry
                    .and_modify(|known| *known = None)
                    .or_insert(Some(rule.allowed));
            }
        }
        Self(found)
    }

    fn of_column(&self, row: &ColumnRow) -> Option<&Allowed> {
        let table = (row.schema_name.clone(), row.table_name.clone());
        self.0.get(&(table, row.name.to_lowercase()))?.as_ref()
    }
}
