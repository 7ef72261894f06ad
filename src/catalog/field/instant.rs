//! Moments: dates and times with a zone, read and shown in UTC.

use super::{Control, Input, Look, Operators, Rules, Sheet, SheetKind, Storage, date_time, moment};
use crate::catalog::value::plain_json;
use crate::catalog::{Field, Value, ValueError};
use crate::texts::text;
use serde_json::{Value as Json, json};

pub(super) struct Instant;

impl Rules for Instant {
    fn parse(&self, text: &str) -> Result<Value, ValueError> {
        moment::parse_instant(text.trim())
            .map(|moment| Value::Text(moment::format_date_time(moment.naive_utc())))
            .ok_or_else(|| ValueError::new(text!("value-instant")))
    }

    fn json(&self, value: &Value) -> Json {
        let read = match value {
            Value::Text(text) => moment::parse_instant(text),
            _ => None,
        };
        match read {
            Some(moment) => json!(moment.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)),
            None => plain_json(value),
        }
    }

    fn is_same(&self, kept: &Value, given: &Value) -> bool {
        date_time::is_same(&self.text(kept), &self.text(given))
    }

    fn storage(&self) -> Storage {
        Storage::Zoned
    }

    fn control(&self, _field: &Field) -> Control {
        Control::DateTime
    }

    fn fits(&self, value: &Value) -> bool {
        date_time::fits(value)
    }

    fn control_text(&self, value: &Value) -> String {
        date_time::control_text(&self.text(value))
    }

    fn like(&self, stored: &Value, typed: &str) -> Option<Value> {
        date_time::like(stored, typed)
    }

    fn operators(&self) -> Operators {
        Operators::DATED
    }

    fn input(&self) -> Input {
        Input::DateTime
    }

    fn look(&self) -> Look {
        Look::Moment
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(SheetKind::DateTime { utc: true }, 22)
    }

    /// Marks the value as UTC.
    fn export_text(&self, value: &Value) -> String {
        match (value, self.json(value)) {
            (Value::Text(_), Json::String(text)) => text,
            _ => self.text(value),
        }
    }

    fn is_largest_first(&self) -> bool {
        true
    }
}
