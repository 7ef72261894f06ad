//! Near misses of groups: the most frequent reason why a person has no role.

use crate::access::{Person, Policy};
use crate::texts::{all_of, text};
use serde::Serialize;

/// A person's group that is nearly equal to one that would give a role.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NearMiss {
    /// The person's group.
    pub group: String,
    /// The group in the configuration.
    pub configured: String,
    /// The role it would give.
    pub role: String,
    /// How they differ.
    pub difference: String,
}

/// Groups that would give the person a new role, if they were spelt like the configured ones.
pub(super) fn misses(policy: &Policy, person: &Person) -> Vec<NearMiss> {
    let had = policy.roles(person);
    let others = policy
        .all_roles()
        .iter()
        .filter(|role| !had.iter().any(|known| known.name == role.name));
    let mut misses = Vec::new();
    for role in others {
        let rules = role.mappings.iter().map(|mapping| &mapping.rule);
        let rules = rules.filter(|rule| rule.at == person.provider);
        for configured in rules.filter_map(|rule| rule.exact()) {
            for group in &person.groups {
                if let Some(difference) = difference(group, configured) {
                    misses.push(NearMiss {
                        group: group.clone(),
                        configured: configured.to_owned(),
                        role: role.name.clone(),
                        difference,
                    });
                }
            }
        }
    }
    misses
}

/// Describes how two similar groups differ; `None` if they are equal or not similar.
fn difference(group: &str, configured: &str) -> Option<String> {
    if group == configured {
        return None;
    }
    let without_slash = |text: &str| text.trim().trim_start_matches('/').to_owned();
    let fold = |text: &str| without_slash(text).to_lowercase();
    if fold(group) != fold(configured) || fold(group).is_empty() {
        return None;
    }
    let mut ways = Vec::new();
    if without_slash(group) != without_slash(configured) {
        ways.push(text!("differs-case"));
    }
    if group.trim().starts_with('/') != configured.trim().starts_with('/') {
        ways.push(text!("differs-slash"));
    }
    if group.trim() != group || configured.trim() != configured {
        ways.push(text!("differs-blanks"));
    }
    Some(all_of(&ways))
}
