//! Calendar dates.

use super::{Control, Input, Operators, Rules, Sheet, SheetKind, Storage, moment};
use crate::catalog::{Field, Value, ValueError};
use crate::texts::text;
use chrono::NaiveDate;

pub(super) struct Date;

impl Rules for Date {
    fn parse(&self, text: &str) -> Result<Value, ValueError> {
        NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d")
            .map(|date| Value::Text(date.to_string()))
            .map_err(|_| ValueError::new(text!("value-date")))
    }

    /// In a text column, applications that look for 2024-02-09 do not find `2024-2-9`.
    fn is_same(&self, kept: &Value, given: &Value) -> bool {
        self.text(kept) == self.text(given)
    }

    fn storage(&self) -> Storage {
        Storage::Written
    }

    fn control(&self, _field: &Field) -> Control {
        Control::Date
    }

    fn fits(&self, value: &Value) -> bool {
        matches!(value, Value::Text(text) if moment::is_date(text))
    }

    fn operators(&self) -> Operators {
        Operators::DATED
    }

    fn input(&self) -> Input {
        Input::Date
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(SheetKind::Date, 13)
    }

    fn is_largest_first(&self) -> bool {
        true
    }
}
