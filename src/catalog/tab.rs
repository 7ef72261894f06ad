//! Tabs that configuration puts above a list.

/// A list that is a press away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// What it is called.
    pub label: String,
    /// The query of the list, as in an address. It is not yet cut to what a reader may see.
    pub query: String,
}
