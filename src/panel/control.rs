//! The controls of forms, by kind of column.

mod builder;

pub use builder::Builder;

use super::cell::Cell;
use super::names;
use crate::catalog::field::{self, EmptyMeaning, Storage};
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
    /// Whether a value is required.
    must: bool,
    /// Whether the browser should enforce that; browsers cannot express a required but empty text.
    required: bool,
    blank: Option<EmptyCheckbox>,
    /// Whether it is a number that is generated if left empty.
    next: bool,
    max_length: Option<u32>,
    step: Option<&'static str>,
    cell: Option<Cell>,
    lookup: Option<Lookup>,
}

impl Control {
    /// The same for a bulk edit, where a separate choice decides whether it is used.
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

    /// The same in a line of a table, whose head has the label. `next` marks a number that is
    /// generated if left empty.
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

    /// The name of the field, and what a browser sends if it is not touched.
    pub fn sent(&self) -> Option<(&str, String)> {
        let sent = self.kind.sends(&self.value)?;
        Some((self.name.as_str(), sent))
    }

    /// A control that only shows what was sent.
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

    /// Whether it is editable.
    pub fn is_writable(&self) -> bool {
        self.kind != field::Control::ReadOnly
    }

    /// Whether it is a file input.
    pub fn is_file(&self) -> bool {
        self.kind == field::Control::File
    }

    /// Whether its field has this name.
    pub fn is_named(&self, name: &str) -> bool {
        self.name == name
    }
}

/// The check box for the meaning of an empty text.
#[derive(Debug, Clone, Serialize)]
struct EmptyCheckbox {
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

/// A foreign key with a pick list.
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

/// What a form shows besides the row: typed text, errors, and rows found by a search.
#[derive(Debug, Default)]
pub struct FormState {
    /// Typed text by column.
    pub typed: HashMap<usize, String>,
    /// The meaning of an empty text, by column.
    pub emptied: HashMap<usize, EmptyMeaning>,
    /// The errors, by column.
    pub errors: Vec<(usize, String)>,
    /// Rows offered for a foreign key, by column: all of a small resource, or those found.
    pub offered: HashMap<usize, Offer>,
    /// Rows offered for a multi-column foreign key, by the column that shows it.
    pub picked: HashMap<usize, OfferedRows>,
}

/// Rows offered for a multi-column foreign key.
#[derive(Debug)]
pub struct OfferedRows {
    /// The search text, if these are not all rows.
    pub text: Option<String>,
    /// The submitted value and the label of each row.
    pub rows: Vec<(String, String)>,
}

/// Rows offered for a foreign key.
#[derive(Debug)]
pub enum Offer {
    /// All rows.
    All(Vec<Label>),
    /// The rows found for this text.
    Found(String, Vec<Label>),
}

/// Whether a person fills in a column.
pub fn is_entered(field: &Field, creating: bool) -> bool {
    match field.generated {
        Generated::Always => false,
        Generated::ByDefault => !creating && field.kind.storage() != Storage::Int,
        Generated::No => true,
    }
}
