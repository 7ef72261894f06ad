//! The schema as read from a live database, before defaults are chosen.
//!
//! Plain data: each database's reader fills it, and [`super::build`] turns it into resources.

use super::{Generated, Kind, Locked, Matching, ReferentialAction, TableName};

/// A whole schema.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schema {
    /// The schema whose tables have no prefix; `None` for a database without schemas.
    pub default_schema: Option<String>,
    /// Tables and views, by schema and name.
    pub tables: Vec<Table>,
}

/// A table or view.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its name in SQL.
    pub name: TableName,
    /// Whether it is shown. Other tables are here only for their foreign keys.
    pub listed: bool,
    /// Whether it holds rows itself.
    pub kind: TableKind,
    /// Whether the database lets this account change rows at all.
    pub writable: bool,
    /// The changes that it refuses to this account, if it allows others.
    pub locked: Locked<String>,
    /// Its comment; empty if none.
    pub comment: String,
    /// Its columns, in the database's order.
    pub columns: Vec<Column>,
    /// The columns of the primary key, in key order; empty if none.
    pub primary_key: Vec<String>,
    /// Unique constraints and unconditional unique indexes.
    pub unique: Vec<Vec<String>>,
    /// Its foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// The database's estimate of the number of rows.
    pub estimate: Option<u64>,
}

/// Whether a relation holds rows itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// An ordinary (or partitioned) table.
    Table,
    /// A view, a materialized view, a foreign or a virtual table: never written to.
    View,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The kind of field.
    pub sql_type: String,
    /// The kind of field.
    pub kind: Kind,
    /// Whether NULL is allowed. The columns of a primary key never are.
    pub nullable: bool,
    /// The default as the database writes it.
    pub default: Option<String>,
    /// Who sets its value.
    pub generated: Generated,
    /// The maximum length of its text, in characters.
    pub max_length: Option<u32>,
    /// The allowed values, if the database lists them.
    pub choices: Vec<String>,
    /// Its comment; empty if none.
    pub comment: String,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// The referencing columns.
    pub columns: Vec<String>,
    /// The referenced table.
    pub target: TableName,
    /// The referenced columns, in the same order.
    pub target_columns: Vec<String>,
    /// The effect of deleting the referenced row.
    pub on_delete: ReferentialAction,
    /// The effect of changing the referenced columns.
    pub on_update: ReferentialAction,
    /// How the database finds the referencing rows.
    pub matching: Matching,
}

impl Schema {
    /// Whether a table is the panel's own, or bookkeeping of a database or migration tool.
    pub fn is_internal(table: &str) -> bool {
        let name = table.to_ascii_lowercase();
        name.starts_with("bailiwick_")
            || name.starts_with("sqlite_")
            || name == "__diesel_schema_migrations"
    }
}
