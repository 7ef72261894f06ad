//! Foreign keys as the database enforces them, whoever may see the tables.
//!
//! [`Relation`](super::Relation) and [`Child`](super::Child) are what pages show. A [`Reference`]
//! is what a delete or a change triggers. References of every schema and of hidden tables are
//! included.

use super::TableName;

/// What the database does to referencing rows when a row is deleted or its key changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferentialAction {
    /// The statement is refused (`RESTRICT`, `NO ACTION`).
    Refuse,
    /// They are deleted too, or updated to the new key.
    Cascade,
    /// Their foreign key becomes NULL.
    SetNull,
    /// Their foreign key is set to its default.
    SetDefault,
}

/// A foreign key that points at a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The table that holds it: a resource, or a table kept for its foreign keys.
    pub source: String,
    /// Its columns, as indexes into the fields of the source; empty if the panel cannot read them.
    pub columns: Vec<usize>,
    /// The referenced columns, in the same order; empty if the panel cannot read them.
    pub target_columns: Vec<usize>,
    /// The effect of deleting the referenced row.
    pub on_delete: ReferentialAction,
    /// The effect of changing the referenced columns.
    pub on_update: ReferentialAction,
    /// How the database finds the referencing rows.
    pub matching: Matching,
}

impl Reference {
    /// Whether the panel can find the referencing rows.
    pub fn is_readable(&self) -> bool {
        !self.columns.is_empty() && self.columns.len() == self.target_columns.len()
    }
}

/// How a database finds the rows that reference another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matching {
    /// For each column, the collation to compare in, if the two columns differ.
    pub collations: Vec<Option<TableName>>,
    /// Whether rows of inheriting tables are excluded (PostgreSQL).
    pub only: bool,
    /// Whether this database account may lock rows of the source.
    pub lockable: bool,
}
