//! Actions from configuration: columns of ticked rows are set to fixed values.

use super::Value;
use std::collections::BTreeMap;

/// Words of the bulk address that no action can have for a name.
pub const TAKEN: [&str; 5] = ["edit", "delete", "restore", "export", "import"];

/// An action on the rows of a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct SetAction {
    /// Its name in grants (`action:NAME`) and requests.
    pub name: String,
    /// What its button says.
    pub label: String,
    /// The values it sets, by column.
    pub set: BTreeMap<usize, Value>,
}
