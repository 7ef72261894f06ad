//! Exact decimal numbers.

use super::{Control, Input, Look, Operators, Rules, Sheet, SheetKind, Storage};
use crate::catalog::value::plain_text;
use crate::catalog::{Field, Value, ValueError};
use crate::texts::text;
use serde_json::{Value as Json, json};

pub(super) struct Decimal {
    pub(super) scale: Option<u8>,
}

impl Rules for Decimal {
    fn parse(&self, text: &str) -> Result<Value, ValueError> {
        parse(text.trim(), self.scale)
    }

    /// Shows as many decimals as the column has, and never fewer than are stored. SQLite stores
    /// numbers as given: a whole amount of money as an integer.
    fn text(&self, value: &Value) -> String {
        let text = plain_text(value);
        let is_finite = matches!(value, Value::Float(number) if number.is_finite());
        match (value, self.scale) {
            (Value::Int(_), Some(scale)) => padded(&text, scale),
            (Value::Float(_), Some(scale)) if is_finite => padded(&text, scale),
            _ => text,
        }
    }

    fn json(&self, value: &Value) -> Json {
        match value {
            Value::Null => Json::Null,
            Value::Int(_) | Value::Float(_) => json!(self.text(value)),
            value => super::value::plain_json(value),
        }
    }

    fn is_same(&self, kept: &Value, given: &Value) -> bool {
        let plain = |value: &Value| parse(&self.text(value), None).map(|value| trimmed(&value));
        matches!((plain(kept), plain(given)), (Ok(one), Ok(other)) if one == other)
    }

    fn storage(&self) -> Storage {
        Storage::Decimal
    }

    fn control(&self, _field: &Field) -> Control {
        Control::Decimal
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
        Sheet::new(SheetKind::Decimal(self.scale), 13)
    }

    fn is_largest_first(&self) -> bool {
        true
    }
}

fn parse(text: &str, scale: Option<u8>) -> Result<Value, ValueError> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let number = !(whole.is_empty() && fraction.is_empty())
        && (whole.bytes().chain(fraction.bytes())).all(|byte| byte.is_ascii_digit());
    if !number {
        return Err(ValueError::new(text!("value-decimal")));
    }
    if let Some(scale) = scale
        && fraction.trim_end_matches('0').len() > usize::from(scale)
    {
        return Err(ValueError::new(text!(
            "value-decimals",
            count = usize::from(scale)
        )));
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = match scale {
        Some(scale) => format!("{:0<width$.width$}", fraction, width = usize::from(scale)),
        None => fraction.to_owned(),
    };
    Ok(Value::Text(if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }))
}

/// Pads a number to at least this many decimals.
fn padded(number: &str, scale: u8) -> String {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    match fraction.len().max(usize::from(scale)) {
        0 => whole.to_owned(),
        width => format!("{whole}.{fraction:0<width$}"),
    }
}

/// Removes insignificant zeros.
fn trimmed(value: &Value) -> String {
    let text = plain_text(value);
    let short = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text.as_str()
    };
    match short {
        "-0" => "0".to_owned(),
        short => short.to_owned(),
    }
}

/// The digits before the point, if only zeros follow the point.
pub(crate) fn whole_number(number: &str) -> Option<&str> {
    let (whole, fraction) = number.split_once('.')?;
    let is_whole = !whole.is_empty() && fraction.bytes().all(|digit| digit == b'0');
    is_whole.then_some(whole)
}
