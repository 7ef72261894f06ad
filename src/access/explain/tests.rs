#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::access::testing::{catalog, grant, person, policy};
use serde_json::json;

fn editor() -> Policy {
    let grants = vec![
        grant("customers", "view edit export")
            .hiding("margin")
            .rows("region=eq:{claim.region}"),
        grant("orders totals", "view edit delete").fixing("total"),
        grant("*", "history"),
    ];
    policy(&[
        ("editor", "editors", grants),
        ("admin", "/Admins", vec![grant("*", "view")]),
    ])
}

#[test]
fn every_verb_is_traced_to_role_and_grant() {
    let ada = person(&["editors", "other"], json!({ "region": "emea" }));
    let told = explain(&editor(), &ada, None);
    assert_eq!(told.roles[0].name, "editor");
    assert_eq!(told.roles[0].groups, ["editors"]);
    assert_eq!(told.unmapped_groups, ["other"]);
    assert_eq!(told.resources.len(), catalog().count());
    let customers = told
        .resources
        .iter()
        .find(|r| r.name == "customers")
        .unwrap();
    let verdict = |access: &Access, action| {
        let verdicts = &access.verbs;
        verdicts
            .iter()
            .find(|v| v.action == action)
            .unwrap()
            .clone()
    };
    let view = verdict(customers, Action::View);
    assert!(view.allowed);
    assert_eq!(view.because, ["role editor, grant 1"]);
    assert!(!verdict(customers, Action::Delete).allowed);
    assert_eq!(
        verdict(customers, Action::History).because,
        ["role editor, grant 3"]
    );
    assert_eq!(customers.hidden, ["Margin"]);
    assert_eq!(customers.rows, ["Region is emea (claim region)"]);
    let orders = told.resources.iter().find(|r| r.name == "orders").unwrap();
    assert_eq!(orders.read_only, ["Total"]);
    assert!(orders.rows.is_empty());
    let totals = told.resources.iter().find(|r| r.name == "totals").unwrap();
    let edit = verdict(totals, Action::Edit);
    assert!(!edit.allowed);
    assert_eq!(
        edit.because,
        ["role editor, grant 2", "it can only be read"]
    );
}

#[test]
fn near_misses_and_missing_claims_are_named() {
    let ada = person(&["Editors", " editors", "admins", "viewers"], json!({}));
    let told = explain(&editor(), &ada, Some("customers"));
    assert!(told.roles.is_empty());
    let misses: Vec<(&str, &str)> = told
        .near_misses
        .iter()
        .map(|miss| (miss.group.as_str(), miss.difference.as_str()))
        .collect();
    assert_eq!(
        misses,
        [
            ("admins", "upper and lower case and the slash in front"),
            ("Editors", "upper and lower case"),
            (" editors", "blanks around it"),
        ]
    );
    let ada = person(&["editors"], json!({}));
    let told = explain(&editor(), &ada, Some("customers"));
    assert_eq!(told.missing_claims.len(), 1);
    assert_eq!(told.missing_claims[0].claim, "region");
    assert_eq!(
        told.missing_claims[0].at,
        "role editor, grant 1, on customers"
    );
    assert!(!told.missing_claims[0].is_unusable);
    assert!(told.resources[0].rows[0].starts_with("none: "));
    let odd = person(&["editors"], json!({ "region": { "is": "emea" } }));
    assert!(explain(&editor(), &odd, None).missing_claims[0].is_unusable);
    let unknown = explain(&editor(), &ada, Some("custmers"))
        .unknown_resource
        .unwrap();
    assert!(unknown.contains("customers"), "{unknown}");
}

#[test]
fn a_column_covered_by_one_of_two_grants_is_told_with_its_rows() {
    let policy = policy(&[(
        "viewer",
        "viewers",
        vec![
            grant("customers", "view")
                .rows("region=in:emea,apac")
                .rows("margin=ge:1"),
            grant("customers", "view").hiding("margin"),
        ],
    )]);
    let ada = person(&["viewers"], json!({}));
    let access = &matrix(&policy, &ada)[0];
    assert_eq!(access.name, "customers");
    assert!(access.hidden.is_empty() && access.rows.is_empty());
    assert_eq!(
        access.partly,
        ["Margin, where Region is emea or apac and Margin is at least 1"]
    );
    assert_eq!(
        access.because,
        ["role viewer, grant 1: view", "role viewer, grant 2: view"]
    );
    assert_eq!(matrix(&policy, &ada).len(), 1);
    assert!(matrix(&policy, &person(&[], json!({}))).is_empty());
}

