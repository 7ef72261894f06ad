//! Reads a PostgreSQL schema from its system catalogs (version 12 and later).
//!
//! Five statements. They list only what this account may read: a table that always gives
//! "permission denied" is not a resource.

use super::check;
use crate::catalog::schema::{Column, ForeignKey, Schema, Table, TableKind};
use crate::catalog::{Generated, Kind, Locked, Matching, ReferentialAction, TableName};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Bool, Double, Integer, Nullable, Oid, Text};
use std::collections::HashMap;

mod queries;

#[derive(QueryableByName)]
struct TableRow {
    #[diesel(sql_type = Oid)]
    id: u32,
    #[diesel(sql_type = Text)]
    schema_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    comment: String,
    #[diesel(sql_type = Bool)]
    inserts: bool,
    #[diesel(sql_type = Bool)]
    updates: bool,
    #[diesel(sql_type = Bool)]
    deletes: bool,
    #[diesel(sql_type = Bool)]
    listed: bool,
    #[diesel(sql_type = Nullable<Double>)]
    estimate: Option<f64>,
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Oid)]
    table_id: u32,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql_type: String,
    #[diesel(sql_type = Text)]
    base_type: String,
    #[diesel(sql_type = Text)]
    type_kind: String,
    #[diesel(sql_type = Bool)]
    built_in: bool,
    #[diesel(sql_type = Oid)]
    declared: u32,
    #[diesel(sql_type = Integer)]
    modifier: i32,
    #[diesel(sql_type = Bool)]
    nullable: bool,
    #[diesel(sql_type = Nullable<Text>)]
    default_value: Option<String>,
    #[diesel(sql_type = Text)]
    identity: String,
    #[diesel(sql_type = Text)]
    computed: String,
    #[diesel(sql_type = Text)]
    comment: String,
    #[diesel(sql_type = Array<Text>)]
    labels: Vec<String>,
    #[diesel(sql_type = Bool)]
    inserts: bool,
    #[diesel(sql_type = Bool)]
    updates: bool,
}

#[derive(QueryableByName)]
struct IndexRow {
    #[diesel(sql_type = Oid)]
    table_id: u32,
    #[diesel(sql_type = Bool)]
    is_key: bool,
    #[diesel(sql_type = Array<Text>)]
    columns: Vec<String>,
}

#[derive(QueryableByName)]
struct ForeignKeyRow {
    #[diesel(sql_type = Oid)]
    table_id: u32,
    #[diesel(sql_type = Text)]
    on_delete: String,
    #[diesel(sql_type = Text)]
    on_update: String,
    #[diesel(sql_type = Bool)]
    only: bool,
    #[diesel(sql_type = Bool)]
    lockable: bool,
    #[diesel(sql_type = Array<Nullable<Text>>)]
    collation_schemas: Vec<Option<String>>,
    #[diesel(sql_type = Array<Nullable<Text>>)]
    collations: Vec<Option<String>>,
    #[diesel(sql_type = Text)]
    target_schema: String,
    #[diesel(sql_type = Text)]
    target_table: String,
    #[diesel(sql_type = Array<Text>)]
    columns: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    target_columns: Vec<String>,
}

#[derive(QueryableByName)]
struct CheckRow {
    #[diesel(sql_type = Oid)]
    table_id: u32,
    #[diesel(sql_type = Oid)]
    type_id: u32,
    #[diesel(sql_type = Nullable<Text>)]
    column_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    definition: Option<String>,
}

