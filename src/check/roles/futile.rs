//! Finds settings that cannot work, although each line is valid alone.

use super::{ROLES, Report};
use crate::catalog::{Catalog, Field, Generated, Resource};
use crate::config::{Config, GrantConfig, Manage, RoleConfig, toml_key};
use crate::store::people::KnownPerson;
use std::collections::BTreeSet;

pub(super) fn check(
    config: &Config,
    catalog: Option<&Catalog>,
    people: &[KnownPerson],
    report: &mut Report,
) {
    check_managing(config, report);
    check_claims(config, people, report);
    for (name, role) in &config.roles {
        check_levels(config, name, role, report);
        let Some(catalog) = catalog else {
            continue;
        };
        for (number, grant) in (1_usize..).zip(&role.grants) {
            let key = format!("roles.{}.grants[{number}]", toml_key(name));
            let place = config.places.put_before(&key);
            check_grant(&place, role, grant, catalog, report);
        }
    }
}

fn check_managing(config: &Config, report: &mut Report) {
    let mut roles = config.roles.values();
    let manages =
        |role: &RoleConfig| role.manage.contains(&Manage::Roles) && !role.groups.is_empty();
    if !config.roles.is_empty() && !roles.any(manages) {
        report.note(
            ROLES,
            "no role in the file lets anybody manage roles in the panel: fine if roles are only \
             written in the file; otherwise add manage = [\"roles\"] to one",
        );
    }
}

/// Lists of sign-in levels without a common one: nobody can meet both.
fn check_levels(config: &Config, name: &str, role: &RoleConfig, report: &mut Report) {
    let numbered: Vec<(usize, &GrantConfig)> = (1_usize..).zip(&role.grants).collect();
    for (index, (number, grant)) in numbered.iter().enumerate() {
        for (other_number, other) in numbered.iter().skip(index + 1) {
            if !grant.on.iter().any(|on| on == "*" || other.on.contains(on))
                && !other.on.iter().any(|on| on == "*")
            {
                continue;
            }
            for (verb, demand) in &grant.step_up {
                let Some(another) = other.step_up.get(verb) else {
                    continue;
                };
                let excludes = !demand.acr.is_empty()
                    && !another.acr.is_empty()
                    && !demand.acr.iter().any(|acr| another.acr.contains(acr));
                if excludes {
                    let key = |number| {
                        format!("roles.{}.grants[{number}].step_up.{verb}", toml_key(name))
                    };
                    report.warn(
                        ROLES,
                        format!(
                            "{}: and {} demand sign-in levels (acr) that exclude each other, so \
                             nobody can {verb} where both grants are for the same resource",
                            config.places.put_before(&key(*number)),
                            key(*other_number)
                        ),
                        "write the same levels in both",
                    );
                }
            }
        }
    }
}

/// Claims in row rules that nobody has ever had: often a misspelt name.
fn check_claims(config: &Config, known: &[KnownPerson], report: &mut Report) {
    let told = known.iter().filter(|known| known.is_told());
    let told: Vec<&KnownPerson> = told.collect();
    if told.is_empty() {
        return;
    }
    let came: BTreeSet<&str> = told
        .iter()
        .flat_map(|known| known.person.claims.keys().map(String::as_str))
        .collect();
    for (name, role) in &config.roles {
        for (number, grant) in (1_usize..).zip(&role.grants) {
            for claim in grant.rows.iter().flat_map(|rule| claims_of(rule)) {
                if came.contains(claim) {
                    continue;
                }
                let key = format!("roles.{}.grants[{number}].rows", toml_key(name));
                let hint = match crate::suggest::nearest(claim, came.iter().copied()) {
                    Some(near) => format!("write {{claim.{near}}}, which came"),
                    None => {
                        format!("have the provider send the claim {claim}, or use one that comes")
                    }
                };
                report.warn(
                    ROLES,
                    format!(
                        "{}: needs the claim {claim}, which none of the {} known people has: the \
                         grant gives them no row",
                        config.places.put_before(&key),
                        told.len()
                    ),
                    hint,
                );
            }
        }
    }
}

/// The names of the claims in a condition.
fn claims_of(rule: &str) -> impl Iterator<Item = &str> {
    let parts = rule.split("{claim.").skip(1);
    parts.filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

fn check_grant(
    place: &str,
    role: &RoleConfig,
    grant: &GrantConfig,
    catalog: &Catalog,
    report: &mut Report,
) {
    for name in &grant.on {
        let Some(resource) = catalog.get(name) else {
            continue;
        };
        let gives = |verb: &str| grant.may.iter().any(|given| given == verb);
        if !resource.writable {
            let verbs = ["create", "edit", "delete"].into_iter();
            let verbs: Vec<&str> = verbs.filter(|verb| gives(verb)).collect();
            if !verbs.is_empty() {
                tell_read_only(place, resource, &verbs, report);
            }
            continue;
        }
        if gives("create") {
            check_create(place, role, resource, report);
        }
        if gives("edit") && is_all_fixed(grant, resource) {
            report.warn(
                ROLES,
                format!("{place}: gives edit on {name}, but no column of it can be edited"),
                "take columns out of read_only or hide, or take \"edit\" out",
            );
        }
    }
}

fn tell_read_only(place: &str, resource: &Resource, verbs: &[&str], report: &mut Report) {
    let table = &resource.table.name;
    let (why, remedy) = if resource.key.is_empty() {
        (
            "it is a view, or a table without a primary key",
            format!("add a primary key to {table}, or take these verbs out"),
        )
    } else {
        (
            "it is a view, or the database user may not write to it",
            format!("GRANT INSERT, UPDATE, DELETE ON {table} to the user, or take these verbs out"),
        )
    };
    report.warn(
        ROLES,
        format!(
            "{place}: gives {} on {}, which can only be read: {why}",
            verbs.join(", "),
            resource.name
        ),
        remedy,
    );
}

/// A required column that no grant of the role lets be written.
fn check_create(place: &str, role: &RoleConfig, resource: &Resource, report: &mut Report) {
    let must_be_given = |field: &&Field| {
        !field.nullable && field.default.is_none() && field.generated == Generated::No
    };
    let creating = || {
        role.grants.iter().filter(|grant| {
            let is_on = grant.on.iter().any(|on| on == "*" || *on == resource.name);
            is_on && grant.may.iter().any(|verb| verb == "create")
        })
    };
    for field in resource.fields.iter().filter(must_be_given) {
        let is_kept = |grant: &GrantConfig| {
            grant.hide.contains(&field.name) || grant.read_only.contains(&field.name)
        };
        if creating().all(is_kept) {
            report.warn(
                ROLES,
                format!(
                    "{place}: gives create on {}, but {} must be given and is hidden or read-only",
                    resource.name, field.name
                ),
                format!(
                    "take {} out of hide and read_only, give the column a default, or take \
                     \"create\" out",
                    field.name
                ),
            );
        }
    }
}

fn is_all_fixed(grant: &GrantConfig, resource: &Resource) -> bool {
    let is_open = |(index, field): (usize, &Field)| {
        !resource.key.contains(&index)
            && field.generated != Generated::Always
            && !grant.hide.contains(&field.name)
            && !grant.read_only.contains(&field.name)
    };
    !resource.fields.iter().enumerate().any(is_open)
}
