//! Compiles configured grants against the catalog.

use super::{Grant, PolicyError};
use crate::access::group::Mapping;
use crate::access::rule::RowRule;
use crate::access::step_up::{Demand, Occasion};
use crate::access::verb::Action;
use crate::catalog::{Catalog, Resource};
use crate::config::{GrantConfig, GroupRule, Manage, RoleConfig, step_up, toml_key};
use crate::suggest::nearest;
use crate::texts::{any_of, text};
use std::collections::HashMap;
use std::sync::Arc;

/// Compiles the group rules of a role.
pub(super) fn compile_mappings(
    role: &str,
    rules: &[GroupRule],
    errors: &mut Vec<PolicyError>,
) -> Vec<Mapping> {
    let mut mappings = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        match Mapping::new(rule) {
            Ok(mapping) => mappings.push(mapping),
            Err(reason) => errors.push(PolicyError {
                path: format!("roles.{}.groups[{}]", toml_key(role), index + 1),
                reason,
            }),
        }
    }
    mappings
}

/// Compiles each grant of a role, by resource.
pub(super) fn compile_grants(
    catalog: &Catalog,
    role: &str,
    grants: &[GrantConfig],
    errors: &mut Vec<PolicyError>,
) -> HashMap<String, Vec<Grant>> {
    let mut compiled: HashMap<String, Vec<Grant>> = HashMap::new();
    for (index, grant) in grants.iter().enumerate() {
        for (resource, grant) in compile_grant(catalog, role, index + 1, grant, errors) {
            compiled.entry(resource).or_default().push(grant);
        }
    }
    compiled
}

/// Compiles one grant of a role, for each of its resources.
pub(super) fn compile_grant(
    catalog: &Catalog,
    role: &str,
    number: usize,
    grant: &GrantConfig,
    errors: &mut Vec<PolicyError>,
) -> Vec<(String, Grant)> {
    let path = format!("roles.{}.grants[{number}]", toml_key(role));
    let may = compile_verbs(&path, &grant.may, errors);
    let step_up = compile_step_up(&path, grant, errors);
    let everywhere = grant.on.iter().any(|name| name == "*");
    let on_one = |resource: &Resource, errors: &mut Vec<PolicyError>| {
        let columns = Columns {
            path: &path,
            resource,
            everywhere,
        };
        columns.check_key(&grant.hide, errors);
        Grant {
            number,
            may: may.clone(),
            actions: actions_of(grant).map(str::to_owned).collect(),
            hide: columns.indexes(&grant.hide),
            read_only: columns.indexes(&grant.read_only),
            rows: columns.rules(&grant.rows, errors),
            step_up: step_up.clone(),
        }
    };
    let mut compiled = Vec::new();
    for resource in resources_of(catalog, &path, &grant.on, errors) {
        compiled.push((resource.name.clone(), on_one(resource, errors)));
    }
    // A delete or change can reach tables that are not resources. A row rule that does not fit such
    // a table covers none of its rows.
    for table in catalog.hidden().filter(|_| everywhere) {
        let mut misfits = Vec::new();
        let on_it = on_one(table, &mut misfits);
        if misfits.is_empty() {
            compiled.push((table.name.clone(), on_it));
        }
    }
    check_columns_exist(catalog, &path, grant, errors);
    for name in actions_of(grant) {
        let mut on = compiled.iter().filter_map(|(on, _)| catalog.known(on));
        if !on.any(|resource| resource.action(name).is_some()) {
            errors.push(PolicyError {
                path: format!("{path}.may"),
                reason: text!("policy-no-action", action = name),
            });
        }
    }
    compiled
}

/// Compiles the demands of a grant's verbs. An invalid demand is an error and never skipped.
fn compile_step_up(
    path: &str,
    grant: &GrantConfig,
    errors: &mut Vec<PolicyError>,
) -> Vec<(Occasion, Demand)> {
    for (verb, reason) in step_up::wrong_in_grant(grant) {
        errors.push(PolicyError {
            path: format!("{path}.step_up.{verb}"),
            reason,
        });
    }
    let demands = grant.step_up.iter();
    demands
        .filter_map(|(name, demand)| Some((Occasion::named(name)?, Demand::of(demand))))
        .collect()
}

