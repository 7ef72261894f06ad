//! JSON documents, kept as they were written.

use super::{Control, Kind, Look, Operators, Rules, Storage};
use crate::catalog::value::{plain_json, plain_text};
use crate::catalog::{Field, Value, ValueError};
use crate::texts::text;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

pub(super) struct Document;

impl Rules for Document {
    fn parse(&self, text: &str) -> Result<Value, ValueError> {
        let text = text.trim();
        // Parsed completely: only that refuses deeply nested documents.
        match serde_json::from_str::<Json>(text) {
            Ok(_) => Ok(Value::Text(text.to_owned())),
            Err(error) => Err(ValueError::new(text!(
                "value-json",
                line = error.line().to_string(),
                column = error.column().to_string()
            ))),
        }
    }

    fn json(&self, value: &Value) -> Json {
        let Value::Text(text) = value else {
            return plain_json(value);
        };
        let Ok(read) = serde_json::from_str::<Json>(text) else {
            return json!(text);
        };
        // The parsed document must not have lost digits or duplicate keys.
        let written = read.to_string();
        if written == without_blanks(text) {
            read
        } else {
            json!(text)
        }
    }

    fn is_same(&self, kept: &Value, given: &Value) -> bool {
        without_blanks(&plain_text(kept)) == without_blanks(&plain_text(given))
    }

    fn storage(&self) -> Storage {
        Storage::Opaque
    }

    fn control(&self, _field: &Field) -> Control {
        Control::Json
    }

    fn operators(&self) -> Operators {
        Operators::MATCHED
    }

    fn look(&self) -> Look {
        Look::Document
    }

    fn is_sortable(&self) -> bool {
        false
    }
}

/// A value in JSON like [`Value::to_json`], except for JSON documents. Those are written on one
/// line, with digits and keys exactly as stored.
#[derive(Debug, Clone, Copy)]
pub struct Lossless<'v> {
    /// The value.
    pub value: &'v Value,
    /// The kind of its column.
    pub kind: Kind,
}

impl Serialize for Lossless<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let (Value::Text(text), true) = (self.value, self.kind.is_document())
            && let Ok(raw) = RawValue::from_string(without_blanks(text))
        {
            return raw.serialize(serializer);
        }
        self.value.to_json(self.kind).serialize(serializer)
    }
}

/// Removes whitespace between the parts of a JSON text.
fn without_blanks(json: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    let keep = |c: &char| {
        let inside = quoted;
        match (quoted, escaped, *c) {
            (true, true, _) => escaped = false,
            (true, false, '\\') => escaped = true,
            (_, _, '"') => quoted = !quoted,
            _ => {}
        }
        inside || !c.is_ascii_whitespace()
    };
    json.chars().filter(keep).collect()
}
