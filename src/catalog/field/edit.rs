//! How a field is edited: the text of its control, and what is written when the form comes back.

use super::{Control, Kind, float, lines};
use crate::catalog::{Field, Value, ValueError};
use crate::texts::text;

/// A control and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlText {
    /// The control.
    pub control: Control,
    /// Its text.
    pub text: String,
}

/// The meaning of an empty text, if the form states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyMeaning {
    /// NULL.
    Null,
    /// An empty text.
    Text,
}

impl Field {
    /// The control for a value: the kind's preferred one, or the best that can hold the value.
    ///
    /// A value that no text can represent is shown read-only, so that it is never overwritten by an
    /// approximation.
    pub fn held(&self, value: Option<&Value>) -> ControlText {
        let best = self.kind.ask(|rules| rules.control(self));
        let Some(value) = value.filter(|value| !value.is_null()) else {
            return ControlText {
                control: best,
                text: String::new(),
            };
        };
        let text = value.to_text(self.kind);
        if self.kind.is_file() {
            return ControlText {
                control: best,
                text,
            };
        }
        let has_lines = text.contains(['\n', '\r']);
        let control = match best {
            _ if !is_text(value, &text) => Control::ReadOnly,
            Control::Text | Control::Decimal if has_lines => Control::TextArea,
            best if self.kind.ask(|rules| rules.fits(value)) => {
                return ControlText {
                    control: best,
                    text: self.kind.ask(|rules| rules.control_text(value)),
                };
            }
            _ if has_lines => Control::TextArea,
            _ => Control::Text,
        };
        ControlText { control, text }
    }

    /// Whether the submitted text means "not changed". It is what a browser sends for an untouched
    /// field, or it is the stored value. `control` is the one in the form.
    pub fn is_untouched(&self, control: Control, stored: &Value, typed: &str) -> bool {
        let typed = lines(typed);
        let held = self.held(Some(stored));
        let is_sent = |control: Control, text: &str| control.sends(text).as_ref() == Some(&typed);
        if is_sent(control, &held.text) || lines(&stored.to_text(self.kind)) == typed {
            return true;
        }
        // A browser may write the same date or time in another notation.
        held.control == self.kind.ask(|rules| rules.control(self))
            && !stored.is_null()
            && Value::parse(self.kind, &typed)
                .is_ok_and(|given| !is_rounded(&given, &typed) && stored.is_same(&given, self.kind))
    }

    /// Reads submitted text, in the stored value's format.
    ///
    /// # Errors
    /// A sentence in plain words that says what the field accepts.
    pub fn read(&self, typed: &str, stored: Option<&Value>) -> Result<Value, ValueError> {
        self.read_exactly(&lines(typed), stored)
    }

    /// Reads text that no browser has sent, so its line breaks are meant literally.
    ///
    /// # Errors
    /// As [`Field::read`].
    pub fn read_exactly(&self, typed: &str, stored: Option<&Value>) -> Result<Value, ValueError> {
        let value = Value::parse(self.kind, typed)?;
        if let Some(most) = self.max_length
            && typed.chars().count() > usize::try_from(most).unwrap_or(usize::MAX)
        {
            return Err(ValueError::new(text!("value-length", count = most)));
        }
        if is_rounded(&value, typed) {
            return Err(ValueError::new(text!("value-digits", count = float::EXACT)));
        }
        if self.has_choices() && !self.choices.iter().any(|choice| choice == typed) {
            return Err(ValueError::new(text!("value-choice")));
        }
        let alike = stored.and_then(|stored| self.kind.ask(|rules| rules.like(stored, typed)));
        Ok(alike.unwrap_or(value))
    }

    /// Whether an empty text is a value of this field other than NULL.
    pub fn takes_empty(&self) -> bool {
        self.kind.ask(|rules| rules.takes_empty())
    }

    /// Whether an empty text is one of the field's choices.
    pub fn has_empty_choice(&self) -> bool {
        self.has_choices() && self.choices.iter().any(String::is_empty)
    }

    /// The default of a new row, if the database declares it as a plain literal.
    pub fn usual(&self) -> Option<Value> {
        let default = self.default.as_deref()?.trim();
        let default = default.trim_start_matches('(').trim_end_matches(')');
        let text = match default.strip_prefix('\'') {
            Some(rest) => {
                // PostgreSQL appends the type: 'draft'::text
                let (text, rest) = rest.rsplit_once('\'')?;
                let is_whole = rest.is_empty() || rest.starts_with("::");
                let is_one = !text.replace("''", "").contains('\'');
                (is_whole && is_one).then(|| text.replace("''", "'"))?
            }
            None if is_number(default) || is_truth(self.kind, default) => default.to_owned(),
            None => return None,
        };
        Value::parse(self.kind, &text).ok()
    }
}

/// Whether a number that was typed has digits that are not kept.
fn is_rounded(value: &Value, typed: &str) -> bool {
    matches!(value, Value::Float(number) if float::is_rounded(typed, *number))
}

fn is_number(literal: &str) -> bool {
    literal.parse::<f64>().is_ok_and(f64::is_finite)
}

fn is_truth(kind: Kind, literal: &str) -> bool {
    let is_word = ["true", "false"].contains(&literal.to_ascii_lowercase().as_str());
    kind.storage() == super::Storage::Bool && is_word
}

/// Whether a page can hold it unchanged: no NUL, and no bytes that are not text.
fn is_text(value: &Value, text: &str) -> bool {
    !matches!(value, Value::Bytes(_) | Value::Size(_)) && !text.contains('\0')
}
