//! Changes of roles in the audit log.

use super::difference::{Difference, Rights, Rows};
use crate::access::kept::{Change, StoredRoles};
use crate::config::{GrantConfig, GroupRule, Manage, RoleConfig};
use crate::store::audit::event::{RoleChange, RoleSide};
use crate::store::{Event, NewEntry};
use crate::texts::text;

/// The entry of a change, with the whole state before and after.
pub(super) fn entry(change: &Change, before: &StoredRoles, label: &str) -> NewEntry {
    let (old, new) = sides(change, before);
    let told = RoleChange {
        role: change.role(before).unwrap_or_default().to_owned(),
        old: old.map(Box::new),
        new: new.map(Box::new),
    };
    let event = match change {
        Change::Create { .. } => Event::RoleCreate(told),
        Change::Delete { .. } => Event::RoleDelete(told),
        Change::Edit { .. } | Change::AddRule { .. } | Change::RemoveRule { .. } => {
            Event::RoleChange(told)
        }
    };
    NewEntry {
        row_label: Some(label.to_owned()),
        ..NewEntry::new(event)
    }
}

/// The states before and after.
fn sides(change: &Change, before: &StoredRoles) -> (Option<RoleSide>, Option<RoleSide>) {
    let is = |role: &RoleConfig| Some(RoleSide::Role(role.clone()));
    match change {
        Change::Create { role, .. } => (None, is(role)),
        Change::Edit { name, role } => (was(before, name, Vec::new()), is(role)),
        Change::Delete { name } => {
            let rules = before
                .rules_of(name)
                .filter_map(|rule| rule.rule.as_ref().ok());
            (was(before, name, rules.cloned().collect()), None)
        }
        Change::AddRule { rule, .. } => (None, Some(RoleSide::of_group(Some(rule.clone())))),
        Change::RemoveRule { id } => {
            let rule = before.rules.iter().find(|rule| rule.id == *id);
            let rule = rule.and_then(|rule| rule.rule.as_ref().ok());
            (Some(RoleSide::of_group(rule.cloned())), None)
        }
    }
}

/// A role before the change, with its groups if given.
fn was(before: &StoredRoles, name: &str, groups: Vec<GroupRule>) -> Option<RoleSide> {
    Some(match &before.role(name)?.role {
        Ok(role) if groups.is_empty() => RoleSide::Role(role.clone()),
        Ok(role) => RoleSide::Role(RoleConfig {
            groups,
            ..role.clone()
        }),
        Err(reason) => RoleSide::Unreadable {
            unreadable: reason.to_string(),
            groups,
        },
    })
}

/// The details of an entry, in words.
pub(in crate::panel) fn in_words(change: &RoleChange) -> Vec<String> {
    let mut words = vec![text!("note-role", role = change.role.as_str())];
    let differences = compared(change.old.as_deref(), change.new.as_deref());
    words.extend(differences.iter().map(Difference::note));
    words
}

fn compared(old: Option<&RoleSide>, new: Option<&RoleSide>) -> Vec<Difference> {
    let mut all = Vec::new();
    let (was, is) = (role(old), role(new));
    if was.label != is.label {
        all.push(Difference::Label {
            was: was.label,
            is: is.label,
        });
    }
    if was.manage != is.manage {
        let names = |manage: Vec<Manage>| {
            let names = manage.into_iter().map(|what| what.name().to_owned());
            names.collect()
        };
        all.push(Difference::Manage {
            was: names(was.manage),
            is: names(is.manage),
        });
    }
    if let Some(RoleSide::Group { group: rule }) = new {
        all.push(Difference::GroupAdded(group(rule.as_ref())));
    }
    if let Some(RoleSide::Group { group: rule }) = old {
        all.push(Difference::GroupRemoved(Some(group(rule.as_ref()))));
    }
    let removed = old.map(RoleSide::groups).unwrap_or_default().iter();
    all.extend(removed.map(|rule| Difference::GroupRemoved(Some(group(Some(rule))))));
    let (was, is) = (rights(was.grants), rights(is.grants));
    let gone = was.iter().filter(|grant| !is.contains(grant));
    all.extend(gone.cloned().map(Difference::GivesNoMore));
    let come = is.iter().filter(|grant| !was.contains(grant));
    all.extend(come.cloned().map(Difference::GivesNow));
    all
}

/// The role in one state; an empty one if it is missing or unreadable.
fn role(side: Option<&RoleSide>) -> RoleConfig {
    match side {
        Some(RoleSide::Role(role)) => role.clone(),
        _ => RoleConfig::default(),
    }
}

fn group(rule: Option<&GroupRule>) -> String {
    rule.map_or_else(|| text!("note-group-unreadable"), ToString::to_string)
}

/// Grants, by names.
fn rights(grants: Vec<GrantConfig>) -> Vec<Rights> {
    let rights = grants.into_iter().map(|grant| Rights {
        verbs: grant.may,
        resources: grant.on,
        columns: Vec::new(),
        rows: if grant.rows.is_empty() {
            Rows::All
        } else {
            Rows::Where(grant.rows.join(", "))
        },
        without: grant.hide,
        read_only: grant.read_only,
    });
    rights.collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::store::audit::Action;
    use serde_json::{Value as Json, json};

    fn words(details: Json) -> Vec<String> {
        match Event::read(Action::RoleChange.name(), Some(&details.to_string())) {
            Event::RoleChange(change) => in_words(&change),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn changes_are_told_in_words() {
        let grant = json!({"on": ["orders"], "may": ["view"], "hide": ["total"]});
        let more = json!({"on": ["orders"], "may": ["view", "edit"], "rows": ["id=eq:1"]});
        assert_eq!(
            words(json!({
                "role": "support",
                "old": {"label": "Support", "grants": [grant]},
                "new": {"label": "Help", "grants": [grant, more], "manage": ["roles"]},
            })),
            [
                "role support",
                "label: Support \u{2192} Help",
                "manages: \u{2014} \u{2192} roles",
                "now: view, edit on orders, where id=eq:1",
            ]
        );
        let rule = json!({"glob": "team-*", "at": "partner"});
        assert_eq!(
            words(json!({"role": "support", "new": {"group": rule}})),
            ["role support", "group added: glob team-* at partner"]
        );
        assert_eq!(
            words(json!({"role": "support", "old": {"grants": [grant], "groups": [rule]}})),
            [
                "role support",
                "group removed: glob team-* at partner",
                "no longer: view on orders, without total",
            ]
        );
    }

    #[test]
    fn a_role_that_goes_is_noted_with_its_groups() {
        let mut kept = StoredRoles::default();
        for change in [
            Change::Create {
                name: "support".into(),
                role: RoleConfig::default(),
            },
            Change::AddRule {
                role: "support".into(),
                rule: GroupRule::is("helpers"),
            },
        ] {
            kept = kept.with(&change, &[]).unwrap();
        }
        let delete = Change::Delete {
            name: "support".into(),
        };
        let event = entry(&delete, &kept, "Support").event;
        assert_eq!(event.action(), Some(Action::RoleDelete));
        let details = event.details(&Default::default()).unwrap().unwrap();
        assert_eq!(
            serde_json::from_str::<Json>(&details).unwrap(),
            json!({"role": "support", "old": {"groups": [{"is": "helpers"}]}})
        );
    }
}
