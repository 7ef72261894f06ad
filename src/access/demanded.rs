//! Something that a person must prove first, and what they wanted to do.

use super::{Action, Demand};

/// What is demanded, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demanded {
    /// What the person must prove.
    pub demand: Demand,
    /// For what, in words: "delete on orders".
    pub what: String,
    /// The verb, if it is one on rows.
    pub action: Option<Action>,
}

impl Demanded {
    /// What the person can do about it.
    pub fn advice(&self) -> String {
        format!(
            "For this (\u{201c}{}\u{201d}) you must have proved to your identity provider who you \
             are {}.",
            self.what, self.demand
        )
    }
}
