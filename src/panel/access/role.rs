//! One role: who has it, and what it gives on each resource.

use super::asked::field_of;
use super::parts::AccessTab;
use super::parts::{Pager, Part, RESOURCES, Tab, base, resources, tabs};
use super::query::Query;
use crate::access::explain::{Rule, of_role};
use crate::access::policy::Role;
use crate::config::Manage;
use crate::entry::Entered;
use crate::panel::allowed::Line;
use crate::texts::text;
use crate::web::Failure;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

#[derive(Serialize)]
pub(super) struct RolePage {
    tabs: Vec<Tab>,
    name: String,
    pub(super) label: String,
    groups: Vec<Mapping>,
    manages: Vec<&'static str>,
    claims: Vec<Claim>,
    look_href: String,
    action: String,
    find: String,
    clear_href: Option<String>,
    lines: Vec<Line>,
    empty: Option<String>,
    pager: Option<Pager>,
    all_href: String,
    role_href: String,
    #[serde(skip)]
    facts: Json,
}

#[derive(Serialize)]
struct Mapping {
    rule: String,
    note: Option<String>,
}

/// A claim that row rules use, with its initial value in the form for viewing as this role.
#[derive(Serialize)]
pub(super) struct Claim {
    name: String,
    value: String,
}

/// The maximum number of claims with a field of their own.
const MAX_CLAIMS: usize = 20;

impl RolePage {
    pub fn of(entered: &Entered, query: &Query, name: &str) -> Result<Self, Failure> {
        let policy = entered.policy();
        let role = policy
            .role(name)
            .ok_or_else(|| Failure::Invalid(text!("asked-no-role", role = name)))?;
        let given: Vec<_> = resources(policy, &query.find)
            .iter()
            .filter(|resource| !role.grants_on(&resource.name).is_empty())
            .map(|resource| of_role(policy, role, resource))
            .collect();
        let part = Part::of(given.len(), query.page, RESOURCES);
        let pager = part.pager(entered, query, (text!("resources"), "page"));
        let lines = given.into_iter().skip(part.start).take(RESOURCES);
        let lines: Vec<Line> = lines.map(Line::of_role).collect();
        let base = base(entered);
        Ok(Self {
            tabs: tabs(entered, AccessTab::Roles),
            name: role.name.clone(),
            label: role.label.clone(),
            groups: role.mappings.iter().map(Mapping::of).collect(),
            manages: role.manage.iter().map(|what| what.name()).collect(),
            claims: claims(entered, &entered.person().claims),
            look_href: format!("{}/look", entered.site().urls.mount()),
            find: query.find.clone(),
            clear_href: (!query.find.is_empty())
                .then(|| query.with(&base, &query.text(), "find", "")),
            empty: lines.is_empty().then(|| {
                if query.find.is_empty() {
                    text!("role-gives-nothing")
                } else {
                    text!("role-gives-nothing-found")
                }
            }),
            lines,
            pager,
            all_href: base.clone(),
            role_href: format!("{}/roles/{}", entered.site().urls.mount(), role.name),
            action: base,
            facts: facts_as_json(role),
        })
    }

    pub fn as_json(&self) -> Json {
        let resources: Map<String, Json> = self
            .lines
            .iter()
            .map(|line| (line.name.clone(), line.as_json()))
            .collect();
        json!({
            "role": self.facts,
            "resources": resources,
            "next_page": self.pager.as_ref().and_then(Pager::next),
        })
    }
}

impl Claim {
    /// Its name and its value.
    pub fn pair(self) -> (String, String) {
        (self.name, self.value)
    }
}

impl Mapping {
    fn of(mapping: &crate::access::Mapping) -> Self {
        Self {
            rule: mapping.rule.to_string(),
            note: mapping.rule.note.clone(),
        }
    }
}

/// The claims that row rules use, as fields.
pub(super) fn claims(entered: &Entered, values: &Map<String, Json>) -> Vec<Claim> {
    let names = entered.policy().claims().into_iter().take(MAX_CLAIMS);
    names
        .map(|name| Claim {
            value: field_of(values.get(&name)),
            name,
        })
        .collect()
}

pub(super) fn facts_as_json(role: &Role) -> Json {
    let groups: Vec<String> = role.mappings.iter().map(|m| m.rule.to_string()).collect();
    json!({ "name": role.name, "label": role.label, "groups": groups, "manage": role.manage })
}

/// The rule by which a role may manage something.
pub(super) fn managing(role: &Role, what: Manage) -> Rule {
    Rule {
        source: text!("rule-source-manage", role = role.name),
        may: vec![what.name()],
        hidden: Vec::new(),
        read_only: Vec::new(),
        rows: Vec::new(),
    }
}
