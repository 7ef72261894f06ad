//! Filters and row rules in words.

use crate::access::Person;
use crate::access::rule::RowRule;
use crate::catalog::{Condition, Filter, Resource};
use crate::texts::{all_of, any_of, text};

/// A rule with the person's claims filled in: "Region is emea (claim region)".
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
        return if absent.is_empty() {
            text!(
                "rows-claim-unusable",
                rule = rule.text(),
                claims = claims.join(", ")
            )
        } else {
            text!(
                "rows-claim-absent",
                rule = rule.text(),
                claims = absent.join(", ")
            )
        };
    }
    let words = of_filter(&filter, resource);
    text!("rows-claim", rows = words, claims = claims.join(", "))
}

/// A rule for anyone with the role: "Region is the claim region".
pub(crate) fn of_rule_for_anyone(rule: &RowRule, resource: &Resource) -> String {
    let Some(field) = resource.fields.get(rule.column()) else {
        return text!("rows-no");
    };
    let op = rule.op();
    op.condition(field.kind, &field.label, &rule.operands_in_words())
}

/// A filter in words: "Region is emea".
pub(super) fn of_filter(filter: &Filter, resource: &Resource) -> String {
    match filter {
        filter if filter.is_everything() => text!("rows-any"),
        filter if filter.is_nothing() => text!("rows-no"),
        Filter::All(parts) => all_of(&words_of(parts, resource)),
        Filter::Any(parts) => any_of(&words_of(parts, resource)),
        Filter::Test(test) | Filter::ByMeaning(test) => of_test(test, resource),
        Filter::Related(related) => text!("rows-related", resource = related.target.label),
    }
}

fn words_of(parts: &[Filter], resource: &Resource) -> Vec<String> {
    let telling: Vec<&Filter> = parts
        .iter()
        .filter(|part| !part.is_everything() && !part.is_nothing())
        .collect();
    let is_alone = telling.len() == 1;
    let words = telling.iter().map(|part| {
        let words = of_filter(part, resource);
        match part {
            Filter::All(_) | Filter::Any(_) if !is_alone => text!("rows-nested", rows = words),
            _ => words,
        }
    });
    words.collect()
}

fn of_test(test: &Condition, resource: &Resource) -> String {
    let Some(field) = resource.fields.get(test.column) else {
        return text!("rows-no");
    };
    let values = test.values.iter();
    let values: Vec<String> = values.map(|value| value.to_text(field.kind)).collect();
    test.op.condition(field.kind, &field.label, &values)
}