/// Reads the tables and views of these schemas; the first is the default one.
///
/// # Errors
/// When the system catalogs cannot be read.
pub fn read_postgres(conn: &mut PgConnection, schemas: &[String]) -> QueryResult<Schema> {
    let tables: Vec<TableRow> = of(conn, queries::TABLES, schemas)?;
    let columns: Vec<ColumnRow> = of(conn, queries::COLUMNS, schemas)?;
    let indexes: Vec<IndexRow> = of(conn, queries::INDEXES, schemas)?;
    let keys: Vec<ForeignKeyRow> = of(conn, queries::FOREIGN_KEYS, schemas)?;
    let choices = Choices::of(of(conn, queries::CHECKS, schemas)?);
    let mut found: Vec<(u32, Table)> = tables.into_iter().map(|row| (row.id, table(row))).collect();
    let positions: HashMap<u32, usize> = found
        .iter()
        .enumerate()
        .map(|(index, (id, _))| (*id, index))
        .collect();
    let mut at = |id: u32, change: &dyn Fn(&mut Table)| {
        if let Some((_, table)) = positions.get(&id).and_then(|index| found.get_mut(*index)) {
            change(table);
        }
    };
    for row in &columns {
        at(row.table_id, &|table| {
            let locked = &mut table.locked;
            if !row.inserts {
                locked.create_columns.push(row.name.clone());
            }
            if !row.updates {
                locked.edit_columns.push(row.name.clone());
            }
            table.columns.push(column(row, &choices))
        });
    }
    for row in &indexes {
        at(row.table_id, &|table| {
            if row.is_key {
                table.primary_key.clone_from(&row.columns)
            } else {
                table.unique.push(row.columns.clone())
            }
        });
    }
    for row in &keys {
        at(row.table_id, &|table| {
            table.foreign_keys.push(foreign_key(row))
        });
    }
    let tables = found.into_iter().map(|(_, table)| table);
    // The panel's own tables have no foreign keys. One that has some belongs to somebody else, and
    // is kept.
    let tables = tables.filter(|table| table.listed || !table.foreign_keys.is_empty());
    Ok(Schema {
        default_schema: schemas.first().cloned(),
        tables: tables.collect(),
    })
}

fn of<R>(conn: &mut PgConnection, sql: &str, schemas: &[String]) -> QueryResult<Vec<R>>
where
    R: QueryableByName<diesel::pg::Pg> + 'static,
{
    sql_query(sql).bind::<Array<Text>, _>(schemas).load(conn)
}

fn table(row: TableRow) -> Table {
    let is_table = matches!(row.kind.as_str(), "r" | "p");
    Table {
        listed: row.listed && !Schema::is_internal(&row.name),
        name: TableName {
            schema: Some(row.schema_name),
            name: row.name,
        },
        kind: if is_table {
            TableKind::Table
        } else {
            TableKind::View
        },
        writable: is_table && (row.inserts || row.updates || row.deletes),
        locked: Locked {
            create: !row.inserts,
            edit: !row.updates,
            delete: !row.deletes,
            ..Locked::default()
        },
        comment: row.comment,
        columns: Vec::new(),
        primary_key: Vec::new(),
        unique: Vec::new(),
        foreign_keys: Vec::new(),
        // Views have no estimate. A table that was never analyzed has -1, or no pages before
        // version 14.
        estimate: row.estimate.filter(|_| row.kind != "v").and_then(whole),
    }
}

/// A row count given as a float, as a whole number.
fn whole(number: f64) -> Option<u64> {
    (number >= 0.0)
        .then(|| format!("{number:.0}").parse().ok())
        .flatten()
}

fn column(row: &ColumnRow, choices: &Choices) -> Column {
    let mut kind = kind(row);
    let choices = match kind {
        Kind::Choice => row.labels.clone(),
        Kind::Text => choices.at(row).to_vec(),
        _ => Vec::new(),
    };
    if !choices.is_empty() {
        kind = Kind::Choice;
    }
    Column {
        name: row.name.clone(),
        sql_type: row.sql_type.clone(),
        kind,
        nullable: row.nullable,
        default: row.default_value.clone(),
        generated: generated(row),
        max_length: max_length(row),
        choices,
        comment: row.comment.clone(),
    }
}

fn generated(row: &ColumnRow) -> Generated {
    let serial = row
        .default_value
        .as_deref()
        .is_some_and(|default| default.starts_with("nextval("));
    match row.identity.as_str() {
        _ if !row.computed.is_empty() => Generated::Always,
        "a" => Generated::Always,
        "d" => Generated::ByDefault,
        _ if serial => Generated::ByDefault,
        _ => Generated::No,
    }
}

