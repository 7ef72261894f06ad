//! MySQL and MariaDB.
//!
//! Collations ignore case, accents and trailing spaces. So equality is tested twice: by the
//! collation, which an index can serve, and by the bytes, which are exact. Sorting uses the
//! collation.

use super::{Dialect, Traits};
use crate::catalog::{Field, Kind, Value};
use diesel::QueryResult;
use diesel::mysql::Mysql;
use diesel::query_builder::AstPass;
use diesel::sql_types::{BigInt, Binary, Bool, Double, Text};

type Out<'a, 'b> = AstPass<'a, 'b, Mysql>;

impl Dialect for Mysql {
    // Both sides are converted to lower case.
    const LIKE: &'static str = " LIKE ";
    const LOCK: &'static str = " FOR UPDATE";
    const LOCK_WITHIN: &'static str = " FOR UPDATE";
    const NO_VALUES: &'static str = " () VALUES ()";
    const TRAITS: Traits = Traits {
        nulls_first: true,
        is_typed: true,
        folds: true,
        decimal_digits: None,
    };

    fn column(out: &mut Out<'_, '_>, field: &Field) -> QueryResult<()> {
        match Form::of(field) {
            Form::Bare | Form::Text | Form::Fraction => out.push_identifier(&field.name),
            form => form.write(out, field),
        }
    }

    fn read(out: &mut Out<'_, '_>, field: &Field) -> QueryResult<()> {
        Form::of(field).write(out, field)
    }

    fn head(out: &mut Out<'_, '_>, field: &Field, most: u32) -> QueryResult<()> {
        out.push_sql("LEFT(");
        Self::read(out, field)?;
        out.push_sql(&format!(", {most})"));
        Ok(())
    }

    fn apart(field: &Field) -> &'static str {
        match Form::of(field) {
            Form::Bare | Form::Bits => "",
            Form::Text | Form::Fraction | Form::Label | Form::Shape => " COLLATE utf8mb4_bin",
        }
    }

    fn size(out: &mut Out<'_, '_>, field: &Field) -> QueryResult<()> {
        around(out, "OCTET_LENGTH(", field, ")")
    }

    fn matched(out: &mut Out<'_, '_>, field: &Field) -> QueryResult<()> {
        // Compares characters in lower case only: a collation would ignore accents too.
        out.push_sql("LOWER(");
        Self::read(out, field)?;
        out.push_sql(") COLLATE utf8mb4_bin");
        Ok(())
    }

    fn compare<'b>(
        out: &mut Out<'_, 'b>,
        field: &'b Field,
        op: &'static str,
        value: &'b Value,
    ) -> QueryResult<()> {
        let is_equality = matches!(op, " = " | " <> ");
        if !is_equality || !folds(field) || !matches!(value, Value::Text(_)) {
            Self::column(out, field)?;
            out.push_sql(op);
            return Self::bind_compared(out, value, field);
        }
        out.push_sql(if op == " = " { "(" } else { "NOT (" });
        out.push_identifier(&field.name)?;
        out.push_sql(" = ");
        Self::bind_compared(out, value, field)?;
        out.push_sql(" AND ");
        bytes_of(out, field)?;
        out.push_sql(" = ");
        Self::bind_compared(out, value, field)?;
        out.push_sql(")");
        Ok(())
    }

    fn exact<'b>(out: &mut Out<'_, 'b>, value: &'b Value, field: &'b Field) -> QueryResult<()> {
        Self::compare(out, field, " = ", value)
    }

    fn among<'b>(
        out: &mut Out<'_, 'b>,
        field: &'b Field,
        values: &mut dyn Iterator<Item = &'b Value>,
    ) -> QueryResult<()> {
        let values: Vec<&Value> = values.collect();
        if !folds(field) {
            Self::column(out, field)?;
            return list(out, field, &values);
        }
        out.push_sql("(");
        out.push_identifier(&field.name)?;
        list(out, field, &values)?;
        out.push_sql(" AND ");
        bytes_of(out, field)?;
        list(out, field, &values)?;
        out.push_sql(")");
        Ok(())
    }

    fn bind<'b>(out: &mut Out<'_, 'b>, value: &'b Value, field: &'b Field) -> QueryResult<()> {
        match value {
            Value::Null | Value::Size(_) => out.push_sql("NULL"),
            Value::Bool(value) => out.push_bind_param::<Bool, _>(value)?,
            Value::Int(value) => out.push_bind_param::<BigInt, _>(value)?,
            Value::Float(value) => out.push_bind_param::<Double, _>(value)?,
            Value::Bytes(value) => out.push_bind_param::<Binary, _>(value)?,
            // BIT columns would treat text as characters.
            Value::Text(value) if Form::of(field) == Form::Bits => {
                out.push_sql("CAST(");
                out.push_bind_param::<Text, _>(value)?;
                out.push_sql(" AS UNSIGNED)");
            }
            Value::Text(value) => out.push_bind_param::<Text, _>(value)?,
        }
        Ok(())
    }

    fn bind_compared<'b>(
        out: &mut Out<'_, 'b>,
        value: &'b Value,
        field: &'b Field,
    ) -> QueryResult<()> {
        match (field.kind, value) {
            // As text, it would be compared as a floating-point number.
            (Kind::Decimal { .. }, Value::Text(text)) => {
                out.push_sql("CAST(");
                out.push_bind_param::<Text, _>(text)?;
                out.push_sql(match text.parse::<u64>() {
                    Ok(_) => " AS UNSIGNED)",
                    Err(_) => " AS DECIMAL(65,30))",
                });
            }
            // 0.1 in single precision differs from 0.1 in double precision.
            (Kind::Float, Value::Float(number)) if field.sql_type.starts_with("float") => {
                out.push_sql("CAST(");
                out.push_bind_param::<Double, _>(number)?;
                out.push_sql(" AS FLOAT)");
            }
            _ => Self::bind(out, value, field)?,
        }
        Ok(())
    }

    fn typed<'b>(out: &mut Out<'_, 'b>, value: &'b Value, field: &'b Field) -> QueryResult<()> {
        let (before, after) = match (Form::of(field), field.kind) {
            (Form::Shape, _) => ("ST_GeomFromText(", ")"),
            (_, Kind::Decimal { .. }) => ("CAST(", " AS DECIMAL(65,30))"),
            (_, Kind::Date) => ("CAST(", " AS DATE)"),
            (_, Kind::DateTime | Kind::Instant) => ("CAST(", " AS DATETIME(6))"),
            (_, Kind::Time) => ("CAST(", " AS TIME(6))"),
            _ => return Self::bind(out, value, field),
        };
        out.push_sql(before);
        Self::bind(out, value, field)?;
        out.push_sql(after);
        Ok(())
    }

    fn bind_text<'b>(out: &mut Out<'_, 'b>, text: &'b str) -> QueryResult<()> {
        out.push_sql("LOWER(");
        out.push_bind_param::<Text, _>(text)?;
        out.push_sql(")");
        Ok(())
    }
}

