//! Dates with a time and without a zone.

use super::{Control, Input, Look, Operators, Rules, Sheet, SheetKind, Storage, moment};
use crate::catalog::value::plain_json;
use crate::catalog::{Field, Value, ValueError};
use crate::texts::text;
use serde_json::{Value as Json, json};

pub(super) struct DateTime;

impl Rules for DateTime {
    fn parse(&self, text: &str) -> Result<Value, ValueError> {
        moment::parse_date_time(text.trim())
            .map(|moment| Value::Text(moment::format_date_time(moment)))
            .ok_or_else(|| ValueError::new(text!("value-date-time")))
    }

    fn json(&self, value: &Value) -> Json {
        let read = match value {
            Value::Text(text) => moment::parse_date_time(text),
            _ => None,
        };
        match read {
            Some(moment) => json!(moment.format("%Y-%m-%dT%H:%M:%S%.f").to_string()),
            None => plain_json(value),
        }
    }

    fn is_same(&self, kept: &Value, given: &Value) -> bool {
        is_same(&self.text(kept), &self.text(given))
    }

    fn storage(&self) -> Storage {
        Storage::Written
    }

    fn control(&self, _field: &Field) -> Control {
        Control::DateTime
    }

    fn fits(&self, value: &Value) -> bool {
        fits(value)
    }

    fn control_text(&self, value: &Value) -> String {
        control_text(&self.text(value))
    }

    fn like(&self, stored: &Value, typed: &str) -> Option<Value> {
        like(stored, typed)
    }

    fn operators(&self) -> Operators {
        Operators::DATED
    }

    fn input(&self) -> Input {
        Input::DateTime
    }

    fn look(&self) -> Look {
        Look::Local
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(SheetKind::DateTime { utc: false }, 22)
    }

    fn is_largest_first(&self) -> bool {
        true
    }
}

/// Whether both are the same moment, in the same notation as far as applications care. A value that
/// fits no control is edited as text, so that its notation can be corrected too.
pub(super) fn is_same(kept: &str, given: &str) -> bool {
    let whole = kept.split_once('.').map_or(kept, |(whole, _)| whole);
    let read = |text: &str| moment::parse_instant(text);
    kept == given
        || moment::is_browser_date_time(whole) && read(kept).is_some() && read(kept) == read(given)
}

pub(super) fn fits(value: &Value) -> bool {
    matches!(value, Value::Text(text) if moment::is_browser_date_time(text))
}

pub(super) fn control_text(text: &str) -> String {
    text.replacen(' ', "T", 1)
}

pub(super) fn like(stored: &Value, typed: &str) -> Option<Value> {
    match stored {
        Value::Text(stored) => moment::date_time_like(stored, typed).map(Value::Text),
        _ => None,
    }
}
