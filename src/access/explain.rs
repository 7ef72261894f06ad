//! Explains a person's rights, for `bailiwick explain` and the page about one's own rights.
//!
//! Nothing is decided here: every answer comes from the [`Policy`] and is put into words.

mod asks;
mod near;
mod print;
mod rule;
pub(crate) mod words;

use super::permit::{Cover, Permit};
use super::policy::{Grant, Policy, Role};
use super::{Action, Edit, Person, Reach, View};
use crate::catalog::Resource;
use crate::texts::text;
use serde::Serialize;

pub use near::NearMiss;
pub(crate) use rule::by_reason;
use rule::source;
pub use rule::{RoleAccess, Rule, of_role};

/// The rights that a set of claims gives, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The groups in the claims.
    pub groups: Vec<String>,
    /// The roles they give.
    pub roles: Vec<RoleMatch>,
    /// Groups that give no role.
    pub unmapped_groups: Vec<String>,
    /// Groups that are nearly equal to a group that would give a role.
    pub near_misses: Vec<NearMiss>,
    /// Claims that row rules need, and that are missing or have an unusable shape.
    pub missing_claims: Vec<MissingClaim>,
    /// The requested resource, if it does not exist, with a hint.
    pub unknown_resource: Option<String>,
    /// What can be done to each resource.
    pub resources: Vec<Access>,
}

/// A role, and why the person has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RoleMatch {
    /// Its name in configuration.
    pub name: String,
    /// Its label on pages.
    pub label: String,
    /// The person's groups that give it.
    pub groups: Vec<String>,
    /// The rule that matched each group.
    pub because: Vec<MatchedGroup>,
}

/// A group that gives a role, and the rule that matched it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MatchedGroup {
    /// The person's group.
    pub group: String,
    /// The rule, as `editors`, `glob team-*` or `staff at partner`.
    pub rule: String,
}

/// A missing claim, without which a row rule matches no row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MissingClaim {
    /// Its name.
    pub claim: String,
    /// The rule that needs it.
    pub rule: String,
    /// The place of the rule: "role editor, grant 2, on customers".
    pub at: String,
    /// Whether the claim is present but unusable.
    pub is_unusable: bool,
}

/// A person's rights on one resource.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Access {
    /// The resource's name in configuration.
    pub name: String,
    /// Its label on pages.
    pub label: String,
    /// Every verb.
    pub verbs: Vec<Verdict>,
    /// Columns that may not be read in any row.
    pub hidden: Vec<String>,
    /// Columns that may be read only in some rows, and in which.
    pub partly: Vec<String>,
    /// Columns that are visible, but never editable.
    pub read_only: Vec<String>,
    /// The visible rows, one line for each grant; empty for all rows.
    pub rows: Vec<String>,
    /// Step-up demands: "edit, delete: a sign-in within the last 5 minutes".
    pub asks: Vec<String>,
    /// The grants that apply: "role editor, grant 2: view, edit".
    pub because: Vec<String>,
    /// The same grants, each with what it covers.
    pub rules: Vec<Rule>,
}

impl Access {
    /// Whether the person has any right.
    pub fn is_anything(&self) -> bool {
        self.verbs.iter().any(|verdict| verdict.allowed)
    }
}

/// Whether a verb is granted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// The verb.
    #[serde(rename = "verb", serialize_with = "verb_name")]
    pub action: Action,
    /// Whether it is granted.
    pub allowed: bool,
    /// The grants that give it, or why it is not given although a grant names it.
    pub because: Vec<String>,
}

fn verb_name<S: serde::Serializer>(action: &Action, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(action.name())
}

/// Explains a person's rights, on one resource if `resource` is given.
pub fn explain(policy: &Policy, person: &Person, resource: Option<&str>) -> Explanation {
    let catalog = policy.catalog();
    let unknown_resource = resource.filter(|name| catalog.get(name).is_none());
    let asked = |found: &&std::sync::Arc<Resource>| resource.is_none_or(|name| found.name == name);
    Explanation {
        groups: person.groups.clone(),
        roles: roles(policy, person),
        unmapped_groups: unmapped(policy, person),
        near_misses: near::misses(policy, person),
        missing_claims: missing_claims(policy, person, resource),
        unknown_resource: unknown_resource.map(|name| {
            let names = catalog.iter().map(|resource| resource.name.as_str());
            let hint = crate::suggest::did_you_mean(name, names);
            format!("there is no resource \u{201c}{name}\u{201d}{hint}")
        }),
        resources: catalog
            .iter()
            .filter(asked)
            .map(|found| access(policy, person, found))
            .collect(),
    }
}

/// A person's rights on every resource where they have any.
#[cfg(test)]
pub fn matrix(policy: &Policy, person: &Person) -> Vec<Access> {
    let all = policy.catalog().iter();
    all.map(|resource| access(policy, person, resource))
        .filter(Access::is_anything)
        .collect()
}

fn roles(policy: &Policy, person: &Person) -> Vec<RoleMatch> {
    let roles = policy.roles(person).into_iter();
    roles
        .map(|role| RoleMatch {
            name: role.name.clone(),
            label: role.label.clone(),
            groups: role
                .groups_of(person)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            because: taken(role, person),
        })
        .collect()
}

fn taken(role: &Role, person: &Person) -> Vec<MatchedGroup> {
    let mappings = role.mappings.iter();
    let taken = mappings.filter_map(|mapping| Some((mapping, mapping.taken(person)?)));
    taken
        .map(|(mapping, group)| MatchedGroup {
            group: group.to_owned(),
            rule: mapping.rule.to_string(),
        })
        .collect()
}

