//! Values of cells.
//!
//! A [`Value`] travels between page and database. It has few shapes, so that every database can
//! bind and read all of them. Its meaning (a date, an amount of money) comes from the column's
//! [`Kind`](super::Kind).

use serde_json::json;
use std::fmt;

/// The largest integer that every JSON reader keeps exact (2^53 - 1, RFC 8259 section 6).
const JSON_SAFE: i64 = 9_007_199_254_740_991;

/// The value of one cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// NULL.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// Text, and everything written as text: decimals, dates (ISO 8601), UUIDs, JSON.
    Text(String),
    /// Bytes, as read.
    Bytes(Vec<u8>),
    /// Bytes that were left in the database; only their size was read.
    Size(u64),
}

/// Why a text is not a value of its column: a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ValueError(pub String);

impl ValueError {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl Value {
    /// Whether it is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&plain_text(self))
    }
}

/// The value as text, for any column. NULL is empty.
pub(super) fn plain_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) if number.is_infinite() && *number > 0.0 => "Infinity".into(),
        Value::Float(number) if number.is_infinite() => "-Infinity".into(),
        Value::Float(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        // SQLite stores bytes in columns of any type.
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::Size(size) => format!("{size} bytes"),
    }
}

/// The value in JSON, for any column; integers beyond 2^53 are strings.
pub(super) fn plain_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => json!(value),
        Value::Int(number) if number.unsigned_abs() <= JSON_SAFE.unsigned_abs() => json!(number),
        // JSON has neither infinity nor NaN, and null would be wrong.
        Value::Float(number) if number.is_finite() => json!(number),
        Value::Size(size) => json!({ "bytes": size }),
        value => json!(plain_text(value)),
    }
}
