//! Checks the resources and roles in the file: that they fit the database, and that somebody can
//! sign in.

mod futile;
mod unmatched;
mod wider;

use super::Report;
use super::database::KnownDatabase;
use crate::access::{Policy, StoredRoles};
use crate::catalog::{Catalog, Resource, schema::Schema};
use crate::config::{Config, GroupRule, RoleConfig};
use crate::data::schema;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

const RESOURCES: &str = "resources";
const ROLES: &str = "roles";

pub(super) fn check(config: &Config, looked: &KnownDatabase, report: &mut Report) {
    let schema = looked.schema.as_ref();
    let catalog = schema.and_then(|schema| check_resources(config, schema, looked, report));
    let catalog = catalog.map(Arc::new);
    check_fit(config, catalog.clone(), looked, report);
    check_entry(&together(config, &looked.kept), report);
    let folded = folded(&config.roles);
    for (name, role) in &config.roles {
        check_groups(name, role, config, &folded, report);
    }
    unmatched::check(&config.roles, &looked.people, report);
    wider::check(config, catalog.as_deref(), &looked.people, report);
    futile::check(config, catalog.as_deref(), &looked.people, report);
}

/// The configured catalog; without the configuration if that does not fit.
fn check_resources(
    config: &Config,
    schema: &Schema,
    looked: &KnownDatabase,
    report: &mut Report,
) -> Option<Catalog> {
    let plain = || Catalog::of(schema, &BTreeMap::new()).ok();
    let catalog = match Catalog::of(schema, &config.resources) {
        Ok(catalog) => catalog,
        Err(errors) => {
            for error in errors {
                let remedy = format!("correct {}, or remove it", error.setting);
                let remedy = remedy_for_unseen(looked, &error.message).unwrap_or(remedy);
                let setting = config.places.put_before(&error.setting);
                report.fail(RESOURCES, format!("{setting}: {}", error.message), remedy);
            }
            return plain();
        }
    };
    let shown: Vec<&Resource> = catalog
        .iter()
        .map(|resource| &**resource)
        .filter(|resource| !resource.is_audit())
        .collect();
    if shown.is_empty() {
        let elsewhere: Vec<String> = looked
            .elsewhere
            .iter()
            .map(|(schema, tables)| format!("{schema:?} ({tables})"))
            .collect();
        let remedy = if elsewhere.is_empty() {
            "GRANT SELECT on the tables to the database user".to_owned()
        } else {
            format!(
                "name the schema in database.schemas: there are tables in {}; or GRANT USAGE ON \
                 SCHEMA and SELECT on the tables to the database user",
                elsewhere.join(", ")
            )
        };
        report.warn(
            RESOURCES,
            "there is no table that the database user may read",
            remedy,
        );
        return Some(catalog);
    }
    let read_only = shown.iter().filter(|resource| !resource.writable).count();
    let tail = match read_only {
        0 => String::new(),
        count => format!("; {count} of them can only be read (views, and tables without a key)"),
    };
    report.ok(
        RESOURCES,
        format!("{} can be administered{tail}", counted(shown.len())),
    );
    Some(catalog)
}

fn counted(count: usize) -> String {
    match count {
        1 => "1 resource".to_owned(),
        count => format!("{count} resources"),
    }
}

fn check_fit(
    config: &Config,
    catalog: Option<Arc<Catalog>>,
    looked: &KnownDatabase,
    report: &mut Report,
) {
    let Some(catalog) = catalog else {
        return;
    };
    match Policy::new(catalog, &config.roles) {
        Ok(policy) => {
            if !config.roles.is_empty() {
                report.ok(ROLES, "their grants fit the database");
            }
            let kept = &looked.kept;
            check_kept(&policy.with_kept(kept), kept, report);
        }
        Err(errors) => {
            for error in errors {
                let remedy = remedy_for_unseen(looked, &error.reason)
                    .unwrap_or_else(|| format!("correct {}", error.path));
                let path = config.places.put_before(&error.path);
                report.fail(ROLES, format!("{path}: {}", error.reason), remedy);
            }
        }
    }
}

