//! The verbs of grants, as values and as types.

/// What can be done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Read rows.
    View,
    /// Make rows.
    Create,
    /// Change rows.
    Edit,
    /// Delete rows.
    Delete,
    /// Take rows out as a file.
    Export,
    /// Bring rows in from a file.
    Import,
    /// Read what was done to a row.
    History,
}

impl Action {
    /// Every verb.
    pub const ALL: [Self; 7] = [
        Self::View,
        Self::Create,
        Self::Edit,
        Self::Delete,
        Self::Export,
        Self::Import,
        Self::History,
    ];

    /// The verb's name in configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Create => "create",
            Self::Edit => "edit",
            Self::Delete => "delete",
            Self::Export => "export",
            Self::Import => "import",
            Self::History => "history",
        }
    }

    /// The verb of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
}

/// A verb as a type, so that a permit for one cannot be used for another.
pub trait Verb: Send + Sync + 'static {
    /// The verb.
    const ACTION: Action;
}

macro_rules! verbs {
    ($($(#[$doc:meta])* $name:ident),*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;
        impl Verb for $name {
            const ACTION: Action = Action::$name;
        }
    )*};
}

verbs! {
    /// Read rows.
    View,
    /// Make rows.
    Create,
    /// Change rows.
    Edit,
    /// Delete rows.
    Delete,
    /// Take rows out as a file.
    Export,
    /// Bring rows in from a file.
    Import,
    /// Read what was done to a row.
    History
}
