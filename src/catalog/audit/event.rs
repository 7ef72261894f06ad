//! The events of the audit log, each with what the log tells of it.
//!
//! This is the one place that names events and the keys of their details. Names and keys are stored,
//! and stay as they are. What another version wrote may have another shape: it is read as
//! [`Event::Unknown`], never as an error.

mod details;

pub use details::{
    Bulk, Cause, Denied, EmergencyLink, EndSession, Export, ExportAsked, Groups, Lapse, ListSetUp,
    Look, LookGroups, Nothing, Proof, Prune, Recheck, Refused, RoleChange, RoleSide, RowChange,
    SavedView, SignIn, SignInRefused, Why,
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// The key in details under which an update keeps the values that stayed, so that rights can be
/// tested on the row as it was.
pub const ROW: &str = "row";
/// The key in details under which an export keeps its query.
pub const QUERY: &str = "query";

macro_rules! events {
    ($($(#[$doc:meta])* $kind:ident($details:ty) = $name:literal,)*) => {
        /// What kind of event.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Action {
            $($(#[$doc])* $kind,)*
        }

        impl Action {
            /// Every action, in the order in which they are offered.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The action's name in the log.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }
        }

        /// What happened.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Event {
            $($(#[$doc])* $kind($details),)*
            /// Something that this version does not know, or not in this shape.
            Unknown {
                /// Its name in the log.
                action: String,
                /// Its details as they stand there.
                details: Map<String, Json>,
            },
        }

        impl Event {
            /// Which action it is, if it is one in a shape that is known.
            pub fn action(&self) -> Option<Action> {
                match self {
                    $(Self::$kind(_) => Some(Action::$kind),)*
                    Self::Unknown { .. } => None,
                }
            }

            fn known(action: Action, details: Json) -> serde_json::Result<Self> {
                match action {
                    $(Action::$kind => serde_json::from_value(details).map(Self::$kind),)*
                }
            }

            fn to_json(&self) -> serde_json::Result<Json> {
                match self {
                    $(Self::$kind(details) => serde_json::to_value(details),)*
                    Self::Unknown { details, .. } => Ok(Json::Object(details.clone())),
                }
            }
        }
    };
}

events! {
    /// Someone signed in.
    SignIn(SignIn) = "sign-in",
    /// A sign-in came to nothing.
    SignInRefused(SignInRefused) = "sign-in-refused",
    /// Someone signed out.
    SignOut(Nothing) = "sign-out",
    /// Someone who is signed in proved again who they are.
    Confirm(Proof) = "confirm",
    /// A session was ended from elsewhere: by its person, somebody who may, or its provider.
    EndSession(EndSession) = "end-session",
    /// A re-check found that someone has other roles.
    Recheck(Recheck) = "recheck",
    /// A session was ended because its person could not be re-checked.
    Lapse(Lapse) = "lapse",
    /// Someone asked for what they may not have.
    Denied(Denied) = "denied",
    /// A link for when the provider is gone was made, used or refused.
    BreakGlass(EmergencyLink) = "break-glass",
    /// A row was created.
    Create(RowChange) = "create",
    /// A row was changed.
    Update(RowChange) = "update",
    /// A row was deleted.
    Delete(RowChange) = "delete",
    /// Many rows are changed or deleted at once; each has an event of its own.
    Bulk(Bulk) = "bulk",
    /// An export is about to begin.
    ExportBegin(ExportAsked) = "export-begin",
    /// Rows were exported, all that were asked for or not.
    Export(Export) = "export",
    /// Someone began to look at the panel as somebody else would see it.
    Look(Look) = "look",
    /// They ended that.
    LookEnd(Nothing) = "look-end",
    /// A role was made.
    RoleCreate(RoleChange) = "role-create",
    /// A role was changed, or the groups that have it.
    RoleChange(RoleChange) = "role-change",
    /// A role was deleted.
    RoleDelete(RoleChange) = "role-delete",
    /// A view of a list was saved.
    ViewCreate(SavedView) = "view-create",
    /// A saved view was changed.
    ViewChange(SavedView) = "view-change",
    /// A saved view was deleted.
    ViewDelete(SavedView) = "view-delete",
    /// Someone chose what a list shows them, or begins with.
    ListSetUp(ListSetUp) = "list-set-up",
    /// Entries that were too old were removed from the log.
    Prune(Prune) = "prune",
}

impl Action {
    /// What people do with rows.
    pub const OF_ROWS: [Self; 4] = [Self::Create, Self::Update, Self::Delete, Self::Export];
    /// What changes one row.
    pub const CHANGES: [Self; 3] = [Self::Create, Self::Update, Self::Delete];
    /// What changes roles.
    pub const OF_ROLES: [Self; 3] = [Self::RoleCreate, Self::RoleChange, Self::RoleDelete];

    /// The action of that name in the log.
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|action| action.name() == name)
    }
}

impl Event {
    /// The event of an entry of the log.
    pub fn read(action: &str, details: Option<&str>) -> Self {
        let details = object(details);
        let known = Action::named(action)
            .and_then(|action| Self::known(action, Json::Object(details.clone())).ok());
        known.unwrap_or_else(|| Self::Unknown {
            action: action.to_owned(),
            details,
        })
    }

    /// Its name in the log.
    pub fn name(&self) -> &str {
        match (self.action(), self) {
            (Some(action), _) => action.name(),
            (None, Self::Unknown { action, .. }) => action,
            (None, _) => "",
        }
    }

    /// The details of its entry; none if there is nothing to tell.
    ///
    /// # Errors
    /// When they cannot be written as JSON.
    pub fn details(&self, beside: &Beside) -> serde_json::Result<Option<String>> {
        let mut all = match self.to_json()? {
            Json::Object(all) => all,
            _ => Map::new(),
        };
        if let Json::Object(beside) = serde_json::to_value(beside)? {
            all.extend(beside);
        }
        Ok((!all.is_empty()).then(|| Json::Object(all).to_string()))
    }

    /// What is told of a row that was created, changed or deleted.
    pub fn row_change(&self) -> Option<&RowChange> {
        match self {
            Self::Create(change) | Self::Update(change) | Self::Delete(change) => Some(change),
            _ => None,
        }
    }

    /// Whether it is the change of a row that was set off by one of another row.
    pub fn came_with_another(&self) -> bool {
        let change = self.row_change();
        change.is_some_and(|change| change.because_of.is_some())
    }

    /// The number of the change of many rows that it is a part of.
    pub fn bulk(&self) -> Option<i64> {
        self.row_change()?.bulk
    }
}

/// What the details of any event may tell beside what is told of the event.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Beside {
    /// As whom they looked at the panel, if they did: "role viewer".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looking_as: Option<String>,
    /// Why they had come in past the provider, if they had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<String>,
}

impl Beside {
    /// What the details of an entry tell.
    pub fn read(details: Option<&str>) -> Self {
        details
            .and_then(|details| serde_json::from_str(details).ok())
            .unwrap_or_default()
    }
}

/// The details of an entry by their keys, for those who show them as they are.
pub fn object(details: Option<&str>) -> Map<String, Json> {
    match details.map(serde_json::from_str) {
        Some(Ok(Json::Object(details))) => details,
        _ => Map::new(),
    }
}

#[cfg(test)]
pub(crate) mod tests;
