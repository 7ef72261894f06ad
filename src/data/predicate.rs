//! Writes filters as SQL, and limits filters to what a permit makes visible.

pub(super) mod related;

use super::sql::{Piece, Sql};
use crate::access::{Cover, Permit, Verb};
use crate::catalog::{Condition, Field, Filter, FilterError, Op, Resource, Value};
use std::borrow::Cow;

/// Limits a person's filter to the rows in which each tested column is visible.
///
/// # Errors
/// A column that is visible in no row counts as one that does not exist.
pub(super) fn cut<V: Verb>(permit: &Permit<V>, filter: &Filter) -> Result<Filter, FilterError> {
    Ok(match filter {
        Filter::All(parts) => Filter::All(cut_each(permit, parts)?),
        Filter::Any(parts) => Filter::Any(cut_each(permit, parts)?),
        Filter::Test(test) | Filter::ByMeaning(test) => match permit.tests(test.column) {
            Cover::Everywhere => filter.clone(),
            Cover::Where(rows) => Filter::All(vec![rows, filter.clone()]),
            Cover::Nowhere => return Err(unknown(permit.resource(), test.column)),
        },
        Filter::Related(related) => {
            let mut parts = covers(permit, &related.columns)?;
            parts.push(filter.clone());
            Filter::All(parts)
        }
    })
}

/// The rows in which all these columns are visible.
///
/// # Errors
/// A column that is visible in no row counts as one that does not exist.
pub(super) fn covers<V: Verb>(
    permit: &Permit<V>,
    columns: &[usize],
) -> Result<Vec<Filter>, FilterError> {
    let mut parts = Vec::new();
    for column in columns {
        match permit.tests(*column) {
            Cover::Everywhere => {}
            Cover::Where(rows) => parts.push(rows),
            Cover::Nowhere => return Err(unknown(permit.resource(), *column)),
        }
    }
    Ok(parts)
}

fn cut_each<V: Verb>(permit: &Permit<V>, parts: &[Filter]) -> Result<Vec<Filter>, FilterError> {
    parts.iter().map(|part| cut(permit, part)).collect()
}

/// The error for a column that does not exist for this person.
pub(super) fn unknown(resource: &Resource, column: usize) -> FilterError {
    let name = resource.fields.get(column).map(|field| field.name.clone());
    FilterError::Column(name.unwrap_or_default())
}

/// The error for an operator that does not fit a column.
pub(super) fn unfit(op: Op, field: &Field) -> FilterError {
    FilterError::Unfit {
        op: op.name(),
        column: field.label.clone(),
    }
}

/// Writes a filter as a condition.
pub(super) fn write<'q>(sql: &mut Sql<'q>, resource: &'q Resource, filter: &'q Filter) {
    match filter {
        filter if filter.is_everything() => {
            sql.text("1 = 1");
        }
        filter if filter.is_nothing() => {
            sql.text("1 = 0");
        }
        Filter::All(parts) => join(sql, resource, parts, " AND ", true),
        Filter::Any(parts) => join(sql, resource, parts, " OR ", false),
        Filter::Test(test) => match resource.fields.get(test.column) {
            Some(field) => condition(sql, field, test),
            None => {
                sql.text("1 = 0");
            }
        },
        Filter::Related(related) => related::write(sql, resource, related),
        Filter::ByMeaning(test) => match resource.fields.get(test.column) {
            Some(field) => by_meaning(sql, field, test),
            None => {
                sql.text("1 = 0");
            }
        },
    }
}

fn join<'q>(
    sql: &mut Sql<'q>,
    resource: &'q Resource,
    parts: &'q [Filter],
    between: &'static str,
    all: bool,
) {
    sql.text("(");
    let mut first = true;
    // Parts without effect are left out, so that the planner can use indexes.
    let idle = |part: &&Filter| {
        if all {
            part.is_everything()
        } else {
            part.is_nothing()
        }
    };
    for part in parts.iter().filter(|part| !idle(part)) {
        if !first {
            sql.text(between);
        }
        first = false;
        write(sql, resource, part);
    }
    sql.text(")");
}

