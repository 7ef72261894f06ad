//! Step-up demands of the verbs that a person has.

use super::by_reason;
use crate::access::{Action, Occasion, Person, Policy};
use crate::catalog::Resource;
use crate::texts::text;

/// The step-up demands of a person's verbs on a resource. Verbs with the same demand are put
/// together: "edit, delete: a sign-in within the last 5 minutes".
pub(super) fn asks(policy: &Policy, person: &Person, resource: &Resource) -> Vec<String> {
    let name = &resource.name;
    let verbs = Action::ALL.into_iter();
    let verbs = verbs
        .filter(|action| policy.may(person, name, *action))
        .map(|action| (action.name().to_owned(), Occasion::Verb(action)));
    let bulk = (text!("many-rows-at-once"), Occasion::Bulk);
    let asked = verbs
        .chain(std::iter::once(bulk))
        .chain(named(policy, person, resource))
        .filter_map(|(what, occasion)| {
            let demand = policy.demand(person, name, &[occasion])?;
            Some((what, text!("asks-sign-in", demand = demand.to_string())))
        });
    by_reason(asked)
}

/// The configured actions that have a demand.
fn named(policy: &Policy, person: &Person, resource: &Resource) -> Vec<(String, Occasion)> {
    let mut names: Vec<String> = policy
        .grants(person, &resource.name)
        .flat_map(|(_, grant)| &grant.step_up)
        .filter_map(|(occasion, _)| match occasion {
            Occasion::Named(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    let occasion = |name: String| (format!("action:{name}"), Occasion::Named(name));
    names.into_iter().map(occasion).collect()
}
