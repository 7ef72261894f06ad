//! The filter grammar: a parsed filter can be written and parsed again, and uses no hidden column.

use super::{holds, text};
use crate::access::testing::{grant, person, resource, roles};
use crate::access::{Permit, Policy, View};
use crate::catalog::Op;
use crate::catalog::filter::{Condition, join_operand, split_operand};
use crate::catalog::{Catalog, Field, Filter, Kind, Resource};
use crate::entry::query::{ListQuery, QueryContext};
use arbtest::arbitrary::{Result, Unstructured};
use std::sync::Arc;

const COLUMNS: [(&str, Kind); 14] = [
    ("id", Kind::Int),
    ("name", Kind::Text),
    ("secret", Kind::Text),
    ("price", Kind::Decimal { scale: Some(2) }),
    ("rate", Kind::Decimal { scale: None }),
    ("ratio", Kind::Float),
    ("good", Kind::Bool),
    ("day", Kind::Date),
    ("clock", Kind::Time),
    ("at", Kind::DateTime),
    ("seen", Kind::Instant),
    ("code", Kind::Uuid),
    ("papers", Kind::Json),
    ("state", Kind::Choice),
];

const VALUES: [&str; 34] = [
    ",",
    ",",
    "\\",
    "\\,",
    "0",
    "1",
    "-1",
    "+7",
    "12.50",
    ".5",
    "1e3",
    "-0",
    "NaN",
    "inf",
    "9223372036854775807",
    "9223372036854775808",
    "true",
    "no",
    "2026-01-31",
    "2026-02-30",
    "10:00",
    "23:59:60",
    "2026-01-31 10:00:00.5",
    "2026-01-31T10:00:00Z",
    "2026-01-31T10:00:00+14:00",
    "262143-12-31",
    "-262144-01-01",
    "123e4567-e89b-12d3-a456-426614174000",
    "{}",
    "[1, 2]",
    "new",
    "old",
    "%",
    "_",
];

fn things() -> Resource {
    let mut things = resource("things", &COLUMNS);
    for field in &mut things.fields {
        if field.kind == Kind::Choice {
            field.choices = vec!["new".into(), "old".into()];
        }
    }
    things
}

/// `OP:VALUE`, usually with an existing operator.
fn condition(u: &mut Unstructured<'_>) -> Result<String> {
    let op = u.choose(&Op::ALL)?.name();
    let value = text(u, &VALUES, 4)?;
    Ok(match u.int_in_range(0..=9)? {
        0 => text(u, &["eq", "in", ":", "nul"], 3)?,
        1 => op.to_owned(),
        _ => format!("{op}:{value}"),
    })
}

/// A condition in the form used in URLs.
fn written(test: &Condition, field: &Field) -> String {
    let kind = if test.op.is_of_text() {
        Kind::Text
    } else {
        field.kind
    };
    let values: Vec<String> = test
        .values
        .iter()
        .map(|value| value.to_text(kind))
        .collect();
    format!("{}:{}", test.op.name(), join_operand(test.op, &values))
}

fn tests(filter: &Filter) -> Vec<&Condition> {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().flat_map(tests).collect(),
        Filter::Test(test) | Filter::ByMeaning(test) => vec![test],
        Filter::Related(related) => tests(&related.rows),
    }
}

#[test]
fn a_filter_that_is_read_can_be_written_and_read_again() {
    let things = things();
    let mut read = 0;
    holds(|u| {
        let (column, _) = u.choose(&COLUMNS)?;
        let text = condition(u)?;
        let Ok(filter) = Filter::parse(&things, column, &text) else {
            return Ok(());
        };
        read += 1;
        for test in tests(&filter) {
            let field = &things.fields[test.column];
            assert_eq!(field.name, *column, "{text:?} tests another column");
            assert!(test.op.fits(field.kind), "{text:?}");
            let again = written(test, field);
            assert_eq!(
                Filter::parse(&things, column, &again),
                Ok(Filter::meant(field.kind, test.clone())),
                "{text:?} is written as {again:?}"
            );
        }
        Ok(())
    });
    assert!(read > 40, "only {read} of the inputs were filters");
}

#[test]
fn values_that_are_joined_are_split_as_they_were() {
    holds(|u| {
        let op = *u.choose(&[
            Op::In,
            Op::Nin,
            Op::Between,
            Op::Nbetween,
            Op::Eq,
            Op::Contains,
        ])?;
        let most = if matches!(op, Op::Eq | Op::Contains) {
            1
        } else {
            5
        };
        let mut values = Vec::new();
        for _ in 0..u.int_in_range(1..=most)? {
            values.push(text(u, &VALUES, 4)?);
        }
        assert_eq!(split_operand(op, &join_operand(op, &values)), values);
        Ok(())
    });
}

#[test]
fn a_list_query_stays_the_same_and_reaches_no_hidden_column() {
    let hidden = things().index_of("secret").unwrap();
    let grants = vec![grant("things", "view").hiding("secret")];
    let catalog = Arc::new(Catalog::new([things()]));
    let policy = Policy::new(catalog, &roles(&[("reader", "readers", grants)])).unwrap();
    let reader = person(&["readers"], serde_json::Value::Null);
    let permit: Permit<View> = policy.permit(&reader, "things").unwrap();
    let names = [
        "f.name",
        "f.secret",
        "f.at",
        "or.1.name",
        "or.2.secret",
        "or.x",
        "f.id.secret",
        "has.things",
        "sort",
        "size",
        "q",
        "page",
        "after",
    ];
    let around = QueryContext::new(chrono::Utc::now(), |name| policy.permit(&reader, name).ok());
    let mut read = 0;
    holds(|u| {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        for _ in 0..u.int_in_range(1..=4)? {
            let name = if u.ratio(5, 6)? {
                (*u.choose(&names)?).to_owned()
            } else {
                text(u, &names, 2)?
            };
            let value = match name.as_str() {
                "sort" => text(u, &["-", ",", "name", "secret", "at"], 4)?,
                "size" => text(u, &["2", "5", "0"], 2)?,
                _ => condition(u)?,
            };
            pairs.append_pair(&name, &value);
        }
        let given = pairs.finish();
        let Ok(query) = ListQuery::parse(&given) else {
            return Ok(());
        };
        // The links of a page lead to the same list.
        let url = query.url("/admin/data/things", &[]);
        let again = url.split_once('?').map_or("", |(_, query)| query);
        let again = ListQuery::parse(again).unwrap();
        assert_eq!(again.pairs(), query.pairs(), "{given:?}");
        let Ok(page) = query.resolve(&permit, &around) else {
            return Ok(());
        };
        read += 1;
        assert!(
            !page.filter.columns().contains(&hidden),
            "{given:?} filters by a hidden column"
        );
        assert!(
            page.sort.iter().all(|sort| sort.column != hidden),
            "{given:?} sorts by one"
        );
        assert!((1..=500).contains(&page.size), "{given:?}");
        Ok(())
    });
    assert!(
        read > 20,
        "only {read} of the inputs were queries of a list"
    );
}
