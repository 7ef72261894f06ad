//! Text.

use super::{Control, Operators, Rules, Storage, lines};
use crate::catalog::{Field, Value, ValueError};

pub(super) struct Text;

impl Rules for Text {
    fn parse(&self, text: &str) -> Result<Value, ValueError> {
        Ok(Value::Text(text.to_owned()))
    }

    fn is_same(&self, kept: &Value, given: &Value) -> bool {
        is_same_text(&self.text(kept), &self.text(given))
    }

    fn storage(&self) -> Storage {
        Storage::Text
    }

    fn control(&self, field: &Field) -> Control {
        text_control(field)
    }

    fn like(&self, stored: &Value, typed: &str) -> Option<Value> {
        with_breaks_of(stored, typed)
    }

    fn takes_empty(&self) -> bool {
        true
    }

    fn operators(&self) -> Operators {
        Operators::ALL
    }
}

/// Browsers send every line break as CR LF, whichever is stored.
pub(super) fn is_same_text(kept: &str, given: &str) -> bool {
    lines(kept) == lines(given)
}

pub(super) fn text_control(field: &Field) -> Control {
    if field.long {
        Control::TextArea
    } else {
        Control::Text
    }
}

/// Typed text with the line breaks of the stored text.
pub(super) fn with_breaks_of(stored: &Value, typed: &str) -> Option<Value> {
    let Value::Text(stored) = stored else {
        return None;
    };
    let line_break = match (stored.contains("\r\n"), stored.contains('\r')) {
        (true, _) => "\r\n",
        (false, true) => "\r",
        (false, false) => return None,
    };
    Some(Value::Text(lines(typed).replace('\n', line_break)))
}
