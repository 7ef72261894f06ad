//! What the panel keeps of roles in its own tables, beside those of the configuration.
//!
//! It only ever adds: a role, a grant or a group rule that cannot be used gives nothing, and says
//! why, instead of stopping the start or reaching further than was meant.

mod change;

pub use change::{Change, Misfit};

use crate::config::{GroupRule, RoleConfig};
use crate::texts::text;

/// Where a role or a group rule is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Origin {
    /// In the configuration file: it cannot be changed in the panel.
    #[serde(rename = "configuration")]
    Configured,
    /// In the panel's own tables.
    #[serde(rename = "panel")]
    Kept,
}

/// The roles and group rules of the panel's own tables.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredRoles {
    /// Counts the changes: every change makes it larger by one.
    pub version: i64,
    /// The roles, by name.
    pub roles: Vec<KeptRole>,
    /// The groups that give roles, of the configuration and of these.
    pub rules: Vec<KeptRule>,
}

/// A role of the panel's own tables.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptRole {
    /// Its name.
    pub name: String,
    /// What it is; or why it cannot be read.
    pub role: Result<RoleConfig, String>,
}

/// A group rule of the panel's own tables.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptRule {
    /// Its number.
    pub id: i64,
    /// The role that it gives.
    pub role: String,
    /// What it is; or why it cannot be read.
    pub rule: Result<GroupRule, String>,
}

/// Something of the panel's own tables that gives nothing, because it cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// The role it belongs to.
    pub role: String,
    /// What of it.
    pub part: Part,
    /// What is wrong with it.
    pub reason: String,
}

/// What of a role cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// All of it.
    Role,
    /// One grant: its number, counted from 1, and the setting.
    Grant(usize, String),
    /// A group rule, by its number in the table.
    Rule(i64),
}

impl StoredRoles {
    /// The role of that name.
    pub fn role(&self, name: &str) -> Option<&KeptRole> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// The group rules of a role.
    pub fn rules_of<'k>(&'k self, role: &'k str) -> impl Iterator<Item = &'k KeptRule> {
        self.rules.iter().filter(move |rule| rule.role == role)
    }
}

/// The fault as the log tells it.
impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (role, reason) = (&self.role, &self.reason);
        f.write_str(&match &self.part {
            Part::Role => text!("fault-role", role = role, reason = reason),
            Part::Grant(number, setting) => text!(
                "fault-grant",
                role = role,
                grant = number.to_string(),
                setting = setting,
                reason = reason
            ),
            Part::Rule(id) => text!(
                "fault-rule",
                role = role,
                rule = id.to_string(),
                reason = reason
            ),
        })
    }
}
