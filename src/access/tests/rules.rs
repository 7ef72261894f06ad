//! Row rules with claims of every shape.

use super::*;
use crate::catalog::Op;
use crate::catalog::value::Value;

/// The single condition of a rule on customers.
fn condition(rule: &str, claims: serde_json::Value) -> (usize, Op, Vec<Value>) {
    let policy = policy(&[("r", "g", vec![grant("customers", "view").rows(rule)])]);
    let ada = person(&["g"], claims);
    let rows = policy.permit::<View>(&ada, "customers").unwrap().rows();
    let Filter::All(parts) = &rows else {
        unreachable!("{rows:?}")
    };
    match parts.as_slice() {
        [Filter::Test(test)] => (test.column, test.op, test.values.clone()),
        other => unreachable!("{rule}: {other:?}"),
    }
}

#[test]
fn a_claim_stands_for_itself_and_a_list_for_its_members() {
    let texts = |texts: &[&str]| -> Vec<Value> {
        let texts = texts.iter().map(|text| Value::Text((*text).into()));
        texts.collect()
    };
    let list = json!({ "c": ["emea", "apac"] });
    for (rule, claims, op, values) in [
        (
            "region=eq:{claim.c}",
            json!({ "c": "emea" }),
            Op::Eq,
            &["emea"][..],
        ),
        (
            "region=ne:{claim.c}",
            json!({ "c": "emea" }),
            Op::Ne,
            &["emea"],
        ),
        (
            "region=eq:{claim.c}",
            list.clone(),
            Op::In,
            &["emea", "apac"],
        ),
        (
            "region=in:{claim.c},x",
            list.clone(),
            Op::In,
            &["emea", "apac", "x"],
        ),
        ("region=nin:{claim.c}", list, Op::Nin, &["emea", "apac"]),
        (
            "region=nin:x,{claim.c}",
            json!({ "c": "emea" }),
            Op::Nin,
            &["x", "emea"],
        ),
        (
            "region=in:{claim.c}",
            json!({ "c": [true, 7] }),
            Op::In,
            &["true", "7"],
        ),
        (
            "region=eq:{claim.c}",
            json!({ "c": false }),
            Op::Eq,
            &["false"],
        ),
    ] {
        let expected = (REGION, op, texts(values));
        assert_eq!(condition(rule, claims.clone()), expected, "{rule} {claims}");
    }
    let number = condition("margin=le:{claim.c}", json!({ "c": -5 }));
    assert_eq!(number, (MARGIN, Op::Le, vec![Value::Int(-5)]));
}

#[test]
fn a_claim_within_other_text_is_no_rule() {
    for rule in [
        "region=eq:x{claim.c}",
        "region=eq:{claim.c}x",
        "region=in:a,x{claim.c}",
        "region=contains:{claim.c} {claim.d}x",
    ] {
        let given = errors(vec![grant("customers", "view").rows(rule)]);
        assert_eq!(given.len(), 1, "{rule}: {given:?}");
    }
}
