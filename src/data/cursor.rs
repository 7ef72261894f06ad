//! Cursors: the position where a page of an ordered list ended.

use crate::catalog::Value;
use crate::texts::text;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};

/// A position in an ordered list: the sort column values and the key of a row. For rows without a
/// key, it is the number of rows before it.
#[derive(Debug, Clone, PartialEq)]
pub enum Cursor {
    /// Directly after (or before) the row with these values.
    Row(Vec<Value>),
    /// After this many rows.
    Offset(u64),
}

/// A text that is not a cursor of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", text!("place-wrong"))]
pub struct CursorError;

impl Cursor {
    /// The cursor in the form used in URLs.
    pub fn encode(&self) -> String {
        let json = match self {
            Self::Offset(rows) => Json::from(*rows),
            Self::Row(values) => Json::Array(values.iter().map(to_json).collect()),
        };
        URL_SAFE_NO_PAD.encode(json.to_string())
    }

    /// Parses a cursor.
    ///
    /// # Errors
    /// When the text was not written by [`Cursor::encode`].
    pub fn decode(text: &str) -> Result<Self, CursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError)?;
        match serde_json::from_slice(&bytes).map_err(|_| CursorError)? {
            Json::Number(rows) => rows.as_u64().map(Self::Offset).ok_or(CursorError),
            Json::Array(values) => values
                .into_iter()
                .map(from_json)
                .collect::<Option<_>>()
                .map(Self::Row)
                .ok_or(CursorError),
            _ => Err(CursorError),
        }
    }
}

fn to_json(value: &Value) -> Json {
    match value {
        Value::Null | Value::Size(_) => Json::Null,
        Value::Bytes(bytes) => json!({ "bytes": URL_SAFE_NO_PAD.encode(bytes) }),
        Value::Bool(value) => Json::from(*value),
        Value::Int(value) => Json::from(*value),
        // Text is exact, and can express infinity.
        Value::Float(value) => json!({ "float": value.to_string() }),
        Value::Text(value) => Json::from(value.as_str()),
    }
}

fn from_json(value: Json) -> Option<Value> {
    Some(match value {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => Value::Int(number.as_i64()?),
        Json::String(text) => Value::Text(text),
        Json::Object(tagged) => match (tagged.get("float"), tagged.get("bytes")) {
            (Some(Json::String(text)), None) => Value::Float(text.parse().ok()?),
            (None, Some(Json::String(text))) => Value::Bytes(URL_SAFE_NO_PAD.decode(text).ok()?),
            _ => return None,
        },
        Json::Array(_) => return None,
    })
}
