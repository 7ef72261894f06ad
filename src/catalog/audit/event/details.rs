//! The details of each kind of event. Field names are keys in the log.
//!
//! A missing key is read as its default: earlier versions stored fewer.

use super::Event;
use crate::config::{GroupRule, RoleConfig};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Details of an event that needs none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Nothing {}

/// Details of a sign-in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignIn {
    /// The number of groups in the claims.
    pub groups: Option<usize>,
    /// A note on how the groups came.
    pub groups_note: Option<String>,
    /// The provider's name in configuration.
    pub provider: Option<String>,
    /// Whether the sign-in was silent; stored by earlier versions.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub silent: bool,
}

/// Details of a refused sign-in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum SignInRefused {
    /// The only step of a sign-in that is logged here.
    Refused(Refused),
    /// The shape that earlier versions stored.
    #[serde(untagged)]
    Plain(Refused),
}

impl From<SignInRefused> for Refused {
    fn from(sign_in: SignInRefused) -> Self {
        match sign_in {
            SignInRefused::Refused(refused) | SignInRefused::Plain(refused) => refused,
        }
    }
}

/// Why a sign-in was refused.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Refused {
    /// The kind of refusal, for `doctor`.
    pub kind: Option<String>,
    /// The cause, in few words.
    pub cause: Option<String>,
    /// The session that the browser had before.
    pub session: Option<String>,
}

/// Details of a break-glass link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum EmergencyLink {
    /// Made on the server.
    Made {
        /// The role it gives.
        role: String,
        /// Its lifetime.
        minutes: i64,
    },
    /// Somebody signed in with it.
    Used {
        /// The role it gave.
        role: String,
        /// Its lifetime.
        minutes: i64,
        /// The session it began.
        #[serde(default)]
        session: String,
    },
    /// It was refused.
    Refused(Refused),
}

/// Details of a step-up: the demand, and its outcome.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// The right that demanded it: "delete on orders".
    #[serde(rename = "for")]
    pub what: String,
    /// The maximum age of the proof, in seconds.
    #[serde(default)]
    pub max_age: Option<i64>,
    /// The accepted `acr` values, if the demand names some.
    #[serde(default)]
    pub acr_values: Option<Vec<String>>,
    /// When the person signed in at the provider.
    #[serde(default)]
    pub authenticated_at: Option<String>,
    /// The `acr` of that sign-in.
    #[serde(default)]
    pub acr: Option<String>,
    /// The outcome, in words.
    #[serde(default)]
    pub outcome: Option<String>,
}

/// Details of a session that was ended from elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndSession {
    /// The issuer of its person.
    pub issuer: Option<String>,
    /// The provider's identifier for them.
    pub subject: Option<String>,
    /// Whether it was an unfinished sign-in, without a session yet.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub under_way: bool,
}

/// Details of a re-check that found other roles.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recheck {
    /// The roles before.
    pub from: Vec<String>,
    /// The roles after.
    pub to: Vec<String>,
    /// The number of groups in the claims.
    pub groups: Option<usize>,
    /// A note on how the groups came.
    pub groups_note: Option<String>,
}

/// Details of a session that could not be re-checked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lapse {
    /// The reason, in words.
    pub why: String,
    /// The session.
    pub session: String,
}

/// Details of a denied request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Denied {
    /// The reason; none for requests that were only counted.
    #[serde(flatten)]
    pub why: Option<DenialReason>,
    /// How many denied requests before this one were only counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more_before: Option<u64>,
}

/// The reason for a denial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DenialReason {
    /// A right is missing, or the person has no role.
    Missing {
        /// The missing verb, or "a role".
        missing: String,
        /// The groups of a person without a role.
        #[serde(flatten)]
        groups: Option<Groups>,
    },
    /// Step-up was required first.
    Unconfirmed {
        /// The right that required it.
        unconfirmed: String,
    },
    /// The step-up did not meet the demand.
    Proof(Proof),
}

impl DenialReason {
    /// The value of `missing` for a person without any role.
    const ROLE: &'static str = "a role";

    /// The person has no role.
    pub fn no_role(groups: Groups) -> Self {
        Self::Missing {
            missing: Self::ROLE.to_owned(),
            groups: Some(groups),
        }
    }

    /// A right is missing.
    pub fn missing(right: String) -> Self {
        Self::Missing {
            missing: right,
            groups: None,
        }
    }

    /// Step-up was required first.
    pub fn unconfirmed(right: String) -> Self {
        Self::Unconfirmed { unconfirmed: right }
    }
}

impl From<DenialReason> for Event {
    fn from(why: DenialReason) -> Self {
        Self::Denied(Denied {
            why: Some(why),
            more_before: None,
        })
    }
}

/// The groups of a person to whom they give no role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Groups {
    /// The number of groups.
    pub groups_received: usize,
    /// A note on how they came.
    #[serde(default)]
    pub groups_note: Option<String>,
    /// The provider's name in configuration.
    #[serde(default)]
    pub provider: Option<String>,
}

