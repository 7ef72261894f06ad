//! The conditions of a list in words, as its chips say them.

use super::Found;
use crate::catalog::field::Takes;
use crate::catalog::filter::{Many, Range};
use crate::catalog::zone::Here;
use crate::catalog::{Kind, Resource, Value};
use crate::entry::query::ListQuery;
use crate::entry::query::condition::{Condition, OfColumn};
use crate::entry::sizes::grouped;

/// A condition in words: "Status is paid", "Has no orders".
pub(super) fn of(
    resource: &Resource,
    query: &ListQuery,
    condition: &Condition,
    found: &Found,
) -> Option<String> {
    match condition {
        Condition::Column(test) => of_column(resource, query, test, found),
        Condition::Rows(children, many) => {
            let label = children.label();
            Some(match *many {
                Many::ANY => format!("{label}: some"),
                Many::NONE => format!("{label}: none"),
                Many::AtLeast(least) => format!("{label}: {} or more", grouped(least.into())),
                Many::AtMost(most) => format!("{label}: {} at most", grouped(most.into())),
            })
        }
    }
}

fn of_column(
    resource: &Resource,
    query: &ListQuery,
    test: &OfColumn,
    found: &Found,
) -> Option<String> {
    let (field, op) = (&test.field, test.op);
    let named = |text: &String| {
        let value = Value::parse(field.kind, text).ok();
        let label = value
            .zip(test.own)
            .and_then(|(value, own)| found.relations.label(resource, own, &value));
        label.unwrap_or_else(|| text.clone())
    };
    let either = if test.is_alternative { "Or: " } else { "" };
    let said = op.words_for(field.kind);
    let zone = match field.kind {
        // A moment is told with its zone.
        Kind::Instant => format!(" ({})", query.zone.name()),
        _ => String::new(),
    };
    if op.is_relative() {
        let here = Here::at(query.zone, found.now);
        let range = Range::of(field, op, &test.values, here).ok()?;
        let words = format!("{either}{} {said} {}", field.label, range.said());
        return Some(format!("{}: {}{zone}", words.trim_end(), range.in_words()));
    }
    let values: Vec<String> = test.values.iter().map(named).collect();
    let between = if op.takes() == Takes::Two {
        " and "
    } else {
        " or "
    };
    let text = format!("{either}{} {said} {}", field.label, values.join(between));
    let text = text.trim_end();
    Some(match values.is_empty() {
        true => text.to_owned(),
        false => format!("{text}{zone}"),
    })
}
