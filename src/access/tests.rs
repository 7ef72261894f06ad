#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::testing::{catalog, grant, person, policy, roles};
use super::*;
use crate::catalog::Filter;
use crate::config::GrantConfig;
use serde_json::json;

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
    // Without view no other verb works; what does not exist is denied in the same words.
    let denied = policy.permit::<Edit>(&ada, "customers").unwrap_err();
    assert_eq!(denied.to_string(), "view on customers is not given");
    assert!(!policy.may(&ada, "customers", Action::Edit));
    assert!(policy.permit::<Delete>(&ada, "orders").is_err());
    let nowhere = policy.permit::<View>(&ada, "nowhere").unwrap_err();
    assert_eq!(nowhere.to_string(), "view on nowhere is not given");
    // A view is never written to.
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
    // Every column is covered nowhere then, so that nothing can be asked about either.
    assert!(permit.readable().next().is_none());
}
