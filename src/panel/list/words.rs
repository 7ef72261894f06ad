//! The conditions of a list in words, for its chips.

use super::ListData;
use crate::catalog::filter::{Many, Range};
use crate::catalog::zone::TimeBase;
use crate::catalog::{Kind, Resource, Value};
use crate::entry::query::ListQuery;
use crate::entry::query::condition::{Condition, OfColumn};
use crate::texts::text;

/// A condition in words: "Status is paid", "Orders: none".
pub(super) fn of(
    resource: &Resource,
    query: &ListQuery,
    condition: &Condition,
    found: &ListData,
) -> Option<String> {
    match condition {
        Condition::Column(test) => of_column(resource, query, test, found),
        Condition::Rows(children, many) => {
            let rows = children.label();
            Some(match *many {
                Many::ANY => text!("condition-rows-some", rows = rows),
                Many::NONE => text!("condition-rows-none", rows = rows),
                Many::AtLeast(least) => text!("condition-rows-least", rows = rows, count = least),
                Many::AtMost(most) => text!("condition-rows-most", rows = rows, count = most),
            })
        }
    }
}

fn of_column(
    resource: &Resource,
    query: &ListQuery,
    test: &OfColumn,
    found: &ListData,
) -> Option<String> {
    let (field, op) = (&test.field, test.op);
    let named = |text: &String| {
        let value = Value::parse(field.kind, text).ok();
        let label = value
            .zip(test.own)
            .and_then(|(value, own)| found.relations.label(resource, own, &value));
        label.unwrap_or_else(|| text.clone())
    };
    let range = if op.is_relative() {
        let here = TimeBase::at(query.zone, found.now);
        Some(Range::of(field, op, &test.values, here).ok()?)
    } else {
        None
    };
    let values: Vec<String> = match &range {
        Some(range) => vec![range.said().to_owned()],
        None => test.values.iter().map(named).collect(),
    };
    let mut words = op.condition(field.kind, &field.label, &values);
    if let Some(range) = &range {
        words = text!(
            "condition-covers",
            condition = words,
            range = range.in_words()
        );
    }
    // A moment is shown with its time zone.
    if field.kind == Kind::Instant && !values.is_empty() {
        words = text!(
            "condition-zone",
            condition = words,
            zone = query.zone.name()
        );
    }
    Some(if test.is_alternative {
        text!("condition-or", condition = words)
    } else {
        words
    })
}
