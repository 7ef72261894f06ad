//! Fields: the columns of a resource, and what each kind of column means.
//!
//! Each kind of field has a file. It defines how the kind reads text, writes a value and is
//! exported. It also defines the control, the filter operators and how a cell looks. Code outside
//! this room asks [`Kind`] and [`Field`]; it never matches on kinds itself.
//!
//! To add a kind: add a variant of [`Kind`], a file here that implements [`Rules`], and a line in
//! [`Kind::ask`]. Then map column types to it in the schema readers (`data::schema`).

mod answers;
mod boolean;
mod bytes;
mod choice;
mod control;
mod date;
mod date_time;
mod decimal;
mod edit;
mod float;
mod instant;
mod int;
mod json;
pub mod moment;
mod op;
mod other;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod uuid;

pub use answers::{Input, Look, Operators, Sheet, SheetKind, Storage};
pub use control::{Control, lines};
pub(crate) use decimal::whole_number;
pub use edit::EmptyMeaning;
pub use json::Lossless;
pub use op::{Op, OperandKind};

use super::Field;
use super::value::{self, Value, ValueError};
use crate::texts::text;
use serde_json::Value as Json;

/// How the values of a column are read, shown, parsed and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// True or false.
    Bool,
    /// A whole number of up to 64 bits.
    Int,
    /// A floating-point number.
    Float,
    /// An exact decimal number, kept as text.
    Decimal {
        /// Digits after the point, if the column fixes their number.
        scale: Option<u8>,
    },
    /// Text.
    Text,
    /// A calendar date.
    Date,
    /// A time of day.
    Time,
    /// A date and time without a zone.
    DateTime,
    /// A date and time with a zone; its text is in UTC, without the offset.
    Instant,
    /// A UUID.
    Uuid,
    /// A JSON document.
    Json,
    /// One of a list of texts.
    Choice,
    /// Bytes.
    Bytes,
    /// Anything else: shown as the database writes it, and compared by the database.
    Other,
}

/// The behaviour of a kind of field.
trait Rules {
    /// Reads text from a form or a URL. The text has no NUL.
    fn parse(&self, text: &str) -> Result<Value, ValueError>;

    /// The value as plain text. NULL is empty.
    fn text(&self, value: &Value) -> String {
        value::plain_text(value)
    }

    /// The value in JSON. Must not lose anything that [`Rules::text`] keeps.
    fn json(&self, value: &Value) -> Json {
        value::plain_json(value)
    }

    /// Whether a stored and a given value are the same; neither is NULL.
    fn is_same(&self, kept: &Value, given: &Value) -> bool {
        let read = |value: &Value| self.parse(&self.text(value));
        matches!((read(kept), read(given)), (Ok(one), Ok(other)) if one == other)
    }

    /// Converts a value from a database without strict types to the kind's own shape.
    fn shaped(&self, value: Value) -> Value {
        value
    }

    /// How databases store it.
    fn storage(&self) -> Storage;

    /// The preferred control.
    fn control(&self, field: &Field) -> Control;

    /// Whether that control can hold this value, which is not NULL. If not, it is edited as text.
    fn fits(&self, _value: &Value) -> bool {
        true
    }

    /// The text given to the control for a value that fits it.
    fn control_text(&self, value: &Value) -> String {
        self.text(value)
    }

    /// Reads typed text in the stored value's format; `None` if the format does not matter.
    fn like(&self, _stored: &Value, _typed: &str) -> Option<Value> {
        None
    }

    /// Whether an empty text is a value other than NULL.
    fn takes_empty(&self) -> bool {
        false
    }

    /// The operators it can be filtered with, besides `null` and `notnull`.
    fn operators(&self) -> Operators;

    /// The input control of a filter's value.
    fn input(&self) -> Input {
        Input::Text
    }

    /// How a cell looks.
    fn look(&self) -> Look {
        Look::Prose
    }

    /// Its type in a spreadsheet.
    fn sheet(&self) -> Sheet {
        Sheet::TEXT
    }

    /// The value as text in an export; [`Rules::text`] unless readers need more.
    fn export_text(&self, value: &Value) -> String {
        self.text(value)
    }

    /// Whether a list can be sorted by it.
    fn is_sortable(&self) -> bool {
        true
    }

    /// Whether the first click on a heading sorts in descending order.
    fn is_largest_first(&self) -> bool {
        false
    }
}