fn unmapped(policy: &Policy, person: &Person) -> Vec<String> {
    let provider = person.provider.as_deref();
    let groups = person
        .groups
        .iter()
        .filter(|group| !policy.maps(provider, group));
    groups.cloned().collect()
}

fn missing_claims(policy: &Policy, person: &Person, resource: Option<&str>) -> Vec<MissingClaim> {
    let mut missing = Vec::new();
    for found in policy.catalog().iter() {
        if resource.is_some_and(|name| name != found.name) {
            continue;
        }
        for (role, grant) in policy.grants(person, &found.name) {
            for rule in &grant.rows {
                if !rule.resolve(found, &person.claims).is_nothing() {
                    continue;
                }
                missing.extend(rule.claims().map(|claim| MissingClaim {
                    claim: claim.to_owned(),
                    rule: rule.text().to_owned(),
                    at: text!(
                        "rule-source-on",
                        source = source(role, grant),
                        resource = found.name
                    ),
                    is_unusable: person.claims.contains_key(claim),
                }));
            }
        }
    }
    missing
}

/// A person's rights on one resource.
pub fn access(policy: &Policy, person: &Person, resource: &Resource) -> Access {
    let view = policy.permit::<View>(person, &resource.name).ok();
    let edit = policy.reach::<Edit>(person, &resource.name);
    let grants = policy.grants(person, &resource.name);
    let because = grants.map(|(role, grant)| {
        let verbs: Vec<&str> = grant.may.iter().map(|action| action.name()).collect();
        format!("{}: {}", source(role, grant), verbs.join(", "))
    });
    let verdicts = Action::ALL.map(|action| verdict(policy, person, resource, action));
    let columns = Columns {
        resource,
        view: view.as_ref(),
        edit: edit.as_ref(),
    };
    Access {
        name: resource.name.clone(),
        label: resource.label.clone(),
        verbs: verdicts.into(),
        hidden: columns.hidden(),
        partly: columns.partly(),
        read_only: columns.read_only(),
        rows: rows(policy, person, resource),
        asks: asks::asks(policy, person, resource),
        because: because.collect(),
        rules: policy
            .grants(person, &resource.name)
            .map(|(role, grant)| Rule::of(role, grant, resource, Some(person)))
            .collect(),
    }
}

fn verdict(policy: &Policy, person: &Person, resource: &Resource, action: Action) -> Verdict {
    let allowed = policy.may(person, &resource.name, action);
    let mut because: Vec<String> = policy
        .grants(person, &resource.name)
        .filter(|(_, grant)| grant.may.contains(&action))
        .map(|(role, grant)| source(role, grant))
        .collect();
    if !allowed && !because.is_empty() {
        because.push(if action.is_taken_by(resource) {
            text!("withheld-no-view")
        } else {
            text!("withheld-only-read")
        });
    }
    Verdict {
        action,
        allowed,
        because,
    }
}

/// The visible rows, one line for each grant; empty if a grant has no row rules.
fn rows(policy: &Policy, person: &Person, resource: &Resource) -> Vec<String> {
    let grants: Vec<&Grant> = policy
        .grants(person, &resource.name)
        .map(|(_, grant)| grant)
        .filter(|grant| grant.may.contains(&Action::View))
        .collect();
    if grants.iter().any(|grant| grant.rows.is_empty()) {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for grant in grants {
        let rules = grant.rows.iter();
        let rules: Vec<String> = rules
            .map(|rule| words::of_rule(rule, resource, person))
            .collect();
        let both = |one, other| text!("rules-and", one = one, other = other);
        let line = rules.into_iter().reduce(both).unwrap_or_default();
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// The columns of a resource, grouped by right.
struct Columns<'p> {
    resource: &'p Resource,
    view: Option<&'p Permit<View>>,
    edit: Option<&'p Reach<Edit>>,
}

impl Columns<'_> {
    fn named(&self, which: impl Fn(usize) -> bool) -> Vec<String> {
        let fields = self.resource.fields.iter().enumerate();
        fields
            .filter(|(column, _)| which(*column))
            .map(|(_, field)| field.label.clone())
            .collect()
    }

    fn hidden(&self) -> Vec<String> {
        match self.view {
            Some(view) => self.named(|column| view.reads(column) == Cover::Nowhere),
            None => Vec::new(),
        }
    }

    fn partly(&self) -> Vec<String> {
        let Some(view) = self.view else {
            return Vec::new();
        };
        let fields = self.resource.fields.iter().enumerate();
        fields
            .filter_map(|(column, field)| match view.reads(column) {
                // This limit is no grant: the log shows a row's label to those who may read that
                // label.
                Cover::Where(_) if self.resource.is_audit() => {
                    Some(text!("column-with-row", column = field.label))
                }
                Cover::Where(rows) => Some(text!(
                    "column-in-rows",
                    column = field.label,
                    rows = words::of_filter(&rows, self.resource)
                )),
                _ => None,
            })
            .collect()
    }

    fn read_only(&self) -> Vec<String> {
        let Some(edit) = self.edit else {
            return Vec::new();
        };
        self.named(|column| {
            edit.reads(column) != Cover::Nowhere && edit.writes(column) == Cover::Nowhere
        })
    }
}

#[cfg(test)]
mod tests;
