//! PostgreSQL: few types are read in binary form, all others as the server's text.

use crate::catalog::Value;
use crate::data::sql::{Piece, Sql};
use diesel::QueryResult;
use diesel::connection::{Connection, DefaultLoadingMode, LoadConnection, SimpleConnection};
use diesel::deserialize::FromSql;
use diesel::pg::{Pg, PgConnection, PgRowByRowLoadingMode, PgValue};
use diesel::row::{Field as _, Row};
use diesel::sql_types::{BigInt, Bool, Double, Float, Integer, Oid, SmallInt};
use std::ops::ControlFlow;

// pg_type.oid of the types that are read in binary form.
const BOOL: u32 = 16;
const BYTEA: u32 = 17;
const INT8: u32 = 20;
const OID: u32 = 26;
const INT2: u32 = 21;
const INT4: u32 = 23;
const FLOAT4: u32 = 700;
const FLOAT8: u32 = 701;

/// The rows of the first fetch, before their size is known.
const FETCH_FIRST: i64 = 20;
/// The maximum factor from one fetch to the next: rows differ in size.
const FETCH_GROWTH: i64 = 4;
/// The maximum number of rows in one fetch.
const FETCH_MOST: i64 = 5_000;
/// The approximate bytes of one fetch: even a slow client reads them within the statement timeout.
const FETCH_BYTES: i64 = 256 * 1024;

/// Runs a statement and passes each row to `f` until it breaks.
pub(super) fn each(
    conn: &mut PgConnection,
    sql: Sql<'_>,
    f: &mut dyn FnMut(Vec<Value>) -> ControlFlow<()>,
) -> QueryResult<()> {
    for row in LoadConnection::<DefaultLoadingMode>::load(conn, sql)? {
        if f(values(&row?)).is_break() {
            break;
        }
    }
    Ok(())
}

/// Like [`each`], with one row in memory at a time.
///
/// Uses a cursor. So the statement timeout covers only the database's own work, not that of the
/// reader. The server stops at rows that are not wanted any more.
pub(super) fn stream(
    conn: &mut PgConnection,
    sql: Sql<'_>,
    f: &mut dyn FnMut(Vec<Value>) -> ControlFlow<()>,
) -> QueryResult<()> {
    conn.transaction(|conn| {
        // All rows are wanted, so the planner should not prefer a fast start. Between two fetches
        // the server waits for the client; only the client decides how long.
        conn.batch_execute(
            "SET LOCAL cursor_tuple_fraction = 1; \
             SET LOCAL idle_in_transaction_session_timeout = 0",
        )?;
        let declare = sql.behind("DECLARE bailiwick_rows NO SCROLL CURSOR FOR ");
        super::without_rows(conn, &declare)?;
        let mut count = FETCH_FIRST;
        loop {
            let mut fetch = Sql::new("FETCH ");
            // The result belongs to another cursor each time, so the statement is not cached.
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

/// How many rows to fetch next, given the size of the last ones.
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
        // Converted by its shortest text, so that 0.1 does not become 0.10000000149.
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
