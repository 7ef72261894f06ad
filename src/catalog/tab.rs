//! Tabs from configuration, above a list.

/// A list shown as a tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// Its label.
    pub label: String,
    /// The query of the list, as in an address. It is not yet reduced to what a reader may see.
    pub query: String,
}
