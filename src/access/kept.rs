//! Roles that the panel stores in its own tables, besides those of the configuration.
//!
//! Stored roles only add rights. A role, a grant or a group rule that is invalid gives nothing, and
//! the reason is reported. It neither stops the start nor gives more than intended.

mod change;

pub use change::{Change, Misfit};

use crate::config::{GroupRule, RoleConfig};
use crate::texts::text;

/// Where a role or a group rule is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Origin {
    /// In the configuration file; the panel cannot change it.
    #[serde(rename = "configuration")]
    Configured,
    /// In the panel's own tables.
    #[serde(rename = "panel")]
    Kept,
}

/// The roles and group rules of the panel's own tables.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredRoles {
    /// A counter that every change increases by one.
    pub version: i64,
    /// The roles, by name.
    pub roles: Vec<KeptRole>,
    /// The group rules, for roles of the configuration and for stored ones.
    pub rules: Vec<KeptRule>,
}

/// A role of the panel's own tables.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptRole {
    /// Its name.
    pub name: String,
    /// Its content, or why it cannot be read.
    pub role: Result<RoleConfig, String>,
}

/// A group rule of the panel's own tables.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptRule {
    /// Its number.
    pub id: i64,
    /// The role it gives.
    pub role: String,
    /// Its content, or why it cannot be read.
    pub rule: Result<GroupRule, String>,
}

/// A part of the stored roles that gives nothing, because it is invalid.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// The role it belongs to.
    pub role: String,
    /// The invalid part.
    pub part: InvalidPart,
    /// The fault.
    pub reason: String,
}

/// The part of a role that is invalid.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InvalidPart {
    /// The whole role.
    Role,
    /// One grant: its number, counted from 1, and the setting.
    Grant(usize, String),
    /// A group rule, by its number in the table.
    Rule(i64),
}

impl StoredRoles {
    /// The role with that name.
    pub fn role(&self, name: &str) -> Option<&KeptRole> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// The group rules of a role.
    pub fn rules_of<'k>(&'k self, role: &'k str) -> impl Iterator<Item = &'k KeptRule> {
        self.rules.iter().filter(move |rule| rule.role == role)
    }
}

/// The fault as a log message.
impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (role, reason) = (&self.role, &self.reason);
        f.write_str(&match &self.part {
            InvalidPart::Role => text!("fault-role", role = role, reason = reason),
            InvalidPart::Grant(number, setting) => text!(
                "fault-grant",
                role = role,
                grant = number.to_string(),
                setting = setting,
                reason = reason
            ),
            InvalidPart::Rule(id) => text!(
                "fault-rule",
                role = role,
                rule = id.to_string(),
                reason = reason
            ),
        })
    }
}
