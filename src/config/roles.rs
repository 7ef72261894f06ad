//! `[roles.NAME]`: who has a role, and what it grants.

mod group;
pub(crate) mod step_up;

pub use group::{GroupMatch, GroupRule};
pub use step_up::StepUpConfig;

use super::{KeyPath, ResourceConfig, report::Report};
use crate::suggest::nearest;
use std::collections::BTreeMap;

/// The verbs a grant may give.
pub const VERBS: [&str; 7] = [
    "view", "create", "edit", "delete", "export", "import", "history",
];

/// Stands for every resource.
const EVERYTHING: &str = "*";

/// `[roles.NAME]`. The panel's own table of roles holds the same as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleConfig {
    /// The role's name on pages; defaults to its key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The groups that have it: exact, case-sensitive names, or rules with patterns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupRule>,
    /// Its grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<GrantConfig>,
    /// Parts of the panel itself that this role may manage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub manage: Vec<Manage>,
    /// Step-up demands for managing, by the part that is managed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub step_up: BTreeMap<String, StepUpConfig>,
}

/// A part of the panel itself that a role may manage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Manage {
    /// Roles and their groups; includes viewing the panel as somebody else.
    Roles,
    /// Everybody's sessions: to list and to end them.
    Sessions,
}

impl Manage {
    /// All parts.
    pub(crate) const ALL: [Self; 2] = [Self::Roles, Self::Sessions];

    /// Its name in configuration.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Roles => "roles",
            Self::Sessions => "sessions",
        }
    }

    /// Returns the part with that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.name() == name)
    }
}

/// `[[roles.NAME.grants]]`
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantConfig {
    /// Names of resources; `*` for all.
    pub on: Vec<String>,
    /// Verbs: view create edit delete export import history, and action:NAME for a configured action.
    pub may: Vec<String>,
    /// Columns this grant does not cover.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hide: Vec<String>,
    /// Columns that are visible, but not editable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read_only: Vec<String>,
    /// Conditions that a row must meet, all of them, in the filter grammar. `{claim.NAME}` stands
    /// for a claim of the person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<String>,
    /// Step-up demands of the verbs: create edit delete export import history, bulk.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub step_up: BTreeMap<String, StepUpConfig>,
}

/// Checks every role.
pub(super) fn check(
    roles: &BTreeMap<String, RoleConfig>,
    resources: &BTreeMap<String, ResourceConfig>,
    report: &mut Report<'_>,
) {
    let all = KeyPath::of("roles");
    if roles.is_empty() {
        report.warn(
            all.clone(),
            "there is no role, so nobody will be let in; add [roles.NAME] with groups and grants",
        );
    }
    for (name, role) in roles {
        role.check(&all.key(name), resources, report);
    }
}

impl RoleConfig {
    fn check(
        &self,
        role: &KeyPath,
        resources: &BTreeMap<String, ResourceConfig>,
        report: &mut Report<'_>,
    ) {
        let groups = role.key("groups");
        for (index, group) in self.groups.iter().enumerate() {
            check_group(group, groups.index(index), report);
        }
        if self.groups.is_empty() {
            report.warn(groups, "no group has this role, so nobody will");
        }
        if self.grants.is_empty() && self.manage.is_empty() {
            report.warn(
                role.clone(),
                "this role gives nothing; add [[roles.NAME.grants]]",
            );
        }
        for (what, wrong) in step_up::wrong_in_role(self) {
            report.fault(role.key("step_up").key(&what), wrong);
        }
        for (index, grant) in self.grants.iter().enumerate() {
            let key = role.key("grants").index(index);
            grant.check(&key, resources, report);
            grant.check_step_up(&key, report);
            self.check_view(grant, &key, report);
        }
    }

    /// Checks that the role grants `view` too: without it, the other verbs have no effect.
    fn check_view(&self, grant: &GrantConfig, key: &KeyPath, report: &mut Report<'_>) {
        let Some(verb) = grant.may.iter().find(|verb| *verb != "view") else {
            return;
        };
        for (index, resource) in grant.on.iter().enumerate() {
            if !self.grants.iter().any(|grant| grant.shows(resource)) {
                let message = format!(
                    "this role may {verb} here but never view, so it can do neither; add \
                     \"view\""
                );
                report.warn(key.key("on").index(index), message);
            }
        }
    }
}

