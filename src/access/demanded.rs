//! A step-up that is required, and the action that requires it.

use super::{Action, Demand};
use crate::texts::text;

/// A required step-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demanded {
    /// What the person must prove.
    pub demand: Demand,
    /// The action, in words: "delete on orders".
    pub what: String,
    /// The verb, if it is an action on rows.
    pub action: Option<Action>,
}

impl Demanded {
    /// What the person can do to meet the demand.
    pub fn advice(&self) -> String {
        text!(
            "step-up-advice",
            what = self.what.as_str(),
            demand = self.demand.to_string()
        )
    }
}
