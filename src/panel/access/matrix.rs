//! Every role and every resource: which verbs, in which rows and columns, and by which rule.

use super::parts::AccessTab;
use super::parts::{Pager, Part, RESOURCES, Tab, base, resources, tabs};
use super::query::Query;
use crate::access::Policy;
use crate::access::explain::{RoleAccess, Rule, of_role};
use crate::access::policy::Role;
use crate::catalog::Resource;
use crate::config::Manage;
use crate::entry::Entered;
use crate::texts::text;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

/// The number of roles side by side on a page.
const ROLES: usize = 8;

#[derive(Serialize)]
pub(super) struct MatrixPage {
    tabs: Vec<Tab>,
    action: String,
    find: String,
    clear_href: Option<String>,
    columns: Vec<Column>,
    groups: Vec<Group>,
    empty: Option<String>,
    pager: Option<Pager>,
    roles_pager: Option<Pager>,
    count: String,
}

#[derive(Serialize)]
struct Column {
    name: String,
    label: String,
    href: String,
    groups: String,
}

#[derive(Serialize)]
struct Group {
    heading: String,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    label: String,
    cells: Vec<Cell>,
}

#[derive(Serialize, Default)]
struct Cell {
    may: Vec<&'static str>,
    /// "some rows", "2 columns hidden".
    notes: Vec<String>,
    hidden: Vec<String>,
    partly: Vec<String>,
    read_only: Vec<String>,
    withheld: Vec<String>,
    asks: Vec<String>,
    rules: Vec<Rule>,
}

impl MatrixPage {
    pub fn of(entered: &Entered, query: &Query) -> Self {
        let policy = entered.policy();
        let found = resources(policy, &query.find);
        let part = Part::of(found.len(), query.page, RESOURCES);
        let roles_part = Part::of(policy.all_roles().len(), query.roles, ROLES);
        let roles = policy.all_roles();
        let roles = roles
            .get(roles_part.start..roles_part.end)
            .unwrap_or_default();
        let mut groups: Vec<Group> = Vec::new();
        for resource in found.get(part.start..part.end).unwrap_or_default() {
            let row = Row::of(policy, roles, resource);
            match groups
                .last_mut()
                .filter(|group| group.heading == resource.group)
            {
                Some(group) => group.rows.push(row),
                None => groups.push(Group {
                    heading: resource.group.clone(),
                    rows: vec![row],
                }),
            }
        }
        let is_last = part.end == found.len() && query.find.is_empty();
        groups.extend(is_last.then(|| of_the_panel(roles)));
        let base = base(entered);
        Self {
            tabs: tabs(entered, AccessTab::Roles),
            clear_href: (!query.find.is_empty()).then(|| base.clone()),
            find: query.find.clone(),
            columns: roles.iter().map(|role| Column::of(role, &base)).collect(),
            empty: match (groups.is_empty(), policy.all_roles().is_empty()) {
                (_, true) => Some(text!("matrix-no-roles")),
                (true, _) => Some(text!("matrix-none")),
                _ => None,
            },
            groups,
            pager: part.pager(entered, query, (text!("resources"), "page")),
            roles_pager: roles_part.pager(entered, query, (text!("roles"), "roles")),
            count: text!(
                "matrix-count",
                role_count = policy.all_roles().len(),
                count = policy.catalog().count()
            ),
            action: base,
        }
    }

    pub fn as_json(&self, entered: &Entered) -> Json {
        let roles = self.columns.iter().filter_map(|column| {
            let role = entered.policy().role(&column.name)?;
            Some(super::role::facts_as_json(role))
        });
        let rows = self.groups.iter().flat_map(|group| {
            group.rows.iter().map(|row| {
                let cells = self.columns.iter().zip(&row.cells);
                let cells: Map<String, Json> = cells
                    .map(|(column, cell)| (column.name.clone(), json!(cell)))
                    .collect();
                json!({ "name": row.name, "label": row.label, "group": group.heading, "roles": cells })
            })
        });
        json!({
            "roles": roles.collect::<Vec<_>>(),
            "resources": rows.collect::<Vec<_>>(),
            "next_page": self.pager.as_ref().and_then(Pager::next),
            "next_roles": self.roles_pager.as_ref().and_then(Pager::next),
        })
    }
}

impl Column {
    fn of(role: &Role, base: &str) -> Self {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("role", &role.name);
        let rules: Vec<String> = role
            .mappings
            .iter()
            .take(3)
            .map(|mapping| mapping.rule.to_string())
            .collect();
        let more = role.mappings.len().saturating_sub(rules.len());
        Self {
            name: role.name.clone(),
            label: role.label.clone(),
            href: format!("{base}?{}", query.finish()),
            groups: match (rules.is_empty(), more) {
                (true, _) => text!("no-group"),
                (_, 0) => rules.join(", "),
                (_, more) => text!("matrix-more", groups = rules.join(", "), count = more),
            },
        }
    }
}

impl Row {
    fn of(policy: &Policy, roles: &[Role], resource: &Resource) -> Self {
        let cells = roles
            .iter()
            .map(|role| Cell::of(of_role(policy, role, resource)));
        Self {
            name: resource.name.clone(),
            label: resource.label.clone(),
            cells: cells.collect(),
        }
    }
}

impl Cell {
    fn of(access: RoleAccess) -> Self {
        let (hidden, partly) = (access.hidden.len(), access.partly.len());
        let read_only = access.read_only.len();
        let notes = [
            access.is_limited.then(|| text!("some-rows")),
            (hidden > 0).then(|| text!("columns-hidden", count = hidden)),
            (partly > 0).then(|| text!("columns-in-part", count = partly)),
            (read_only > 0).then(|| text!("columns-read-only", count = read_only)),
        ];
        Self {
            notes: notes.into_iter().flatten().collect(),
            may: access.may,
            hidden: access.hidden,
            partly: access.partly,
            read_only: access.read_only,
            withheld: access.withheld,
            asks: access.asks,
            rules: access.rules,
        }
    }
}

/// The parts of the panel itself that roles may manage.
fn of_the_panel(roles: &[Role]) -> Group {
    let row = |what: Manage| Row {
        name: format!("manage {}", what.name()),
        label: match what {
            Manage::Roles => text!("manage-roles"),
            Manage::Sessions => text!("manage-sessions"),
        },
        cells: roles
            .iter()
            .map(|role| {
                if role.manage.contains(&what) {
                    Cell {
                        may: vec!["manage"],
                        rules: vec![super::role::managing(role, what)],
                        ..Cell::default()
                    }
                } else {
                    Cell::default()
                }
            })
            .collect(),
    };
    Group {
        heading: text!("this-panel"),
        rows: Manage::ALL.map(row).into(),
    }
}
