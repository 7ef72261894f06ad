//! What was read from a live database, before anything is made of it.
//!
//! Plain data: readers of each database fill it, [`super::build`] turns it into resources.

use super::{Generated, Kind, Locked, Matching, ReferentialAction, TableName};

/// Everything that was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schema {
    /// The schema whose tables go without a prefix; `None` where a database has no schemas.
    pub default_schema: Option<String>,
    /// Tables and views, by schema and name.
    pub tables: Vec<Table>,
}

/// A table or view.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its name as SQL has to write it.
    pub name: TableName,
    /// Whether it is to be shown. Other tables are here only because of their foreign keys.
    pub listed: bool,
    /// Whether it holds rows of its own.
    pub kind: TableKind,
    /// Whether the database lets this login change rows at all.
    pub writable: bool,
    /// Which changes it does not let this login make, where it lets it make some.
    pub locked: Locked<String>,
    /// The comment on it; empty: none.
    pub comment: String,
    /// Its columns, in the database's order.
    pub columns: Vec<Column>,
    /// The columns of the primary key, in key order; empty: none.
    pub primary_key: Vec<String>,
    /// Unique constraints and unconditional unique indexes.
    pub unique: Vec<Vec<String>>,
    /// Its foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// How many rows the database believes there are.
    pub estimate: Option<u64>,
}

/// Whether a relation holds rows of its own.
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
    /// The type: on PostgreSQL as it may stand in `CAST(... AS type)`, elsewhere as declared (SQLite: in capitals).
    pub sql_type: String,
    /// What the type means.
    pub kind: Kind,
    /// Whether NULL is allowed. The columns of a primary key never are.
    pub nullable: bool,
    /// The default as the database writes it.
    pub default: Option<String>,
    /// Who fills it.
    pub generated: Generated,
    /// The longest text it takes, in characters.
    pub max_length: Option<u32>,
    /// The values it takes, where the database lists them.
    pub choices: Vec<String>,
    /// The comment on it; empty: none.
    pub comment: String,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// The columns that hold it.
    pub columns: Vec<String>,
    /// The table pointed at.
    pub target: TableName,
    /// The columns pointed at, in the same order.
    pub target_columns: Vec<String>,
    /// What deleting the row pointed at does.
    pub on_delete: ReferentialAction,
    /// What changing the columns pointed at does.
    pub on_update: ReferentialAction,
    /// How the database finds the rows that point at one.
    pub matching: Matching,
}

impl Schema {
    /// Whether a table is the panel's own, or bookkeeping that is nobody's data.
    pub fn is_internal(table: &str) -> bool {
        let name = table.to_ascii_lowercase();
        name.starts_with("bailiwick_")
            || name.starts_with("sqlite_")
            || name == "__diesel_schema_migrations"
    }
}