/// Compiles the demands for managing.
pub(super) fn compile_managing(
    name: &str,
    role: &RoleConfig,
    errors: &mut Vec<PolicyError>,
) -> Vec<(Manage, Demand)> {
    for (what, reason) in step_up::wrong_in_role(role) {
        errors.push(PolicyError {
            path: format!("roles.{}.step_up.{what}", toml_key(name)),
            reason,
        });
    }
    let named = |name: &str| Manage::ALL.into_iter().find(|what| what.name() == name);
    let demands = role.step_up.iter();
    demands
        .filter_map(|(name, demand)| Some((named(name)?, Demand::of(demand))))
        .collect()
}

/// Everything a grant can give, by its name.
const VERBS: [&str; 8] = [
    "view",
    "create",
    "edit",
    "delete",
    "export",
    "import",
    "history",
    "action:NAME",
];

fn compile_verbs(path: &str, names: &[String], errors: &mut Vec<PolicyError>) -> Vec<Action> {
    let mut verbs = Vec::new();
    for name in names {
        match Action::named(name) {
            Some(verb) => verbs.push(verb),
            None if name.starts_with("action:") => {}
            None => errors.push(PolicyError {
                path: format!("{path}.may"),
                reason: text!("policy-no-verb", verb = name, verbs = any_of(&VERBS)),
            }),
        }
    }
    verbs
}

/// The names of the configured actions in a grant.
fn actions_of(grant: &GrantConfig) -> impl Iterator<Item = &str> {
    let verbs = grant.may.iter();
    verbs.filter_map(|verb| verb.strip_prefix("action:"))
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
        match catalog.known(name) {
            Some(resource) => found.push(resource),
            None => errors.push(PolicyError {
                path: format!("{path}.on"),
                reason: match nearest(name, catalog.iter().map(|r| r.name.as_str())) {
                    Some(near) => text!("policy-no-resource-near", resource = name, near = near),
                    None => text!("policy-no-resource", resource = name),
                },
            }),
        }
    }
    found
}

/// The columns in a grant, looked up in one of its resources.
struct Columns<'g> {
    path: &'g str,
    resource: &'g Resource,
    everywhere: bool,
}

impl Columns<'_> {
    /// Skips columns that this resource lacks: a grant may cover several resources. That one of
    /// them has the column is checked in [`check_columns_exist`].
    fn indexes(&self, names: &[String]) -> Vec<usize> {
        let found = names.iter().filter_map(|name| self.resource.index_of(name));
        found.collect()
    }

    /// Refuses to hide key columns: rows are found, sorted and linked by their key.
    fn check_key(&self, hide: &[String], errors: &mut Vec<PolicyError>) {
        let key: Vec<&str> = self
            .resource
            .key_fields()
            .map(|field| field.name.as_str())
            .collect();
        for name in hide.iter().filter(|name| key.contains(&name.as_str())) {
            errors.push(PolicyError {
                path: format!("{}.hide", self.path),
                reason: text!(
                    "policy-key-hidden",
                    column = name,
                    resource = self.resource.name
                ),
            });
        }
    }

    /// Compiles row rules, which must fit every resource of the grant. Leaving out one that does
    /// not fit would widen access.
    fn rules(&self, texts: &[String], errors: &mut Vec<PolicyError>) -> Vec<RowRule> {
        let mut rules = Vec::new();
        for rule in texts {
            match RowRule::parse(self.resource, rule) {
                Ok(rule) => rules.push(rule),
                Err(error) => {
                    let (on, reason) = (&self.resource.name, error.to_string());
                    errors.push(PolicyError {
                        path: format!("{}.rows", self.path),
                        reason: if self.everywhere {
                            text!(
                                "policy-rule-everywhere",
                                rule = rule,
                                resource = on,
                                reason = reason
                            )
                        } else {
                            text!("policy-rule", rule = rule, resource = on, reason = reason)
                        },
                    });
                }
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
        .chain(catalog.hidden())
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
                    reason: match nearest(name, known) {
                        Some(near) => text!(
                            "policy-no-column-near",
                            column = name,
                            resources = grant.on.join(", "),
                            near = near
                        ),
                        None => text!(
                            "policy-no-column",
                            column = name,
                            resources = grant.on.join(", ")
                        ),
                    },
                });
            }
        }
    }
}
