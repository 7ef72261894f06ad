//! SQLite: a value has the type it was stored with, whatever its column declares.

use crate::catalog::Value;
use crate::data::sql::Sql;
use crate::store::hop::tick;
use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::connection::LoadConnection;
use diesel::deserialize::FromSql;
use diesel::row::{Field as _, Row};
use diesel::sql_types::{BigInt, Double};
use diesel::sqlite::{Sqlite, SqliteConnection, SqliteType};
use std::ops::ControlFlow;

/// Runs a statement and passes each row to `f` until it breaks; rows are read one by one.
pub(super) fn each(
    conn: &mut SqliteConnection,
    sql: Sql<'_>,
    f: &mut dyn FnMut(Vec<Value>) -> ControlFlow<()>,
) -> QueryResult<()> {
    tick::begin();
    for row in LoadConnection::load(conn, sql)? {
        let row = row?;
        let values = (0..row.field_count())
            .map(|index| {
                row.get(index)
                    .map_or(Value::Null, |field| read(field.value()))
            })
            .collect();
        if f(values).is_break() {
            break;
        }
        // The timeout covers only the database's own work, not that of the reader.
        tick::begin();
    }
    Ok(())
}

fn read(value: Option<<Sqlite as Backend>::RawValue<'_>>) -> Value {
    let Some(mut value) = value else {
        return Value::Null;
    };
    match value.value_type() {
        None => Value::Null,
        Some(SqliteType::Long | SqliteType::Integer | SqliteType::SmallInt) => {
            <i64 as FromSql<BigInt, Sqlite>>::from_sql(value).map_or(Value::Null, Value::Int)
        }
        Some(SqliteType::Double | SqliteType::Float) => {
            <f64 as FromSql<Double, Sqlite>>::from_sql(value).map_or(Value::Null, Value::Float)
        }
        Some(SqliteType::Binary) => Value::Bytes(value.read_blob().to_vec()),
        // SQLite text need not be UTF-8; invalid bytes are replaced.
        Some(_) => Value::Text(value.read_text().to_owned()),
    }
}
