//! PostgreSQL: few types are read in binary form, all others as the server's text.

use super::{Dialect, Traits};
use crate::catalog::field::Storage;
use crate::catalog::{Field, Value};
use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::AstPass;
use diesel::sql_types::{BigInt, Binary, Bool, Double, Text};

impl Dialect for Pg {
    const LIKE: &'static str = " ILIKE ";
    const LOCK: &'static str = " FOR UPDATE";
    const TRAITS: Traits = Traits {
        nulls_first: false,
        is_typed: true,
        folds: false,
        decimal_digits: None,
    };

    fn column(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()> {
        match field.kind.storage() {
            // Some types have no order or no equality; their text has both.
            Storage::Opaque if !has_order(field) => as_text(out, field),
            _ => out.push_identifier(&field.name),
        }
    }

    /// Qualified with the table. In ORDER BY, a bare name would mean the column of the result,
    /// which is its text.
    fn sorted(out: &mut AstPass<'_, '_, Self>, table: &str, field: &Field) -> QueryResult<()> {
        if field.kind.storage() != Storage::Opaque || has_order(field) {
            out.push_identifier(table)?;
            out.push_sql(".");
        }
        Self::column(out, field)
    }

    fn read(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()> {
        match field.kind.storage() {
            Storage::Zoned if field.sql_type == "timestamp with time zone" => {
                out.push_sql("CAST((");
                out.push_identifier(&field.name)?;
                out.push_sql(" AT TIME ZONE 'UTC') AS text)");
                Ok(())
            }
            Storage::Bool | Storage::Int | Storage::Float | Storage::Bytes => {
                out.push_identifier(&field.name)
            }
            // As text, a single address would include its mask length.
            Storage::Opaque if field.sql_type == "inet" => {
                out.push_sql("NULLIF(format('%s', ");
                out.push_identifier(&field.name)?;
                out.push_sql("), '')");
                Ok(())
            }
            _ => as_text(out, field),
        }
    }

    fn head(out: &mut AstPass<'_, '_, Self>, field: &Field, most: u32) -> QueryResult<()> {
        out.push_sql("left(");
        Self::read(out, field)?;
        out.push_sql(&format!(", {most})"));
        Ok(())
    }

    fn size(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()> {
        out.push_sql("CAST(octet_length(");
        out.push_identifier(&field.name)?;
        out.push_sql(") AS int8)");
        Ok(())
    }

    fn matched(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()> {
        match field.kind.storage() {
            // A char(n) is padded with spaces, which matter only to patterns.
            Storage::Text if !matches!(field.sql_type.as_str(), "bpchar" | "character") => {
                out.push_identifier(&field.name)
            }
            _ => as_text(out, field),
        }
    }

    fn exact<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        value: &'b Value,
        field: &'b Field,
    ) -> QueryResult<()> {
        match value {
            Value::Text(text)
                if matches!(
                    field.kind,
                    crate::catalog::Kind::Text | crate::catalog::Kind::Choice
                ) =>
            {
                out.push_sql("(");
                as_text(out, field)?;
                out.push_sql(" COLLATE \"C\") = ");
                Self::bind_text(out, text)
            }
            _ => {
                Self::column(out, field)?;
                out.push_sql(" = ");
                Self::bind_compared(out, value, field)
            }
        }
    }

    fn bind<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        value: &'b Value,
        field: &'b Field,
    ) -> QueryResult<()> {
        match value {
            Value::Null | Value::Size(_) => out.push_sql("NULL"),
            Value::Bool(value) => out.push_bind_param::<Bool, _>(value)?,
            Value::Int(value) => out.push_bind_param::<BigInt, _>(value)?,
            // 0.1 as a real differs from 0.1 in double precision.
            Value::Float(value) if field.sql_type == "real" => {
                out.push_sql("CAST(");
                out.push_bind_param::<Double, _>(value)?;
                out.push_sql(" AS real)");
            }
            Value::Float(value) => out.push_bind_param::<Double, _>(value)?,
            Value::Bytes(value) => out.push_bind_param::<Binary, _>(value)?,
            Value::Text(value) if is_text_type(&field.sql_type) => {
                out.push_bind_param::<Text, _>(value)?;
            }
            Value::Text(value) => {
                out.push_sql("CAST(");
                out.push_bind_param::<Text, _>(value)?;
                out.push_sql(" AS ");
                // From the database's own catalog, already quoted.
                out.push_sql(&field.sql_type);
                out.push_sql(")");
            }
        }
        Ok(())
    }

    fn bind_compared<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        value: &'b Value,
        field: &'b Field,
    ) -> QueryResult<()> {
        match (field.kind.storage(), value) {
            (Storage::Opaque, Value::Text(text)) if !has_order(field) => Self::bind_text(out, text),
            _ => Self::bind(out, value, field),
        }
    }

    fn typed<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        value: &'b Value,
        field: &'b Field,
    ) -> QueryResult<()> {
        out.push_sql("CAST(");
        Self::bind(out, value, field)?;
        out.push_sql(" AS ");
        out.push_sql(&field.sql_type);
        out.push_sql(")");
        Ok(())
    }

    fn bind_text<'b>(out: &mut AstPass<'_, 'b, Self>, text: &'b str) -> QueryResult<()> {
        out.push_bind_param::<Text, _>(text)
    }
}

fn as_text(out: &mut AstPass<'_, '_, Pg>, field: &Field) -> QueryResult<()> {
    out.push_sql("CAST(");
    out.push_identifier(&field.name)?;
    out.push_sql(" AS text)");
    Ok(())
}

/// Types to which text can be assigned and compared without a cast. All others (`bpchar`, `citext`,
/// ...) compare correctly only with their own type.
///
/// The catalog stores types without length, so that a cast never truncates silently. A value that
/// is too long is refused on writing.
fn is_text_type(sql_type: &str) -> bool {
    matches!(sql_type, "text" | "character varying")
}

/// Types without a kind of their own whose order differs from that of their text.
fn has_order(field: &Field) -> bool {
    matches!(
        field.sql_type.as_str(),
        "interval"
            | "inet"
            | "cidr"
            | "macaddr"
            | "macaddr8"
            | "money"
            | "\"bit\""
            | "bit varying"
            | "time with time zone"
            | "pg_lsn"
            | "xid8"
    )
}
