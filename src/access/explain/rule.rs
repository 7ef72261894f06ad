//! The rules behind a cell of the rights table: what each grant gives on a resource. They are for
//! one person, or for anyone with a role. The latter leaves claims open.

use super::{asks, words};
use crate::access::policy::{Grant, Policy, Role};
use crate::access::{Action, Person};
use crate::catalog::Resource;
use crate::texts::text;
use serde::Serialize;

/// One grant's rights on one resource.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rule {
    /// The place of the grant: "role editor, grant 2".
    pub source: String,
    /// The verbs.
    pub may: Vec<&'static str>,
    /// Columns that it does not cover.
    pub hidden: Vec<String>,
    /// Columns that are visible, but not editable.
    pub read_only: Vec<String>,
    /// The conditions on rows; empty for every row.
    pub rows: Vec<String>,
}

/// A role's rights on a resource.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RoleAccess {
    /// The resource's name in configuration.
    pub name: String,
    /// Its label on pages.
    pub label: String,
    /// The verbs.
    pub may: Vec<&'static str>,
    /// Verbs that a grant names but does not give, with the reason.
    pub withheld: Vec<String>,
    /// Columns that may not be read in any row.
    pub hidden: Vec<String>,
    /// Columns that may be read only in some rows.
    pub partly: Vec<String>,
    /// Columns that are visible, but never editable.
    pub read_only: Vec<String>,
    /// Step-up demands: "edit, delete: a sign-in within the last 5 minutes".
    pub asks: Vec<String>,
    /// Whether only some rows are visible.
    pub is_limited: bool,
    /// The grants behind these rights.
    pub rules: Vec<Rule>,
}

/// The place of a grant.
pub(super) fn source(role: &Role, grant: &Grant) -> String {
    text!(
        "rule-source",
        role = role.name,
        grant = grant.number.to_string()
    )
}

impl Rule {
    /// A rule for this person, or for anyone with the role.
    pub(super) fn of(
        role: &Role,
        grant: &Grant,
        resource: &Resource,
        person: Option<&Person>,
    ) -> Self {
        let rows = grant.rows.iter().map(|rule| match person {
            Some(person) => words::of_rule(rule, resource, person),
            None => words::of_rule_for_anyone(rule, resource),
        });
        Self {
            source: source(role, grant),
            may: names(&grant.may),
            hidden: labels(resource, &grant.hide),
            read_only: labels(resource, &grant.read_only),
            rows: rows.collect(),
        }
    }
}

fn names(actions: &[Action]) -> Vec<&'static str> {
    let all = Action::ALL.into_iter();
    all.filter(|action| actions.contains(action))
        .map(Action::name)
        .collect()
}

fn labels(resource: &Resource, columns: &[usize]) -> Vec<String> {
    let fields = columns.iter().filter_map(|at| resource.fields.get(*at));
    fields.map(|field| field.label.clone()).collect()
}

/// The rights that a role gives on a resource.
pub fn of_role(policy: &Policy, role: &Role, resource: &Resource) -> RoleAccess {
    let anyone = Person {
        as_role: Some(role.name.clone()),
        ..Person::default()
    };
    let grants = role.grants_on(&resource.name);
    let may = |action: &Action| policy.may(&anyone, &resource.name, *action);
    let named = |action: &Action| grants.iter().any(|grant| grant.may.contains(action));
    let why = |action: Action| {
        if action.is_taken_by(resource) {
            text!("withheld-no-view")
        } else {
            text!("withheld-only-read")
        }
    };
    let withheld = Action::ALL.into_iter();
    let withheld = withheld.filter(|action| named(action) && !may(action));
    let views = giving(grants, Action::View);
    let edits = giving(grants, Action::Edit);
    let columns = 0..resource.fields.len();
    let hidden_by = |column: &usize| views.iter().filter(|g| g.hide.contains(column)).count();
    let fixed = |column: &usize| {
        let fixes =
            |grant: &&Grant| grant.read_only.contains(column) || grant.hide.contains(column);
        !edits.is_empty() && edits.iter().all(fixes)
    };
    let pick = |which: &dyn Fn(&usize) -> bool| {
        labels(resource, &columns.clone().filter(which).collect::<Vec<_>>())
    };
    RoleAccess {
        name: resource.name.clone(),
        label: resource.label.clone(),
        may: Action::ALL
            .into_iter()
            .filter(may)
            .map(Action::name)
            .collect(),
        withheld: by_reason(withheld.map(|action| (action.name(), why(action)))),
        hidden: pick(&|column| !views.is_empty() && hidden_by(column) == views.len()),
        partly: pick(&|column| (1..views.len()).contains(&hidden_by(column))),
        read_only: pick(&|column| hidden_by(column) < views.len() && fixed(column)),
        asks: asks::asks(policy, &anyone, resource),
        is_limited: !views.is_empty() && views.iter().all(|grant| !grant.rows.is_empty()),
        rules: grants
            .iter()
            .map(|grant| Rule::of(role, grant, resource, None))
            .collect(),
    }
}

/// Verbs that are not given, with the reason: "create, edit: it can only be read".
pub(crate) fn by_reason<V: AsRef<str>>(verbs: impl Iterator<Item = (V, String)>) -> Vec<String> {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for (verb, why) in verbs {
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, verbs)) => verbs.push(verb.as_ref().to_owned()),
            None => reasons.push((why, vec![verb.as_ref().to_owned()])),
        }
    }
    reasons
        .into_iter()
        .map(|(why, verbs)| text!("by-reason", rights = verbs.join(", "), reason = why))
        .collect()
}

fn giving(grants: &[Grant], action: Action) -> Vec<&Grant> {
    grants
        .iter()
        .filter(|grant| grant.may.contains(&action))
        .collect()
}
