//! What a set of roles covers (verbs, rows and columns), in a form that can be compared.

use super::{GainsAndLosses, Right, written};
use crate::access::policy::{Grant, Policy};
use crate::access::verb::Action;
use crate::catalog::Resource;
use std::collections::{BTreeMap, BTreeSet};

/// Conditions that must all hold; every row if empty.
pub(super) type Scope = BTreeSet<String>;

/// Rows and columns that a verb covers.
#[derive(Debug, Default, PartialEq)]
struct Reach {
    rows: Vec<Scope>,
    /// Only for verbs on columns.
    columns: BTreeMap<String, Vec<Scope>>,
}

/// Everything that a set of roles covers, by resource and verb.
#[derive(Debug, Default)]
pub(super) struct Reaches(BTreeMap<(String, Action), Reach>);

impl Reaches {
    pub(super) fn of(policy: &Policy, roles: &[String]) -> Self {
        let mut all = BTreeMap::new();
        for resource in policy.catalog().iter() {
            let roles = roles.iter().filter_map(|name| policy.role(name));
            let grants: Vec<&Grant> = roles
                .flat_map(|role| role.grants_on(&resource.name))
                .collect();
            for verb in Action::ALL {
                let reach = Reach::of(resource, &grants, verb);
                if !reach.rows.is_empty() {
                    all.insert((resource.name.clone(), verb), reach);
                }
            }
        }
        Self(all)
    }

    #[cfg(test)]
    pub(super) fn has(&self, resource: &str, verb: Action) -> bool {
        self.0.contains_key(&(resource.to_owned(), verb))
    }

    /// What is gained and lost from `self` to `new`.
    pub(super) fn moved_to(&self, new: &Self) -> GainsAndLosses<Right> {
        GainsAndLosses {
            gained: beyond(&new.0, &self.0),
            lost: beyond(&self.0, &new.0),
        }
    }
}

impl Reach {
    fn of(resource: &Resource, grants: &[&Grant], verb: Action) -> Self {
        let changes = matches!(
            verb,
            Action::Create | Action::Edit | Action::Delete | Action::Import
        );
        if changes && !verb.is_taken_by(resource) {
            return Self::default();
        }
        let giving = |verb: Action| {
            let grants = grants.iter().copied();
            grants.filter(move |grant| grant.may.contains(&verb))
        };
        let seen = least(giving(Action::View).map(scope).collect());
        // Every verb except these two applies only to visible rows.
        let cut = |scopes: Vec<Scope>| match verb {
            Action::View | Action::Create => least(scopes),
            _ => within(&scopes, &seen),
        };
        let mut columns = BTreeMap::new();
        for (index, field) in resource.fields.iter().enumerate() {
            let covers = |grant: &&Grant| match verb {
                Action::View => !grant.hide.contains(&index),
                Action::Create | Action::Edit => {
                    !grant.hide.contains(&index) && !grant.read_only.contains(&index)
                }
                _ => false,
            };
            let scopes = giving(verb).filter(covers).map(scope).collect();
            columns.insert(field.name.clone(), cut(scopes));
        }
        Self {
            rows: cut(giving(verb).map(scope).collect()),
            columns,
        }
    }
}

fn scope(grant: &Grant) -> Scope {
    let rows = grant.rows.iter().map(|rule| rule.text().to_owned());
    rows.collect()
}

/// Removes scopes that others cover: fewer conditions match more rows.
fn least(scopes: Vec<Scope>) -> Vec<Scope> {
    let all: BTreeSet<Scope> = scopes.into_iter().collect();
    let is_least = |scope: &&Scope| {
        let mut others = all.iter().filter(|other| other != scope);
        !others.any(|other| other.is_subset(scope))
    };
    all.iter().filter(is_least).cloned().collect()
}

/// The rows in both.
fn within(these: &[Scope], those: &[Scope]) -> Vec<Scope> {
    let pairs = these
        .iter()
        .flat_map(|one| those.iter().map(move |other| one.union(other).cloned()));
    least(pairs.map(Iterator::collect).collect())
}

/// The scopes that none of the others cover.
fn uncovered(these: &[Scope], those: &[Scope]) -> Vec<Scope> {
    let is_covered = |scope: &&Scope| those.iter().any(|other| other.is_subset(scope));
    these
        .iter()
        .filter(|scope| !is_covered(scope))
        .cloned()
        .collect()
}

/// What `these` cover beyond `those`.
fn beyond(
    these: &BTreeMap<(String, Action), Reach>,
    those: &BTreeMap<(String, Action), Reach>,
) -> Vec<Right> {
    let mut rights = Vec::new();
    for ((resource, verb), reach) in these {
        let right = |columns: Vec<String>, rows: &[Scope], beside: &[Scope]| Right {
            resource: resource.clone(),
            verb: *verb,
            columns,
            without: Vec::new(),
            rows: written(rows),
            beside: written(beside),
        };
        let Some(other) = those.get(&(resource.clone(), *verb)) else {
            let is_about_columns = reach.columns.values().any(|scopes| !scopes.is_empty());
            let without = reach.columns.iter();
            let without = without.filter(|(_, scopes)| is_about_columns && scopes.is_empty());
            rights.push(Right {
                without: without.map(|(name, _)| name.clone()).collect(),
                ..right(Vec::new(), &reach.rows, &[])
            });
            continue;
        };
        let rows = uncovered(&reach.rows, &other.rows);
        if !rows.is_empty() {
            rights.push(right(Vec::new(), &rows, &other.rows));
        }
        // Columns with the same change are put together. Those that change only with their rows are
        // left out.
        let mut by_rows: BTreeMap<(Vec<Scope>, Vec<Scope>), Vec<String>> = BTreeMap::new();
        for (name, scopes) in &reach.columns {
            let elsewhere = other.columns.get(name).map(Vec::as_slice);
            let elsewhere = elsewhere.unwrap_or_default();
            let more = uncovered(scopes, elsewhere);
            if !more.is_empty() && more != rows {
                let key = (more, elsewhere.to_vec());
                by_rows.entry(key).or_default().push(name.clone());
            }
        }
        for ((more, elsewhere), columns) in by_rows {
            rights.push(right(columns, &more, &elsewhere));
        }
    }
    rights
}
