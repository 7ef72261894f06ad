//! One of a list of texts.

use super::text::{is_same_text, text_control, with_breaks_of};
use super::{Control, Input, Look, Operators, Rules, Sheet, SheetKind, Storage};
use crate::catalog::{Field, Value, ValueError};

pub(super) struct Choice;

impl Rules for Choice {
    fn parse(&self, text: &str) -> Result<Value, ValueError> {
        Ok(Value::Text(text.to_owned()))
    }

    fn is_same(&self, kept: &Value, given: &Value) -> bool {
        is_same_text(&self.text(kept), &self.text(given))
    }

    fn storage(&self) -> Storage {
        Storage::Written
    }

    fn control(&self, field: &Field) -> Control {
        if field.choices.is_empty() {
            text_control(field)
        } else {
            Control::Select
        }
    }

    fn like(&self, stored: &Value, typed: &str) -> Option<Value> {
        with_breaks_of(stored, typed)
    }

    fn operators(&self) -> Operators {
        Operators::ALL
    }

    fn input(&self) -> Input {
        Input::Choice
    }

    fn look(&self) -> Look {
        Look::Badge
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(SheetKind::Text, 10)
    }
}
