//! The policy: configuration checked against the catalog.

mod compile;
mod decide;
mod merge;

use super::group::Mapping;
use super::kept::{Fault, Origin};
use super::permit::Scope;
use super::person::Person;
use super::rule::RowRule;
use super::step_up::{Demand, Occasion};
use super::verb::Action;
use crate::catalog::{Catalog, Resource};
use crate::config::{GroupMatch, Manage, RoleConfig};
use crate::texts::text;
use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// The version of a policy without anything that the panel keeps.
const NOTHING_KEPT: i64 = -1;

/// Roles and what they give, ready to answer.
#[derive(Debug, Clone)]
pub struct Policy {
    catalog: Arc<Catalog>,
    roles: Vec<Role>,
    faults: Vec<Fault>,
    version: i64,
    /// What tells the group rules of this configuration from those of another.
    configured: u64,
}

/// A role.
#[derive(Debug, Clone)]
pub struct Role {
    /// Its name in configuration.
    pub name: String,
    /// What it is called on pages.
    pub label: String,
    /// Where it is written down.
    pub origin: Origin,
    /// What of a person's groups gives it.
    pub mappings: Vec<Mapping>,
    /// What of the panel itself it lets people manage.
    pub manage: Vec<Manage>,
    /// What managing it demands.
    pub step_up: Vec<(Manage, Demand)>,
    grants: HashMap<String, Vec<Grant>>,
}

/// What one `[[roles.NAME.grants]]` gives on one resource.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Which of the role's grants it is, counted from 1.
    pub number: usize,
    /// The verbs.
    pub may: Vec<Action>,
    /// Names of configured actions.
    pub actions: Vec<String>,
    /// Columns not covered.
    pub hide: Vec<usize>,
    /// Columns covered for reading only.
    pub read_only: Vec<usize>,
    /// Tests that all must hold for a row to be covered.
    pub rows: Vec<RowRule>,
    /// What its verbs demand of the person.
    pub step_up: Vec<(Occasion, Demand)>,
}

/// What in the configuration of roles cannot be used; the panel must then not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct PolicyError {
    /// The setting, such as `roles.editor.grants[1].hide`.
    pub path: String,
    /// What is wrong with it, and what would be right.
    pub reason: String,
}

/// The answer to someone who may not do what they asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", text!("right-not-given", right = self.what(), resource = self.resource))]
pub struct Denied {
    /// The verb that is missing.
    pub action: Action,
    /// The configured action that it is missing for, by its name.
    pub named: Option<String>,
    /// The resource as it was named; it need not exist.
    pub resource: String,
    /// What the person must prove first, if they have the right and it is only that.
    pub demand: Option<Demand>,
}

impl Denied {
    /// The right that is missing, as configuration names it.
    pub fn what(&self) -> String {
        match &self.named {
            Some(name) => format!("action:{name}"),
            None => self.action.name().to_owned(),
        }
    }

    /// The same with the resource, in words: "delete on orders".
    pub fn on(&self) -> String {
        text!("right-on", right = self.what(), resource = self.resource)
    }
}

impl Policy {
    /// Checks the roles against the catalog.
    ///
    /// # Errors
    /// Everything that is wrong, all at once.
    pub fn new(
        catalog: Arc<Catalog>,
        roles: &BTreeMap<String, RoleConfig>,
    ) -> Result<Self, Vec<PolicyError>> {
        let mut errors = Vec::new();
        let roles: Vec<Role> = roles
            .iter()
            .map(|(name, role)| Role {
                name: name.clone(),
                label: label_of(name, role),
                origin: Origin::Configured,
                mappings: compile::compile_mappings(name, &role.groups, &mut errors),
                manage: role.manage.clone(),
                step_up: compile::compile_managing(name, role, &mut errors),
                grants: compile::compile_grants(&catalog, name, &role.grants, &mut errors),
            })
            .collect();
        if errors.is_empty() {
            Ok(Self {
                catalog,
                configured: mark(&roles),
                roles,
                faults: Vec::new(),
                version: NOTHING_KEPT,
            })
        } else {
            Err(errors)
        }
    }

    /// The same against a catalog that has changed since the start. Each grant is taken on its own:
    /// one that does not fit gives nothing at all, not what is left of it, as what it hides may
    /// have another name now.
    pub fn that_fits(
        catalog: Arc<Catalog>,
        roles: &BTreeMap<String, RoleConfig>,
    ) -> (Self, Vec<PolicyError>) {
        let mut errors = Vec::new();
        let compiled = roles.iter().map(|(name, role)| {
            let mut grants: HashMap<String, Vec<Grant>> = HashMap::new();
            for (index, grant) in role.grants.iter().enumerate() {
                let mut grant = grant.clone();
                let is_there = |on: &String| on == "*" || catalog.get(on).is_some();
                grant.on.retain(is_there);
                let mut faults = Vec::new();
                let number = index + 1;
                let fitting = compile::compile_grant(&catalog, name, number, &grant, &mut faults);
                if faults.is_empty() {
                    for (resource, grant) in fitting {
                        grants.entry(resource).or_default().push(grant);
                    }
                }
                errors.append(&mut faults);
            }
            Role {
                name: name.clone(),
                label: label_of(name, role),
                origin: Origin::Configured,
                mappings: compile::compile_mappings(name, &role.groups, &mut Vec::new()),
                manage: role.manage.clone(),
                step_up: compile::compile_managing(name, role, &mut Vec::new()),
                grants,
            }
        });
        let roles: Vec<Role> = compiled.collect();
        let policy = Self {
            catalog: Arc::clone(&catalog),
            configured: mark(&roles),
            roles,
            faults: Vec::new(),
            version: NOTHING_KEPT,
        };
        (policy, errors)
    }

