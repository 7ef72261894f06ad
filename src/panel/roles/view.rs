//! Views of roles, for pages and JSON.

use super::Picture;
use crate::access::kept::{Fault, InvalidPart, KeptRule};
use crate::access::policy::{Role, label_of};
use crate::access::{Mapping, Origin, Policy};
use crate::config::{GrantConfig, GroupMatch, GroupRule, RoleConfig};
use crate::entry::Entered;
use crate::texts::text;
use serde::Serialize;
use serde_json::{Value as Json, json};

/// The maximum number of people named on a role's page.
const NAMED: usize = 50;

/// A role.
#[derive(Debug, Clone, Serialize)]
pub(super) struct RoleView {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) href: String,
    /// Whether it is configured.
    pub(super) fixed: bool,
    pub(super) groups: Vec<GroupView>,
    people: usize,
    people_text: String,
    named: Vec<String>,
    more: Option<String>,
    manage: Vec<&'static str>,
    gives: Vec<GrantView>,
    /// The fault of the whole role.
    fault: Option<String>,
    /// The number of its parts that are invalid and give nothing.
    broken: usize,
    #[serde(skip)]
    faults: Vec<Fault>,
    #[serde(skip)]
    config: RoleConfig,
}

/// A group that has a role.
#[derive(Debug, Clone, Serialize)]
pub(super) struct GroupView {
    role: String,
    text: String,
    how: Option<&'static str>,
    at: Option<String>,
    note: Option<String>,
    fixed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remove_href: Option<String>,
    fault: Option<String>,
}

/// A grant, in words.
#[derive(Debug, Clone, Serialize)]
struct GrantView {
    number: usize,
    may: String,
    on: String,
    hide: String,
    read_only: String,
    rows: Vec<String>,
    faults: Vec<String>,
}

/// Every role, configured or stored, by name.
pub(super) fn all(entered: &Entered, picture: &Picture) -> Vec<RoleView> {
    let configured = entered.site().keeper.roles();
    let kept = picture.kept.roles.iter().map(|role| &role.name);
    let mut names: Vec<&String> = configured.keys().chain(kept).collect();
    names.sort();
    names.dedup();
    let roles = names.into_iter();
    roles
        .filter_map(|name| one(entered, picture, name))
        .collect()
}

/// The role with that name, if it exists.
pub(super) fn one(entered: &Entered, picture: &Picture, name: &str) -> Option<RoleView> {
    let configured = entered.site().keeper.roles().get(name);
    let kept = picture.kept.role(name);
    let config = match (configured, kept) {
        (Some(role), _) => role.clone(),
        (None, kept) => kept?.role.clone().unwrap_or_default(),
    };
    let faults = picture.policy.faults().iter();
    let faults: Vec<Fault> = faults.filter(|fault| fault.role == name).cloned().collect();
    let people = with_role(&picture.policy, name, picture);
    let catalog = picture.policy.catalog();
    let labels = |resource: &String| match catalog.get(resource) {
        Some(resource) => resource.label.clone(),
        None => resource.clone(),
    };
    let gives = config.grants.iter().enumerate();
    let gives = gives.map(|(index, grant)| GrantView::of(index + 1, grant, &faults, &labels));
    Some(RoleView {
        name: name.to_owned(),
        label: label_of(name, &config),
        href: entered.site().urls.role(name),
        fixed: configured.is_some(),
        groups: groups(entered, picture, name),
        people: people.len(),
        people_text: text!("people-count", count = people.len()),
        more: people
            .len()
            .checked_sub(NAMED)
            .filter(|more| *more > 0)
            .map(|more| text!("and-more-people", count = more)),
        named: people.into_iter().take(NAMED).collect(),
        manage: config.manage.iter().map(|what| what.name()).collect(),
        gives: gives.collect(),
        fault: of_part(&faults, &InvalidPart::Role),
        broken: faults.len(),
        faults,
        config,
    })
}

