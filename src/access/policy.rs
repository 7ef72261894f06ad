//! The policy: configuration checked against the catalog, and the permits it gives.

mod compile;
mod merge;

use super::cut::AuditCut;
use super::group::Mapping;
use super::kept::{Fault, Origin};
use super::permit::{Permit, Scope};
use super::person::Person;
use super::reach::Reach;
use super::rule::RowRule;
use super::step_up::{Assurance, Demand, Occasion, Unmanaged};
use super::verb::{Action, Verb, View};
use crate::catalog::{Catalog, Resource};
use crate::config::{Manage, RoleConfig};
use std::collections::{BTreeMap, HashMap};
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
#[error("{} on {resource} is not given", action.name())]
pub struct Denied {
    /// The verb that is missing.
    pub action: Action,
    /// The resource as it was named; it need not exist.
    pub resource: String,
    /// What the person must prove first, if they have the right and it is only that.
    pub demand: Option<Demand>,
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
        let roles = roles
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
        match errors.is_empty() {
            true => Ok(Self {
                catalog,
                roles,
                faults: Vec::new(),
                version: NOTHING_KEPT,
            }),
            false => Err(errors),
        }
    }

    /// What is administered.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// Every role, by name.
    pub fn all_roles(&self) -> &[Role] {
        &self.roles
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

    /// Whether the person has any role, and so may enter the panel.
    pub fn admits(&self, person: &Person) -> bool {
        self.roles.iter().any(|role| role.is_had_by(person))
    }

    /// Whether a person may manage something of the panel itself.
    pub fn manages(&self, person: &Person, what: Manage) -> bool {
        let mut roles = self.roles(person).into_iter();
        roles.any(|role| role.manage.contains(&what))
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

    /// Leave for a person to do `V` to a resource, of whom it is not known how they proved who
    /// they are: a verb that demands anything of that is denied.
    ///
    /// # Errors
    /// As [`Policy::permit_assured`].
    pub fn permit<V: Verb>(&self, person: &Person, resource: &str) -> Result<Permit<V>, Denied> {
        self.permit_assured(person, resource, &Assurance::none())
    }

    /// Leave for a person to do `V` to a resource.
    ///
    /// # Errors
    /// [`Denied`] when no role of theirs gives it, in the same words when there is no such
    /// resource, and with the demand when they must prove first who they are.
    pub fn permit_assured<V: Verb>(
        &self,
        person: &Person,
        resource: &str,
        assurance: &Assurance,
    ) -> Result<Permit<V>, Denied> {
        self.permit_on(person, resource, assurance, &[Occasion::Verb(V::ACTION)])
    }

    /// The same for many rows at once, which may demand more.
    ///
    /// # Errors
    /// As [`Policy::permit_assured`].
    pub fn permit_in_bulk<V: Verb>(
        &self,
        person: &Person,
        resource: &str,
        assurance: &Assurance,
    ) -> Result<Permit<V>, Denied> {
        let occasions = [Occasion::Verb(V::ACTION), Occasion::Bulk];
        self.permit_on(person, resource, assurance, &occasions)
    }

    fn permit_on<V: Verb>(
        &self,
        person: &Person,
        resource: &str,
        assurance: &Assurance,
        occasions: &[Occasion],
    ) -> Result<Permit<V>, Denied> {
        let permit = self.uncut_permit(person, resource)?;
        if let Some(demand) = self.demand(person, resource, occasions)
            && !demand.is_met_by(assurance)
        {
            return Err(Denied {
                action: V::ACTION,
                resource: resource.to_owned(),
                demand: Some(demand),
            });
        }
        match permit.resource().is_audit() {
            true => {
                let cut = self.audit_cut(person, permit.resource());
                Ok(permit.with_cut(cut))
            }
            false => Ok(permit),
        }
    }

    /// What these occasions together demand of a person: all that any of their grants demands of
    /// them.
    pub fn demand(
        &self,
        person: &Person,
        resource: &str,
        occasions: &[Occasion],
    ) -> Option<Demand> {
        let grants = self.grants(person, resource);
        let all = grants.flat_map(|(_, grant)| &grant.step_up);
        let here = all.filter(|(occasion, _)| occasions.contains(occasion));
        Demand::all(here.map(|(_, demand)| demand.clone()))
    }

    /// What a permit would cover, whatever it demands first. It is for what pages show.
    pub fn reach<V: Verb>(&self, person: &Person, resource: &str) -> Option<Reach<V>> {
        self.uncut_permit(person, resource).ok().map(Reach::new)
    }

    /// Whether a person may manage something of the panel itself now.
    ///
    /// # Errors
    /// [`Unmanaged`] when no role of theirs lets them, or they must prove first who they are.
    pub fn manage(
        &self,
        person: &Person,
        what: Manage,
        assurance: &Assurance,
    ) -> Result<(), Unmanaged> {
        if !self.manages(person, what) {
            return Err(Unmanaged::NotGiven(what));
        }
        let roles = self.roles(person).into_iter();
        let demands = roles
            .flat_map(|role| &role.step_up)
            .filter(|(of, _)| *of == what);
        match Demand::all(demands.map(|(_, demand)| demand.clone())) {
            Some(demand) if !demand.is_met_by(assurance) => Err(Unmanaged::Demand(what, demand)),
            _ => Ok(()),
        }
    }

    /// What a person may see of the audit log.
    pub fn audit_cut(&self, person: &Person, audit: &Resource) -> AuditCut {
        let permits = self
            .catalog
            .iter()
            .filter_map(|resource| self.uncut_permit::<View>(person, &resource.name).ok());
        AuditCut::new(audit, permits)
    }

    /// Leave by right alone: whether its demands are met is not looked at.
    fn uncut_permit<V: Verb>(&self, person: &Person, resource: &str) -> Result<Permit<V>, Denied> {
        let denied = |action| Denied {
            action,
            resource: resource.to_owned(),
            demand: None,
        };
        let found = self
            .catalog
            .get(resource)
            .ok_or_else(|| denied(V::ACTION))?;
        if changes(V::ACTION) && !found.writable {
            return Err(denied(V::ACTION));
        }
        let act = self.scopes(person, found, V::ACTION);
        if act.is_empty() {
            return Err(denied(V::ACTION));
        }
        let view = match V::ACTION {
            Action::View => act.clone(),
            _ => self.scopes(person, found, Action::View),
        };
        if view.is_empty() && V::ACTION != Action::Create {
            return Err(denied(Action::View));
        }
        Ok(Permit::new(Arc::clone(found), view, act))
    }

    /// Whether a permit would be given, once its demands are met: whether its buttons are shown.
    pub fn may(&self, person: &Person, resource: &str, action: Action) -> bool {
        let Some(found) = self.catalog.get(resource) else {
            return false;
        };
        (found.writable || !changes(action))
            && self.gives(person, found, action)
            && (matches!(action, Action::Create | Action::View)
                || self.gives(person, found, Action::View))
    }

    /// Whether a person may view a resource, and if so whether they reach every row of it.
    pub fn views(&self, person: &Person, resource: &Resource) -> Option<bool> {
        let mut found = None;
        for (_, grant) in self.grants(person, &resource.name) {
            if grant.may.contains(&Action::View) {
                found = Some(found.unwrap_or(false) || grant.rows.is_empty());
            }
        }
        found
    }

    /// The grants of a person's roles on a resource, each with the role that gives it.
    pub fn grants<'p>(
        &'p self,
        person: &'p Person,
        resource: &'p str,
    ) -> impl Iterator<Item = (&'p Role, &'p Grant)> {
        self.roles(person).into_iter().flat_map(move |role| {
            let grants = role.grants.get(resource).map(Vec::as_slice);
            grants
                .unwrap_or_default()
                .iter()
                .map(move |grant| (role, grant))
        })
    }

    fn gives(&self, person: &Person, resource: &Resource, action: Action) -> bool {
        self.grants(person, &resource.name)
            .any(|(_, grant)| grant.may.contains(&action))
    }

    fn scopes(&self, person: &Person, resource: &Resource, action: Action) -> Vec<Scope> {
        self.grants(person, &resource.name)
            .filter(|(_, grant)| grant.may.contains(&action))
            .map(|(_, grant)| grant.scope(resource, person))
            .collect()
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

fn changes(action: Action) -> bool {
    matches!(
        action,
        Action::Create | Action::Edit | Action::Delete | Action::Import
    )
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
