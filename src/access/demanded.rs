//! Something that a person must prove first, and what they wanted to do.

use super::{Action, Demand};
use crate::texts::text;

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
        text!(
            "step-up-advice",
            what = self.what.as_str(),
            demand = self.demand.to_string()
        )
    }
}
