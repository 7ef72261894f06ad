//! What a change does to the role itself, in sentences, for the page that asks for confirmation.

use super::words::{condition, group, listed, managed};
use crate::access::kept::Change;
use crate::access::{Kept, Policy};
use crate::config::{GrantConfig, GroupRule, Manage, RoleConfig};

/// The sentences. `old` and `new` know the labels.
pub(super) fn of_change(
    change: &Change,
    before: &Kept,
    (old, new): (&Policy, &Policy),
) -> Vec<String> {
    let was = |name: &str| {
        let kept = before.role(name).and_then(|kept| kept.role.as_ref().ok());
        kept.cloned().unwrap_or_default()
    };
    let nothing = RoleConfig::default();
    match change {
        Change::Create { role, .. } => {
            let mut lines = label(&nothing, role);
            lines.extend(manage(&[], &role.manage));
            let grants = role.grants.iter();
            lines.extend(grants.map(|grant| format!("It gives {}.", words(grant, new))));
            lines
        }
        Change::Edit { name, role } => {
            let was = was(name);
            let mut lines = label(&was, role);
            lines.extend(manage(&was.manage, &role.manage));
            let gone = was.grants.iter().filter(|one| !role.grants.contains(one));
            lines.extend(gone.map(|grant| format!("It no longer gives {}.", words(grant, old))));
            let come = role.grants.iter().filter(|one| !was.grants.contains(one));
            lines.extend(come.map(|grant| format!("From now on it gives {}.", words(grant, new))));
            lines
        }
        Change::Delete { name } => {
            let was = was(name);
            let rules = before.rules_of(name);
            let mut lines: Vec<String> = rules.map(|rule| taken(rule.rule.as_ref().ok())).collect();
            lines.extend(manage(&was.manage, &[]));
            let gone = was.grants.iter();
            lines.extend(gone.map(|grant| format!("It no longer gives {}.", words(grant, old))));
            lines
        }
        Change::AddRule { rule, .. } => {
            vec![format!("The role goes to people in {}.", group(rule))]
        }
        Change::RemoveRule { id } => {
            let rule = before.rules.iter().find(|rule| rule.id == *id);
            vec![taken(rule.and_then(|rule| rule.rule.as_ref().ok()))]
        }
    }
}

fn taken(rule: Option<&GroupRule>) -> String {
    match rule {
        Some(rule) => format!("The role no longer goes to people in {}.", group(rule)),
        None => "A group goes that cannot be read, and gave the role to nobody.".to_owned(),
    }
}

fn label(was: &RoleConfig, is: &RoleConfig) -> Vec<String> {
    match (&was.label, &is.label) {
        (was, is) if was == is => Vec::new(),
        (None, Some(is)) => vec![format!("It is called \u{201c}{is}\u{201d}.")],
        (Some(was), Some(is)) => vec![format!(
            "It is called \u{201c}{is}\u{201d}, and no longer \u{201c}{was}\u{201d}."
        )],
        (Some(was), None) => vec![format!(
            "It is no longer called \u{201c}{was}\u{201d}, but by its name."
        )],
        (None, None) => Vec::new(),
    }
}

fn manage(was: &[Manage], is: &[Manage]) -> Vec<String> {
    let beyond = |these: &[Manage], those: &[Manage]| {
        let beyond = these.iter().filter(|what| !those.contains(what));
        let beyond: Vec<&str> = beyond.map(|what| managed(*what)).collect();
        (!beyond.is_empty()).then(|| listed(&beyond))
    };
    let gone = beyond(was, is).map(|what| format!("It no longer lets people manage {what}."));
    let come = beyond(is, was).map(|what| format!("It lets people manage {what}."));
    gone.into_iter().chain(come).collect()
}

/// A grant: "view and edit on Orders in rows where Region is emea, without Margin".
fn words(grant: &GrantConfig, policy: &Policy) -> String {
    let catalog = policy.catalog();
    let is_every = grant.on.iter().any(|name| name == "*");
    let resources: Vec<_> = catalog
        .iter()
        .filter(|resource| is_every || grant.on.contains(&resource.name))
        .collect();
    let labels = grant.on.iter().map(|name| match catalog.get(name) {
        Some(resource) => resource.label.as_str(),
        None => name.as_str(),
    });
    let on = match is_every {
        true => "every resource".to_owned(),
        false => listed(&labels.collect::<Vec<_>>()),
    };
    let columns = |names: &[String]| {
        let label = |name: &String| {
            let field = resources.iter().find_map(|resource| {
                let index = resource.index_of(name)?;
                resource.fields.get(index)
            });
            field.map_or_else(|| name.clone(), |field| field.label.clone())
        };
        listed(&names.iter().map(label).collect::<Vec<_>>())
    };
    let mut text = format!("{} on {on}", listed(&grant.may));
    if !grant.rows.is_empty() {
        let rows = grant.rows.iter().map(|row| {
            let mut told = resources.iter();
            told.find_map(|resource| condition(policy, &resource.name, row))
                .unwrap_or_else(|| row.clone())
        });
        let rows = rows.collect::<Vec<_>>().join(" and ");
        text.push_str(&format!(" in rows where {rows}"));
    }
    if !grant.hide.is_empty() {
        text.push_str(&format!(", without {}", columns(&grant.hide)));
    }
    if !grant.read_only.is_empty() {
        let columns = columns(&grant.read_only);
        text.push_str(&format!(", with {columns} to read only"));
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::access::testing::{catalog, grant};
    use crate::config::GroupMatch;
    use std::collections::BTreeMap;

    /// What is said of a change to what is kept, and what is kept then.
    fn said(kept: &mut Kept, change: Change) -> Vec<String> {
        let configured = Policy::new(catalog(), &BTreeMap::new()).unwrap();
        let after = kept.with(&change, &[]).unwrap();
        let policy = |kept: &Kept| configured.clone().with_kept(kept);
        let said = of_change(&change, kept, (&policy(kept), &policy(&after)));
        *kept = after;
        said
    }

    #[test]
    fn a_change_is_told_in_sentences_by_labels() {
        let mut kept = Kept::default();
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
        let mut kept = Kept::default();
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
