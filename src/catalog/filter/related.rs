//! Tests of the rows that belong to a row: the one that a foreign key points at, or those that point here.

use super::Filter;
use crate::catalog::Resource;
use std::sync::Arc;

/// How many rows of another resource belong to a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Related {
    /// The columns of this resource by which rows belong together.
    pub columns: Vec<usize>,
    /// The other resource.
    pub target: Arc<Resource>,
    /// Its columns, in the same order.
    pub target_columns: Vec<usize>,
    /// The rows of the other that count. Whoever makes this takes them from a permit for it.
    pub rows: Filter,
    /// How many there must be.
    pub many: Many,
}

/// How many rows there must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Many {
    /// So many or more.
    AtLeast(u32),
    /// So many or fewer.
    AtMost(u32),
}

impl Many {
    /// What a text says: `any`, `none`, `ge:NUMBER` or `le:NUMBER`.
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

    /// One at least.
    pub const ANY: Self = Self::AtLeast(1);
    /// Not one.
    pub const NONE: Self = Self::AtMost(0);
}

impl Related {
    /// Whether at most one row of the other belongs to a row.
    pub fn is_one(&self) -> bool {
        self.target.is_unique(&self.target_columns)
    }
}
