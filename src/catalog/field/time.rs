//! Times of day.

use super::{Control, Input, Look, Operators, Rules, Sheet, SheetKind, Storage, moment};
use crate::catalog::{Field, Value, ValueError};
use crate::texts::text;

pub(super) struct Time;

impl Rules for Time {
    fn parse(&self, text: &str) -> Result<Value, ValueError> {
        moment::parse_time(text.trim())
            .map(|time| Value::Text(moment::format_time(time)))
            .ok_or_else(|| ValueError::new(text!("value-time")))
    }

    fn is_same(&self, kept: &Value, given: &Value) -> bool {
        let (kept, given) = (self.text(kept), self.text(given));
        let read = |text: &str| moment::parse_time(text.trim());
        kept == given || self.is_formed(&kept) && read(&kept) == read(&given)
    }

    fn storage(&self) -> Storage {
        Storage::Written
    }

    fn control(&self, _field: &Field) -> Control {
        Control::Time
    }

    fn fits(&self, value: &Value) -> bool {
        matches!(value, Value::Text(text) if moment::is_browser_time(text))
    }

    fn like(&self, stored: &Value, typed: &str) -> Option<Value> {
        match stored {
            Value::Text(stored) => moment::time_like(stored, typed).map(Value::Text),
            _ => None,
        }
    }

    fn operators(&self) -> Operators {
        Operators::ORDERED
    }

    fn input(&self) -> Input {
        Input::Time
    }

    fn look(&self) -> Look {
        Look::Time
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(SheetKind::Time, 10)
    }
}

impl Time {
    /// Whether all parts have two digits. To readers of a text column, `9:05` is another text.
    fn is_formed(&self, text: &str) -> bool {
        let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
        moment::is_browser_time(whole) && moment::parse_time(text).is_some()
    }
}
