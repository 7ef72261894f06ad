//! Bytes: files that are uploaded and downloaded, never typed.

use super::{Control, Operators, Rules, Sheet, SheetKind, Storage};
use crate::catalog::{Field, Value, ValueError};
use crate::texts::text;
use serde_json::{Value as Json, json};

pub(super) struct Bytes;

impl Rules for Bytes {
    fn parse(&self, _text: &str) -> Result<Value, ValueError> {
        Err(ValueError::new(text!("value-bytes")))
    }

    fn text(&self, value: &Value) -> String {
        match value {
            Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
            value => super::value::plain_text(value),
        }
    }

    fn json(&self, value: &Value) -> Json {
        match value {
            Value::Bytes(bytes) => json!({ "bytes": bytes.len() }),
            value => super::value::plain_json(value),
        }
    }

    fn is_same(&self, _kept: &Value, _given: &Value) -> bool {
        false
    }

    fn storage(&self) -> Storage {
        Storage::Bytes
    }

    fn control(&self, _field: &Field) -> Control {
        Control::File
    }

    fn operators(&self) -> Operators {
        Operators::NONE
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(SheetKind::Text, 10)
    }

    fn is_sortable(&self) -> bool {
        false
    }
}