/// The remedy for a missing resource that the database does have.
fn remedy_for_unseen(looked: &KnownDatabase, message: &str) -> Option<String> {
    let is_meant = |table: &str| {
        let names = [format!("\"{table}\""), format!("\u{201c}{table}\u{201d}")];
        let mut names = names.iter();
        names.any(|name| message.starts_with(&format!("there is no resource {name}")))
    };
    let is_named = |unseen: &&schema::UnlistedTable| {
        is_meant(&unseen.table) || is_meant(&format!("{}.{}", unseen.schema, unseen.table))
    };
    let unseen = looked.unseen.iter().find(is_named)?;
    let schema::UnlistedTable { schema, table, .. } = unseen;
    Some(if unseen.is_shown {
        format!(
            "the database has this table, but its user may not read it: GRANT USAGE ON SCHEMA \
             \"{schema}\" and GRANT SELECT ON \"{schema}\".\"{table}\" to the user"
        )
    } else {
        format!(
            "the database has this table in the schema \"{schema}\", which is not shown: add \
             \"{schema}\" to database.schemas"
        )
    })
}

/// Stored roles prevent nothing, but parts of them may give nothing.
fn check_kept(policy: &Policy, kept: &StoredRoles, report: &mut Report) {
    if kept.roles.is_empty() && kept.rules.is_empty() {
        return;
    }
    report.ok(
        ROLES,
        format!(
            "besides those in the file, the panel stores {} of its own, and {} that give roles",
            number(kept.roles.len(), "role"),
            number(kept.rules.len(), "group")
        ),
    );
    for fault in policy.faults() {
        report.warn(
            ROLES,
            format!("this is stored in the panel, cannot be used and gives nothing: {fault}"),
            "change it in the panel, on the page of its roles",
        );
    }
}

fn number(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

/// The roles of the file, and the readable stored roles.
fn together(config: &Config, kept: &StoredRoles) -> BTreeMap<String, RoleConfig> {
    let mut roles = config.roles.clone();
    for own in &kept.roles {
        if let Ok(role) = &own.role {
            let place = roles.entry(own.name.clone());
            place.or_insert_with(|| role.clone());
        }
    }
    for own in &kept.rules {
        if let (Some(role), Ok(rule)) = (roles.get_mut(&own.role), &own.rule) {
            role.groups.push(rule.clone());
        }
    }
    roles
}

/// Whether anybody could enter the panel, and see something.
fn check_entry(roles: &BTreeMap<String, RoleConfig>, report: &mut Report) {
    let with_groups = || {
        roles
            .values()
            .filter(|role| role.groups.iter().any(|rule| !rule.text.trim().is_empty()))
    };
    if with_groups().count() == 0 {
        return report.fail(
            ROLES,
            "no role has a group, so nobody could sign in",
            "write groups of your identity provider into roles.NAME.groups",
        );
    }
    let shows = |role: &&RoleConfig| {
        let mut grants = role.grants.iter();
        grants.any(|grant| grant.may.iter().any(|verb| verb == "view"))
    };
    if with_groups().filter(shows).count() == 0 {
        return report.fail(
            ROLES,
            "no role that somebody can have gives view, so nobody would see anything",
            "add \"view\" to the may of a grant",
        );
    }
    let mut names: Vec<String> = with_groups()
        .flat_map(|role| role.groups.iter().map(ToString::to_string))
        .collect();
    names.sort_unstable();
    names.dedup();
    report.ok(
        ROLES,
        format!(
            "people can sign in: {} of {} roles have groups ({})",
            with_groups().count(),
            roles.len(),
            names.join(", ")
        ),
    );
}

fn check_groups(
    name: &str,
    role: &RoleConfig,
    config: &Config,
    folded: &Folded<'_>,
    report: &mut Report,
) {
    let mut seen = HashSet::new();
    for rule in &role.groups {
        let place = format!("roles.{name}.groups");
        if !seen.insert(rule) {
            report.warn(
                ROLES,
                format!("{place} lists \u{201c}{rule}\u{201d} twice"),
                "take one of them out",
            );
        }
        let Some(group) = rule.exact() else {
            continue;
        };
        if rule.note.is_none() && looks_like_guid(group) {
            report.warn(
                ROLES,
                format!("{place} lists {group:?}, which looks like an id and not a name"),
                "right for Entra ID, which sends ids; a note beside it helps the next reader: \
                 { is = \"...\", note = \"...\" }",
            );
        }
        let (prefix, key) = prefix_of(rule, config);
        if !prefix.is_empty() && group.starts_with(prefix) {
            report.warn(
                ROLES,
                format!("{place} lists {group:?}, but {key} removes {prefix:?} from what comes"),
                format!("write {:?}", group.strip_prefix(prefix).unwrap_or(group)),
            );
        }
        if let Some((other, twin)) = look_alike(group, name, folded) {
            report.warn(
                ROLES,
                format!("{place} lists {group:?} and roles.{other}.groups {twin:?}"),
                "groups are matched exactly: if they are meant to be the same, write them alike",
            );
        }
    }
}

/// The prefix removed from groups of the rule's provider, and the key that sets it.
fn prefix_of<'c>(rule: &GroupRule, config: &'c Config) -> (&'c str, String) {
    let (oidc, table) = match &rule.at {
        None => (config.oidc.as_ref(), "oidc".to_owned()),
        Some(name) => (config.providers.get(name), format!("providers.{name}")),
    };
    let prefix = oidc.map_or("", |oidc| &oidc.strip_prefix);
    (prefix, format!("{table}.strip_prefix"))
}

