//! Reads a PostgreSQL schema from its system catalogs (version 12 and later).
//!
//! Five statements. Only what this login may read is there: a table that would answer every
//! page with "permission denied" is no resource.

use super::check;
use crate::catalog::schema::{Column, ForeignKey, Schema, Table, TableKind};
use crate::catalog::{Generated, Kind, OnDelete, TableName};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Bool, Double, Integer, Nullable, Oid, Text};
use std::collections::HashMap;

/// Tables, views and the like; not the partitions of a table, nor what an extension brought.
const TABLES: &str = "\
    SELECT c.oid AS id, n.nspname::text AS schema_name, c.relname::text AS name, \
    c.relkind::text AS kind, COALESCE(obj_description(c.oid, 'pg_class'), '') AS comment, \
    has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE') \
    OR has_any_column_privilege(c.oid, 'INSERT, UPDATE') AS writable, \
    CASE c.relkind WHEN 'p' THEN (SELECT CASE WHEN min(l.reltuples) >= 0 \
    THEN sum(l.reltuples::float8) END FROM pg_partition_tree(c.oid) AS p \
    JOIN pg_class AS l ON l.oid = p.relid WHERE p.isleaf) \
    ELSE c.reltuples::float8 END AS estimate \
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') \
    AND NOT c.relispartition AND has_schema_privilege(n.oid, 'USAGE') \
    AND has_any_column_privilege(c.oid, 'SELECT') \
    AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass \
    AND d.objid = c.oid AND d.deptype = 'e') \
    ORDER BY n.nspname, c.relname";

/// Domains are followed down to the type they are made of. A type outside `pg_catalog` is
/// qualified even where the search path would find it.
const COLUMNS: &str = "\
    WITH RECURSIVE made_of (declared, type, modifier, required) AS ( \
    SELECT t.oid, t.typbasetype, t.typtypmod, t.typnotnull FROM pg_type AS t \
    WHERE t.typtype = 'd' \
    UNION ALL SELECT m.declared, t.typbasetype, \
    CASE WHEN m.modifier = -1 THEN t.typtypmod ELSE m.modifier END, m.required OR t.typnotnull \
    FROM made_of AS m JOIN pg_type AS t ON t.oid = m.type AND t.typtype = 'd') \
    SELECT a.attrelid AS table_id, a.attname::text AS name, \
    CASE WHEN bn.nspname <> 'pg_catalog' AND pg_type_is_visible(COALESCE(e.oid, b.oid)) \
    THEN quote_ident(bn.nspname) || '.' ELSE '' END || format_type(b.oid, -1) AS sql_type, \
    b.typname::text AS base_type, b.typtype::text AS type_kind, \
    bn.nspname = 'pg_catalog' AS built_in, a.atttypid AS declared, \
    CASE WHEN a.atttypmod <> -1 THEN a.atttypmod ELSE COALESCE(m.modifier, -1) END AS modifier, \
    NOT (a.attnotnull OR COALESCE(m.required, false)) AS nullable, \
    CASE WHEN a.attgenerated = '' \
    THEN COALESCE(pg_get_expr(d.adbin, d.adrelid), t.typdefault) END AS default_value, \
    a.attidentity::text AS identity, a.attgenerated::text AS computed, \
    COALESCE(col_description(a.attrelid, a.attnum), '') AS comment, \
    ARRAY(SELECT l.enumlabel::text FROM pg_enum AS l WHERE l.enumtypid = b.oid \
    ORDER BY l.enumsortorder) AS labels \
    FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid \
    JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    JOIN pg_type AS t ON t.oid = a.atttypid \
    LEFT JOIN made_of AS m ON m.declared = a.atttypid \
    JOIN pg_type AS b ON b.oid = COALESCE(m.type, a.atttypid) AND b.typtype <> 'd' \
    JOIN pg_namespace AS bn ON bn.oid = b.typnamespace \
    LEFT JOIN pg_type AS e ON e.oid = b.typelem AND b.typcategory = 'A' \
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
    WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') \
    AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped \
    AND has_column_privilege(a.attrelid, a.attnum, 'SELECT') \
    ORDER BY a.attrelid, a.attnum";

