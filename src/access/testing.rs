//! Small resources and policies for the tests of this module.
#![allow(clippy::unwrap_used)]

use super::{Person, Policy};
use crate::catalog::{
    Catalog, Display, DisplayPart, Field, Generated, Kind, Locked, Resource, SetAction, TableName,
    Value, audit, naming,
};
use crate::config::{GrantConfig, RoleConfig, StepUpConfig};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) fn resource(name: &str, columns: &[(&str, Kind)]) -> Resource {
    let field = |(name, kind): &(&str, Kind)| Field {
        name: (*name).to_owned(),
        label: naming::label(name),
        help: String::new(),
        kind: *kind,
        sql_type: "text".into(),
        nullable: *name != "id",
        default: None,
        generated: Generated::No,
        max_length: None,
        choices: Vec::new(),
        long: false,
    };
    let fields: Vec<Field> = columns.iter().map(field).collect();
    let key: Vec<usize> = fields
        .iter()
        .position(|f| f.name == "id")
        .into_iter()
        .collect();
    Resource {
        name: name.to_owned(),
        table: TableName {
            schema: None,
            name: name.to_owned(),
        },
        writable: !key.is_empty(),
        locked: Locked::default(),
        label: naming::label(name),
        label_one: naming::singular(&naming::label(name)),
        group: String::new(),
        help: String::new(),
        key,
        unique: Vec::new(),
        relations: Vec::new(),
        children: Vec::new(),
        list: Vec::new(),
        search: Vec::new(),
        search_paths: Vec::new(),
        display: Display(vec![DisplayPart::Column(1)]),
        sort: Vec::new(),
        estimate: None,
        actions: Vec::new(),
        tabs: Vec::new(),
        form: Vec::new(),
        fields,
    }
}

/// Customers, orders, a view called totals, and the audit log.
pub(crate) fn catalog() -> Arc<Catalog> {
    Arc::new(Catalog::new([
        Resource {
            actions: vec![SetAction {
                name: "merge".into(),
                label: "Merge".into(),
                set: [(2, Value::Text("emea".into()))].into(),
            }],
            ..resource(
                "customers",
                &[
                    ("id", Kind::Int),
                    ("name", Kind::Text),
                    ("region", Kind::Text),
                    ("margin", Kind::Int),
                ],
            )
        },
        resource(
            "orders",
            &[
                ("id", Kind::Int),
                ("number", Kind::Text),
                ("total", Kind::Int),
            ],
        ),
        resource("totals", &[("region", Kind::Text), ("total", Kind::Int)]),
        audit::resource(),
    ]))
}

pub(crate) fn grant(on: &str, may: &str) -> GrantConfig {
    let words = |text: &str| text.split(' ').map(String::from).collect();
    GrantConfig {
        on: words(on),
        may: words(may),
        ..GrantConfig::default()
    }
}

impl GrantConfig {
    pub(crate) fn hiding(mut self, column: &str) -> Self {
        self.hide.push(column.to_owned());
        self
    }

    pub(crate) fn fixing(mut self, column: &str) -> Self {
        self.read_only.push(column.to_owned());
        self
    }

    pub(crate) fn demanding(mut self, verb: &str, max_age_s: u64, acr: &[&str]) -> Self {
        let demand = StepUpConfig {
            max_age: (max_age_s > 0).then(|| std::time::Duration::from_secs(max_age_s)),
            acr: acr.iter().map(|way| (*way).to_owned()).collect(),
        };
        self.step_up.insert(verb.to_owned(), demand);
        self
    }

    pub(crate) fn rows(mut self, rule: &str) -> Self {
        self.rows.push(rule.to_owned());
        self
    }
}

/// Roles by name, each with one group and its grants.
pub(crate) fn roles(roles: &[(&str, &str, Vec<GrantConfig>)]) -> BTreeMap<String, RoleConfig> {
    let role = |(name, group, grants): &(&str, &str, Vec<GrantConfig>)| {
        let role = RoleConfig {
            groups: vec![crate::config::GroupRule::is(*group)],
            grants: grants.clone(),
            ..RoleConfig::default()
        };
        ((*name).to_owned(), role)
    };
    roles.iter().map(role).collect()
}

pub(super) fn policy(given: &[(&str, &str, Vec<GrantConfig>)]) -> Policy {
    Policy::new(catalog(), &roles(given)).unwrap()
}

pub(crate) fn person(groups: &[&str], claims: serde_json::Value) -> Person {
    Person {
        issuer: "https://id.example".into(),
        subject: "1".into(),
        name: "Ada".into(),
        email: None,
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        claims: claims.as_object().cloned().unwrap_or_default(),
        ..Person::default()
    }
}
