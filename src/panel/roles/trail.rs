//! Changes of roles as the audit log holds and tells them.

use super::difference::{Difference, Rights, Rows};
use crate::access::kept::{Change, Kept};
use crate::config::RoleConfig;
use crate::store::{Action, Event};
use crate::texts::text;
use serde_json::{Map, Value as Json, json};

/// The entry of a change, with everything as it was and as it is then.
pub(super) fn event(change: &Change, before: &Kept, label: &str) -> Event {
    let (action, name) = (action(change), change.role(before).unwrap_or_default());
    let (old, new) = sides(change, before);
    let mut details = Map::new();
    details.insert("role".into(), name.into());
    for (side, value) in [("old", old), ("new", new)] {
        if !value.is_null() {
            details.insert(side.into(), value);
        }
    }
    Event {
        row_label: Some(label.to_owned()),
        ..Event::new(action).with_details(Json::Object(details))
    }
}

fn action(change: &Change) -> Action {
    match change {
        Change::Create { .. } => Action::RoleCreate,
        Change::Delete { .. } => Action::RoleDelete,
        Change::Edit { .. } | Change::AddRule { .. } | Change::RemoveRule { .. } => {
            Action::RoleChange
        }
    }
}

/// What was there and what is there then.
fn sides(change: &Change, before: &Kept) -> (Json, Json) {
    let was = |name: &str| match before.role(name).map(|kept| &kept.role) {
        Some(Ok(role)) => json!(role),
        Some(Err(reason)) => json!({ "unreadable": reason }),
        None => Json::Null,
    };
    match change {
        Change::Create { role, .. } => (Json::Null, json!(role)),
        Change::Edit { name, role } => (was(name), json!(role)),
        Change::Delete { name } => {
            let mut old = was(name);
            let rules = before
                .rules_of(name)
                .filter_map(|rule| rule.rule.as_ref().ok());
            let rules: Vec<_> = rules.collect();
            if let (false, Some(old)) = (rules.is_empty(), old.as_object_mut()) {
                old.insert("groups".into(), json!(rules));
            }
            (old, Json::Null)
        }
        Change::AddRule { rule, .. } => (Json::Null, json!({ "group": rule })),
        Change::RemoveRule { id } => {
            let rule = before.rules.iter().find(|rule| rule.id == *id);
            let rule = rule.and_then(|rule| rule.rule.as_ref().ok());
            (json!({ "group": rule }), Json::Null)
        }
    }
}

/// What the details of an entry say.
pub(in crate::panel) fn in_words(details: &Map<String, Json>) -> Vec<String> {
    let side = |name: &str| details.get(name).unwrap_or(&Json::Null);
    let role = details.get("role").and_then(Json::as_str);
    let mut words = vec![text!("note-role", role = role.unwrap_or_default())];
    let differences = compared(side("old"), side("new"));
    words.extend(differences.iter().map(Difference::note));
    words
}

fn compared(old: &Json, new: &Json) -> Vec<Difference> {
    let mut all = Vec::new();
    let (was, is) = (part(old, "label"), part(new, "label"));
    if was != is {
        all.push(Difference::Label {
            was: was.into_iter().next(),
            is: is.into_iter().next(),
        });
    }
    let (was, is) = (part(old, "manage"), part(new, "manage"));
    if was != is {
        all.push(Difference::Manage { was, is });
    }
    match (old.get("group"), new.get("group")) {
        (None, Some(rule)) => all.push(Difference::GroupAdded(group(rule))),
        (Some(rule), None) => all.push(Difference::GroupRemoved(Some(group(rule)))),
        _ => {}
    }
    let removed = old.get("groups").and_then(Json::as_array);
    let removed = removed.into_iter().flatten();
    all.extend(removed.map(|rule| Difference::GroupRemoved(Some(group(rule)))));
    let (was, is) = (grants(old), grants(new));
    let gone = was.iter().filter(|grant| !is.contains(grant));
    all.extend(gone.cloned().map(Difference::GivesNoMore));
    let come = is.iter().filter(|grant| !was.contains(grant));
    all.extend(come.cloned().map(Difference::GivesNow));
    all
}

/// A text, or a list of them.
fn part(side: &Json, key: &str) -> Vec<String> {
    match side.get(key) {
        Some(Json::String(text)) => vec![text.clone()],
        Some(Json::Array(list)) => {
            let words = list.iter().filter_map(Json::as_str);
            words.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

fn group(rule: &Json) -> String {
    let rule: Option<crate::config::GroupRule> = serde_json::from_value(rule.clone()).ok();
    rule.map_or_else(|| text!("note-group-unreadable"), |rule| rule.to_string())
}

/// The grants of one side, by names.
fn grants(side: &Json) -> Vec<Rights> {
    let role: Option<RoleConfig> = serde_json::from_value(side.clone()).ok();
    let grants = role.unwrap_or_default().grants.into_iter();
    let rights = grants.map(|grant| Rights {
        verbs: grant.may,
        resources: grant.on,
        columns: Vec::new(),
        rows: match grant.rows.is_empty() {
            true => Rows::All,
            false => Rows::Where(grant.rows.join(", ")),
        },
        without: grant.hide,
        read_only: grant.read_only,
    });
    rights.collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::GroupRule;

    fn words(details: Json) -> Vec<String> {
        in_words(details.as_object().unwrap())
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
        let mut kept = Kept::default();
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
        let event = event(&delete, &kept, "Support");
        assert_eq!(event.action, Action::RoleDelete);
        assert_eq!(
            event.details.unwrap(),
            json!({"role": "support", "old": {"groups": [{"is": "helpers"}]}})
        );
    }
}