    /// What is administered.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// Every role, by name.
    pub fn all_roles(&self) -> &[Role] {
        &self.roles
    }

    /// The groups that give a role to people of a provider, as far as their rules name one.
    pub fn named_groups(&self, provider: Option<&str>) -> Vec<String> {
        let mappings = self.roles.iter().flat_map(|role| &role.mappings);
        mappings
            .map(|mapping| &mapping.rule)
            .filter(|rule| rule.how == GroupMatch::Is && rule.at.as_deref() == provider)
            .map(|rule| rule.text.clone())
            .collect()
    }

    /// The role of that name.
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// The roles of a person: those of all their groups together.
    pub fn roles(&self, person: &Person) -> Vec<&Role> {
        let roles = self.roles.iter();
        roles.filter(|role| role.is_had_by(person)).collect()
    }

    /// The names of a person's roles.
    pub fn role_names(&self, person: &Person) -> Vec<String> {
        let roles = self.roles(person).into_iter();
        roles.map(|role| role.name.clone()).collect()
    }

    /// Of a person's groups those that count: of each rule the one that it takes, in the order in
    /// which they came. They give the same roles as all of them.
    pub fn counted(&self, person: &Person) -> Vec<String> {
        let taken: Vec<&str> = self
            .roles
            .iter()
            .flat_map(|role| role.groups_of(person))
            .collect();
        let mut counted: Vec<String> = Vec::new();
        for group in &person.groups {
            if taken.contains(&group.as_str()) && !counted.contains(group) {
                counted.push(group.clone());
            }
        }
        counted
    }

    /// What these rules are called among all that this panel may have: where it is the same, the
    /// same groups count. It says nothing of what roles may do.
    pub fn rules(&self) -> String {
        format!("{:x}.{}", self.configured, self.version)
    }

    /// Whether the person has any role, and so may enter the panel.
    pub fn admits(&self, person: &Person) -> bool {
        self.roles.iter().any(|role| role.is_had_by(person))
    }

    /// Whether a group of a provider gives a role.
    pub fn maps(&self, provider: Option<&str>, group: &str) -> bool {
        let mut mappings = self.roles.iter().flat_map(|role| &role.mappings);
        mappings.any(|mapping| mapping.takes(provider, group))
    }

    /// The claims that row rules need to know.
    pub fn claims(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .roles
            .iter()
            .flat_map(|role| role.grants.values().flatten())
            .flat_map(|grant| grant.rows.iter().flat_map(RowRule::claims))
            .map(str::to_owned)
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

impl Role {
    /// Whether a person has the role.
    fn is_had_by(&self, person: &Person) -> bool {
        match &person.as_role {
            Some(role) => *role == self.name,
            None => self.mappings.iter().any(|m| m.taken(person).is_some()),
        }
    }

    /// The groups of a person that give the role, in the order of its mappings.
    pub fn groups_of<'p>(&self, person: &'p Person) -> Vec<&'p str> {
        let taken = self.mappings.iter().filter_map(|m| m.taken(person));
        let mut groups: Vec<&str> = Vec::new();
        for group in taken {
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        groups
    }

    /// What the role gives on a resource.
    pub fn grants_on(&self, resource: &str) -> &[Grant] {
        self.grants
            .get(resource)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}

impl Grant {
    /// What the grant gives to this person.
    pub fn scope(&self, resource: &Resource, person: &Person) -> Scope {
        let columns = 0..resource.fields.len();
        let readable: Vec<bool> = columns.map(|column| !self.hide.contains(&column)).collect();
        let writable = readable
            .iter()
            .enumerate()
            .map(|(column, reads)| *reads && !self.read_only.contains(&column))
            .collect();
        let rows = self
            .rows
            .iter()
            .map(|rule| rule.resolve(resource, &person.claims));
        Scope {
            rows: crate::catalog::Filter::All(rows.collect()),
            readable,
            writable,
        }
    }
}

fn mark(roles: &[Role]) -> u64 {
    let mut mark = DefaultHasher::new();
    for role in roles {
        role.name.hash(&mut mark);
        let rules = role.mappings.iter().map(|mapping| &mapping.rule);
        format!("{:?}", rules.collect::<Vec<_>>()).hash(&mut mark);
    }
    mark.finish()
}

/// What a role is called on pages.
pub(crate) fn label_of(name: &str, role: &RoleConfig) -> String {
    let label = role.label.clone();
    label.unwrap_or_else(|| capitalised(name))
}

fn capitalised(name: &str) -> String {
    let name = name.replace(['_', '-'], " ");
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => name,
    }
}
