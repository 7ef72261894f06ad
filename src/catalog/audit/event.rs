//! The events of the audit log, and the details stored with each.
//!
//! Event names and detail keys are defined only here. They are stored, so they must not change. An
//! entry of another version may have another shape: it is read as [`Event::Unknown`], never as an
//! error.

mod details;

pub use details::{
    Bulk, Cause, DenialReason, Denied, EmergencyLink, EndSession, Export, ExportAsked, Groups,
    Lapse, ListSetUp, Look, LookGroups, Nothing, Proof, Prune, Recheck, Refused, RoleChange,
    RoleSide, RowChange, SavedView, SignIn, SignInRefused,
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// The detail key under which an update stores the unchanged values. They let rights be tested on
/// the whole row as it was.
pub const ROW: &str = "row";
/// The detail key under which an export stores its query.
pub const QUERY: &str = "query";

macro_rules! events {
    ($($(#[$doc:meta])* $kind:ident($details:ty) = $name:literal,)*) => {
        /// A kind of event.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Action {
            $($(#[$doc])* $kind,)*
        }

        impl Action {
            /// Every action, in the order of the filter's choices.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The action's name in the log.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }
        }

        /// An event, with its details.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Event {
            $($(#[$doc])* $kind($details),)*
            /// An event that this version does not know, or not in this shape.
            Unknown {
                /// Its name in the log.
                action: String,
                /// Its details as stored.
                details: Map<String, Json>,
            },
        }

        impl Event {
            /// The action, if this version knows the event.
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
    /// A sign-in failed.
    SignInRefused(SignInRefused) = "sign-in-refused",
    /// Someone signed out.
    SignOut(Nothing) = "sign-out",
    /// Someone who is signed in proved their identity again (step-up).
    Confirm(Proof) = "confirm",
    /// A session was ended from elsewhere: by its person, by somebody with the right, or by its
    /// provider.
    EndSession(EndSession) = "end-session",
    /// A re-check gave someone other roles.
    Recheck(Recheck) = "recheck",
    /// A session was ended because its person could not be re-checked.
    Lapse(Lapse) = "lapse",
    /// A request was denied.
    Denied(Denied) = "denied",
    /// A break-glass link was made, used or refused.
    BreakGlass(EmergencyLink) = "break-glass",
    /// A row was created.
    Create(RowChange) = "create",
    /// A row was changed.
    Update(RowChange) = "update",
    /// A row was deleted.
    Delete(RowChange) = "delete",
    /// A bulk change began; each row has an event of its own.
    Bulk(Bulk) = "bulk",
    /// An export began.
    ExportBegin(ExportAsked) = "export-begin",
    /// Rows were exported, completely or not.
    Export(Export) = "export",
    /// Someone began to view the panel as somebody else.
    Look(Look) = "look",
    /// They stopped viewing as somebody else.
    LookEnd(Nothing) = "look-end",
    /// A role was made.
    RoleCreate(RoleChange) = "role-create",
    /// A role, or its groups, were changed.
    RoleChange(RoleChange) = "role-change",
    /// A role was deleted.
    RoleDelete(RoleChange) = "role-delete",
    /// A view of a list was saved.
    ViewCreate(SavedView) = "view-create",
    /// A saved view was changed.
    ViewChange(SavedView) = "view-change",
    /// A saved view was deleted.
    ViewDelete(SavedView) = "view-delete",
    /// Someone chose the columns or the starting view of a list.
    ListSetUp(ListSetUp) = "list-set-up",
    /// Old entries were removed from the log.
    Prune(Prune) = "prune",
}

impl Action {
    /// Actions on rows.
    pub const OF_ROWS: [Self; 4] = [Self::Create, Self::Update, Self::Delete, Self::Export];
    /// Actions that change one row.
    pub const CHANGES: [Self; 3] = [Self::Create, Self::Update, Self::Delete];
    /// Actions that change roles.
    pub const OF_ROLES: [Self; 3] = [Self::RoleCreate, Self::RoleChange, Self::RoleDelete];

    /// The action with that name in the log.
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|action| action.name() == name)
    }
}

impl Event {
    /// Reads the event of a log entry.
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

    /// The details to store; none if the event has no details.
    ///
    /// # Errors
    /// When the details cannot be written as JSON.
    pub fn details(&self, beside: &EventContext) -> serde_json::Result<Option<String>> {
        let mut all = match self.to_json()? {
            Json::Object(all) => all,
            _ => Map::new(),
        };
        if let Json::Object(beside) = serde_json::to_value(beside)? {
            all.extend(beside);
        }
        Ok((!all.is_empty()).then(|| Json::Object(all).to_string()))
    }

    /// The details of a row that was created, changed or deleted.
    pub fn row_change(&self) -> Option<&RowChange> {
        match self {
            Self::Create(change) | Self::Update(change) | Self::Delete(change) => Some(change),
            _ => None,
        }
    }

    /// Whether the change was caused by a change of another row.
    pub fn came_with_another(&self) -> bool {
        let change = self.row_change();
        change.is_some_and(|change| change.because_of.is_some())
    }

    /// The number of the bulk change's event, if this event belongs to one.
    pub fn bulk(&self) -> Option<i64> {
        self.row_change()?.bulk
    }
}

/// Details that any event may have.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EventContext {
    /// The role or groups they viewed the panel as: "role viewer".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looking_as: Option<String>,
    /// The reason of the break-glass link by which they signed in, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<String>,
}

impl EventContext {
    /// Reads them from an entry's details.
    pub fn read(details: Option<&str>) -> Self {
        details
            .and_then(|details| serde_json::from_str(details).ok())
            .unwrap_or_default()
    }
}

/// All details of an entry by key, for pages that show them unchanged.
pub fn object(details: Option<&str>) -> Map<String, Json> {
    match details.map(serde_json::from_str) {
        Some(Ok(Json::Object(details))) => details,
        _ => Map::new(),
    }
}

#[cfg(test)]
pub(crate) mod tests;
