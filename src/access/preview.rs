//! Who gains or loses what when another policy takes the place of this one: pure, so that what is
//! shown before a change is what the change does.

mod reach;

use super::verb::Action;
use super::{Person, Policy};
use crate::config::Manage;
use reach::{Reaches, Scope};
use serde::Serialize;
use std::collections::HashMap;

/// What another policy does to the people who are known.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// Those it does the same to, together.
    pub affected: Vec<Affected>,
    /// How many it does nothing to.
    pub unaffected: usize,
}

/// People to whom the same happens.
#[derive(Debug, Clone, PartialEq)]
pub struct Affected {
    /// What happens.
    pub effect: Effect,
    /// To whom: places in the list that was given.
    pub people: Vec<usize>,
}

/// What somebody gains and loses.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Effect {
    /// Whether they may enter the panel from now on, or not any more; none if that stays.
    pub enters: Option<bool>,
    /// Names of roles.
    pub roles: Moved<String>,
    /// What of the panel itself they may manage.
    pub manage: Moved<Manage>,
    /// What they may do to resources.
    pub rights: Moved<Right>,
}

/// What is gained and what is lost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moved<T> {
    /// What comes.
    pub gained: Vec<T>,
    /// What goes.
    pub lost: Vec<T>,
}

/// Something that may be done to a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Right {
    /// The resource's name.
    pub resource: String,
    /// The verb.
    #[serde(serialize_with = "verb_name")]
    pub verb: Action,
    /// The columns it is about; empty: all that the verb is about.
    pub columns: Vec<String>,
    /// The columns it does not reach, when the verb itself comes or goes.
    pub without: Vec<String>,
    /// In which rows: alternatives, each of conditions that all hold; one without conditions is
    /// every row.
    pub rows: Vec<Vec<String>>,
    /// The rows in which it was there before, or is left; empty: nowhere.
    pub beside: Vec<Vec<String>>,
}

fn verb_name<S: serde::Serializer>(action: &Action, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(action.name())
}

impl<T> Default for Moved<T> {
    fn default() -> Self {
        Self {
            gained: Vec::new(),
            lost: Vec::new(),
        }
    }
}

impl<T: Clone + PartialEq> Moved<T> {
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

impl<T> Moved<T> {
    /// Whether nothing comes or goes.
    pub fn is_nothing(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty()
    }
}

impl Effect {
    /// Whether nothing happens.
    pub fn is_nothing(&self) -> bool {
        self.enters.is_none()
            && self.roles.is_nothing()
            && self.manage.is_nothing()
            && self.rights.is_nothing()
    }
}

impl Preview {
    /// What `new` in the place of `old` does to these people.
    pub fn of(old: &Policy, new: &Policy, people: &[Person]) -> Self {
        // People with the same roles before and after have the same happen to them.
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

    /// How many it does something to.
    pub fn count(&self) -> usize {
        let counts = self.affected.iter().map(|affected| affected.people.len());
        counts.sum()
    }

    /// What happens to one of the people.
    pub fn of_person(&self, place: usize) -> Option<&Effect> {
        let mut affected = self.affected.iter();
        let found = affected.find(|affected| affected.people.contains(&place));
        found.map(|affected| &affected.effect)
    }
}

/// Those of the people who may manage roles, by what their provider last told of them.
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
        roles: Moved::between(before, after),
        manage: Moved::between(&manage(old, before), &manage(new, after)),
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
