//! Actions from configuration: they set columns of selected rows to fixed values.

use super::Value;
use std::collections::BTreeMap;

/// Words of bulk addresses; an action cannot have one as its name.
pub const TAKEN: [&str; 5] = ["edit", "delete", "restore", "export", "import"];

/// An action on the rows of a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct SetAction {
    /// Its name in grants (`action:NAME`) and requests.
    pub name: String,
    /// The text of its button.
    pub label: String,
    /// The values it sets, by column.
    pub set: BTreeMap<usize, Value>,
}
