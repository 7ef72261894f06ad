//! SQLite: a value has the type it was stored with, whatever its column declares.

mod meaning;

use super::{Dialect, Traits};
use crate::catalog::field::{Storage, whole_number};
use crate::catalog::{Field, Value};
use diesel::QueryResult;
use diesel::query_builder::AstPass;
use diesel::sql_types::{BigInt, Binary, Bool, Double, Text};
use diesel::sqlite::Sqlite;

impl Dialect for Sqlite {
    // Case-insensitive for ASCII letters only: SQLite has no built-in support for others.
    const LIKE: &'static str = " LIKE ";
    const TICK: &'static str = "bailiwick_tick() AND ";
    // A change locks the whole file against writers from its start.
    const LOCK: &'static str = "";
    const LOOKS_UP: bool = false;
    const TRAITS: Traits = Traits {
        nulls_first: true,
        is_typed: false,
        folds: false,
        decimal_digits: Some(15),
    };

    fn column(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()> {
        out.push_identifier(&field.name)
    }

    fn read(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()> {
        out.push_identifier(&field.name)
    }

    fn head(out: &mut AstPass<'_, '_, Self>, field: &Field, most: u32) -> QueryResult<()> {
        // A value has the type it was stored with: numbers stay as they are.
        out.push_sql("CASE WHEN typeof(");
        out.push_identifier(&field.name)?;
        out.push_sql(") IN ('text', 'blob') THEN substr(");
        out.push_identifier(&field.name)?;
        out.push_sql(&format!(", 1, {most}) ELSE "));
        out.push_identifier(&field.name)?;
        out.push_sql(" END");
        Ok(())
    }

    fn size(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()> {
        out.push_sql("length(CAST(");
        out.push_identifier(&field.name)?;
        out.push_sql(" AS BLOB))");
        Ok(())
    }

    fn matched(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()> {
        out.push_identifier(&field.name)
    }

    fn exact<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        value: &'b Value,
        field: &'b Field,
    ) -> QueryResult<()> {
        Self::column(out, field)?;
        // The plain comparison beside it can use an index in the column's collation.
        out.push_sql(" COLLATE BINARY = ");
        Self::bind_compared(out, value, field)
    }

    fn meant<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        field: &'b Field,
        op: &'static str,
        value: &'b Value,
    ) -> QueryResult<()> {
        meaning::compare(out, field, op, value)
    }

    fn meant_any<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        field: &'b Field,
        values: &'b [Value],
    ) -> QueryResult<()> {
        meaning::any(out, field, values)
    }

    fn bind<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        value: &'b Value,
        field: &'b Field,
    ) -> QueryResult<()> {
        match value {
            Value::Null => out.push_sql("NULL"),
            Value::Bool(value) => out.push_bind_param::<Bool, _>(value)?,
            Value::Int(value) => out.push_bind_param::<BigInt, _>(value)?,
            Value::Float(value) => out.push_bind_param::<Double, _>(value)?,
            Value::Bytes(value) => out.push_bind_param::<Binary, _>(value)?,
            // Text that is not a number is stored as text, so it is searched for as text.
            Value::Text(value)
                if field.kind.storage() == Storage::Decimal && value.parse::<f64>().is_ok() =>
            {
                out.push_sql("CAST(");
                // With a point it would become a double, which keeps fewer digits.
                out.push_bind_param::<Text, _>(whole_number(value).unwrap_or(value))?;
                out.push_sql(" AS NUMERIC)");
            }
            Value::Text(value) => out.push_bind_param::<Text, _>(value)?,
            Value::Size(_) => out.push_sql("NULL"),
        }
        Ok(())
    }

    fn bind_text<'b>(out: &mut AstPass<'_, 'b, Self>, text: &'b str) -> QueryResult<()> {
        out.push_bind_param::<Text, _>(text)
    }
}