fn kind(row: &ColumnRow) -> Kind {
    if row.type_kind == "e" {
        return Kind::Choice;
    }
    match row.base_type.as_str() {
        "citext" => Kind::Text,
        _ if !row.built_in => Kind::Other,
        "bool" => Kind::Bool,
        "int2" | "int4" | "int8" | "oid" => Kind::Int,
        "float4" | "float8" => Kind::Float,
        "numeric" => Kind::Decimal {
            scale: scale(row.modifier),
        },
        "text" | "varchar" | "bpchar" | "name" | "char" => Kind::Text,
        "date" => Kind::Date,
        "time" => Kind::Time,
        "timestamp" => Kind::DateTime,
        "timestamptz" => Kind::Instant,
        "uuid" => Kind::Uuid,
        "json" | "jsonb" => Kind::Json,
        "bytea" => Kind::Bytes,
        _ => Kind::Other,
    }
}

/// The scale in a numeric type modifier: its low eleven bits, signed since version 15.
fn scale(modifier: i32) -> Option<u8> {
    let bits = modifier.checked_sub(4).filter(|_| modifier >= 4)? & 0x7ff;
    match bits {
        negative if negative & 0x400 != 0 => Some(0),
        scale => u8::try_from(scale).ok(),
    }
}

fn max_length(row: &ColumnRow) -> Option<u32> {
    let counted = row.built_in && matches!(row.base_type.as_str(), "varchar" | "bpchar");
    let length = row
        .modifier
        .checked_sub(4)
        .filter(|length| counted && *length > 0)?;
    u32::try_from(length).ok()
}

fn foreign_key(row: &ForeignKeyRow) -> ForeignKey {
    ForeignKey {
        columns: row.columns.clone(),
        target: TableName {
            schema: Some(row.target_schema.clone()),
            name: row.target_table.clone(),
        },
        target_columns: row.target_columns.clone(),
        on_delete: action(&row.on_delete),
        on_update: action(&row.on_update),
        matching: Matching {
            collations: collations(row),
            only: row.only,
            lockable: row.lockable,
        },
    }
}

fn action(letter: &str) -> ReferentialAction {
    match letter {
        "c" => ReferentialAction::Cascade,
        "n" => ReferentialAction::SetNull,
        "d" => ReferentialAction::SetDefault,
        _ => ReferentialAction::Refuse,
    }
}

/// The collations of the referenced columns, if those of the foreign key differ.
fn collations(row: &ForeignKeyRow) -> Vec<Option<TableName>> {
    let names = row.collation_schemas.iter().zip(&row.collations);
    names
        .map(|(schema, name)| {
            Some(TableName {
                schema: schema.clone(),
                name: name.clone()?,
            })
        })
        .collect()
}

/// Lists of values by column and by domain; `None` if several lists apply.
struct Choices {
    columns: HashMap<(u32, String), Option<Vec<String>>>,
    domains: HashMap<u32, Option<Vec<String>>>,
}

impl Choices {
    fn of(rows: Vec<CheckRow>) -> Self {
        let (mut columns, mut domains) = (HashMap::new(), HashMap::new());
        for row in rows {
            let Some((_, values)) = row.definition.as_deref().and_then(check::in_definition) else {
                continue;
            };
            let values = Some(values);
            match row.column_name {
                Some(column) => {
                    let entry = columns.entry((row.table_id, column));
                    entry.and_modify(|known| *known = None).or_insert(values);
                }
                None => {
                    let entry = domains.entry(row.type_id);
                    entry.and_modify(|known| *known = None).or_insert(values);
                }
            }
        }
        Self { columns, domains }
    }

    fn at(&self, row: &ColumnRow) -> &[String] {
        self.columns
            .get(&(row.table_id, row.name.clone()))
            .or_else(|| self.domains.get(&row.declared))
            .and_then(Option::as_deref)
            .unwrap_or_default()
    }
}

#[cfg(test)]
#[path = "postgres_tests.rs"]
mod tests;
