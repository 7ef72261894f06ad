//! True or false.

use super::{Control, Input, Operators, Rules, Sheet, SheetKind, Storage};
use crate::catalog::{Field, Value, ValueError};
use crate::texts::text;

pub(super) struct Boolean;

impl Rules for Boolean {
    fn parse(&self, text: &str) -> Result<Value, ValueError> {
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "on" | "yes" | "t" => Ok(Value::Bool(true)),
            "false" | "0" | "off" | "no" | "f" => Ok(Value::Bool(false)),
            _ => Err(ValueError::new(text!("value-bool"))),
        }
    }

    /// Applications distinguish `t` from `1` if a database stores both.
    fn is_same(&self, kept: &Value, given: &Value) -> bool {
        kept == given
    }

    fn shaped(&self, value: Value) -> Value {
        match value {
            Value::Int(0) => Value::Bool(false),
            Value::Int(1) => Value::Bool(true),
            value => value,
        }
    }

    fn storage(&self) -> Storage {
        Storage::Bool
    }

    fn control(&self, field: &Field) -> Control {
        if field.nullable {
            Control::Select
        } else {
            Control::CheckBox
        }
    }

    fn fits(&self, value: &Value) -> bool {
        matches!(value, Value::Bool(_))
    }

    fn like(&self, stored: &Value, typed: &str) -> Option<Value> {
        match stored {
            Value::Text(_) => Some(Value::Text(typed.to_owned())),
            _ => None,
        }
    }

    fn operators(&self) -> Operators {
        Operators::EQUAL
    }

    fn input(&self) -> Input {
        Input::Bool
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(SheetKind::Text, 10)
    }
}
