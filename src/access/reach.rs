//! What a permit would cover, for pages that show rights. No function of `data` accepts it.

use super::permit::{Cover, Permit};
use super::verb::Verb;
use crate::catalog::Filter;

/// What a person could do on a resource after step-up. It permits nothing.
#[derive(Debug)]
pub struct Reach<V>(Permit<V>);

impl<V: Verb> Reach<V> {
    pub(super) fn new(permit: Permit<V>) -> Self {
        Self(permit)
    }

    /// The rows it would cover.
    pub fn rows(&self) -> Filter {
        self.0.rows()
    }

    /// Whether these are all rows.
    #[cfg(test)]
    pub fn is_everything(&self) -> bool {
        self.0.reaches_everything()
    }

    /// The rows in which a column can be read.
    pub fn reads(&self, column: usize) -> Cover {
        self.0.reads(column)
    }

    /// The rows in which a column could be written.
    pub fn writes(&self, column: usize) -> Cover {
        self.0.writes(column)
    }
}
