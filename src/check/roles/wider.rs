//! Finds settings that probably give more than intended. Examples are grants that undo the limits
//! of others, and patterns that match nearly everybody. Another is a session that outlives a change
//! of groups.

use super::{ROLES, Report};
use crate::access::{Mapping, Person};
use crate::catalog::{Catalog, Resource};
use crate::config::{Config, GrantConfig, GroupRule, RoleConfig, duration, toml_key};
use crate::store::people::KnownPerson;
use std::time::Duration;

const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);

/// The number of people from which a pattern that matches all of them is reported.
const ENOUGH: usize = 3;

pub(super) fn check(
    config: &Config,
    catalog: Option<&Catalog>,
    people: &[KnownPerson],
    report: &mut Report,
) {
    check_ages(config, report);
    check_patterns(config, people, report);
    for (name, role) in &config.roles {
        for (number, grant) in (1_usize..).zip(&role.grants) {
            check_everything(name, number, grant, report);
            check_empty_rows(config, name, number, grant, report);
        }
    }
    if let Some(catalog) = catalog {
        check_undone(config, catalog, report);
    }
}

fn check_ages(config: &Config, report: &mut Report) {
    let session = &config.session;
    for (key, age, what) in [
        (
            "session.absolute",
            session.absolute,
            "a stolen session can be used",
        ),
        (
            "session.recheck",
            session.recheck,
            "somebody who left a group keeps its rights",
        ),
        (
            "session.grace",
            session.grace,
            "somebody who left a group keeps its rights while the provider is away",
        ),
    ] {
        if age > WEEK {
            report.warn(
                "session",
                format!(
                    "{}: {} is longer than a week: {what} for that long",
                    config.places.put_before(key),
                    duration::text(age)
                ),
                format!("lower {key}, unless that is meant"),
            );
        }
    }
}

/// Warns of a pattern that matches every known person, unless they all have the same group.
fn check_patterns(config: &Config, known: &[KnownPerson], report: &mut Report) {
    let told = known.iter().filter(|known| known.is_told());
    let people: Vec<&Person> = told.map(|known| &known.person).collect();
    for (name, role) in &config.roles {
        for (number, rule) in (1_usize..).zip(&role.groups) {
            let Some(mapping) = pattern(rule) else {
                continue;
            };
            let key = format!("roles.{}.groups[{number}]", toml_key(name));
            let taken = people.iter().filter(|who| mapping.taken(who).is_some());
            let taken = taken.count();
            if taken == people.len() && taken >= ENOUGH {
                report.warn(
                    ROLES,
                    format!(
                        "{}: \u{201c}{rule}\u{201d} matches all {taken} people who signed in so \
                         far",
                        config.places.put_before(&key)
                    ),
                    "name the groups that are meant, unless everybody is",
                );
            } else if !people.is_empty() {
                report.note(
                    ROLES,
                    format!(
                        "{key}: \u{201c}{rule}\u{201d} matches {taken} of the {} people who \
                         signed in so far",
                        people.len()
                    ),
                );
            }
        }
    }
}

fn pattern(rule: &GroupRule) -> Option<Mapping> {
    match rule.exact() {
        Some(_) => None,
        None => Mapping::new(rule).ok(),
    }
}

fn check_everything(name: &str, number: usize, grant: &GrantConfig, report: &mut Report) {
    if is_everywhere(grant) {
        report.note(
            ROLES,
            format!(
                "roles.{}.grants[{number}] is for every resource: the audit log, and tables that are \
                 added later, are among them",
                toml_key(name)
            ),
        );
    }
}

fn check_empty_rows(
    config: &Config,
    name: &str,
    number: usize,
    grant: &GrantConfig,
    report: &mut Report,
) {
    let key = format!("roles.{}.grants[{number}].rows", toml_key(name));
    if grant.rows.is_empty() && config.places.has(&key) {
        report.warn(
            ROLES,
            format!(
                "{}: is empty, so the grant covers every row",
                config.places.put_before(&key)
            ),
            "write the conditions, or remove rows",
        );
    }
}

/// A grant of a role on a resource that gives view.
struct Viewing<'c> {
    role: &'c str,
    groups: &'c [GroupRule],
    number: usize,
    grant: &'c GrantConfig,
}

impl Viewing<'_> {
    fn name(&self) -> String {
        format!("roles.{}.grants[{}]", toml_key(self.role), self.number)
    }

    /// Whether everybody with this grant has the other too: by the same role, or by its groups.
    fn comes_with(&self, other: &Viewing<'_>) -> bool {
        self.role == other.role
            || (!self.groups.is_empty()
                && self.groups.iter().all(|rule| {
                    let mut others = other.groups.iter();
                    others.any(|other| other.says_the_same(rule))
                }))
    }

    fn hides(&self, column: &str) -> bool {
        self.grant.hide.iter().any(|hidden| hidden == column)
    }
}

/// Limits without effect, because everybody who has them also has a grant without them.
fn check_undone(config: &Config, catalog: &Catalog, report: &mut Report) {
    for resource in catalog.iter() {
        let viewing = viewing(config, resource);
        for limited in &viewing {
            let wider = viewing.iter().find(|other| {
                let is_other = other.name() != limited.name();
                is_other && other.grant.rows.is_empty() && limited.comes_with(other)
            });
            if let Some(wider) = wider {
                tell_undone(config, resource, limited, wider, report);
            }
        }
    }
}

fn viewing<'c>(config: &'c Config, resource: &Resource) -> Vec<Viewing<'c>> {
    let on_it = |grant: &GrantConfig| {
        let is_on = is_everywhere(grant) || grant.on.contains(&resource.name);
        is_on && grant.may.iter().any(|verb| verb == "view")
    };
    let grants = |(name, role): (&'c String, &'c RoleConfig)| {
        let numbered = (1_usize..).zip(&role.grants);
        numbered.map(move |(number, grant)| Viewing {
            role: name,
            groups: &role.groups,
            number,
            grant,
        })
    };
    let all = config.roles.iter().flat_map(grants);
    all.filter(|viewing| on_it(viewing.grant)).collect()
}

fn tell_undone(
    config: &Config,
    resource: &Resource,
    limited: &Viewing<'_>,
    wider: &Viewing<'_>,
    report: &mut Report,
) {
    let mut gained = Vec::new();
    if !limited.grant.rows.is_empty() {
        gained.push("all rows".to_owned());
    }
    let hidden = resource.fields.iter().map(|field| field.name.as_str());
    let shown = hidden.filter(|column| limited.hides(column) && !wider.hides(column));
    let shown: Vec<&str> = shown.collect();
    if !shown.is_empty() {
        gained.push(format!("the hidden columns ({})", shown.join(", ")));
    }
    if gained.is_empty() {
        return;
    }
    report.warn(
        ROLES,
        format!(
            "{}: does not limit anybody on {}: whoever has it has {} too, which gives {}",
            config.places.put_before(&limited.name()),
            resource.name,
            wider.name(),
            gained.join(" and ")
        ),
        format!(
            "limit {} in the same way, or take one of them out",
            wider.name()
        ),
    );
}

fn is_everywhere(grant: &GrantConfig) -> bool {
    grant.on.iter().any(|name| name == "*")
}
