//! Finds group rules that match nobody who has signed in: often a group is spelt differently by the
//! provider.

use super::{ROLES, Report};
use crate::access::{Mapping, Person};
use crate::config::RoleConfig;
use crate::store::people::KnownPerson;
use std::collections::BTreeMap;

pub(super) fn check(
    roles: &BTreeMap<String, RoleConfig>,
    known: &[KnownPerson],
    report: &mut Report,
) {
    let told = known.iter().filter(|known| known.is_told());
    let people: Vec<&Person> = told.map(|known| &known.person).collect();
    if people.is_empty() {
        return;
    }
    for (name, role) in roles {
        // Invalid patterns are reported elsewhere.
        let mappings = role
            .groups
            .iter()
            .filter_map(|rule| Mapping::new(rule).ok());
        for mapping in mappings {
            if people.iter().all(|person| mapping.taken(person).is_none()) {
                let near = nearest_group(&mapping, &people);
                let hint = match &near {
                    Some(near) => format!(
                        "; they came with \u{201c}{near}\u{201d}, which is \
                                           similar"
                    ),
                    None => String::new(),
                };
                report.note(
                    ROLES,
                    format!(
                        "of {} who signed in, nobody has a group that roles.{name}.groups \
                         \u{201c}{}\u{201d} matches{hint}: fine if they are yet to come; \
                         otherwise \u{201c}bailiwick explain --last-login\u{201d} shows what comes",
                        counted(people.len()),
                        mapping.rule
                    ),
                );
            }
        }
    }
}

/// The received group that is most similar to the one in a rule.
fn nearest_group(mapping: &Mapping, people: &[&Person]) -> Option<String> {
    let wanted = mapping.rule.exact()?;
    let came = people.iter().flat_map(|person| person.groups.iter());
    crate::suggest::nearest(wanted, came.map(String::as_str)).map(str::to_owned)
}

fn counted(people: usize) -> String {
    match people {
        1 => "1 person".to_owned(),
        count => format!("{count} people"),
    }
}
