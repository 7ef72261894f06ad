//! Comparisons by meaning. SQLite has no time types, and a view's column may have no type at all.
//! It then compares values by the type each was stored with.

use crate::catalog::{Field, Kind, Value};
use diesel::QueryResult;
use diesel::query_builder::AstPass;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;

type Out<'a, 'b> = AstPass<'a, 'b, Sqlite>;

/// A form in which times compare correctly: the SQL before and after a column, and before and after
/// a value.
struct Form {
    column: [&'static str; 2],
    value: [&'static str; 2],
}

/// The form for the times of this kind. `auto` takes a number as a Julian day or as seconds since
/// 1970, depending on its size (<https://www.sqlite.org/lang_datefunc.html>).
fn form(kind: Kind) -> Option<Form> {
    Some(match kind {
        Kind::DateTime | Kind::Instant => Form {
            column: ["unixepoch(", ", 'auto', 'subsec')"],
            value: ["unixepoch(", ", 'subsec')"],
        },
        Kind::Date => Form {
            column: ["date(", ", 'auto')"],
            value: ["date(", ")"],
        },
        Kind::Time => Form {
            column: ["strftime('%H:%M:%f', ", ")"],
            value: ["strftime('%H:%M:%f', ", ")"],
        },
        _ => return None,
    })
}

/// `column op value`.
pub(super) fn compare<'b>(
    out: &mut Out<'_, 'b>,
    field: &'b Field,
    op: &'static str,
    value: &'b Value,
) -> QueryResult<()> {
    out.push_sql("(");
    match form(field.kind) {
        Some(form) => {
            wrapped(out, &form.column, |out| out.push_identifier(&field.name))?;
            out.push_sql(op);
            wrapped(out, &form.value, |out| text(out, value))?;
            if matches!(field.kind, Kind::DateTime | Kind::Instant) {
                narrow(out, field, op, value)?;
            }
        }
        None => untyped(out, field, op, value)?,
    }
    out.push_sql(")");
    Ok(())
}

/// Whether the column has one of the values.
pub(super) fn any<'b>(
    out: &mut Out<'_, 'b>,
    field: &'b Field,
    values: &'b [Value],
) -> QueryResult<()> {
    out.push_sql("(");
    match form(field.kind) {
        Some(form) => {
            wrapped(out, &form.column, |out| out.push_identifier(&field.name))?;
            out.push_sql(" IN (");
            list(out, values, |out, value| {
                wrapped(out, &form.value, |out| text(out, value))
            })?;
            out.push_sql(")");
        }
        None => {
            out.push_identifier(&field.name)?;
            out.push_sql(" IN (");
            list(out, values, text)?;
            out.push_sql(") OR ");
            number_of(out, field)?;
            out.push_sql(" IN (");
            list(out, values, number_or_null)?;
            out.push_sql(")");
        }
    }
    out.push_sql(")");
    Ok(())
}

/// Compares a column without a type. A number is compared with numbers, and with text that looks
/// like a number. Only for equality, the value may be any text.
fn untyped<'b>(
    out: &mut Out<'_, 'b>,
    field: &'b Field,
    op: &'static str,
    value: &'b Value,
) -> QueryResult<()> {
    let number = number(value);
    if number.is_none() || op == " = " {
        out.push_identifier(&field.name)?;
        out.push_sql(op);
        text(out, value)?;
    }
    if number.is_some() {
        if op == " = " {
            out.push_sql(" OR ");
        }
        number_of(out, field)?;
        out.push_sql(op);
        number_or_null(out, value)?;
    }
    Ok(())
}

/// The column as a number; NULL if it is not one.
fn number_of<'b>(out: &mut Out<'_, 'b>, field: &'b Field) -> QueryResult<()> {
    out.push_sql("CASE WHEN typeof(");
    out.push_identifier(&field.name)?;
    out.push_sql(") IN ('integer', 'real') THEN ");
    out.push_identifier(&field.name)?;
    // Only text in the notation of a number: "12", not "12 pieces" or "1e2".
    out.push_sql(" WHEN CAST(CAST(");
    out.push_identifier(&field.name)?;
    out.push_sql(" AS NUMERIC) AS TEXT) = rtrim(rtrim(");
    out.push_identifier(&field.name)?;
    out.push_sql(", CASE WHEN instr(");
    out.push_identifier(&field.name)?;
    out.push_sql(", '.') THEN '0' ELSE '' END), '.') THEN CAST(");
    out.push_identifier(&field.name)?;
    out.push_sql(" AS NUMERIC) END");
    Ok(())
}

/// A text range that an index on the column can serve. It is a day wider on both sides, to allow
/// for time zones. Numbers sort before any text.
fn narrow<'b>(
    out: &mut Out<'_, 'b>,
    field: &'b Field,
    op: &'static str,
    value: &'b Value,
) -> QueryResult<()> {
    if matches!(op, " = " | " > " | " >= ") {
        out.push_sql(" AND (");
        out.push_identifier(&field.name)?;
        wrapped(out, &[" >= date(", ", '-1 day')"], |out| text(out, value))?;
        out.push_sql(" OR ");
        out.push_identifier(&field.name)?;
        out.push_sql(" < '')");
    }
    if matches!(op, " = " | " < " | " <= ") {
        out.push_sql(" AND ");
        out.push_identifier(&field.name)?;
        wrapped(out, &[" < date(", ", '+2 days')"], |out| text(out, value))?;
    }
    Ok(())
}

fn wrapped<'b>(
    out: &mut Out<'_, 'b>,
    [before, behind]: &[&'static str; 2],
    inner: impl FnOnce(&mut Out<'_, 'b>) -> QueryResult<()>,
) -> QueryResult<()> {
    out.push_sql(before);
    inner(out)?;
    out.push_sql(behind);
    Ok(())
}

fn list<'b>(
    out: &mut Out<'_, 'b>,
    values: &'b [Value],
    write: impl Fn(&mut Out<'_, 'b>, &'b Value) -> QueryResult<()>,
) -> QueryResult<()> {
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push_sql(", ");
        }
        write(out, value)?;
    }
    Ok(())
}

fn text<'b>(out: &mut Out<'_, 'b>, value: &'b Value) -> QueryResult<()> {
    match value {
        Value::Text(text) => out.push_bind_param::<Text, _>(text),
        _ => {
            out.push_sql("NULL");
            Ok(())
        }
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Text(text) => text
            .trim()
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

fn number_or_null<'b>(out: &mut Out<'_, 'b>, value: &'b Value) -> QueryResult<()> {
    match (number(value), value) {
        (Some(_), Value::Text(text)) => {
            out.push_sql("CAST(");
            out.push_bind_param::<Text, _>(text)?;
            out.push_sql(" AS NUMERIC)");
        }
        _ => out.push_sql("NULL"),
    }
    Ok(())
}
