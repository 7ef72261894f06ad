//! How far a column may be read or written.

use crate::catalog::Filter;

/// In which of the rows a person sees a column may be read or written.
#[derive(Debug, Clone, PartialEq)]
pub enum Cover {
    /// In none.
    Nowhere,
    /// In all of them.
    Everywhere,
    /// In those that pass.
    Where(Filter),
}
