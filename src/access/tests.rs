#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::testing::{catalog, grant, person, policy, roles};
use super::*;
use crate::catalog::Filter;
use crate::config::{GrantConfig, Manage, RoleConfig, StepUpConfig};
use chrono::{DateTime, TimeDelta};
use serde_json::json;

mod roles;
mod rules;

const NAME: usize = 1;
const REGION: usize = 2;
const MARGIN: usize = 3;

fn errors(grants: Vec<GrantConfig>) -> Vec<String> {
    let given = roles(&[("r", "g", grants)]);
    let errors = Policy::new(catalog(), &given).unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn every_mistake_in_a_role_is_told_at_once_with_its_place() {
    let told = errors(vec![
        grant("custmers", "view"),
        grant("customers", "vew"),
        grant("customers", "view").hiding("margn"),
        grant("customers", "view").fixing("nothing_like_it"),
        grant("customers", "view").rows("regoin=eq:x"),
        grant("customers", "view").rows("margin=eq:x"),
        grant("customers", "view").rows("region=like:x"),
        grant("customers", "view").rows("region"),
        grant("customers", "view").rows("region=eq:a{claim.region}"),
        grant("*", "view").rows("region=eq:x"),
        grant("customers", "view").hiding("id"),
        grant("*", "view").hiding("id"),
    ]);
    for expected in [
        "roles.r.grants[1].on: there is no resource \u{201c}custmers\u{201d}; did you mean",
        "roles.r.grants[2].may: \u{201c}vew\u{201d} is not a verb",
        "roles.r.grants[3].hide: there is no column \u{201c}margn\u{201d}",
        "roles.r.grants[4].read_only: there is no column",
        "roles.r.grants[5].rows: ",
        "roles.r.grants[6].rows: ",
        "roles.r.grants[7].rows: ",
        "roles.r.grants[8].rows: ",
        "roles.r.grants[9].rows: ",
        "roles.r.grants[10].rows: ",
        "roles.r.grants[11].hide: id is part of the key of customers and cannot be hidden",
        "roles.r.grants[12].hide: id is part of the key of audit and cannot be hidden",
    ] {
        assert!(
            told.iter().any(|error| error.starts_with(expected)),
            "{expected}\n{told:#?}"
        );
    }
}

#[test]
fn groups_are_compared_exactly() {
    let policy = policy(&[("editor", "editors", vec![grant("*", "view")])]);
    assert!(policy.admits(&person(&["x", "editors"], json!({}))));
    for group in [
        "",
        "Editors",
        "editors ",
        " editors",
        "/editors",
        "editor",
        "editors\0",
        "editorss",
        "\u{435}ditors",
        "e\u{200b}ditors",
        "*",
    ] {
        let ada = person(&[group], json!({}));
        assert!(!policy.admits(&ada), "{group:?}");
        assert!(policy.permit::<View>(&ada, "customers").is_err());
    }
    assert!(!policy.admits(&person(&[], json!({}))));
}

#[test]
fn roles_add_up_in_any_order() {
    let view = vec![grant("customers", "view").rows("region=eq:emea")];
    let edit = vec![
        grant("customers", "view edit")
            .hiding("margin")
            .rows("region=eq:apac"),
    ];
    let wide = vec![grant("customers", "view").hiding("margin").hiding("name")];
    let given = [("a", "a", view), ("b", "b", edit), ("c", "c", wide)];
    let policy = policy(&given);
    let covers = |groups: &[&str]| {
        let permit = policy
            .permit::<View>(&person(groups, json!({})), "customers")
            .unwrap();
        (0..4)
            .map(|column| permit.reads(column))
            .collect::<Vec<_>>()
    };
    let all = covers(&["a", "b", "c"]);
    for groups in [["c", "b", "a"], ["b", "a", "c"], ["c", "a", "b"]] {
        assert_eq!(covers(&groups), all);
    }
    assert_eq!(all[0], Cover::Everywhere);
    assert!(matches!(all[NAME], Cover::Where(_)));
    assert_eq!(all[REGION], Cover::Everywhere);
    assert!(matches!(all[MARGIN], Cover::Where(_)));
    assert_ne!(all[NAME], all[MARGIN]);
    let permit = policy.permit::<View>(&person(&["a", "b", "c"], json!({})), "customers");
    assert!(permit.unwrap().reaches_everything());
}

#[test]
fn nothing_is_given_that_no_grant_gives() {
    let policy = policy(&[(
        "r",
        "g",
        vec![
            grant("customers", "edit export"),
            grant("orders", "view"),
            grant("totals", "view edit"),
        ],
    )]);
    let ada = person(&["g"], json!({}));
    // Without view, no other verb works. The message is the same for a resource that does not
    // exist.
    let denied = policy.permit::<Edit>(&ada, "customers").unwrap_err();
    assert_eq!(denied.to_string(), "view on customers is not given.");
    assert!(!policy.may(&ada, "customers", Action::Edit));
    assert!(policy.permit::<Delete>(&ada, "orders").is_err());
    let nowhere = policy.permit::<View>(&ada, "nowhere").unwrap_err();
    assert_eq!(nowhere.to_string(), "view on nowhere is not given.");
    // A view cannot be written.
    assert!(policy.permit::<Edit>(&ada, "totals").is_err());
    assert!(policy.permit::<View>(&ada, "audit").is_err());
}

#[test]
fn a_claim_that_cannot_be_used_covers_no_rows() {
    let rows = |rule: &str, claims: serde_json::Value| {
        let policy = policy(&[("r", "g", vec![grant("customers", "view").rows(rule)])]);
        let permit = policy
            .permit::<View>(&person(&["g"], claims), "customers")
            .unwrap();
        permit.rows()
    };
    for (rule, claims) in [
        ("region=eq:{claim.region}", json!({})),
        ("region=eq:{claim.region}", json!({ "Region": "emea" })),
        ("region=eq:{claim.region}", json!({ "region": null })),
        ("region=eq:{claim.region}", json!({ "region": "" })),
        ("region=eq:{claim.region}", json!({ "region": {} })),
        ("region=eq:{claim.region}", json!({ "region": [] })),
        (
            "region=eq:{claim.region}",
            json!({ "region": ["emea", null] }),
        ),
        (
            "region=eq:{claim.region}",
            json!({ "region": ["emea", ["apac"]] }),
        ),
        ("region=ne:{claim.region}", json!({ "region": ["emea"] })),
        ("region=ne:{claim.region}", json!({})),
        ("region=nin:{claim.region}", json!({})),
        ("region=contains:{claim.region}", json!({ "region": ["e"] })),
        ("region=contains:{claim.region}", json!({ "region": "" })),
        ("region=in:{claim.region},x", json!({})),
        ("margin=eq:{claim.margin}", json!({ "margin": "x" })),
        ("margin=eq:{claim.margin}", json!({ "margin": 1.5 })),
        ("margin=le:{claim.margin}", json!({ "margin": true })),
    ] {
        let found = rows(rule, claims.clone());
        assert!(found.is_nothing(), "{rule} {claims}: {found:?}");
        assert!(!found.is_everything());
    }
    for (rule, claims) in [
        ("region=eq:{claim.region}", json!({ "region": "emea" })),
        (
            "region=eq:{claim.region}",
            json!({ "region": ["emea", "apac"] }),
        ),
        ("margin=ge:{claim.margin}", json!({ "margin": 5 })),
        ("region=in:{claim.region},x", json!({ "region": "a,b" })),
    ] {
        let found = rows(rule, claims);
        assert!(!found.is_nothing() && !found.is_everything(), "{rule}");
    }
    // A comma in a claim is part of its one value.
    let Filter::All(parts) = rows("region=in:{claim.region}", json!({ "region": "a,b" })) else {
        unreachable!()
    };
    let Filter::Test(test) = &parts[0] else {
        unreachable!()
    };
    assert_eq!(test.values.len(), 1);
}

#[test]
fn a_rule_is_combined_with_others_and_never_replaces_them() {
    let both = grant("customers", "view")
        .rows("region=eq:emea")
        .rows("margin=eq:{claim.m}");
    let policy = policy(&[("r", "g", vec![both])]);
    let permit = policy
        .permit::<View>(&person(&["g"], json!({})), "customers")
        .unwrap();
    assert!(permit.rows().is_nothing());
    // No column is covered anywhere, so no column can be filtered either.
    assert!(permit.readable().next().is_none());
}

/// A sign-in this long ago, with that `acr`.
fn proved(age_s: i64, acr: Option<&str>) -> Assurance {
    let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    Assurance {
        authenticated_at: Some(now - TimeDelta::seconds(age_s)),
        acr: acr.map(str::to_owned),
        now,
        skew: TimeDelta::zero(),
    }
}

#[test]
fn a_verb_that_demands_more_is_given_to_nobody_who_has_not_proved_it() {
    let strict = grant("customers", "view edit delete").demanding("delete", 300, &["mfa"]);
    let policy = policy(&[("r", "g", vec![strict])]);
    let ada = person(&["g"], json!({}));
    let demand = policy
        .permit::<Delete>(&ada, "customers")
        .unwrap_err()
        .demand
        .unwrap();
    assert_eq!(demand.max_age, Some(TimeDelta::seconds(300)));
    assert_eq!(demand.acr, Some(vec!["mfa".to_owned()]));
    for (assurance, is_given) in [
        (Assurance::none(), false),
        (proved(300, Some("mfa")), true),
        (proved(301, Some("mfa")), false),
        (proved(1, None), false),
        (proved(1, Some("pwd")), false),
        (proved(-1, Some("mfa")), false),
    ] {
        let permit = policy.permit_assured::<Delete>(&ada, "customers", &assurance);
        assert_eq!(permit.is_ok(), is_given, "{assurance:?}");
        // Other verbs, and what pages show, do not depend on the demand.
        assert!(
            policy
                .permit_assured::<Edit>(&ada, "customers", &assurance)
                .is_ok()
        );
        assert!(policy.may(&ada, "customers", Action::Delete));
        assert!(policy.reach::<Delete>(&ada, "customers").is_some());
    }
    // A person without the right does not learn its demand.
    let eve = person(&["other"], json!({}));
    assert_eq!(
        policy
            .permit::<Delete>(&eve, "customers")
            .unwrap_err()
            .demand,
        None
    );
}

#[test]
fn what_any_of_a_persons_grants_demands_is_demanded() {
    let here = || grant("customers", "view delete").rows("region=eq:emea");
    let policy = policy(&[
        (
            "a",
            "a",
            vec![here().demanding("delete", 600, &["mfa", "key"])],
        ),
        (
            "b",
            "b",
            vec![here().demanding("delete", 60, &["key", "card"])],
        ),
        ("c", "c", vec![grant("customers", "view delete")]),
        (
            "d",
            "d",
            vec![grant("orders", "view delete").demanding("delete", 30, &[])],
        ),
    ]);
    let given = |groups: &[&str], assurance: &Assurance| {
        let ada = person(groups, json!({}));
        policy
            .permit_assured::<Delete>(&ada, "customers", assurance)
            .is_ok()
    };
    assert!(
        given(&["c", "d"], &Assurance::none()),
        "demands of other resources"
    );
    assert!(
        !given(&["a", "c"], &proved(601, Some("mfa"))),
        "a free grant frees nothing"
    );
    assert!(given(&["a", "c"], &proved(600, Some("mfa"))));
    for groups in [["a", "b"], ["b", "a"]] {
        assert!(given(&groups, &proved(60, Some("key"))));
        assert!(!given(&groups, &proved(61, Some("key"))));
        assert!(!given(&groups, &proved(60, Some("mfa"))));
        assert!(!given(&groups, &proved(60, Some("card"))));
    }
}

#[test]
fn what_is_done_in_bulk_may_demand_more() {
    let strict = grant("customers", "view edit")
        .demanding("edit", 600, &[])
        .demanding("bulk", 60, &[]);
    let policy = policy(&[("r", "g", vec![strict])]);
    let ada = person(&["g"], json!({}));
    let one = |age| {
        policy
            .permit_assured::<Edit>(&ada, "customers", &proved(age, None))
            .is_ok()
    };
    let many = |age| {
        policy
            .permit_in_bulk::<Edit>(&ada, "customers", &proved(age, None))
            .is_ok()
    };
    assert_eq!((one(60), many(60)), (true, true));
    assert_eq!((one(61), many(61)), (true, false));
    assert_eq!((one(601), many(601)), (false, false));
}

#[test]
fn managing_may_demand_more() {
    let role = |manage: &[Manage], max_age: Option<u64>| RoleConfig {
        groups: vec![crate::config::GroupRule::is("g")],
        manage: manage.to_vec(),
        step_up: max_age
            .map(|age| {
                let demand = StepUpConfig {
                    max_age: Some(std::time::Duration::from_secs(age)),
                    ..StepUpConfig::default()
                };
                ("roles".to_owned(), demand)
            })
            .into_iter()
            .collect(),
        ..RoleConfig::default()
    };
    let all = [
        (
            "a".to_owned(),
            role(&[Manage::Roles, Manage::Sessions], Some(600)),
        ),
        ("b".to_owned(), role(&[Manage::Roles], Some(60))),
        ("c".to_owned(), role(&[Manage::Roles], None)),
    ];
    let policy = Policy::new(catalog(), &all.into_iter().collect()).unwrap();
    let ada = person(&["g"], json!({}));
    let roles = |age| policy.manage(&ada, Manage::Roles, &proved(age, None));
    assert_eq!(roles(60), Ok(()));
    assert!(matches!(
        roles(61),
        Err(Unmanaged::Demand(Manage::Roles, _))
    ));
    assert_eq!(
        policy.manage(&ada, Manage::Sessions, &Assurance::none()),
        Ok(())
    );
    let eve = person(&["x"], json!({}));
    assert_eq!(
        policy.manage(&eve, Manage::Roles, &proved(0, None)),
        Err(Unmanaged::NotGiven(Manage::Roles))
    );
}

#[test]
fn a_demand_that_cannot_be_read_stops_the_start() {
    let told = errors(vec![
        grant("customers", "view delete").demanding("delte", 60, &[]),
        grant("customers", "view").demanding("delete", 60, &[]),
        grant("customers", "view delete").demanding("delete", 0, &[]),
        grant("customers", "view").demanding("view", 60, &[]),
    ]);
    for (number, expected) in ["delte", "delete", "delete", "view"].iter().enumerate() {
        let expected = format!("roles.r.grants[{}].step_up.{expected}: ", number + 1);
        assert!(
            told.iter().any(|error| error.starts_with(&expected)),
            "{expected} {told:#?}"
        );
    }
}

#[test]
fn what_cannot_be_written_gives_no_verb_that_would_write_it() {
    let policy = policy(&[(
        "r",
        "g",
        vec![grant("*", "view create edit delete import export")],
    )]);
    let all = person(&["g"], json!({}));
    assert!(policy.permit::<View>(&all, "totals").is_ok());
    assert!(policy.permit::<Export>(&all, "totals").is_ok());
    assert!(policy.permit::<Create>(&all, "totals").is_err());
    assert!(policy.permit::<Edit>(&all, "totals").is_err());
    assert!(policy.permit::<Delete>(&all, "totals").is_err());
    for action in Action::ALL {
        let is_given = |resource| policy.may(&all, resource, action);
        let reads = matches!(action, Action::View | Action::Export);
        assert_eq!(is_given("totals"), reads, "{action:?}");
        assert_eq!(
            is_given("customers"),
            action != Action::History,
            "{action:?}"
        );
        assert!(!is_given("nothing"), "{action:?}");
    }
}

#[test]
fn without_view_only_what_needs_none_is_given() {
    let verbs = "create edit delete export";
    let policy = policy(&[("r", "g", vec![grant("customers", verbs)])]);
    let blind = person(&["g"], json!({}));
    assert!(policy.permit::<Create>(&blind, "customers").is_ok());
    assert!(policy.permit::<Edit>(&blind, "customers").is_err());
    assert!(policy.permit::<Delete>(&blind, "customers").is_err());
    assert!(policy.permit::<Export>(&blind, "customers").is_err());
    for action in Action::ALL {
        let is_given = policy.may(&blind, "customers", action);
        assert_eq!(is_given, action == Action::Create, "{action:?}");
    }
    let customers = policy.catalog().get("customers").unwrap();
    assert_eq!(policy.views(&blind, customers), None);
}

#[test]
fn whether_every_row_is_viewed_is_told_of_all_grants_together() {
    let views = |grants| {
        let policy = policy(&[("r", "g", grants)]);
        let customers = policy.catalog().get("customers").unwrap();
        policy.views(&person(&["g"], json!({})), customers)
    };
    let some = || grant("customers", "view").rows("region=eq:emea");
    let all = || grant("customers", "view");
    assert_eq!(views(vec![]), None);
    assert_eq!(views(vec![some()]), Some(false));
    assert_eq!(views(vec![all()]), Some(true));
    assert_eq!(views(vec![some(), all()]), Some(true));
    assert_eq!(views(vec![all(), some()]), Some(true));
}

#[test]
fn a_grant_that_covers_no_row_uncovers_no_column() {
    let policy = policy(&[(
        "r",
        "g",
        vec![
            grant("customers", "view").hiding("margin"),
            grant("customers", "view").rows("region=eq:{claim.region}"),
        ],
    )]);
    let readable = |claims| {
        let permit = policy.permit::<View>(&person(&["g"], claims), "customers");
        permit.unwrap().readable().collect::<Vec<usize>>()
    };
    assert_eq!(readable(json!({})), [0, NAME, REGION]);
    assert_eq!(
        readable(json!({ "region": "emea" })),
        [0, NAME, REGION, MARGIN]
    );
    assert_eq!(policy.claims(), ["region"]);
}

#[test]
fn a_scope_covers_no_column_that_is_not_there() {
    let policy = policy(&[("r", "g", vec![grant("*", "view edit")])]);
    let customers = policy.catalog().get("customers").unwrap();
    let all = person(&["g"], json!({}));
    for (_, grant) in policy.grants(&all, "customers") {
        let scope = grant.scope(customers, &all);
        assert!(scope.reads(MARGIN) && scope.writes(MARGIN));
        assert!(!scope.reads(MARGIN + 1) && !scope.writes(MARGIN + 1));
    }
}
