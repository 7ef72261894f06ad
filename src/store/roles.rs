//! Roles and group rules stored in the panel's own tables, besides those of the configuration.
//!
//! Every change increases the version in its own transaction, so that other processes notice it. Of
//! two changes based on the same version, only one is saved.

use super::migrations::{self, MigrationError};
use super::tables::{
    bailiwick_access as access, bailiwick_group_rules as rules, bailiwick_roles as roles,
};
use super::{AnyConnection, made};
use crate::access::kept::{Change, KeptRole, KeptRule, StoredRoles};
use crate::config::RoleConfig;
use crate::texts::text;
use diesel::prelude::*;
use serde_json::{Map, Value as Json};

/// The id of the only row of `bailiwick_access`.
const ONLY: i32 = 1;

const ROLES: &str = "bailiwick_roles";
const RULES: &str = "bailiwick_group_rules";

/// The columns of `bailiwick_roles`.
type Row = (String, Option<String>, String, String, String);

/// The contents of a role's columns.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = roles)]
#[diesel(treat_none_as_null = true)]
struct Content {
    label: Option<String>,
    grants: String,
    manage: String,
    step_up: String,
}

/// The number of changes so far.
///
/// # Errors
/// When a statement fails.
pub fn version(conn: &mut AnyConnection) -> QueryResult<i64> {
    let found = access::table.find(ONLY).select(access::version);
    Ok(found.first(conn).optional()?.unwrap_or_default())
}

/// All stored roles and group rules. Must be called within a transaction.
///
/// # Errors
/// When a statement fails. Unreadable roles are not an error, but part of the result.
pub fn load(conn: &mut AnyConnection) -> QueryResult<StoredRoles> {
    let version = version(conn)?;
    let all: Vec<Row> = roles::table.order(roles::name).load(conn)?;
    let given: Vec<(i64, String, String)> = rules::table.order(rules::id).load(conn)?;
    let all = all.into_iter().map(|row| KeptRole {
        name: row.0.clone(),
        role: read(&row),
    });
    let given = given.into_iter().map(|(id, role, rule)| KeptRule {
        id,
        role,
        rule: serde_json::from_str(&rule).map_err(|error| unreadable("rule", &error)),
    });
    Ok(StoredRoles {
        version,
        roles: all.collect(),
        rules: given.collect(),
    })
}

/// All stored roles and group rules, read beside a panel that may be running. `None` if the tables
/// do not exist yet, or not in this version's form.
///
/// # Errors
/// When a statement fails.
pub fn look(conn: &mut AnyConnection) -> Result<Option<StoredRoles>, MigrationError> {
    if migrations::pending(conn)?.is_empty() {
        Ok(Some(conn.snapshot(load)?))
    } else {
        Ok(None)
    }
}

/// Increases the version if it is the expected one. This locks the tables for a change, so it must
/// come before any reads.
///
/// # Errors
/// When a statement fails.
pub fn advance(conn: &mut AnyConnection, expected: i64) -> QueryResult<bool> {
    let known = access::table
        .filter(access::id.eq(ONLY))
        .filter(access::version.eq(expected));
    let counted = diesel::update(known)
        .set(access::version.eq(expected.saturating_add(1)))
        .execute(conn)?;
    Ok(counted == 1)
}

/// Makes a checked change, in the transaction that increased the version.
///
/// # Errors
/// When a statement fails.
pub fn apply(conn: &mut AnyConnection, change: &Change) -> QueryResult<()> {
    let (table, written) = match change {
        Change::Create { name, role } => (
            ROLES,
            diesel::insert_into(roles::table)
                .values((roles::name.eq(name), Content::of(role)))
                .execute(conn),
        ),
        Change::Edit { name, role } => (
            ROLES,
            diesel::update(roles::table.find(name))
                .set(Content::of(role))
                .execute(conn),
        ),
        Change::Delete { name } => {
            diesel::delete(rules::table.filter(rules::role.eq(name))).execute(conn)?;
            (ROLES, diesel::delete(roles::table.find(name)).execute(conn))
        }
        Change::AddRule { role, rule } => (
            RULES,
            diesel::insert_into(rules::table)
                .values((
                    rules::role.eq(role),
                    rules::rule.eq(serde_json::json!(rule).to_string()),
                ))
                .execute(conn),
        ),
        Change::RemoveRule { id } => (RULES, diesel::delete(rules::table.find(id)).execute(conn)),
    };
    made::one(table, written)
}

impl Content {
    fn of(role: &RoleConfig) -> Self {
        let words = serde_json::json!(role);
        let list = |name: &str| match words.get(name) {
            Some(list) => list.to_string(),
            None => "[]".to_owned(),
        };
        Self {
            label: role.label.clone(),
            grants: list("grants"),
            manage: list("manage"),
            step_up: list("step_up"),
        }
    }
}

/// Reads a role in the configuration's format. An unknown setting makes it unreadable, because it
/// may limit rights.
fn read((_, label, grants, manage, step_up): &Row) -> Result<RoleConfig, String> {
    let mut words = Map::new();
    if let Some(label) = label {
        words.insert("label".into(), label.as_str().into());
    }
    for (name, text) in [("grants", grants), ("manage", manage), ("step_up", step_up)] {
        let list: Json = serde_json::from_str(text).map_err(|error| unreadable(name, &error))?;
        let is_empty = list.as_array().is_some_and(Vec::is_empty);
        if !is_empty {
            words.insert(name.into(), list);
        }
    }
    serde_json::from_value(Json::Object(words)).map_err(|error| unreadable("role", &error))
}

fn unreadable(what: &str, error: &serde_json::Error) -> String {
    text!("kept-unreadable", what = what, error = error.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::config::{GrantConfig, Manage};

    fn row(role: &RoleConfig) -> Row {
        let content = Content::of(role);
        (
            "support".into(),
            content.label,
            content.grants,
            content.manage,
            content.step_up,
        )
    }

    #[test]
    fn a_role_comes_back_as_it_was_kept() {
        let role = RoleConfig {
            label: Some("Support".into()),
            grants: vec![GrantConfig {
                on: vec!["orders".into()],
                may: vec!["view".into()],
                hide: vec!["total".into()],
                rows: vec!["region=eq:emea".into()],
                ..GrantConfig::default()
            }],
            manage: vec![Manage::Sessions],
            ..RoleConfig::default()
        };
        assert_eq!(read(&row(&role)).unwrap(), role);
        let empty = RoleConfig::default();
        assert_eq!(read(&row(&empty)).unwrap(), empty);
    }

    #[test]
    fn what_is_not_understood_is_not_guessed() {
        let good = row(&RoleConfig::default());
        for (column, text) in [
            (2, "view"),
            (
                2,
                r#"[{"on": ["orders"], "may": ["view"], "unless": ["x"]}]"#,
            ),
            (2, r#"[{"may": ["view"]}]"#),
            (2, "{}"),
            (3, r#"["everything"]"#),
            (4, r#"{"unknown": true}"#),
            (4, "7"),
        ] {
            let mut row = good.clone();
            match column {
                2 => row.2 = text.into(),
                3 => row.3 = text.into(),
                _ => row.4 = text.into(),
            }
            assert!(read(&row).is_err(), "{text}");
        }
    }
}