impl GrantConfig {
    fn check(
        &self,
        grant: &KeyPath,
        resources: &BTreeMap<String, ResourceConfig>,
        report: &mut Report<'_>,
    ) {
        if self.on.is_empty() {
            report.fault(
                grant.key("on"),
                "is empty: list resources, such as [\"orders\"], or [\"*\"] for every one",
            );
        }
        for (index, _) in self
            .on
            .iter()
            .enumerate()
            .filter(|(_, name)| name.is_empty())
        {
            report.fault(
                grant.key("on").index(index),
                "is empty: write the name of a resource",
            );
        }
        if self.may.is_empty() {
            report.fault(grant.key("may"), format!("is empty: list {}", verbs()));
        }
        for (index, verb) in self.may.iter().enumerate() {
            let wrong = match action_of(verb) {
                Some(action) => self.wrong_action(action, resources),
                None => wrong_verb(verb),
            };
            if let Some(wrong) = wrong {
                report.fault(grant.key("may").index(index), wrong);
            }
        }
    }

    /// Describes an action that no resource of the grant has.
    fn wrong_action(
        &self,
        name: &str,
        resources: &BTreeMap<String, ResourceConfig>,
    ) -> Option<String> {
        let is_on = |resource: &str| self.on.iter().any(|on| on == resource || on == EVERYTHING);
        let here = resources.iter().filter(|(resource, _)| is_on(resource));
        let actions = here.flat_map(|(_, config)| &config.actions);
        let mut names: Vec<&str> = actions.map(|action| action.name.as_str()).collect();
        if names.contains(&name) {
            return None;
        }
        names.sort_unstable();
        let hint = match nearest(name, names) {
            Some(known) => format!("did you mean \u{201c}action:{known}\u{201d}?"),
            None => "add it as [[resources.RESOURCE.actions]], or take it out".to_owned(),
        };
        Some(format!(
            "there is no action \u{201c}{name}\u{201d} on these resources; {hint}"
        ))
    }

    fn check_step_up(&self, grant: &KeyPath, report: &mut Report<'_>) {
        for (verb, wrong) in step_up::wrong_in_grant(self) {
            report.fault(grant.key("step_up").key(&verb), wrong);
        }
    }

    fn shows(&self, resource: &str) -> bool {
        let covers = |name: &String| name == resource || name == EVERYTHING;
        self.on.iter().any(covers) && self.may.iter().any(|verb| verb == "view")
    }
}

fn check_group(rule: &GroupRule, key: KeyPath, report: &mut Report<'_>) {
    let group = rule.text.as_str();
    if let Err(wrong) = rule.pattern() {
        report.fault(key, wrong);
    } else if group.trim().is_empty() {
        report.fault(
            key,
            "is empty: write the name of a group, as the identity provider sends it",
        );
    } else if group == EVERYTHING {
        report.fault(
            key,
            "groups are matched exactly, and no role can be given to everyone; name the groups",
        );
    } else if rule.how == GroupMatch::Is && group.contains(EVERYTHING) {
        report.warn(
            key,
            "groups are matched exactly: this is no pattern; write { glob = \"...\" } if it is one",
        );
    } else if group.trim() != group {
        report.warn(
            key,
            "groups are matched exactly: this one starts or ends with a blank",
        );
    }
}

fn wrong_verb(verb: &str) -> Option<String> {
    if VERBS.contains(&verb) {
        return None;
    }
    Some(match nearest(verb, VERBS) {
        Some(known) => {
            format!("\u{201c}{verb}\u{201d} is not a verb; did you mean \u{201c}{known}\u{201d}?")
        }
        None => format!("\u{201c}{verb}\u{201d} is not a verb; use {}", verbs()),
    })
}

/// The name of the action in an `action:NAME` verb.
fn action_of(verb: &str) -> Option<&str> {
    verb.strip_prefix("action:").filter(|name| !name.is_empty())
}

fn verbs() -> String {
    VERBS.join(", ")
}

#[cfg(test)]
mod tests;