/// Exact groups with the names of their roles, by their text without case, spaces and slashes.
type Folded<'r> = HashMap<String, Vec<(&'r str, &'r str)>>;

fn fold(group: &str) -> String {
    group.trim().trim_matches('/').to_lowercase()
}

/// A map instead of comparisons: there may be thousands of roles.
fn folded(roles: &BTreeMap<String, RoleConfig>) -> Folded<'_> {
    let mut folded = Folded::new();
    for (name, role) in roles {
        for group in role.groups.iter().filter_map(GroupRule::exact) {
            folded.entry(fold(group)).or_default().push((name, group));
        }
    }
    folded
}

/// A group of a later role that differs only in case, spaces or slashes.
fn look_alike<'r>(group: &str, role: &str, folded: &Folded<'r>) -> Option<(&'r str, &'r str)> {
    let alike = folded.get(&fold(group))?.iter().copied();
    let mut further = alike.filter(|(name, _)| *name > role);
    further.find(|(_, other)| *other != group)
}

/// Whether a text has the UUID form 8-4-4-4-12.
fn looks_like_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(groups: &[&str]) -> RoleConfig {
        RoleConfig {
            groups: groups.iter().map(|group| GroupRule::is(*group)).collect(),
            ..RoleConfig::default()
        }
    }

    #[test]
    fn ids_are_told_from_names() {
        assert!(looks_like_guid("8d5f3a52-1c2b-4f7e-9a3d-0123456789ab"));
        for name in [
            "admins",
            "data-team-west",
            "",
            "8d5f3a52-1c2b-4f7e-9a3d-012345678xyz",
        ] {
            assert!(!looks_like_guid(name), "{name}");
        }
    }

    #[test]
    fn groups_that_look_alike_are_found_once() {
        let roles = BTreeMap::from([
            ("admin".to_owned(), role(&["/Admins"])),
            ("viewer".to_owned(), role(&["admins", "staff"])),
        ]);
        let folded = folded(&roles);
        assert_eq!(
            look_alike("/Admins", "admin", &folded),
            Some(("viewer", "admins"))
        );
        assert_eq!(look_alike("admins", "viewer", &folded), None);
        assert_eq!(look_alike("staff", "admin", &folded), None);
    }
}
