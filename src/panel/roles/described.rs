//! The changes in the role itself, with labels, for the confirmation page.

use super::difference::{Difference, Rights, Rows};
use super::words::{condition, group, managed};
use crate::access::kept::Change;
use crate::access::{Policy, StoredRoles};
use crate::config::{GrantConfig, GroupRule, Manage};
use crate::texts::{all_of, text};

/// The differences. `old` and `new` provide the labels.
pub(super) fn of_change(
    change: &Change,
    before: &StoredRoles,
    (old, new): (&Policy, &Policy),
) -> Vec<Difference> {
    let was = |name: &str| {
        let kept = before.role(name).and_then(|kept| kept.role.as_ref().ok());
        kept.cloned().unwrap_or_default()
    };
    let gone = |grant: &GrantConfig| Difference::GivesNoMore(rights(grant, old));
    match change {
        Change::Create { role, .. } => {
            let mut all: Vec<Difference> = label(None, role.label.as_ref()).collect();
            all.extend(manage(&[], &role.manage));
            let grants = role.grants.iter();
            all.extend(grants.map(|grant| Difference::Gives(rights(grant, new))));
            all
        }
        Change::Edit { name, role } => {
            let was = was(name);
            let mut all: Vec<Difference> = label(was.label.as_ref(), role.label.as_ref()).collect();
            all.extend(manage(&was.manage, &role.manage));
            let less = was.grants.iter().filter(|one| !role.grants.contains(one));
            all.extend(less.map(gone));
            let more = role.grants.iter().filter(|one| !was.grants.contains(one));
            all.extend(more.map(|grant| Difference::GivesNow(rights(grant, new))));
            all
        }
        Change::Delete { name } => {
            let was = was(name);
            let rules = before.rules_of(name);
            let mut all: Vec<Difference> =
                rules.map(|rule| taken(rule.rule.as_ref().ok())).collect();
            all.extend(manage(&was.manage, &[]));
            all.extend(was.grants.iter().map(gone));
            all
        }
        Change::AddRule { rule, .. } => vec![Difference::GroupAdded(group(rule))],
        Change::RemoveRule { id } => {
            let rule = before.rules.iter().find(|rule| rule.id == *id);
            vec![taken(rule.and_then(|rule| rule.rule.as_ref().ok()))]
        }
    }
}

fn taken(rule: Option<&GroupRule>) -> Difference {
    Difference::GroupRemoved(rule.map(group))
}

fn label(was: Option<&String>, is: Option<&String>) -> impl Iterator<Item = Difference> {
    let changed = (was != is).then(|| Difference::Label {
        was: was.cloned(),
        is: is.cloned(),
    });
    changed.into_iter()
}

fn manage(was: &[Manage], is: &[Manage]) -> impl Iterator<Item = Difference> {
    let named = |all: &[Manage]| all.iter().map(|what| managed(*what)).collect();
    let changed = (was != is).then(|| Difference::Manage {
        was: named(was),
        is: named(is),
    });
    changed.into_iter()
}