fn condition<'q>(sql: &mut Sql<'q>, field: &'q Field, test: &'q Condition) {
    let mut values = test.values.iter();
    match test.op {
        Op::Eq => compare(sql, field, " = ", values.next()),
        Op::Gt => compare(sql, field, " > ", values.next()),
        Op::Ge => compare(sql, field, " >= ", values.next()),
        Op::Lt => compare(sql, field, " < ", values.next()),
        Op::Le => compare(sql, field, " <= ", values.next()),
        Op::Ne => or_null(sql, field, |sql| compare(sql, field, " <> ", values.next())),
        Op::Between => {
            sql.text("(");
            compare(sql, field, " >= ", values.next());
            sql.text(" AND ");
            compare(sql, field, " <= ", values.next());
            sql.text(")");
        }
        Op::Nbetween => or_null(sql, field, |sql| {
            compare(sql, field, " < ", values.next());
            sql.text(" OR ");
            compare(sql, field, " > ", values.next());
        }),
        Op::In => list(sql, field, &test.values),
        Op::Nin => or_null(sql, field, |sql| {
            sql.text("NOT ");
            list(sql, field, &test.values);
        }),
        Op::Contains => like(sql, field, "%", values.next(), "%"),
        Op::Starts => like(sql, field, "", values.next(), "%"),
        Op::Ends => like(sql, field, "%", values.next(), ""),
        Op::Ncontains => unlike(sql, field, "%", values.next(), "%"),
        Op::Nstarts => unlike(sql, field, "", values.next(), "%"),
        Op::Nends => unlike(sql, field, "%", values.next(), ""),
        // With a known time these become ranges; without one they match no row.
        Op::Last | Op::Next | Op::This | Op::Past | Op::Future => {
            sql.text("(1 = 0)");
        }
        Op::Null => {
            sql.push(Piece::Column(field)).text(" IS NULL");
        }
        Op::NotNull => {
            sql.push(Piece::Column(field)).text(" IS NOT NULL");
        }
    }
}

/// Writes a condition by meaning. Conditions on text or NULL are the same either way.
fn by_meaning<'q>(sql: &mut Sql<'q>, field: &'q Field, test: &'q Condition) {
    let value = test.values.first().unwrap_or(&Value::Null);
    let mut meant = |op, value| {
        sql.push(Piece::Meant(field, op, Cow::Borrowed(value)));
    };
    match test.op {
        Op::Eq => meant(" = ", value),
        Op::Gt => meant(" > ", value),
        Op::Ge => meant(" >= ", value),
        Op::Lt => meant(" < ", value),
        Op::Le => meant(" <= ", value),
        Op::Ne => not_true(sql, |sql| {
            sql.push(Piece::Meant(field, " = ", Cow::Borrowed(value)));
        }),
        Op::Between => {
            let end = test.values.get(1).unwrap_or(&Value::Null);
            sql.text("(")
                .push(Piece::Meant(field, " >= ", Cow::Borrowed(value)))
                .text(" AND ")
                .push(Piece::Meant(field, " <= ", Cow::Borrowed(end)))
                .text(")");
        }
        Op::Nbetween => {
            let end = test.values.get(1).unwrap_or(&Value::Null);
            not_true(sql, |sql| {
                sql.push(Piece::Meant(field, " >= ", Cow::Borrowed(value)))
                    .text(" AND ")
                    .push(Piece::Meant(field, " <= ", Cow::Borrowed(end)));
            });
        }
        Op::In if !test.values.is_empty() => {
            sql.push(Piece::MeantAny(field, &test.values)).varies();
        }
        Op::Nin if !test.values.is_empty() => not_true(sql, |sql| {
            sql.push(Piece::MeantAny(field, &test.values)).varies();
        }),
        _ => condition(sql, field, test),
    }
}

/// Also true for NULL, and for values that cannot be compared.
fn not_true<'q>(sql: &mut Sql<'q>, test: impl FnOnce(&mut Sql<'q>)) {
    sql.text("((");
    test(sql);
    sql.text(") IS NOT TRUE)");
}

fn compare<'q>(sql: &mut Sql<'q>, field: &'q Field, op: &'static str, value: Option<&'q Value>) {
    let value = Cow::Borrowed(value.unwrap_or(&Value::Null));
    sql.push(Piece::Compare(field, op, value));
}

/// NULL is not equal to anything, and people expect its rows in "not X".
fn or_null<'q>(sql: &mut Sql<'q>, field: &'q Field, test: impl FnOnce(&mut Sql<'q>)) {
    sql.text("(");
    test(sql);
    sql.text(" OR ")
        .push(Piece::Column(field))
        .text(" IS NULL)");
}

fn list<'q>(sql: &mut Sql<'q>, field: &'q Field, values: &'q [Value]) {
    if values.is_empty() {
        sql.text("(1 = 0)");
        return;
    }
    sql.push(Piece::Among(field, values)).varies();
}

fn like<'q>(sql: &mut Sql<'q>, field: &'q Field, before: &str, value: Option<&Value>, after: &str) {
    let text = match value {
        Some(Value::Text(text)) => escape_like(text),
        _ => String::new(),
    };
    sql.push(Piece::Matched(field))
        .push(Piece::Like)
        .push(Piece::Pattern(format!("{before}{text}{after}")))
        .text(" ESCAPE '!'");
}

fn unlike<'q>(
    sql: &mut Sql<'q>,
    field: &'q Field,
    before: &str,
    value: Option<&Value>,
    after: &str,
) {
    or_null(sql, field, |sql| {
        sql.text("NOT ");
        like(sql, field, before, value, after);
    });
}

fn escape_like(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        // Databases escape a backslash in different ways, but this character in the same way.
        if matches!(c, '!' | '%' | '_') {
            escaped.push('!');
        }
        escaped.push(c);
    }
    escaped
}