/// Details of a row that was created, changed or deleted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RowChange {
    /// The change of another row that caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because_of: Option<Cause>,
    /// The unchanged values of an updated row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<Map<String, Json>>,
    /// How many rows of each table were deleted with it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub also_deleted: BTreeMap<String, u64>,
    /// How many rows of each table were changed with it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub also_changed: BTreeMap<String, u64>,
    /// The number of the bulk change's event, if it belongs to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk: Option<i64>,
}

/// The change of a row that caused others.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cause {
    /// The action, by its name in the log.
    pub action: String,
    /// The resource of the row.
    pub resource: String,
    /// The key of the row.
    pub row: Option<String>,
}

/// Details of a bulk change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Bulk {
    /// The operation: one of the names here, "edit", or the name of a configured action.
    pub deed: String,
    /// How many rows were selected.
    pub rows: usize,
    /// The number of the event that it undoes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<i64>,
    /// The key of an existing row that is saved with its lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

impl Bulk {
    /// The operation of deleting rows.
    pub const DELETE: &'static str = "delete";
    /// The operation of importing a file.
    pub const IMPORT: &'static str = "import";
    /// The operation of undoing changes.
    pub const UNDO: &'static str = "undo";
    const SAVE: &'static str = "save";

    /// An operation on this many rows.
    pub fn new(deed: &str, rows: usize) -> Self {
        Self {
            deed: deed.to_owned(),
            rows,
            ..Self::default()
        }
    }

    /// Undoing the change of an event.
    pub fn undoing(id: i64, rows: usize) -> Self {
        Self {
            undoes: Some(id),
            ..Self::new(Self::UNDO, rows)
        }
    }

    /// Saving a row with its lines; `row` is its key, if it exists already.
    pub fn saving(row: Option<&str>, rows: usize) -> Self {
        Self {
            of: row.map(str::to_owned),
            ..Self::new(Self::SAVE, rows)
        }
    }

    /// Whether a row was saved with its lines.
    pub fn is_save(&self) -> bool {
        self.deed == Self::SAVE
    }
}

/// Details of an export that begins: what was requested.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExportAsked {
    /// The file format.
    pub format: String,
    /// The query of the list.
    pub query: Vec<(String, String)>,
    /// Whether labels of referenced rows are put beside their keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<String>,
}

/// Details of an export that has ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// How many rows were written.
    #[serde(default)]
    pub rows: u64,
    /// Whether these are all requested rows.
    #[serde(default = "yes")]
    pub complete: bool,
    /// What was requested.
    #[serde(flatten)]
    pub asked: ExportAsked,
}

fn yes() -> bool {
    true
}

/// Details of viewing the panel as somebody else.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Look {
    /// The role or groups: "role viewer".
    #[serde(rename = "as")]
    pub seen: String,
    /// The claims used.
    pub claims: Map<String, Json>,
    /// The groups, if it is not a role.
    #[serde(flatten)]
    pub as_groups: Option<LookGroups>,
}

/// The groups that somebody views as.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LookGroups {
    /// The first of them.
    pub groups: Vec<String>,
    /// How many there are.
    pub groups_count: usize,
    /// The provider of these groups.
    pub provider: Option<String>,
}

/// Details of a role that was created, changed or deleted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoleChange {
    /// The role's name.
    pub role: String,
    /// The state before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Box<RoleSide>>,
    /// The state after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Box<RoleSide>>,
}

/// The state before or after a change of a role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum RoleSide {
    /// The whole role; for a deleted one, with its groups.
    Role(RoleConfig),
    /// A group that has it; none if the rule could not be read.
    Group {
        /// The rule that matches the group.
        group: Option<GroupRule>,
    },
    /// A role that could not be read.
    Unreadable {
        /// The reason.
        unreadable: String,
        /// The groups of a deleted role.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        groups: Vec<GroupRule>,
    },
    /// Stored by another version.
    Other(Json),
}

impl RoleSide {
    /// The state with one group of the role.
    pub fn of_group(group: Option<GroupRule>) -> Self {
        Self::Group { group }
    }

    /// The groups of a deleted role.
    pub fn groups(&self) -> &[GroupRule] {
        match self {
            Self::Role(RoleConfig { groups, .. }) | Self::Unreadable { groups, .. } => groups,
            Self::Group { .. } | Self::Other(_) => &[],
        }
    }
}

/// Details of a saved view.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedView {
    /// Its number.
    pub view: i64,
    /// Its name.
    pub name: String,
    /// The role that it is shared with.
    pub role: Option<String>,
}

/// Details of what somebody chose for a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ListSetUp {
    /// The columns shown to them: "own" or "usual".
    Columns {
        /// One of these two words.
        columns: String,
    },
    /// The view that the list starts with.
    Start {
        /// The number of the view; none for the default, 0 for no view.
        starts_with: Option<i64>,
        /// The role it applies to; none if it is for themselves.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<String>,
    },
}

impl ListSetUp {
    /// The word for columns somebody chose.
    pub const OWN: &'static str = "own";
    /// The word for the default columns.
    pub const USUAL: &'static str = "usual";
}

/// Details of entries removed from the log.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prune {
    /// How many were removed.
    pub entries: i64,
    /// When the newest removed entry was written.
    pub until: String,
    /// The time from which entries are kept.
    pub kept_from: String,
}
