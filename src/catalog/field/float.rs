//! Floating-point numbers.

use super::{Control, Input, Look, Operators, Rules, Sheet, SheetKind, Storage};
use crate::catalog::{Field, Value, ValueError};
use crate::texts::text;

pub(super) struct Float;

impl Rules for Float {
    fn parse(&self, text: &str) -> Result<Value, ValueError> {
        let number = text.trim().parse::<f64>().ok();
        number
            .filter(|number| number.is_finite())
            .map(Value::Float)
            .ok_or_else(|| ValueError::new(text!("value-number")))
    }

    fn storage(&self) -> Storage {
        Storage::Float
    }

    fn control(&self, _field: &Field) -> Control {
        Control::Decimal
    }

    fn fits(&self, value: &Value) -> bool {
        matches!(value, Value::Int(_) | Value::Float(_))
    }

    fn operators(&self) -> Operators {
        Operators::ORDERED
    }

    fn input(&self) -> Input {
        Input::Number
    }

    fn look(&self) -> Look {
        Look::Figure
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(SheetKind::Text, 10)
    }

    fn is_largest_first(&self) -> bool {
        true
    }
}