/// A grant, with labels.
fn rights(grant: &GrantConfig, policy: &Policy) -> Rights {
    let catalog = policy.catalog();
    let is_every = grant.on.iter().any(|name| name == "*");
    let resources: Vec<_> = catalog
        .iter()
        .filter(|resource| is_every || grant.on.contains(&resource.name))
        .collect();
    let labels = grant.on.iter().map(|name| match catalog.get(name) {
        Some(resource) => resource.label.clone(),
        None => name.clone(),
    });
    let columns = |names: &[String]| {
        let label = |name: &String| {
            let field = resources.iter().find_map(|resource| {
                let index = resource.index_of(name)?;
                resource.fields.get(index)
            });
            field.map_or_else(|| name.clone(), |field| field.label.clone())
        };
        names.iter().map(label).collect()
    };
    let rows = grant.rows.iter().map(|row| {
        let mut told = resources.iter();
        told.find_map(|resource| condition(policy, &resource.name, row))
            .unwrap_or_else(|| row.clone())
    });
    let rows: Vec<String> = rows.collect();
    Rights {
        verbs: grant.may.clone(),
        resources: if is_every {
            vec![text!("every-resource")]
        } else {
            labels.collect()
        },
        columns: Vec::new(),
        rows: if rows.is_empty() {
            Rows::All
        } else {
            Rows::Where(all_of(&rows))
        },
        without: columns(&grant.hide),
        read_only: columns(&grant.read_only),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::access::testing::{catalog, grant};
    use crate::config::{GroupMatch, RoleConfig};
    use std::collections::BTreeMap;

    /// The description of a change to the stored roles, which are updated.
    fn said(kept: &mut StoredRoles, change: Change) -> Vec<String> {
        let configured = Policy::new(catalog(), &BTreeMap::new()).unwrap();
        let after = kept.with(&change, &[]).unwrap();
        let policy = |kept: &StoredRoles| configured.clone().with_kept(kept);
        let said = of_change(&change, kept, (&policy(kept), &policy(&after)));
        *kept = after;
        said.iter().flat_map(Difference::sentences).collect()
    }

    #[test]
    fn a_change_is_told_in_sentences_by_labels() {
        let mut kept = StoredRoles::default();
        let name = || "support".to_owned();
        let mut role = RoleConfig {
            label: Some("Support".into()),
            manage: vec![Manage::Roles, Manage::Sessions],
            grants: vec![
                grant("customers orders", "view edit export")
                    .hiding("margin")
                    .fixing("total"),
                grant("*", "view"),
            ],
            ..RoleConfig::default()
        };
        let create = Change::Create {
            name: name(),
            role: role.clone(),
        };
        assert_eq!(
            said(&mut kept, create),
            [
                "It is called \u{201c}Support\u{201d}.",
                "It lets people manage roles and everybody\u{2019}s sessions.",
                "It gives view, edit and export on Customers and Orders, without Margin, with \
                 Total to read only.",
                "It gives view on every resource.",
            ]
        );
        role.label = Some("Help".into());
        role.manage.pop();
        role.grants = vec![
            grant("*", "view"),
            grant("customers", "edit")
                .rows("region=eq:{claim.region}")
                .rows("name=starts:A"),
        ];
        let edit = Change::Edit { name: name(), role };
        assert_eq!(
            said(&mut kept, edit),
            [
                "It is called \u{201c}Help\u{201d}, and no longer \u{201c}Support\u{201d}.",
                "It no longer lets people manage everybody\u{2019}s sessions.",
                "It no longer gives view, edit and export on Customers and Orders, without \
                 Margin, with Total to read only.",
                "From now on it gives edit on Customers in rows where Region is the claim region and \
                 Name starts with A.",
            ]
        );
    }

    #[test]
    fn groups_that_come_and_go_are_told() {
        let mut kept = StoredRoles::default();
        let role = || "support".to_owned();
        said(
            &mut kept,
            Change::Create {
                name: role(),
                role: RoleConfig {
                    grants: vec![grant("orders", "view")],
                    ..RoleConfig::default()
                },
            },
        );
        for (how, text, at, words) in [
            (GroupMatch::Is, "helpers", None, "the group helpers"),
            (
                GroupMatch::Glob,
                "team-*",
                Some("partner"),
                "groups like team-* at partner",
            ),
            (GroupMatch::Regex, "a|b", None, "groups that match a|b"),
        ] {
            let rule = GroupRule {
                how,
                at: at.map(str::to_owned),
                ..GroupRule::is(text)
            };
            let add = Change::AddRule { role: role(), rule };
            assert_eq!(
                said(&mut kept, add),
                [format!("The role goes to people in {words}.")]
            );
        }
        let id = kept.rules.last().unwrap().id;
        let gone = |words: &str| format!("The role no longer goes to people in {words}.");
        assert_eq!(
            said(&mut kept, Change::RemoveRule { id }),
            [gone("groups that match a|b")]
        );
        assert_eq!(
            said(&mut kept, Change::Delete { name: role() }),
            [
                gone("the group helpers"),
                gone("groups like team-* at partner"),
                "It no longer gives view on Orders.".to_owned(),
            ]
        );
    }
}
