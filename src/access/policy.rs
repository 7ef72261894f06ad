//! The policy: configuration checked against the catalog, and the permits it gives.

use super::permit::{Permit, Scope};
use super::person::Person;
use super::rule::RowRule;
use super::verb::{Action, Verb};
use crate::catalog::{Catalog, Resource};
use crate::config::{GrantConfig, RoleConfig};
use crate::suggest::did_you_mean;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Roles and what they give, ready to answer.
#[derive(Debug, Clone)]
pub struct Policy {
    catalog: Arc<Catalog>,
    roles: Vec<Role>,
}

/// A role.
#[derive(Debug, Clone)]
pub struct Role {
    /// Its name in configuration.
    pub name: String,
    /// What it is called on pages.
    pub label: String,
    /// The groups that have it.
    pub groups: Vec<String>,
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
                label: role.label.clone().unwrap_or_else(|| capitalised(name)),
                groups: role.groups.clone(),
                grants: compile_grants(&catalog, name, &role.grants, &mut errors),
            })
            .collect();
        match errors.is_empty() {
            true => Ok(Self { catalog, roles }),
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

    /// The roles of a person: those of all their groups together. Groups are compared exactly.
    pub fn roles(&self, person: &Person) -> Vec<&Role> {
        self.roles
            .iter()
            .filter(|role| {
                role.groups
                    .iter()
                    .any(|group| person.groups.contains(group))
            })
            .collect()
    }

    /// Whether the person has any role, and so may enter the panel.
    pub fn admits(&self, person: &Person) -> bool {
        !self.roles(person).is_empty()
    }

    /// Whether a group gives a role.
    pub fn maps(&self, group: &str) -> bool {
        self.roles
            .iter()
            .any(|role| role.groups.iter().any(|known| known == group))
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

    /// Leave for a person to do `V` to a resource.
    ///
    /// # Errors
    /// [`Denied`] when no role of theirs gives it, and in the same words when there is no such
    /// resource.
    pub fn permit<V: Verb>(&self, person: &Person, resource: &str) -> Result<Permit<V>, Denied> {
        let denied = |action| Denied {
            action,
            resource: resource.to_owned(),
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

    /// Whether a permit would be given.
    pub fn may(&self, person: &Person, resource: &str, action: Action) -> bool {
        let Some(found) = self.catalog.get(resource) else {
            return false;
        };
        (found.writable || !changes(action))
            && self.gives(person, found, action)
            && (matches!(action, Action::Create | Action::View)
                || self.gives(person, found, Action::View))
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

fn capitalised(name: &str) -> String {
    let name = name.replace(['_', '-'], " ");
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => name,
    }
}

fn compile_grants(
    catalog: &Catalog,
    role: &str,
    grants: &[GrantConfig],
    errors: &mut Vec<PolicyError>,
) -> HashMap<String, Vec<Grant>> {
    let mut compiled: HashMap<String, Vec<Grant>> = HashMap::new();
    for (index, grant) in grants.iter().enumerate() {
        let path = format!("roles.{role}.grants[{}]", index + 1);
        let may = compile_verbs(&path, &grant.may, errors);
        for resource in resources_of(catalog, &path, &grant.on, errors) {
            let everywhere = grant.on.iter().any(|name| name == "*");
            let columns = Columns {
                path: &path,
                resource,
                everywhere,
            };
            let compiled_grant = Grant {
                number: index + 1,
                may: may.clone(),
                hide: columns.indexes(&grant.hide),
                read_only: columns.indexes(&grant.read_only),
                rows: columns.rules(&grant.rows, errors),
            };
            compiled
                .entry(resource.name.clone())
                .or_default()
                .push(compiled_grant);
        }
        check_columns_exist(catalog, &path, grant, errors);
    }
    compiled
}

fn compile_verbs(path: &str, names: &[String], errors: &mut Vec<PolicyError>) -> Vec<Action> {
    let mut verbs = Vec::new();
    for name in names {
        match Action::named(name) {
            Some(verb) => verbs.push(verb),
            None if name.starts_with("action:") => {}
            None => errors.push(PolicyError {
                path: format!("{path}.may"),
                reason: format!(
                    "\u{201c}{name}\u{201d} is not a verb; use view, create, edit, delete, export, \
                     import, history or action:NAME"
                ),
            }),
        }
    }
    verbs
}

fn resources_of<'c>(
    catalog: &'c Catalog,
    path: &str,
    names: &[String],
    errors: &mut Vec<PolicyError>,
) -> Vec<&'c Arc<Resource>> {
    if names.iter().any(|name| name == "*") {
        return catalog.iter().collect();
    }
    let mut found: Vec<&Arc<Resource>> = Vec::new();
    for name in names {
        match catalog.get(name) {
            Some(resource) => found.push(resource),
            None => errors.push(PolicyError {
                path: format!("{path}.on"),
                reason: format!(
                    "there is no resource \u{201c}{name}\u{201d}{}",
                    did_you_mean(name, catalog.iter().map(|r| r.name.as_str()))
                ),
            }),
        }
    }
    found
}

/// The columns that a grant names, looked up in one of its resources.
struct Columns<'g> {
    path: &'g str,
    resource: &'g Resource,
    everywhere: bool,
}

impl Columns<'_> {
    /// A grant on several resources may hide a column that only some of them have; that one of
    /// them has it is checked in [`check_columns_exist`].
    fn indexes(&self, names: &[String]) -> Vec<usize> {
        let found = names.iter().filter_map(|name| self.resource.index_of(name));
        found.collect()
    }

    /// Row rules must fit every resource of the grant: one that does not fit cannot be left out
    /// without widening access.
    fn rules(&self, texts: &[String], errors: &mut Vec<PolicyError>) -> Vec<RowRule> {
        let mut rules = Vec::new();
        for text in texts {
            match RowRule::parse(self.resource, text) {
                Ok(rule) => rules.push(rule),
                Err(error) => errors.push(PolicyError {
                    path: format!("{}.rows", self.path),
                    reason: format!(
                        "\u{201c}{text}\u{201d} on {}: {error}{}",
                        self.resource.name,
                        if self.everywhere {
                            "; name the resources this rule is for instead of \u{201c}*\u{201d}"
                        } else {
                            ""
                        }
                    ),
                }),
            }
        }
        rules
    }
}

fn check_columns_exist(
    catalog: &Catalog,
    path: &str,
    grant: &GrantConfig,
    errors: &mut Vec<PolicyError>,
) {
    let everywhere = grant.on.iter().any(|name| name == "*");
    let resources: Vec<&Arc<Resource>> = catalog
        .iter()
        .filter(|resource| everywhere || grant.on.contains(&resource.name))
        .collect();
    for (setting, names) in [("hide", &grant.hide), ("read_only", &grant.read_only)] {
        for name in names {
            if !resources
                .iter()
                .any(|resource| resource.index_of(name).is_some())
            {
                let known = resources
                    .iter()
                    .flat_map(|r| r.fields.iter().map(|f| f.name.as_str()));
                errors.push(PolicyError {
                    path: format!("{path}.{setting}"),
                    reason: format!(
                        "there is no column \u{201c}{name}\u{201d} in {}{}",
                        grant.on.join(", "),
                        did_you_mean(name, known)
                    ),
                });
            }
        }
    }
}
