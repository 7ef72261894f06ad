//! Computes who gains or loses what if another policy replaces this one. A pure function, so the
//! preview shows exactly what the change does.

mod reach;

use super::verb::Action;
use super::{Person, Policy};
use crate::config::Manage;
use reach::{Reaches, Scope};
use serde::Serialize;
use std::collections::HashMap;

/// The effect of another policy on known people.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// Affected people, grouped by effect.
    pub affected: Vec<Affected>,
    /// The number of unaffected people.
    pub unaffected: usize,
}

/// People with the same effect.
#[derive(Debug, Clone, PartialEq)]
pub struct Affected {
    /// The effect.
    pub effect: Effect,
    /// The people, as indexes into the given list.
    pub people: Vec<usize>,
}

/// What somebody gains and loses.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Effect {
    /// Whether they may enter the panel from now on; none if that does not change.
    pub enters: Option<bool>,
    /// Names of roles.
    pub roles: GainsAndLosses<String>,
    /// Parts of the panel itself that they may manage.
    pub manage: GainsAndLosses<Manage>,
    /// Rights on resources.
    pub rights: GainsAndLosses<Right>,
}

/// What is gained and what is lost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GainsAndLosses<T> {
    /// What is gained.
    pub gained: Vec<T>,
    /// What is lost.
    pub lost: Vec<T>,
}

/// A right on a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Right {
    /// The resource's name.
    pub resource: String,
    /// The verb.
    #[serde(serialize_with = "verb_name")]
    pub verb: Action,
    /// The columns it concerns; empty for all columns of the verb.
    pub columns: Vec<String>,
    /// The columns it does not cover, if the verb itself is gained or lost.
    pub without: Vec<String>,
    /// The rows, as alternatives; all conditions of an alternative must hold. An alternative
    /// without conditions is every row.
    pub rows: Vec<Vec<String>>,
    /// The rows in which the right existed before, or remains; empty for none.
    pub beside: Vec<Vec<String>>,
}

fn verb_name<S: serde::Serializer>(action: &Action, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(action.name())
}

impl<T> Default for GainsAndLosses<T> {
    fn default() -> Self {
        Self {
            gained: Vec::new(),
            lost: Vec::new(),
        }
    }
}

impl<T: Clone + PartialEq> GainsAndLosses<T> {
    fn between(old: &[T], new: &[T]) -> Self {
        let beyond = |these: &[T], those: &[T]| {
            let beyond = these.iter().filter(|item| !those.contains(item));
            beyond.cloned().collect()
        };
        Self {
            gained: beyond(new, old),
            lost: beyond(old, new),
        }
    }
}

impl<T> GainsAndLosses<T> {
    /// Whether nothing is gained or lost.
    pub fn is_nothing(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty()
    }
}

impl Effect {
    /// Whether nothing changes.
    pub fn is_nothing(&self) -> bool {
        self.enters.is_none()
            && self.roles.is_nothing()
            && self.manage.is_nothing()
            && self.rights.is_nothing()
    }
}

impl Preview {
    /// The effect on these people when `new` replaces `old`.
    pub fn of(old: &Policy, new: &Policy, people: &[Person]) -> Self {
        // People with the same roles before and after have the same effect.
        let mut known: HashMap<(Vec<String>, Vec<String>), usize> = HashMap::new();
        let mut all: Vec<Affected> = Vec::new();
        for (place, person) in people.iter().enumerate() {
            let held = (names(old, person), names(new, person));
            let at = *known.entry(held).or_insert_with_key(|(before, after)| {
                all.push(Affected {
                    effect: effect((old, before), (new, after)),
                    people: Vec::new(),
                });
                all.len() - 1
            });
            if let Some(affected) = all.get_mut(at) {
                affected.people.push(place);
            }
        }
        let mut together: Vec<Affected> = Vec::new();
        let mut unaffected = 0;
        for affected in all {
            if affected.effect.is_nothing() {
                unaffected += affected.people.len();
                continue;
            }
            let mut same = together.iter_mut();
            match same.find(|other| other.effect == affected.effect) {
                Some(other) => other.people.extend(affected.people),
                None => together.push(affected),
            }
        }
        for affected in &mut together {
            affected.people.sort_unstable();
        }
        Self {
            affected: together,
            unaffected,
        }
    }

    /// The number of affected people.
    pub fn count(&self) -> usize {
        let counts = self.affected.iter().map(|affected| affected.people.len());
        counts.sum()
    }

    /// The effect on one of the people.
    pub fn of_person(&self, place: usize) -> Option<&Effect> {
        let mut affected = self.affected.iter();
        let found = affected.find(|affected| affected.people.contains(&place));
        found.map(|affected| &affected.effect)
    }
}

/// The people who may manage roles, by their last known groups.
pub fn owners<'p>(
    policy: &'p Policy,
    people: impl IntoIterator<Item = &'p Person>,
) -> impl Iterator<Item = &'p Person> {
    let people = people.into_iter();
    people.filter(|person| policy.manages(person, Manage::Roles))
}

fn names(policy: &Policy, person: &Person) -> Vec<String> {
    let roles = policy.roles(person).into_iter();
    roles.map(|role| role.name.clone()).collect()
}

fn manage(policy: &Policy, roles: &[String]) -> Vec<Manage> {
    let is_given = |what: &Manage| {
        let mut roles = roles.iter().filter_map(|name| policy.role(name));
        roles.any(|role| role.manage.contains(what))
    };
    Manage::ALL.into_iter().filter(is_given).collect()
}

fn effect((old, before): (&Policy, &[String]), (new, after): (&Policy, &[String])) -> Effect {
    let (may_before, may_after) = (Reaches::of(old, before), Reaches::of(new, after));
    Effect {
        enters: match (before.is_empty(), after.is_empty()) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        },
        roles: GainsAndLosses::between(before, after),
        manage: GainsAndLosses::between(&manage(old, before), &manage(new, after)),
        rights: may_before.moved_to(&may_after),
    }
}

fn written(scopes: &[Scope]) -> Vec<Vec<String>> {
    let scopes = scopes.iter();
    scopes
        .map(|scope| scope.iter().cloned().collect())
        .collect()
}

#[cfg(test)]
mod tests;
