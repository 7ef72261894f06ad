//! Changes of stored roles, as values: the same value is used for the preview and for the change.

use super::{KeptRole, KeptRule, StoredRoles};
use crate::config::{GroupRule, RoleConfig};
use crate::texts::text;

/// A change of the stored roles and group rules.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Creates a role.
    Create {
        /// Its name.
        name: String,
        /// Its content.
        role: RoleConfig,
    },
    /// Replaces a role's content.
    Edit {
        /// Its name.
        name: String,
        /// Its new content.
        role: RoleConfig,
    },
    /// Deletes a role and its group rules.
    Delete {
        /// Its name.
        name: String,
    },
    /// Adds a group rule.
    AddRule {
        /// The role, stored or in the configuration.
        role: String,
        /// The rule.
        rule: GroupRule,
    },
    /// Removes a group rule.
    RemoveRule {
        /// Its number.
        id: i64,
    },
}

/// Why a change cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// The role or rule does not exist.
    #[error("{}", text!("misfit-missing"))]
    Missing,
    /// A role with that name exists.
    #[error("{}", text!("misfit-taken"))]
    Taken,
    /// The same rule for this role exists.
    #[error("{}", text!("misfit-twice"))]
    Twice,
}

impl Change {
    /// The role that is changed.
    pub fn role<'c>(&'c self, kept: &'c StoredRoles) -> Option<&'c str> {
        match self {
            Self::Create { name, .. } | Self::Edit { name, .. } | Self::Delete { name } => {
                Some(name)
            }
            Self::AddRule { role, .. } => Some(role),
            Self::RemoveRule { id } => {
                let rule = kept.rules.iter().find(|rule| rule.id == *id);
                rule.map(|rule| rule.role.as_str())
            }
        }
    }
}

impl StoredRoles {
    /// The stored roles after a change. `configured` lists the names of the configuration's roles.
    ///
    /// # Errors
    /// When the change cannot be made to these roles.
    pub fn with(&self, change: &Change, configured: &[&str]) -> Result<Self, Misfit> {
        let mut kept = self.clone();
        kept.version += 1;
        match change {
            Change::Create { name, role } => {
                let kept_names = self.roles.iter().map(|role| role.name.as_str());
                let mut taken = kept_names.chain(configured.iter().copied());
                if taken.any(|taken| taken.eq_ignore_ascii_case(name)) {
                    return Err(Misfit::Taken);
                }
                kept.roles.push(KeptRole {
                    name: name.clone(),
                    role: Ok(role.clone()),
                });
                kept.roles.sort_by(|one, other| one.name.cmp(&other.name));
            }
            Change::Edit { name, role } => {
                let mut roles = kept.roles.iter_mut();
                let found = roles.find(|role| role.name == *name);
                found.ok_or(Misfit::Missing)?.role = Ok(role.clone());
            }
            Change::Delete { name } => {
                self.role(name).ok_or(Misfit::Missing)?;
                kept.roles.retain(|role| role.name != *name);
                kept.rules.retain(|rule| rule.role != *name);
            }
            Change::AddRule { role, rule } => {
                if self.role(role).is_none() && !configured.contains(&role.as_str()) {
                    return Err(Misfit::Missing);
                }
                let is_same = |other: &KeptRule| {
                    let other = other.rule.as_ref();
                    other.is_ok_and(|other| rule.says_the_same(other))
                };
                if self.rules_of(role).any(is_same) {
                    return Err(Misfit::Twice);
                }
                let last = self.rules.iter().map(|rule| rule.id).max();
                kept.rules.push(KeptRule {
                    id: last.unwrap_or(0) + 1,
                    role: role.clone(),
                    rule: Ok(rule.clone()),
                });
            }
            Change::RemoveRule { id } => {
                let before = kept.rules.len();
                kept.rules.retain(|rule| rule.id != *id);
                if kept.rules.len() == before {
                    return Err(Misfit::Missing);
                }
            }
        }
        Ok(kept)
    }
}