/// Keys and unique indexes, without the columns they merely include.
const INDEXES: &str = "\
    SELECT i.indrelid AS table_id, i.indisprimary AS is_key, \
    ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (num, pos) \
    JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.num \
    WHERE k.pos <= i.indnkeyatts ORDER BY k.pos) AS columns \
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid \
    JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE n.nspname = ANY($1) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL \
    AND i.indexprs IS NULL ORDER BY i.indrelid, i.indexrelid";

const FOREIGN_KEYS: &str = "\
    SELECT k.conrelid AS table_id, k.confdeltype::text AS on_delete, \
    tn.nspname::text AS target_schema, tc.relname::text AS target_table, \
    ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u (num, pos) \
    JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.num \
    ORDER BY u.pos) AS columns, \
    ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u (num, pos) \
    JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.num \
    ORDER BY u.pos) AS target_columns \
    FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid \
    JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    JOIN pg_class AS tc ON tc.oid = k.confrelid \
    JOIN pg_namespace AS tn ON tn.oid = tc.relnamespace \
    WHERE n.nspname = ANY($1) AND k.contype = 'f' AND k.conparentid = 0 \
    ORDER BY k.conrelid, k.conname";

/// Checks of one column, and of domains.
const CHECKS: &str = "\
    SELECT k.conrelid AS table_id, k.contypid AS type_id, \
    (SELECT a.attname::text FROM pg_attribute AS a \
    WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1]) AS column_name, \
    pg_get_constraintdef(k.oid) AS definition \
    FROM pg_constraint AS k LEFT JOIN pg_class AS c ON c.oid = k.conrelid \
    LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE k.contype = 'c' AND (k.contypid <> 0 \
    OR (n.nspname = ANY($1) AND array_length(k.conkey, 1) = 1)) \
    ORDER BY k.oid";

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
    writable: bool,
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

/// Reads the tables and views of these schemas, the first of which is the default one.
///
/// # Errors
/// When the system catalogs cannot be read.
pub fn read_postgres(conn: &mut PgConnection, schemas: &[String]) -> QueryResult<Schema> {
    let tables: Vec<TableRow> = of(conn, TABLES, schemas)?;
    let columns: Vec<ColumnRow> = of(conn, COLUMNS, schemas)?;
    let indexes: Vec<IndexRow> = of(conn, INDEXES, schemas)?;
    let keys: Vec<ForeignKeyRow> = of(conn, FOREIGN_KEYS, schemas)?;
    let choices = Choices::of(of(conn, CHECKS, schemas)?);
    let mut found: Vec<(u32, Table)> = tables
        .into_iter()
        .filter(|table| !Schema::is_internal(&table.name))
        .map(|row| (row.id, table(row)))
        .collect();
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
            table.columns.push(column(row, &choices))
        });
    }
    for row in &indexes {
        at(row.table_id, &|table| match row.is_key {
            true => table.primary_key.clone_from(&row.columns),
            false => table.unique.push(row.columns.clone()),
        });
    }
    for row in &keys {
        at(row.table_id, &|table| {
            table.foreign_keys.push(foreign_key(row))
        });
    }
    Ok(Schema {
        default_schema: schemas.first().cloned(),
        tables: found.into_iter().map(|(_, table)| table).collect(),
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
        name: TableName {
            schema: Some(row.schema_name),
            name: row.name,
        },
        kind: if is_table {
            TableKind::Table
        } else {
            TableKind::View
        },
        writable: is_table && row.writable,
        comment: row.comment,
        columns: Vec::new(),
        primary_key: Vec::new(),
        unique: Vec::new(),
        foreign_keys: Vec::new(),
        // Views have no count; a table that was never analyzed has -1 (or 0 before version 14).
        estimate: row.estimate.filter(|_| row.kind != "v").and_then(whole),
    }
}

/// A float that counts rows, as a whole number.
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

/// The scale in a numeric's modifier: its low eleven bits, signed since version 15.
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
        on_delete: match row.on_delete.as_str() {
            "c" => OnDelete::Cascade,
            "n" => OnDelete::SetNull,
            "d" => OnDelete::SetDefault,
            _ => OnDelete::Refuse,
        },
    }
}

/// Lists of values by column and by domain; `None`: more than one list.
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
