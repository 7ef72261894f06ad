#![allow(clippy::unwrap_used)]
use super::*;
use crate::access::View;
use crate::access::testing::{grant, person, policy};
use crate::config::GrantConfig;
use serde_json::json;

fn cut(grants: Vec<GrantConfig>) -> (AuditCut, Resource) {
    let policy = policy(&[("r", "g", grants)]);
    let audit = policy.catalog().get("audit").unwrap().clone();
    let reader = person(&["g"], json!({}));
    (policy.audit_cut(&reader, &audit), Resource::clone(&audit))
}

fn object(value: Json) -> Map<String, Json> {
    value.as_object().unwrap().clone()
}

/// The names of the resources whose row labels may be shown.
fn named(cut: &AuditCut, audit: &Resource) -> Vec<Value> {
    let Cover::Where(Filter::Any(tests)) = cut.reads(audit.index_of("row_label").unwrap()) else {
        return Vec::new();
    };
    let tests = tests.into_iter().filter_map(|test| match test {
        Filter::Test(test) if test.op == Op::In => Some(test.values),
        _ => None,
    });
    tests.flatten().collect()
}

#[test]
fn only_cells_of_columns_that_are_read_in_every_row_are_seen() {
    let (cut, _) = cut(vec![
        grant("customers", "view").hiding("margin"),
        grant("customers", "view").rows("region=eq:emea"),
        grant("orders", "view").rows("number=eq:1"),
    ]);
    let changes = object(json!({ "name": ["a", "b"], "margin": [1, 2], "gone": [1, 2] }));
    let seen = |resource| cut.changes(resource, changes.clone());
    let expected = object(json!({ "name": ["a", "b"] }));
    assert_eq!(seen(Some("customers")), expected);
    for other in [Some("orders"), Some("totals"), Some("nothing"), None] {
        assert!(seen(other).is_empty(), "{other:?}");
    }
}

#[test]
fn rows_are_called_by_their_names_only_where_all_names_are_read() {
    let text = |name: &str| Value::Text(name.to_owned());
    let (open, audit) = cut(vec![grant("customers orders", "view")]);
    let (resource, label) = (audit.index_of("resource"), audit.index_of("row_label"));
    let mut names = named(&open, &audit);
    names.sort_by_key(|name| format!("{name:?}"));
    assert_eq!(names, [text("customers"), text("orders")]);
    for column in 0..audit.fields.len() {
        let everywhere = open.reads(column) == Cover::Everywhere;
        assert_eq!(everywhere, Some(column) != label, "{column}");
    }
    let (hidden, audit) = cut(vec![
        grant("customers", "view").hiding("name"),
        grant("orders", "view").rows("number=eq:1"),
    ]);
    assert!(named(&hidden, &audit).is_empty());
    let at = (audit.index_of("changes").unwrap(), resource.unwrap());
    assert_eq!(hidden.places(), Some(at));
    assert_eq!(hidden.details_at(), audit.index_of("details"));
}

#[test]
fn of_the_query_of_an_export_only_tests_of_read_columns_are_seen() {
    let (cut, _) = cut(vec![grant("customers", "view").hiding("margin")]);
    let query = json!([
        ["f.name", "eq:a"],
        ["f.margin", "eq:1"],
        ["or.1.name", "eq:a"],
        ["or.1.margin", "eq:1"],
        ["sort", "name"]
    ]);
    let details = object(json!({ "rows": 3, "query": query }));
    let seen = |resource| Json::Object(cut.details(resource, details.clone()));
    let left = json!([["f.name", "eq:a"], ["or.1.name", "eq:a"], ["sort", "name"]]);
    assert_eq!(seen(Some("customers")), json!({ "rows": 3, "query": left }));
    for other in [Some("orders"), None] {
        assert_eq!(seen(other), json!({ "rows": 3, "query": [] }));
    }
}

#[test]
fn the_log_is_not_chosen_or_ordered_by_what_is_cut() {
    let policy = policy(&[("r", "g", vec![grant("*", "view")])]);
    let permit = policy.permit::<View>(&person(&["g"], json!({})), "audit");
    let permit = permit.unwrap();
    let cut_by = [
        permit.resource().index_of("changes"),
        permit.resource().index_of("details"),
    ];
    for column in 0..permit.resource().fields.len() {
        let is_tested = permit.tests(column) != Cover::Nowhere;
        assert_eq!(is_tested, !cut_by.contains(&Some(column)), "{column}");
        assert_ne!(permit.reads(column), Cover::Nowhere);
    }
}
