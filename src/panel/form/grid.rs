//! Lines in the form.

use super::HiddenField;
use crate::entry::Submission;
use crate::panel::control::Control;
use crate::panel::names;
use serde::Serialize;

/// The lines of one table.
#[derive(Serialize)]
pub struct Grid {
    /// Its id.
    pub id: String,
    /// Its label.
    pub label: String,
    /// Whether it shows only labels of rows on the other side.
    pub tokens: bool,
    /// Their number, in words.
    pub count: String,
    /// The label of a line's number.
    pub number_label: Option<String>,
    /// The columns.
    pub columns: Vec<Column>,
    /// The lines, followed by empty ones.
    pub lines: Vec<LineView>,
    /// Rows of the other side that can be added, if there are few.
    pub choices: Vec<Choice>,
    /// The name of the button for more empty lines, if more can be added.
    pub more: Option<String>,
    /// The current page of lines.
    pub page: HiddenField,
    /// A sentence about the omitted lines.
    pub part: Option<String>,
    /// The address of the previous page.
    pub previous_href: Option<String>,
    /// The address of the next page.
    pub next_href: Option<String>,
    /// The address of all of them, as a list.
    pub all_href: Option<String>,
    /// Whether lines can be removed.
    pub has_off: bool,
}

/// A column of lines.
#[derive(Serialize)]
pub struct Column {
    /// Its label.
    pub label: String,
    /// Its help text.
    pub help: Option<String>,
    /// Whether a value is required.
    pub must: bool,
    /// Whether it is right-aligned.
    pub numeric: bool,
}

/// A row of the other side that can be added.
#[derive(Serialize)]
pub struct Choice {
    /// The name of its field.
    pub name: String,
    /// Its id.
    pub id: String,
    /// The value that is sent.
    pub value: String,
    /// Its label.
    pub label: String,
    /// Whether it is ticked.
    pub checked: bool,
    /// The error of it.
    pub error: Option<String>,
}

/// A line.
#[derive(Serialize)]
pub struct LineView {
    /// Its name on the page: "2", or "new".
    pub name: String,
    /// Whether it is not stored yet.
    pub is_new: bool,
    /// Its label.
    pub label: String,
    /// The address of its own page.
    pub href: Option<String>,
    /// Its hidden fields.
    pub carried: Vec<HiddenField>,
    /// The name of the check box that removes it.
    pub off: Option<String>,
    /// Whether it is ticked.
    pub is_off: bool,
    /// The control of its number, before it is stored.
    pub number: Option<Control>,
    /// Its controls.
    pub cells: Vec<Control>,
    /// An error of the whole line.
    pub problem: Option<String>,
    /// Its id.
    pub id: String,
}

/// The submitted fields of lines, for another form.
pub fn carried(submission: &Submission) -> Vec<HiddenField> {
    let fields = submission.fields().iter();
    let fields =
        fields.filter(|(name, _)| names::is_of_line(name) && names::searched(name).is_none());
    fields
        .map(|(name, value)| HiddenField {
            name: name.clone(),
            value: value.clone(),
        })
        .collect()
}
