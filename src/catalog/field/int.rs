//! Whole numbers of up to 64 bits.

use super::{Control, Input, Look, Operators, Rules, Sheet, SheetKind, Storage};
use crate::catalog::{Field, Value, ValueError};
use crate::texts::text;

pub(super) struct Int;

impl Rules for Int {
    fn parse(&self, text: &str) -> Result<Value, ValueError> {
        let text = text.trim();
        text.parse().map(Value::Int).map_err(|_| {
            if is_digits(text) {
                ValueError::new(text!("value-too-large"))
            } else {
                ValueError::new(text!("value-whole"))
            }
        })
    }

    fn storage(&self) -> Storage {
        Storage::Int
    }

    fn control(&self, _field: &Field) -> Control {
        Control::Number
    }

    fn fits(&self, value: &Value) -> bool {
        matches!(value, Value::Int(_))
    }

    fn operators(&self) -> Operators {
        Operators::ORDERED
    }

    fn input(&self) -> Input {
        Input::Number
    }

    fn look(&self) -> Look {
        Look::Number
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(SheetKind::Text, 10)
    }
}

fn is_digits(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}
