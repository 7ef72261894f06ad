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

/// The version of a policy without stored roles.
const NOTHING_KEPT: i64 = -1;

/// Compiled roles and grants.
#[derive(Debug, Clone)]
pub struct Policy {
    catalog: Arc<Catalog>,
    roles: Vec<Role>,
    faults: Vec<Fault>,
    version: i64,
    /// Identifies the configuration's group rules among others.
    configured: u64,
}

/// A role.
#[derive(Debug, Clone)]
pub struct Role {
    /// Its name in configuration.
    pub name: String,
    /// Its label on pages.
    pub label: String,
    /// Where it is defined.
    pub origin: Origin,
    /// The rules for groups that give it.
    pub mappings: Vec<Mapping>,
    /// Parts of the panel itself that it may manage.
    pub manage: Vec<Manage>,
    /// Step-up demands for managing.
    pub step_up: Vec<(Manage, Demand)>,
    grants: HashMap<String, Vec<Grant>>,
}

/// The rights that one `[[roles.NAME.grants]]` gives on one resource.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Its position among the role's grants, counted from 1.
    pub number: usize,
    /// The verbs.
    pub may: Vec<Action>,
    /// Names of configured actions.
    pub actions: Vec<String>,
    /// Hidden columns.
    pub hide: Vec<usize>,
    /// Columns that are visible, but not editable.
    pub read_only: Vec<usize>,
    /// Conditions that a row must meet, all of them.
    pub rows: Vec<RowRule>,
    /// Step-up demands of its verbs.
    pub step_up: Vec<(Occasion, Demand)>,
}

/// An invalid setting of a role; the panel must not start with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct PolicyError {
    /// The setting, such as `roles.editor.grants[1].hide`.
    pub path: String,
    /// The problem, and what would be valid.
    pub reason: String,
}

/// Why a person was denied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", text!("right-not-given", right = self.what(), resource = self.resource))]
pub struct Denied {
    /// The missing verb.
    pub action: Action,
    /// The configured action that was requested, by its name.
    pub named: Option<String>,
    /// The resource as requested; it need not exist.
    pub resource: String,
    /// The step-up that is required, if only that is missing.
    pub demand: Option<Demand>,
}

impl Denied {
    /// The missing right, as in the configuration.
    pub fn what(&self) -> String {
        match &self.named {
            Some(name) => format!("action:{name}"),
            None => self.action.name().to_owned(),
        }
    }

    /// The missing right with its resource, in words: "delete on orders".
    pub fn on(&self) -> String {
        text!("right-on", right = self.what(), resource = self.resource)
    }
}

impl Policy {
    /// Compiles and checks the roles against the catalog.
    ///
    /// # Errors
    /// All faults at once.
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

    /// Compiles the roles against a catalog that has changed since the start. A grant with any
    /// fault gives nothing at all: a column that it hides may have a new name.
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

    /// The catalog that the policy was compiled against.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// Every role, by name.
    pub fn all_roles(&self) -> &[Role] {
        &self.roles
    }

    /// The groups of a provider that give a role, as far as rules name them exactly.
    pub fn named_groups(&self, provider: Option<&str>) -> Vec<String> {
        let mappings = self.roles.iter().flat_map(|role| &role.mappings);
        mappings
            .map(|mapping| &mapping.rule)
            .filter(|rule| rule.how == GroupMatch::Is && rule.at.as_deref() == provider)
            .map(|rule| rule.text.clone())
            .collect()
    }

    /// The role with that name.
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// A person's roles: those of all their groups.
    pub fn roles(&self, person: &Person) -> Vec<&Role> {
        let roles = self.roles.iter();
        roles.filter(|role| role.is_had_by(person)).collect()
    }

    /// The names of a person's roles.
    pub fn role_names(&self, person: &Person) -> Vec<String> {
        let roles = self.roles(person).into_iter();
        roles.map(|role| role.name.clone()).collect()
    }

    /// The groups of a person that matter, in their original order: for each rule, the group it
    /// matches. They give the same roles as all groups.
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

    /// An identifier of these group rules: if it is the same, the same groups matter. It does not
    /// depend on what roles grant.
    pub fn rules(&self) -> String {
        format!("{:x}.{}", self.configured, self.version)
    }

    /// Whether the person has a role, and so may enter the panel.
    pub fn admits(&self, person: &Person) -> bool {
        self.roles.iter().any(|role| role.is_had_by(person))
    }

    /// Whether a group of a provider gives a role.
    pub fn maps(&self, provider: Option<&str>, group: &str) -> bool {
        let mut mappings = self.roles.iter().flat_map(|role| &role.mappings);
        mappings.any(|mapping| mapping.takes(provider, group))
    }

    /// The claims used in row rules.
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

    /// A person's groups that give the role, in the order of its rules.
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

    /// The role's grants on a resource.
    pub fn grants_on(&self, resource: &str) -> &[Grant] {
        self.grants
            .get(resource)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}

impl Grant {
    /// What the grant covers for this person.
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

/// A role's label on pages.
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
