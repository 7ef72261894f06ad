//! PostgreSQL: few types are read as they are; all others as the text the server writes.

use super::{Dialect, Traits};
use crate::catalog::field::Storage;
use crate::catalog::{Field, Value};
use crate::data::sql::{Piece, Sql};
use diesel::QueryResult;
use diesel::connection::{Connection, LoadConnection, SimpleConnection};
use diesel::deserialize::FromSql;
use diesel::pg::{Pg, PgConnection, PgRowByRowLoadingMode, PgValue};
use diesel::query_builder::AstPass;
use diesel::row::{Field as _, Row};
use diesel::sql_types::{BigInt, Binary, Bool, Double, Float, Integer, Oid, SmallInt, Text};
use std::ops::ControlFlow;

// pg_type.oid of the types that are read from their binary form.
const BOOL: u32 = 16;
const BYTEA: u32 = 17;
const INT8: u32 = 20;
const OID: u32 = 26;
const INT2: u32 = 21;
const INT4: u32 = 23;
const FLOAT4: u32 = 700;
const FLOAT8: u32 = 701;

/// Rows that a cursor is first asked for, before their size is known.
const FETCH_FIRST: i64 = 20;
/// So many times as many rows may come next: rows differ in size.
const FETCH_GROWTH: i64 = 4;
/// The most rows that a cursor is asked for at a time.
const FETCH_MOST: i64 = 5_000;
/// A cursor is asked for about so many bytes at a time: the client takes them within the time of
/// one statement, however slow it is.
const FETCH_BYTES: i64 = 256 * 1024;

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
            // Not every type has an order or even an equality; their text has.
            Storage::Opaque if !has_order(field) => as_text(out, field),
            _ => out.push_identifier(&field.name),
        }
    }

    /// A bare name behind ORDER BY would be taken for what is read, which is the text of it.
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
            // As text a single address would have the length of its mask behind it.
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
            // A char(n) is padded with blanks, which are no part of it but for patterns.
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
            // 0.1 as a real is another number than 0.1 in double precision.
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
                // From the database's own catalog, where it is written ready for use.
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

/// Types that text is put into and compared with as it is. All others (`bpchar`, `citext`, ...)
/// are compared rightly only with their own type.
///
/// The catalog names types without their length, so that a cast never cuts a value short in
/// silence: a value too long is refused when it is put into the column.
fn is_text_type(sql_type: &str) -> bool {
    matches!(sql_type, "text" | "character varying")
}

/// Types known by no kind of their own whose order is not that of their text.
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
///
/// By a cursor: the limit on how long a statement takes is for the database, and not for whoever
/// takes the rows, and the server stops at the rows that nobody wants any more.
pub(in crate::data) fn stream(
    conn: &mut PgConnection,
    sql: Sql<'_>,
    f: &mut dyn FnMut(Vec<Value>) -> ControlFlow<()>,
) -> QueryResult<()> {
    conn.transaction(|conn| {
        // All rows are wanted: no plan that is only quick to begin. Between two fetches the server
        // waits for the client, which is given up here and not there.
        conn.batch_execute(
            "SET LOCAL cursor_tuple_fraction = 1; \
             SET LOCAL idle_in_transaction_session_timeout = 0",
        )?;
        let declare = sql.behind("DECLARE bailiwick_rows NO SCROLL CURSOR FOR ");
        super::execute(conn, &declare)?;
        let mut count = FETCH_FIRST;
        loop {
            let mut fetch = Sql::new("FETCH ");
            // What it gives is another cursor's each time: not to be kept prepared.
            fetch
                .push(Piece::Number(count))
                .text(" FROM bailiwick_rows")
                .varies();
            let (mut rows, mut bytes) = (0, 0);
            for row in LoadConnection::<PgRowByRowLoadingMode>::load(conn, fetch)? {
                let row = row?;
                rows += 1;
                bytes += size(&row);
                if f(values(&row)).is_break() {
                    return Ok(());
                }
            }
            if rows < count {
                return Ok(());
            }
            count = next_count(count, bytes);
        }
    })
}

/// How many rows to fetch after so many that had so many bytes.
fn next_count(count: i64, bytes: usize) -> i64 {
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX).max(1);
    let fitting = count.saturating_mul(FETCH_BYTES) / bytes;
    fitting
        .min(count.saturating_mul(FETCH_GROWTH))
        .clamp(1, FETCH_MOST)
}

fn size<'a>(row: &impl Row<'a, Pg>) -> usize {
    let fields = (0..row.field_count()).filter_map(|index| row.get(index));
    fields
        .map(|field| field.value().map_or(0, |value| value.as_bytes().len()))
        .sum()
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
        OID => <u32 as FromSql<Oid, Pg>>::from_sql(value)
            .map_or(Value::Null, |number| Value::Int(number.into())),
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

#[cfg(test)]
mod tests {
    use super::{FETCH_BYTES, FETCH_MOST, next_count};

    #[test]
    fn so_many_rows_are_fetched_as_have_about_the_same_size_each_time() {
        for (count, bytes, next) in [
            (100, 100_000, 262),
            (262, 262_144, 262),
            (100, 0, 400),
            (FETCH_MOST - 1, 0, FETCH_MOST),
            (FETCH_MOST, 100, FETCH_MOST),
            (100, 1 << 30, 1),
            (1, 1 << 20, 1),
            (1, usize::MAX, 1),
        ] {
            assert_eq!(next_count(count, bytes), next, "{count} of {bytes}");
        }
        assert_eq!(FETCH_BYTES, 262_144);
    }
}
