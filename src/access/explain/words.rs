//! Filters and row rules in words.

use crate::access::Person;
use crate::access::rule::RowRule;
use crate::catalog::{Condition, Filter, Op, Resource};
use crate::texts::text;

/// A rule with the person's claims put in: "Region is emea (claim region)".
pub(crate) fn of_rule(rule: &RowRule, resource: &Resource, person: &Person) -> String {
    let filter = rule.resolve(resource, &person.claims);
    let claims: Vec<&str> = rule.claims().collect();
    if claims.is_empty() {
        return of_filter(&filter, resource);
    }
    if filter.is_nothing() {
        let absent: Vec<&str> = claims
            .iter()
            .copied()
            .filter(|claim| !person.claims.contains_key(*claim))
            .collect();
        return match absent.is_empty() {
            true => text!(
                "rows-claim-unusable",
                rule = rule.text(),
                claims = claims.join(", ")
            ),
            false => text!(
                "rows-claim-absent",
                rule = rule.text(),
                claims = absent.join(", ")
            ),
        };
    }
    let words = of_filter(&filter, resource);
    text!("rows-claim", rows = words, claims = claims.join(", "))
}

/// A rule as it is for whoever has the role: "Region is the claim region".
pub(crate) fn of_rule_for_anyone(rule: &RowRule, resource: &Resource) -> String {
    let label = resource
        .fields
        .get(rule.column())
        .map_or("", |field| field.label.as_str());
    let between = match rule.op() {
        Op::Between | Op::Nbetween => " and ",
        _ => " or ",
    };
    let words = rule.operands_in_words().join(between);
    format!("{label} {} {words}", rule.op().words())
        .trim_end()
        .to_owned()
}

/// A filter in words: "Region is emea".
pub(super) fn of_filter(filter: &Filter, resource: &Resource) -> String {
    match filter {
        filter if filter.is_everything() => "any row".to_owned(),
        filter if filter.is_nothing() => "no row".to_owned(),
        Filter::All(parts) => join(parts, resource, " and "),
        Filter::Any(parts) => join(parts, resource, " or "),
        Filter::Test(test) | Filter::ByMeaning(test) => of_test(test, resource),
        Filter::Related(related) => format!("rows of {} belong to it", related.target.label),
    }
}

fn join(parts: &[Filter], resource: &Resource, between: &str) -> String {
    let telling: Vec<&Filter> = parts
        .iter()
        .filter(|part| !part.is_everything() && !part.is_nothing())
        .collect();
    let is_alone = telling.len() == 1;
    let words = telling.iter().map(|part| match part {
        Filter::Test(_) | Filter::ByMeaning(_) | Filter::Related(_) => of_filter(part, resource),
        _ if is_alone => of_filter(part, resource),
        _ => format!("({})", of_filter(part, resource)),
    });
    words.collect::<Vec<_>>().join(between)
}

fn of_test(test: &Condition, resource: &Resource) -> String {
    let Some(field) = resource.fields.get(test.column) else {
        return "no row".to_owned();
    };
    let values: Vec<String> = test
        .values
        .iter()
        .map(|value| value.to_text(field.kind))
        .collect();
    let between = match test.op {
        Op::Between | Op::Nbetween => " and ",
        _ => " or ",
    };
    format!(
        "{} {} {}",
        field.label,
        test.op.words(),
        values.join(between)
    )
    .trim_end()
    .to_owned()
}
