//! The controls of forms: the right one for each kind of column.

mod builder;

pub use builder::Builder;

use super::cell::Cell;
use super::names;
use crate::catalog::field::{self, Emptied, Storage};
use crate::catalog::{Field, Generated};
use crate::data::Label;
use crate::texts::text;
use serde::Serialize;
use std::collections::HashMap;

/// A field of a form.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Control {
    name: String,
    id: String,
    label: String,
    hint: Option<String>,
    help: Option<String>,
    error: Option<String>,
    #[serde(skip)]
    kind: field::Control,
    control: &'static str,
    value: String,
    options: Vec<Choice>,
    /// Whether a person must fill it in.
    must: bool,
    /// Whether the browser is to insist on that: it knows no empty text.
    required: bool,
    blank: Option<Blank>,
    /// Whether it is a number that is filled in if it is left empty.
    next: bool,
    max_length: Option<u32>,
    step: Option<&'static str>,
    cell: Option<Cell>,
    lookup: Option<Lookup>,
}

impl Control {
    /// The same for a bulk edit, where a choice beside it says whether it counts.
    pub fn in_bulk(self, column: &str) -> Self {
        Self {
            name: format!("set.{column}"),
            hint: None,
            must: false,
            required: false,
            blank: None,
            ..self
        }
    }

    /// The same in a line of a table, whose head says what it is. `next` is a number that is filled
    /// in if it is left empty.
    pub fn in_line(self, name: String, line: &str, next: bool) -> Self {
        let lookup = self.lookup.map(|lookup| Lookup {
            pick: name.clone(),
            find_name: names::of_search(&name),
            ..lookup
        });
        Self {
            id: names::id(&name),
            label: text!("line-label", label = self.label, line = line),
            hint: None,
            help: None,
            must: false,
            required: false,
            blank: None,
            next,
            lookup,
            name,
            ..self
        }
    }

    /// The name of the field and what a browser sends for it if it is left alone.
    pub fn sent(&self) -> Option<(&str, String)> {
        let sent = self.kind.sends(&self.value)?;
        Some((self.name.as_str(), sent))
    }

    /// A control that says no more than what was sent.
    pub fn plain(name: &str, text: &str) -> Self {
        let kind = field::Control::TextArea;
        Self {
            name: name.to_owned(),
            id: names::id(name),
            label: name.to_owned(),
            kind,
            control: kind.name(),
            value: text.to_owned(),
            ..Self::default()
        }
    }

    /// Whether somebody can write into it.
    pub fn is_writable(&self) -> bool {
        self.kind != field::Control::ReadOnly
    }

    /// Whether it takes a file.
    pub fn is_file(&self) -> bool {
        self.kind == field::Control::File
    }

    /// Whether its field has this name.
    pub fn is_named(&self, name: &str) -> bool {
        self.name == name
    }
}

/// The box that says what an empty text means.
#[derive(Debug, Clone, Serialize)]
struct Blank {
    name: String,
    text: String,
    ticked: bool,
}

/// An option of a select.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    value: String,
    label: String,
    selected: bool,
}

/// A foreign key that is chosen from a pick list.
#[derive(Debug, Clone, Serialize)]
struct Lookup {
    href: String,
    label: String,
    pick: String,
    find_name: String,
    found: Option<Vec<FoundRows>>,
    found_text: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct FoundRows {
    key: String,
    label: String,
    selected: bool,
}

/// What a form shows in its fields besides the row: what was typed, what is wrong with it, and
/// the rows that were looked for.
#[derive(Debug, Default)]
pub struct FormState {
    /// Typed text by column.
    pub typed: HashMap<usize, String>,
    /// What an empty text is to mean, by column.
    pub emptied: HashMap<usize, Emptied>,
    /// What is wrong, by column.
    pub errors: Vec<(usize, String)>,
    /// Rows offered for a foreign key, by column: all of a small resource, or those found.
    pub offered: HashMap<usize, Offer>,
    /// Rows offered for a foreign key of several columns, by the one that shows it.
    pub picked: HashMap<usize, Picked>,
}

/// Rows offered for a foreign key of several columns.
#[derive(Debug)]
pub struct Picked {
    /// What was looked for, if these are not all there are.
    pub text: Option<String>,
    /// What is written for each, and its name.
    pub rows: Vec<(String, String)>,
}

/// Rows offered for a foreign key.
#[derive(Debug)]
pub enum Offer {
    /// All there are.
    All(Vec<Label>),
    /// Those that were looked for with this text.
    Found(String, Vec<Label>),
}

/// Whether a column is filled in by a person at all.
pub fn is_entered(field: &Field, creating: bool) -> bool {
    match field.generated {
        Generated::Always => false,
        Generated::ByDefault => !creating && field.kind.storage() != Storage::Int,
        Generated::No => true,
    }
}
