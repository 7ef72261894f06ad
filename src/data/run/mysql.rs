//! MySQL and MariaDB: numbers and bytes are read in binary form, all else as text.

use crate::catalog::Value;
use crate::data::sql::Sql;
use crate::store::mysql::MysqlConnection;
use diesel::QueryResult;
use diesel::connection::LoadConnection;
use diesel::mysql::{Mysql, MysqlType, MysqlValue};
use diesel::row::{Field as _, Row};
use std::ops::ControlFlow;

/// Runs a statement and passes each row to `f` until it breaks.
pub(super) fn each(
    conn: &mut MysqlConnection,
    sql: Sql<'_>,
    f: &mut dyn FnMut(Vec<Value>) -> ControlFlow<()>,
) -> QueryResult<()> {
    let mut is_over = true;
    for row in LoadConnection::load(conn, sql)? {
        if f(values(&row?)).is_break() {
            is_over = false;
            break;
        }
    }
    if !is_over {
        conn.abandon();
    }
    Ok(())
}

/// Like [`each`], for rows that are processed slowly. The client always reads them one by one.
pub(super) fn stream(
    conn: &mut MysqlConnection,
    sql: Sql<'_>,
    f: &mut dyn FnMut(Vec<Value>) -> ControlFlow<()>,
) -> QueryResult<()> {
    conn.unhurried(|conn| each(conn, sql, f))
}

fn values<'a>(row: &impl Row<'a, Mysql>) -> Vec<Value> {
    (0..row.field_count())
        .map(|index| {
            row.get(index)
                .and_then(|field| field.value().map(|value| read(&value)))
                .unwrap_or(Value::Null)
        })
        .collect()
}

/// Whole numbers have eight bytes, whatever their type.
fn read(value: &MysqlValue<'_>) -> Value {
    let bytes = value.as_bytes();
    match value.value_type() {
        MysqlType::Tiny | MysqlType::Short | MysqlType::Long | MysqlType::LongLong => {
            fixed(bytes).map_or(Value::Null, |bytes| Value::Int(i64::from_le_bytes(bytes)))
        }
        MysqlType::UnsignedTiny
        | MysqlType::UnsignedShort
        | MysqlType::UnsignedLong
        | MysqlType::UnsignedLongLong => fixed(bytes).map_or(Value::Null, |bytes| {
            let number = u64::from_le_bytes(bytes);
            i64::try_from(number).map_or_else(|_| Value::Text(number.to_string()), Value::Int)
        }),
        // Converted by its shortest text, so that 0.1 does not become 0.10000000149.
        MysqlType::Float => fixed(bytes)
            .and_then(|bytes| f32::from_le_bytes(bytes).to_string().parse().ok())
            .map_or(Value::Null, Value::Float),
        MysqlType::Double => {
            fixed(bytes).map_or(Value::Null, |bytes| Value::Float(f64::from_le_bytes(bytes)))
        }
        MysqlType::Blob | MysqlType::Bit => Value::Bytes(bytes.to_vec()),
        _ => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
    }
}

fn fixed<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.get(..N)?.try_into().ok()
}
