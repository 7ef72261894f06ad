//! Types without a kind of their own: shown as the database writes them.

use super::text::{is_same_text, text_control, with_breaks_of};
use super::{Control, Look, Operators, Rules, Storage};
use crate::catalog::{Field, Value, ValueError};

pub(super) struct Other;

impl Rules for Other {
    fn parse(&self, text: &str) -> Result<Value, ValueError> {
        Ok(Value::Text(text.to_owned()))
    }

    fn is_same(&self, kept: &Value, given: &Value) -> bool {
        is_same_text(&self.text(kept), &self.text(given))
    }

    fn storage(&self) -> Storage {
        Storage::Opaque
    }

    fn control(&self, field: &Field) -> Control {
        text_control(field)
    }

    fn like(&self, stored: &Value, typed: &str) -> Option<Value> {
        with_breaks_of(stored, typed)
    }

    fn operators(&self) -> Operators {
        Operators::ALL
    }

    fn look(&self) -> Look {
        Look::AsStored
    }
}
