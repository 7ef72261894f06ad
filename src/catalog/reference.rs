//! Foreign keys as the database acts on them, whoever may see the tables.
//!
//! [`Relation`](super::Relation) and [`Child`](super::Child) are what pages show. A [`Reference`] is what a delete or a
//! change sets off: it is known from every schema and from hidden tables too.

use super::TableName;

/// What the database does to rows that point at a row which is deleted, or whose key changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferentialAction {
    /// The statement is refused (`RESTRICT`, `NO ACTION`).
    Refuse,
    /// They are deleted too, or follow to the new key.
    Cascade,
    /// Their foreign key becomes NULL.
    SetNull,
    /// Their foreign key takes its default.
    SetDefault,
}

/// A foreign key that points at a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The name of the table that holds it: a resource, or one that the catalog only knows.
    pub source: String,
    /// Its columns, as indexes into the fields of the source; empty if the panel cannot read them.
    pub columns: Vec<usize>,
    /// The columns pointed at, in the same order; empty if the panel cannot read them.
    pub target_columns: Vec<usize>,
    /// What deleting the row pointed at does.
    pub on_delete: ReferentialAction,
    /// What changing the columns pointed at does.
    pub on_update: ReferentialAction,
    /// How the database finds the rows that point at one.
    pub matching: Matching,
}

impl Reference {
    /// Whether the panel can find the rows that point at one.
    pub fn is_readable(&self) -> bool {
        !self.columns.is_empty() && self.columns.len() == self.target_columns.len()
    }
}

/// How a database finds the rows that point at one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matching {
    /// For each column the collation to compare in, where those of both columns differ.
    pub collations: Vec<Option<TableName>>,
    /// Whether rows of tables that inherit from the source are left alone (PostgreSQL).
    pub only: bool,
    /// Whether this login may lock rows of the source.
    pub lockable: bool,
}
