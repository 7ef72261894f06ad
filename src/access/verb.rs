//! The verbs of grants, as values and as types.

use crate::catalog::Resource;

/// A verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Read rows.
    View,
    /// Create rows.
    Create,
    /// Change rows.
    Edit,
    /// Delete rows.
    Delete,
    /// Export rows as a file.
    Export,
    /// Import rows from a file.
    Import,
    /// Read a row's history.
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

    /// The verb with that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }

    /// Whether the database refuses this to the panel, for everyone.
    pub fn is_taken_by(self, resource: &Resource) -> bool {
        let locked = &resource.locked;
        match self {
            Self::View | Self::Export | Self::History => true,
            Self::Create => resource.writable && !locked.create,
            Self::Edit => resource.writable && !locked.edit,
            Self::Delete => resource.writable && !locked.delete,
            Self::Import => resource.writable && !(locked.create && locked.edit),
        }
    }

    /// Whether the database accepts a value for the column with this verb.
    pub(super) fn is_open(self, resource: &Resource, column: usize) -> bool {
        let locked = match self {
            Self::Create => &resource.locked.create_columns,
            Self::Edit => &resource.locked.edit_columns,
            _ => return true,
        };
        !locked.contains(&column)
    }
}

/// A verb as a type, so that a permit for one verb cannot be used for another.
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
    /// Create rows.
    Create,
    /// Change rows.
    Edit,
    /// Delete rows.
    Delete,
    /// Export rows as a file.
    Export,
    /// Import rows from a file.
    Import,
    /// Read a row's history
    History
}
