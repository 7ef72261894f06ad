//! Conditions on related rows: the one that a foreign key points at, or those that point here.

use super::Filter;
use crate::catalog::Resource;
use std::sync::Arc;

/// A condition on the number of related rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Related {
    /// The columns of this resource that link the rows.
    pub columns: Vec<usize>,
    /// The other resource.
    pub target: Arc<Resource>,
    /// Its columns, in the same order.
    pub target_columns: Vec<usize>,
    /// The related rows that count. The caller must take this filter from a permit for that
    /// resource.
    pub rows: Filter,
    /// The condition on their number.
    pub many: Many,
}

/// A condition on a number of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Many {
    /// At least this many.
    AtLeast(u32),
    /// At most this many.
    AtMost(u32),
}

impl Many {
    /// Parses `any`, `none`, `ge:NUMBER` or `le:NUMBER`.
    pub fn named(text: &str) -> Option<Self> {
        let (word, number) = text.split_once(':').unwrap_or((text, ""));
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        let number = || number.parse().ok().filter(|_| is_number);
        match word {
            "any" => Some(Self::ANY),
            "none" => Some(Self::NONE),
            "ge" => number().map(Self::AtLeast),
            "le" => number().map(Self::AtMost),
            _ => None,
        }
    }

    /// At least one.
    pub const ANY: Self = Self::AtLeast(1);
    /// None.
    pub const NONE: Self = Self::AtMost(0);
}

impl Related {
    /// Whether at most one related row exists for each row.
    pub fn is_one(&self) -> bool {
        self.target.is_unique(&self.target_columns)
    }
}
