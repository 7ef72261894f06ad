//! Fields: the columns of a resource, and what each kind of column means.
//!
//! One file for each kind of field. It says how the kind reads a text, writes a value, what control
//! edits it, which operators filter it, how a cell looks and what it is in an export. Everything
//! outside this room asks [`Kind`] and [`Field`] and does not tell the kinds apart itself.
//!
//! To add a kind: a variant of [`Kind`], a file here that implements [`Rules`], a line in
//! [`Kind::ask`]; the readers of schemas (`data::schema`) then say which column types have it.

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
pub use edit::Emptied;
pub use json::Lossless;
pub use op::{Op, Takes};

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
    /// An exact decimal number, kept as text; `scale` is the number of decimals, where fixed.
    Decimal {
        /// Digits behind the point, where the column fixes them.
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
    /// A moment: a date and time with a zone; its text is in UTC, without the offset.
    Instant,
    /// A UUID.
    Uuid,
    /// A JSON document.
    Json,
    /// One of a list of texts.
    Choice,
    /// Bytes.
    Bytes,
    /// Anything else: shown as the database writes it, compared as the database compares it.
    Other,
}

/// What a kind of field means.
trait Rules {
    /// Reads what a person typed, or a URL holds. The text has no NUL.
    fn parse(&self, text: &str) -> Result<Value, ValueError>;

    /// The value as plain text. NULL is empty.
    fn text(&self, value: &Value) -> String {
        value::plain_text(value)
    }

    /// The value in JSON. Must keep what [`Rules::text`] keeps.
    fn json(&self, value: &Value) -> Json {
        value::plain_json(value)
    }

    /// Whether a stored value and a given one, neither of them NULL, are the same value.
    fn is_same(&self, kept: &Value, given: &Value) -> bool {
        let read = |value: &Value| self.parse(&self.text(value));
        matches!((read(kept), read(given)), (Ok(one), Ok(other)) if one == other)
    }

    /// Brings what a database without strict types stores to the shape of the kind.
    fn shaped(&self, value: Value) -> Value {
        value
    }

    /// How databases keep it.
    fn storage(&self) -> Storage;

    /// The control that edits it best.
    fn control(&self, field: &Field) -> Control;

    /// Whether that control holds this value, which is not NULL. If not, it is edited as text.
    fn fits(&self, _value: &Value) -> bool {
        true
    }

    /// The text that the control is given for a value that fits it.
    fn control_text(&self, value: &Value) -> String {
        self.text(value)
    }

    /// What was typed, in the format of the stored value; `None` if it has no format of its own.
    fn like(&self, _stored: &Value, _typed: &str) -> Option<Value> {
        None
    }

    /// Whether an empty text is a value, apart from NULL.
    fn takes_empty(&self) -> bool {
        false
    }

    /// The operators that filter it, besides `null` and `notnull`.
    fn operators(&self) -> Operators;

    /// The input of a filter's value.
    fn input(&self) -> Input {
        Input::Text
    }

    /// How a cell looks.
    fn look(&self) -> Look {
        Look::Prose
    }

    /// What it is in a spreadsheet.
    fn sheet(&self) -> Sheet {
        Sheet::TEXT
    }

    /// The value as text in an export; as [`Rules::text`] unless the reader needs more.
    fn export_text(&self, value: &Value) -> String {
        self.text(value)
    }

    /// Whether a list can be sorted by it.
    fn is_sortable(&self) -> bool {
        true
    }

    /// Whether the first click on a heading asks for the largest first.
    fn is_largest_first(&self) -> bool {
        false
    }
}

impl Kind {
    /// The one place where the kinds are told apart.
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

    /// How databases keep values of this kind.
    pub fn storage(self) -> Storage {
        self.ask(|rules| rules.storage())
    }

    /// Brings what a database without strict types stores to the shape of the kind.
    pub fn shaped(self, value: Value) -> Value {
        self.ask(|rules| rules.shaped(value))
    }

    /// The operators that filter columns of this kind, in the order in which pages offer them.
    pub fn operators(self) -> impl Iterator<Item = Op> {
        let fitting = self.ask(|rules| rules.operators());
        Op::ALL.into_iter().filter(move |op| fitting.has(*op))
    }

    /// Whether that operator filters columns of this kind.
    pub fn takes(self, op: Op) -> bool {
        self.ask(|rules| rules.operators()).has(op)
    }

    /// The input for the value of a filter.
    pub fn input(self) -> Input {
        self.ask(|rules| rules.input())
    }

    /// How a cell looks.
    pub fn look(self) -> Look {
        self.ask(|rules| rules.look())
    }

    /// What a value is in a spreadsheet.
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

    /// Whether the first click on a heading asks for the largest first.
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
    /// Reads what a person typed, or a URL holds, as a value of this kind.
    ///
    /// # Errors
    /// A sentence in plain words that says what the column takes.
    pub fn parse(kind: Kind, text: &str) -> Result<Self, ValueError> {
        // PostgreSQL cannot store it, and SQLite reads the text behind it differently everywhere.
        if text.contains('\0') {
            return Err(ValueError::new(text!("value-nul")));
        }
        kind.ask(|rules| rules.parse(text))
    }

    /// The value as plain text, as an export, a key or a form field writes it. NULL is empty.
    pub fn to_text(&self, kind: Kind) -> String {
        kind.ask(|rules| rules.text(self))
    }

    /// The value in JSON: decimals, and integers beyond 2^53, as strings; moments as RFC 3339.
    ///
    /// A JSON document that would lose digits or duplicate keys is given as a string;
    /// [`Lossless`] writes it as it is.
    pub fn to_json(&self, kind: Kind) -> Json {
        kind.ask(|rules| rules.json(self))
    }

    /// Whether this value, as a database keeps it, and one that a person gave are the same value
    /// of the column, however each of them is written: `12.5` and `12.50`, `10:00` and `10:00:00`.
    pub fn is_same(&self, given: &Self, kind: Kind) -> bool {
        if self == given {
            return true;
        }
        !self.is_null() && !given.is_null() && kind.ask(|rules| rules.is_same(self, given))
    }
}

impl Field {
    /// Whether the field's values are a list that the database or the configuration gives.
    pub fn has_choices(&self) -> bool {
        self.kind.look() == Look::Badge && !self.choices.is_empty()
    }
}
