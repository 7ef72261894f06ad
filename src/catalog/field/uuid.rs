//! UUIDs.

use super::{Control, Look, Operators, Rules, Sheet, SheetKind, Storage};
use crate::catalog::{Field, Value, ValueError};
use crate::texts::text;

pub(super) struct Uuid;

impl Rules for Uuid {
    fn parse(&self, text: &str) -> Result<Value, ValueError> {
        let text = text.trim();
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        if digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(ValueError::new(text!("value-uuid")));
        }
        // Databases without a UUID type store the text as written, with or without hyphens.
        Ok(Value::Text(text.to_ascii_lowercase()))
    }

    fn is_same(&self, kept: &Value, given: &Value) -> bool {
        let digits = |value: &Value| self.text(value).replace('-', "").to_ascii_lowercase();
        digits(kept) == digits(given)
    }

    fn storage(&self) -> Storage {
        Storage::Written
    }

    fn control(&self, _field: &Field) -> Control {
        Control::Text
    }

    fn operators(&self) -> Operators {
        Operators::ALL
    }

    fn look(&self) -> Look {
        Look::Code
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(SheetKind::Text, 37)
    }
}