/// How a column is written in a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As its name.
    Bare,
    /// As its name, but read as text, because the client would decode it wrongly.
    Text,
    /// As its name, but read as text without the trailing zeros of a fraction of a second.
    Fraction,
    /// Always as text: it sorts by its position in a list, or not at all.
    Label,
    /// BIT, as a number.
    Bits,
    /// A geometry, as its text.
    Shape,
}

impl Form {
    fn of(field: &Field) -> Self {
        let name = type_name(&field.sql_type);
        match name {
            "bit" => Self::Bits,
            "enum" | "set" | "json" => Self::Label,
            "datetime" | "timestamp" | "time" if has_fraction(&field.sql_type) => Self::Fraction,
            "geometry" | "point" | "linestring" | "polygon" | "multipoint" | "multilinestring"
            | "multipolygon" | "geometrycollection" | "geomcollection" => Self::Shape,
            _ => match field.kind {
                Kind::Bool | Kind::Int | Kind::Float | Kind::Bytes => Self::Bare,
                _ => Self::Text,
            },
        }
    }

    fn write(self, out: &mut Out<'_, '_>, field: &Field) -> QueryResult<()> {
        match self {
            Self::Bare => out.push_identifier(&field.name),
            Self::Text | Self::Label => around(out, "CAST(", field, " AS CHAR)"),
            Self::Fraction => around(
                out,
                "TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(",
                field,
                " AS CHAR)))",
            ),
            Self::Bits => around(out, "(", field, " + 0)"),
            Self::Shape => around(out, "ST_AsText(", field, ")"),
        }
    }
}

/// The name of a type without its arguments: `varchar` of `varchar(20)`.
fn type_name(sql_type: &str) -> &str {
    let end = sql_type.find(|c: char| !c.is_ascii_alphanumeric());
    sql_type.split_at(end.unwrap_or(sql_type.len())).0
}

/// Whether values of a time type have a fraction: `datetime(6)`.
fn has_fraction(sql_type: &str) -> bool {
    let (_, digits) = sql_type.split_once('(').unwrap_or_default();
    digits.starts_with(|digit: char| ('1'..='6').contains(&digit))
}

/// Whether the collation may treat different texts as equal.
fn folds(field: &Field) -> bool {
    matches!(
        type_name(&field.sql_type),
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "enum" | "set"
    )
}

fn around(
    out: &mut Out<'_, '_>,
    before: &'static str,
    field: &Field,
    after: &'static str,
) -> QueryResult<()> {
    out.push_sql(before);
    out.push_identifier(&field.name)?;
    out.push_sql(after);
    Ok(())
}

/// The bytes of a text in the connection's character set, whatever that of the column.
fn bytes_of(out: &mut Out<'_, '_>, field: &Field) -> QueryResult<()> {
    around(out, "CAST(CONVERT(", field, " USING utf8mb4) AS BINARY)")
}

fn list<'b>(out: &mut Out<'_, 'b>, field: &'b Field, values: &[&'b Value]) -> QueryResult<()> {
    for (index, value) in values.iter().enumerate() {
        out.push_sql(if index == 0 { " IN (" } else { ", " });
        Mysql::bind_compared(out, value, field)?;
    }
    out.push_sql(")");
    Ok(())
}
