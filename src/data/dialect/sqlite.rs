//! SQLite: a value has the type it was stored with, whatever its column says.

mod meaning;

use super::{Dialect, Traits};
use crate::catalog::field::{Storage, whole_number};
use crate::catalog::{Field, Value};
use diesel::QueryResult;
use diesel::query_builder::AstPass;
use diesel::sql_types::{BigInt, Binary, Bool, Double, Text};
use diesel::sqlite::Sqlite;

impl Dialect for Sqlite {
    // In any case for ASCII letters only: SQLite has no tables for others built in.
    const LIKE: &'static str = " LIKE ";
    const TICK: &'static str = "bailiwick_tick() AND ";
    // A change takes the write lock of the whole file when it begins.
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
        // A value has the type it was stored with: numbers are left as they are.
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
        // The plain test beside it uses the index of the column's own collation.
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
            // Text that is no number is kept as text, and must be found again as text.
            Value::Text(value)
                if field.kind.storage() == Storage::Decimal && value.parse::<f64>().is_ok() =>
            {
                out.push_sql("CAST(");
                // Written with a point it would be a double, which has fewer digits.
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
