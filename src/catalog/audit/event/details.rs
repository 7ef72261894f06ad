//! What the log tells of each kind of event. The names of the fields are keys of the log.
//!
//! A key that is left out is read as if nothing was said: earlier versions told less.

use super::Event;
use crate::config::{GroupRule, RoleConfig};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Of an event of which its name tells everything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Nothing {}

/// Of a sign-in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignIn {
    /// How many groups came.
    pub groups: Option<usize>,
    /// How they came.
    pub groups_note: Option<String>,
    /// The provider's name in configuration.
    pub provider: Option<String>,
    /// Whether the person saw nothing of it, as earlier versions noted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub silent: bool,
}

/// Of a sign-in that was refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum SignInRefused {
    /// The only step of a sign-in that is noted here.
    Refused(Refused),
    /// As earlier versions noted it.
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

/// Why somebody did not come in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Refused {
    /// The kind of the refusal, for `doctor`.
    pub kind: Option<String>,
    /// The cause, in few words.
    pub cause: Option<String>,
    /// The session that the browser had.
    pub session: Option<String>,
}

/// Of a link for when the provider is gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum EmergencyLink {
    /// It was made on the server.
    Made {
        /// The role that it gives.
        role: String,
        /// For how long.
        minutes: i64,
    },
    /// Somebody came in by it.
    Used {
        /// The role that it gave.
        role: String,
        /// For how long.
        minutes: i64,
        /// The session that it began.
        #[serde(default)]
        session: String,
    },
    /// It did not open.
    Refused(Refused),
}

/// Of a proof of identity that was demanded: what came of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// For what it was demanded: "delete on orders".
    #[serde(rename = "for")]
    pub what: String,
    /// How old it may be, in seconds.
    #[serde(default)]
    pub max_age: Option<i64>,
    /// By which ways, if only by some.
    #[serde(default)]
    pub acr_values: Option<Vec<String>>,
    /// When the person gave it.
    #[serde(default)]
    pub authenticated_at: Option<String>,
    /// In which way they did.
    #[serde(default)]
    pub acr: Option<String>,
    /// What came of it, in words.
    #[serde(default)]
    pub outcome: Option<String>,
}

/// Of a session that was ended from elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndSession {
    /// Who vouched for its person.
    pub issuer: Option<String>,
    /// The provider's name for them.
    pub subject: Option<String>,
    /// Whether it was a sign-in under way, which came to no session.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub under_way: bool,
}

/// Of a re-check that found other roles.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recheck {
    /// The roles before it.
    pub from: Vec<String>,
    /// The roles after it.
    pub to: Vec<String>,
    /// How many groups came.
    pub groups: Option<usize>,
    /// How they came.
    pub groups_note: Option<String>,
}

/// Of a session that could not be re-checked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lapse {
    /// The reason, in words.
    pub why: String,
    /// The session.
    pub session: String,
}

/// Of a request that was refused.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Denied {
    /// Why; not said of those that were counted only.
    #[serde(flatten)]
    pub why: Option<Why>,
    /// How many were counted only before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more_before: Option<u64>,
}

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Why {
    /// A right is missing, or every role.
    Missing {
        /// What is missing: a verb, or "a role".
        missing: String,
        /// The groups of who has no role.
        #[serde(flatten)]
        groups: Option<Groups>,
    },
    /// The person had to prove first who they are.
    Unconfirmed {
        /// What for.
        unconfirmed: String,
    },
    /// The proof was not as demanded.
    Proof(Proof),
}

impl Why {
    /// What is missing where somebody has no role at all.
    const ROLE: &'static str = "a role";

    /// Every role is missing.
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

    /// The person had to prove first who they are.
    pub fn unconfirmed(right: String) -> Self {
        Self::Unconfirmed { unconfirmed: right }
    }
}

impl From<Why> for Event {
    fn from(why: Why) -> Self {
        Self::Denied(Denied {
            why: Some(why),
            more_before: None,
        })
    }
}

/// The groups of somebody to whom they give no role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Groups {
    /// How many came.
    pub groups_received: usize,
    /// How they came.
    #[serde(default)]
    pub groups_note: Option<String>,
    /// The provider's name in configuration.
    #[serde(default)]
    pub provider: Option<String>,
}

/// Of a row that was created, changed or deleted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RowChange {
    /// The change of another row that set it off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because_of: Option<Cause>,
    /// The values that stayed as they were, of a row that was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<Map<String, Json>>,
    /// How many rows of each table went with it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub also_deleted: BTreeMap<String, u64>,
    /// How many rows of each table changed with it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub also_changed: BTreeMap<String, u64>,
    /// The number of the event of the change of many rows that it is a part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk: Option<i64>,
}

