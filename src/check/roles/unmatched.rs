//! Rules that give a role to nobody of those who have signed in: often a group that is written
//! otherwise than it comes.

use super::{ROLES, Report};
use crate::access::{Mapping, Person};
use crate::config::RoleConfig;
use crate::store::people::Known;
use std::collections::BTreeMap;

pub(super) fn check(roles: &BTreeMap<String, RoleConfig>, known: &[Known], report: &mut Report) {
    let told = known.iter().filter(|known| known.is_told());
    let people: Vec<&Person> = told.map(|known| &known.person).collect();
    if people.is_empty() {
        return;
    }
    for (name, role) in roles {
        // What is no pattern is told elsewhere.
        let mappings = role
            .groups
            .iter()
            .filter_map(|rule| Mapping::new(rule).ok());
        for mapping in mappings {
            if people.iter().all(|person| mapping.taken(person).is_none()) {
                report.note(
                    ROLES,
                    format!(
                        "of {} who signed in, nobody came with a group that roles.{name}.groups \
                         \u{201c}{}\u{201d} takes: right if they are yet to come; else \
                         \u{201c}bailiwick explain --last-login\u{201d} shows what comes",
                        counted(people.len()),
                        mapping.rule
                    ),
                );
            }
        }
    }
}

fn counted(people: usize) -> String {
    match people {
        1 => "1 person".to_owned(),
        count => format!("{count} people"),
    }
}
