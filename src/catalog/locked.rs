//! What the database does not let the panel's own account do.
//!
//! Read from the database's privileges, so that pages offer no change that would be refused.

/// Changes that the database refuses to the account the panel connects with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Locked<C = usize> {
    /// Rows cannot be added.
    pub create: bool,
    /// Rows cannot be changed.
    pub edit: bool,
    /// Rows cannot be deleted.
    pub delete: bool,
    /// Columns that cannot be given a value in a new row.
    pub create_columns: Vec<C>,
    /// Columns that cannot be changed.
    pub edit_columns: Vec<C>,
}

impl Locked<String> {
    /// The same with columns as `index_of` knows them; others are left out.
    pub fn indexed(&self, index_of: impl Fn(&str) -> Option<usize>) -> Locked {
        let indexes = |names: &[String]| names.iter().filter_map(|name| index_of(name)).collect();
        Locked {
            create: self.create,
            edit: self.edit,
            delete: self.delete,
            create_columns: indexes(&self.create_columns),
            edit_columns: indexes(&self.edit_columns),
        }
    }
}