/// The change of a row that set off others.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cause {
    /// What was done, by its name in the log.
    pub action: String,
    /// To a row of which resource.
    pub resource: String,
    /// The key of the row.
    pub row: Option<String>,
}

/// Of a change of many rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Bulk {
    /// What is done: one of the names here, "edit", or the name of a configured action.
    pub deed: String,
    /// How many rows were asked for.
    pub rows: usize,
    /// The number of the event that is undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<i64>,
    /// The key of the row that is saved with its lines, if it was there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

impl Bulk {
    /// The deed of deleting rows.
    pub const DELETE: &'static str = "delete";
    /// The deed of taking in a file.
    pub const IMPORT: &'static str = "import";
    /// The deed of taking changes back.
    pub const UNDO: &'static str = "undo";
    const SAVE: &'static str = "save";

    /// A deed to so many rows.
    pub fn new(deed: &str, rows: usize) -> Self {
        Self {
            deed: deed.to_owned(),
            rows,
            ..Self::default()
        }
    }

    /// Taking back the change of an event.
    pub fn undoing(id: i64, rows: usize) -> Self {
        Self {
            undoes: Some(id),
            ..Self::new(Self::UNDO, rows)
        }
    }

    /// Saving a row with its lines; `row` is its key, if it is there already.
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

/// Of an export that is about to begin: what was asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExportAsked {
    /// The kind of file.
    pub format: String,
    /// The query of the list.
    pub query: Vec<(String, String)>,
    /// Whether the names of rows pointed at stand beside their keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<String>,
}

/// Of an export that has ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// How many rows left.
    #[serde(default)]
    pub rows: u64,
    /// Whether these are all that were asked for.
    #[serde(default = "yes")]
    pub complete: bool,
    /// What was asked for.
    #[serde(flatten)]
    pub asked: ExportAsked,
}

fn yes() -> bool {
    true
}

/// Of a look at the panel as somebody else would see it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Look {
    /// As whom: "role viewer".
    #[serde(rename = "as")]
    pub seen: String,
    /// With which claims.
    pub claims: Map<String, Json>,
    /// As groups, if it is not as a role.
    #[serde(flatten)]
    pub as_groups: Option<LookGroups>,
}

/// The groups that somebody looks as.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LookGroups {
    /// The first of them.
    pub groups: Vec<String>,
    /// How many they are.
    pub groups_count: usize,
    /// The provider that they would come from.
    pub provider: Option<String>,
}

/// Of a role that was made, changed or deleted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoleChange {
    /// The role's name.
    pub role: String,
    /// What was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Box<RoleSide>>,
    /// What is there then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Box<RoleSide>>,
}

/// One side of a change of a role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum RoleSide {
    /// The whole role; with the groups that had it, where it was deleted.
    Role(RoleConfig),
    /// A group that has it; none if the rule could not be read.
    Group {
        /// The rule that finds the group.
        group: Option<GroupRule>,
    },
    /// A role that could not be read.
    Unreadable {
        /// Why.
        unreadable: String,
        /// The groups that had it, where it was deleted.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        groups: Vec<GroupRule>,
    },
    /// As another version wrote it.
    Other(Json),
}

impl RoleSide {
    /// A group that has the role.
    pub fn of_group(group: Option<GroupRule>) -> Self {
        Self::Group { group }
    }

    /// The groups that had a role which was deleted.
    pub fn groups(&self) -> &[GroupRule] {
        match self {
            Self::Role(RoleConfig { groups, .. }) | Self::Unreadable { groups, .. } => groups,
            Self::Group { .. } | Self::Other(_) => &[],
        }
    }
}

/// Of a view of a list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedView {
    /// Its number.
    pub view: i64,
    /// Its name.
    pub name: String,
    /// The role that it is shared with.
    pub role: Option<String>,
}

/// Of what somebody chose for a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ListSetUp {
    /// Which columns it shows them: "own" or "usual".
    Columns {
        /// One of these words.
        columns: String,
    },
    /// What it begins with.
    Start {
        /// The number of the view; none for what is usual, 0 for no view.
        starts_with: Option<i64>,
        /// The role for which it does, if it is not for themselves.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<String>,
    },
}

impl ListSetUp {
    /// The word for columns of somebody's own choice.
    pub const OWN: &'static str = "own";
    /// The word for the usual columns.
    pub const USUAL: &'static str = "usual";
}

/// Of entries that were removed from the log.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prune {
    /// How many.
    pub entries: i64,
    /// When the last of them was written.
    pub until: String,
    /// From when on entries are kept.
    pub kept_from: String,
}
