//! The rows in which a column may be read or written.

use crate::catalog::Filter;

/// The rows, among those a person sees, in which a column may be read or written.
#[derive(Debug, Clone, PartialEq)]
pub enum Cover {
    /// No row.
    Nowhere,
    /// Every row.
    Everywhere,
    /// The rows that match.
    Where(Filter),
}