impl Kind {
    /// Dispatches on the kind; the only place that does.
    fn ask<R>(self, question: impl FnOnce(&dyn Rules) -> R) -> R {
        match self {
            Self::Bool => question(&boolean::Boolean),
            Self::Int => question(&int::Int),
            Self::Float => question(&float::Float),
            Self::Decimal { scale } => question(&decimal::Decimal { scale }),
            Self::Text => question(&text::Text),
            Self::Date => question(&date::Date),
            Self::Time => question(&time::Time),
            Self::DateTime => question(&date_time::DateTime),
            Self::Instant => question(&instant::Instant),
            Self::Uuid => question(&uuid::Uuid),
            Self::Json => question(&json::Document),
            Self::Choice => question(&choice::Choice),
            Self::Bytes => question(&bytes::Bytes),
            Self::Other => question(&other::Other),
        }
    }

    /// How databases store values of this kind.
    pub fn storage(self) -> Storage {
        self.ask(|rules| rules.storage())
    }

    /// Converts a value from a database without strict types to the kind's own shape.
    pub fn shaped(self, value: Value) -> Value {
        self.ask(|rules| rules.shaped(value))
    }

    /// The operators for columns of this kind, in the order of the menus.
    pub fn operators(self) -> impl Iterator<Item = Op> {
        let fitting = self.ask(|rules| rules.operators());
        Op::ALL.into_iter().filter(move |op| fitting.has(*op))
    }

    /// Whether columns of this kind can be filtered with that operator.
    pub fn takes(self, op: Op) -> bool {
        self.ask(|rules| rules.operators()).has(op)
    }

    /// The input control of a filter's value.
    pub fn input(self) -> Input {
        self.ask(|rules| rules.input())
    }

    /// How a cell looks.
    pub fn look(self) -> Look {
        self.ask(|rules| rules.look())
    }

    /// The type of a value in a spreadsheet.
    pub fn sheet(self) -> Sheet {
        self.ask(|rules| rules.sheet())
    }

    /// The value as text in an export.
    pub fn export_text(self, value: &Value) -> String {
        self.ask(|rules| rules.export_text(value))
    }

    /// Whether a list can be sorted by columns of this kind.
    pub fn is_sortable(self) -> bool {
        self.ask(|rules| rules.is_sortable())
    }

    /// Whether the first click on a heading sorts in descending order.
    pub fn is_largest_first(self) -> bool {
        self.ask(|rules| rules.is_largest_first())
    }

    /// Whether columns of this kind hold files.
    pub fn is_file(self) -> bool {
        self.storage() == Storage::Bytes
    }

    /// Whether columns of this kind hold documents that are shown indented.
    pub fn is_document(self) -> bool {
        self.ask(|rules| rules.look()) == Look::Document
    }
}

impl Value {
    /// Reads text from a form or a URL as a value of this kind.
    ///
    /// # Errors
    /// A sentence in plain words that says what the column accepts.
    pub fn parse(kind: Kind, text: &str) -> Result<Self, ValueError> {
        // PostgreSQL cannot store NUL, and SQLite functions disagree about the text after it.
        if text.contains('\0') {
            return Err(ValueError::new(text!("value-nul")));
        }
        kind.ask(|rules| rules.parse(text))
    }

    /// The value as plain text, as in an export, a key or a form field. NULL is empty.
    pub fn to_text(&self, kind: Kind) -> String {
        kind.ask(|rules| rules.text(self))
    }

    /// The value in JSON. Decimals, and integers beyond 2^53, are strings; moments are RFC 3339.
    ///
    /// A JSON document that would lose digits or duplicate keys becomes a string. [`Lossless`]
    /// writes it unchanged.
    pub fn to_json(&self, kind: Kind) -> Json {
        kind.ask(|rules| rules.json(self))
    }

    /// Whether a stored value and a given one are the same value of the column. Notation does not
    /// matter: `12.5` and `12.50`, or `10:00` and `10:00:00`, are the same.
    pub fn is_same(&self, given: &Self, kind: Kind) -> bool {
        if self == given {
            return true;
        }
        !self.is_null() && !given.is_null() && kind.ask(|rules| rules.is_same(self, given))
    }
}

impl Field {
    /// Whether the database or the configuration lists the field's values.
    pub fn has_choices(&self) -> bool {
        self.kind.look() == Look::Badge && !self.choices.is_empty()
    }
}
