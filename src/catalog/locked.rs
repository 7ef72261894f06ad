//! Changes that the database refuses to the panel's own account.
//!
//! Read from the database's privileges, so that pages do not offer changes that would fail.

/// Changes that the database refuses to the panel's account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Locked<C = usize> {
    /// Rows cannot be added.
    pub create: bool,
    /// Rows cannot be changed.
    pub edit: bool,
    /// Rows cannot be deleted.
    pub delete: bool,
    /// Columns that cannot be set in a new row.
    pub create_columns: Vec<C>,
    /// Columns that cannot be changed.
    pub edit_columns: Vec<C>,
}

impl Locked<String> {
    /// Converts column names to indexes by `index_of`; unknown columns are left out.
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