/// Names of known people with a role.
fn with_role(policy: &Policy, name: &str, picture: &Picture) -> Vec<String> {
    let has = |role: &&Role| role.name == name;
    let people = picture.known.iter().map(|known| &known.person);
    people
        .filter(|person| policy.roles(person).iter().any(has))
        .map(|person| person.name.clone())
        .collect()
}

/// The groups of a role, configured ones first.
fn groups(entered: &Entered, picture: &Picture, name: &str) -> Vec<GroupView> {
    let configured = entered.site().keeper.roles().get(name);
    let fixed = configured.into_iter().flat_map(|role| &role.groups);
    let fixed = fixed.map(|rule| GroupView::of(name, rule));
    let kept = picture.kept.rules_of(name);
    fixed
        .chain(kept.map(|rule| GroupView::kept(entered, picture, rule)))
        .collect()
}

/// Groups of roles that no longer exist.
pub(super) fn left_over(entered: &Entered, picture: &Picture) -> Vec<GroupView> {
    let configured = entered.site().keeper.roles();
    let is_left = |rule: &&KeptRule| {
        !configured.contains_key(&rule.role) && picture.kept.role(&rule.role).is_none()
    };
    let rules = picture.kept.rules.iter().filter(is_left);
    rules
        .map(|rule| GroupView::kept(entered, picture, rule))
        .collect()
}

fn of_part(faults: &[Fault], part: &InvalidPart) -> Option<String> {
    let mut faults = faults.iter();
    let fault = faults.find(|fault| fault.part == *part)?;
    Some(fault.reason.clone())
}

impl RoleView {
    /// The role as JSON.
    pub(super) fn as_json(&self) -> Json {
        json!({
            "name": self.name,
            "label": self.label,
            "origin": if self.fixed { Origin::Configured } else { Origin::Kept },
            "groups": self.groups,
            "people": self.people,
            "manage": self.config.manage,
            "grants": self.config.grants,
            "faults": self.faults,
        })
    }

    /// The faults of a grant's settings, for its form.
    pub(super) fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl GroupView {
    fn of(role: &str, rule: &GroupRule) -> Self {
        Self {
            role: role.to_owned(),
            text: rule.text.clone(),
            how: match rule.how {
                GroupMatch::Is => None,
                how => Some(how.name()),
            },
            at: rule.at.clone(),
            note: rule.note.clone(),
            fixed: true,
            id: None,
            remove_href: None,
            fault: Mapping::new(rule).err(),
        }
    }

    fn kept(entered: &Entered, picture: &Picture, kept: &KeptRule) -> Self {
        let unreadable = GroupRule::is("");
        let rule = kept.rule.as_ref().unwrap_or(&unreadable);
        let role = entered.site().urls.role(&kept.role);
        Self {
            fixed: false,
            id: Some(kept.id),
            remove_href: Some(format!("{role}/groups/{}/remove", kept.id)),
            fault: of_part(picture.policy.faults(), &InvalidPart::Rule(kept.id)),
            ..Self::of(&kept.role, rule)
        }
    }
}

impl GrantView {
    fn of(
        number: usize,
        grant: &GrantConfig,
        faults: &[Fault],
        label: &dyn Fn(&String) -> String,
    ) -> Self {
        let on: Vec<String> = if grant.on.iter().any(|name| name == "*") {
            vec!["everything".into()]
        } else {
            grant.on.iter().map(label).collect()
        };
        let faults = faults.iter().filter_map(|fault| match &fault.part {
            InvalidPart::Grant(at, setting) if *at == number => {
                Some(format!("{}: {}", setting.replace('_', " "), fault.reason))
            }
            _ => None,
        });
        Self {
            number,
            may: grant.may.join(", "),
            on: on.join(", "),
            hide: grant.hide.join(", "),
            read_only: grant.read_only.join(", "),
            rows: grant.rows.clone(),
            faults: faults.collect(),
        }
    }
}
