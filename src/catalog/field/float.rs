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

/// The digits of a double that every decimal number keeps.
pub(super) const EXACT: usize = 15;

/// Whether a number was written with digits that the double nearest to it does not have: it would be
/// kept as another number, and nobody would be told.
pub(super) fn is_rounded(written: &str, kept: f64) -> bool {
    match (digits(written), digits(&kept.to_string())) {
        (Some(written), Some(kept)) => written.0.len() > EXACT && written != kept,
        _ => false,
    }
}

/// The digits of a number without zeros at either end, and where the point stands before them.
fn digits(number: &str) -> Option<(String, i64)> {
    let number = number.trim().trim_start_matches(['-', '+']);
    let (number, power) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let all = format!("{whole}{fraction}");
    let bare = all.trim_start_matches('0');
    let point = i64::try_from(bare.len()).ok()? - i64::try_from(fraction.len()).ok()?;
    let point = point.checked_add(power.parse().ok()?)?;
    Some((bare.trim_end_matches('0').to_owned(), point))
}
