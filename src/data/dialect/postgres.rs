//! PostgreSQL: few types are read as they are; all others as the text the server writes.

use super::Dialect;
use crate::catalog::{Field, Kind, Value};
use crate::data::sql::Sql;
use diesel::QueryResult;
use diesel::connection::LoadConnection;
use diesel::deserialize::FromSql;
use diesel::pg::{Pg, PgConnection, PgRowByRowLoadingMode, PgValue};
use diesel::query_builder::AstPass;
use diesel::row::{Field as _, Row};
use diesel::sql_types::{BigInt, Binary, Bool, Double, Float, Integer, SmallInt, Text};
use std::ops::ControlFlow;

// pg_type.oid of the types that are read from their binary form.
const BOOL: u32 = 16;
const BYTEA: u32 = 17;
const INT8: u32 = 20;
const INT2: u32 = 21;
const INT4: u32 = 23;
const FLOAT4: u32 = 700;
const FLOAT8: u32 = 701;

impl Dialect for Pg {
    const LIKE: &'static str = " ILIKE ";

    fn column(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()> {
        match field.kind {
            // Not every type has an order or even an equality; their text has.
            Kind::Other | Kind::Json => as_text(out, field),
            _ => out.push_identifier(&field.name),
        }
    }

    fn read(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()> {
        match field.kind {
            Kind::Bool | Kind::Int | Kind::Float | Kind::Bytes => out.push_identifier(&field.name),
            _ => as_text(out, field),
        }
    }

    fn size(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()> {
        out.push_sql("CAST(octet_length(");
        out.push_identifier(&field.name)?;
        out.push_sql(") AS int8)");
        Ok(())
    }

    fn matched(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()> {
        match field.kind {
            Kind::Text => out.push_identifier(&field.name),
            _ => as_text(out, field),
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
            Value::Float(value) => out.push_bind_param::<Double, _>(value)?,
            Value::Bytes(value) => out.push_bind_param::<Binary, _>(value)?,
            Value::Text(value) if is_plain_text(field) => {
                out.push_bind_param::<Text, _>(value)?;
            }
            Value::Text(value) => {
                out.push_sql("CAST(");
                out.push_bind_param::<Text, _>(value)?;
                out.push_sql(" AS ");
                // From the database's own catalog, where it is written ready for use.
                out.push_sql(&field.sql_type);
                out.push_sql(")");
            }
        }
        Ok(())
    }

    fn bind_text<'b>(out: &mut AstPass<'_, 'b, Self>, text: &'b str) -> QueryResult<()> {
        out.push_bind_param::<Text, _>(text)
    }

    fn bind_number<'b>(out: &mut AstPass<'_, 'b, Self>, number: &'b i64) -> QueryResult<()> {
        out.push_bind_param::<BigInt, _>(number)
    }
}

fn as_text(out: &mut AstPass<'_, '_, Pg>, field: &Field) -> QueryResult<()> {
    out.push_sql("CAST(");
    out.push_identifier(&field.name)?;
    out.push_sql(" AS text)");
    Ok(())
}

/// A cast to `varchar(n)` would cut text short in silence, so text is bound as it is; the padded
/// `character(n)` is compared rightly only with its own type.
fn is_plain_text(field: &Field) -> bool {
    matches!(field.kind, Kind::Text) && field.sql_type != "bpchar"
        || matches!(field.kind, Kind::Choice) && is_text_type(&field.sql_type)
}

fn is_text_type(sql_type: &str) -> bool {
    sql_type == "text" || sql_type.starts_with("character varying")
}

/// Runs a statement and gives each row to `f` until it breaks.
pub(in crate::data) fn each(
    conn: &mut PgConnection,
    sql: Sql<'_>,
    f: &mut dyn FnMut(Vec<Value>) -> ControlFlow<()>,
) -> QueryResult<()> {
    for row in LoadConnection::<diesel::connection::DefaultLoadingMode>::load(conn, sql)? {
        if f(values(&row?)).is_break() {
            break;
        }
    }
    Ok(())
}

/// Like [`each`], with one row in memory at a time.
pub(in crate::data) fn stream(
    conn: &mut PgConnection,
    sql: Sql<'_>,
    f: &mut dyn FnMut(Vec<Value>) -> ControlFlow<()>,
) -> QueryResult<()> {
    for row in LoadConnection::<PgRowByRowLoadingMode>::load(conn, sql)? {
        if f(values(&row?)).is_break() {
            break;
        }
    }
    Ok(())
}

fn values<'a>(row: &impl Row<'a, Pg>) -> Vec<Value> {
    (0..row.field_count())
        .map(|index| {
            row.get(index)
                .and_then(|field| field.value().map(read))
                .unwrap_or(Value::Null)
        })
        .collect()
}

fn read(value: PgValue<'_>) -> Value {
    match value.get_oid().get() {
        BOOL => <bool as FromSql<Bool, Pg>>::from_sql(value).map_or(Value::Null, Value::Bool),
        INT2 => <i16 as FromSql<SmallInt, Pg>>::from_sql(value)
            .map_or(Value::Null, |number| Value::Int(number.into())),
        INT4 => <i32 as FromSql<Integer, Pg>>::from_sql(value)
            .map_or(Value::Null, |number| Value::Int(number.into())),
        INT8 => <i64 as FromSql<BigInt, Pg>>::from_sql(value).map_or(Value::Null, Value::Int),
        // By its shortest text, so that 0.1 does not become 0.10000000149.
        FLOAT4 => <f32 as FromSql<Float, Pg>>::from_sql(value)
            .ok()
            .and_then(|number| number.to_string().parse().ok())
            .map_or(Value::Null, Value::Float),
        FLOAT8 => <f64 as FromSql<Double, Pg>>::from_sql(value).map_or(Value::Null, Value::Float),
        BYTEA => Value::Bytes(value.as_bytes().to_vec()),
        _ => Value::Text(String::from_utf8_lossy(value.as_bytes()).into_owned()),
    }
}