#[test]
fn it_is_printed_and_serialised() {
    let ada = person(&["editors"], json!({ "region": ["emea", "apac"] }));
    let told = explain(&editor(), &ada, Some("customers"));
    let text = told.to_string();
    for line in [
        "Role editor: from group editors",
        "customers (Customers)",
        "  view     yes  role editor, grant 1",
        "  rows: Region is emea or apac (claim region)",
        "  hidden: Margin",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}\n{text}");
    }
    let json = serde_json::to_value(&told).unwrap();
    assert_eq!(json["resources"][0]["verbs"][0]["verb"], "view");
    let nobody = explain(&editor(), &person(&[], json!({})), None).to_string();
    assert!(nobody.contains("none, so the panel stays closed"));
}

#[test]
fn a_role_is_explained_without_anybodys_claims() {
    let grants = vec![
        grant("customers", "view edit")
            .hiding("margin")
            .fixing("name")
            .rows("region=eq:{claim.region}"),
        grant("customers", "view")
            .rows("margin=between:1,2")
            .hiding("name"),
        grant("totals", "edit"),
        grant("orders", "edit"),
    ];
    let policy = policy(&[("editor", "editors", grants)]);
    let role = policy.role("editor").unwrap();
    let of = |name: &str| of_role(&policy, role, policy.catalog().get(name).unwrap());
    let customers = of("customers");
    assert_eq!(customers.may, ["view", "edit"]);
    // Each column is covered by one of two grants, so it is visible in some rows.
    assert!(customers.hidden.is_empty());
    assert_eq!(customers.partly, ["Name", "Margin"]);
    assert_eq!(customers.read_only, ["Name", "Margin"]);
    assert!(customers.is_limited);
    assert_eq!(customers.rules[0].source, "role editor, grant 1");
    assert_eq!(customers.rules[0].rows, ["Region is the claim region"]);
    assert_eq!(customers.rules[1].rows, ["Margin is between 1 and 2"]);
    assert_eq!(of("totals").withheld, ["edit: it can only be read"]);
    let orders = of("orders");
    assert!(orders.may.is_empty() && !orders.is_limited);
    assert_eq!(orders.withheld, ["edit: view is not given"]);
    assert!(of("audit").rules.is_empty());
}

#[test]
fn the_rule_that_took_a_group_is_told() {
    let team = crate::config::GroupRule {
        how: crate::config::GroupMatch::Glob,
        ..crate::config::GroupRule::is("team-*")
    };
    let mut roles = crate::access::testing::roles(&[("staff", "staff", vec![])]);
    roles.get_mut("staff").unwrap().groups.push(team);
    let policy = Policy::new(catalog(), &roles).unwrap();
    let told = explain(&policy, &person(&["team-7", "staff"], json!({})), None);
    let taken: Vec<(&str, &str)> = told.roles[0]
        .because
        .iter()
        .map(|taken| (taken.group.as_str(), taken.rule.as_str()))
        .collect();
    assert_eq!(taken, [("staff", "staff"), ("team-7", "glob team-*")]);
}

#[test]
fn what_a_verb_asks_for_first_is_told_with_the_verb() {
    let grants = vec![
        grant("customers", "view edit delete export action:merge")
            .demanding("edit", 300, &["urn:mfa"])
            .demanding("delete", 300, &["urn:mfa"])
            .demanding("bulk", 60, &[])
            .demanding("action:merge", 0, &["urn:key"]),
        grant("customers", "view delete").demanding("delete", 120, &[]),
    ];
    let policy = policy(&[("editor", "editors", grants)]);
    let asked = [
        "edit: a sign-in within the last 5 minutes, by urn:mfa",
        "delete: a sign-in within the last 2 minutes, by urn:mfa",
        "many rows at once: a sign-in within the last 60 seconds",
        "action:merge: a sign-in by urn:key",
    ];
    let told = explain(&policy, &person(&["editors"], json!({})), Some("customers"));
    assert_eq!(told.resources[0].asks, asked);
    let text = told.to_string();
    let line = format!("  asks for: {}", asked.join("; "));
    assert!(text.lines().any(|known| known == line), "{text}");
    let role = policy.role("editor").unwrap();
    let customers = policy.catalog().get("customers").unwrap();
    assert_eq!(of_role(&policy, role, customers).asks, asked);
    let orders = policy.catalog().get("orders").unwrap();
    assert!(of_role(&policy, role, orders).asks.is_empty());
}
