//! Lines as the form shows them.

use super::Carried;
use crate::entry::Submission;
use crate::panel::control::Control;
use crate::panel::names;
use serde::Serialize;

/// The lines of one table.
#[derive(Serialize)]
pub struct Grid {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub label: String,
    /// Whether they are names of rows on the other side, and nothing else.
    pub tokens: bool,
    /// How many there are, in words.
    pub count: String,
    /// What the number of a line is called.
    pub number_label: Option<String>,
    /// The columns.
    pub columns: Vec<Column>,
    /// The lines, and empty ones.
    pub lines: Vec<LineView>,
    /// Rows of the other side that can be added, where there are few.
    pub choices: Vec<Choice>,
    /// Where more can be added: the name of the button for more empty lines.
    pub more: Option<String>,
    /// The page of them that is shown.
    pub page: Carried,
    /// What is left out, in words.
    pub part: Option<String>,
    /// The page before.
    pub previous_href: Option<String>,
    /// The next page.
    pub next_href: Option<String>,
    /// All of them, as a list.
    pub all_href: Option<String>,
    /// Whether some can be taken out.
    pub has_off: bool,
}

/// A column of lines.
#[derive(Serialize)]
pub struct Column {
    /// What it is called.
    pub label: String,
    /// A line of explanation.
    pub help: Option<String>,
    /// Whether it must be filled in.
    pub must: bool,
    /// Whether it holds figures.
    pub numeric: bool,
}

/// A row of the other side that can be added.
#[derive(Serialize)]
pub struct Choice {
    /// The name of its field.
    pub name: String,
    /// Its id.
    pub id: String,
    /// What is sent for it.
    pub value: String,
    /// What it is called.
    pub label: String,
    /// Whether it is ticked.
    pub checked: bool,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// A line.
#[derive(Serialize)]
pub struct LineView {
    /// What a person calls it: "2", or "new".
    pub name: String,
    /// Whether it is not there yet.
    pub is_new: bool,
    /// What it is called.
    pub label: String,
    /// Its own page.
    pub href: Option<String>,
    /// Fields that go with it.
    pub carried: Vec<Carried>,
    /// The box that takes it out.
    pub off: Option<String>,
    /// Whether it is ticked.
    pub is_off: bool,
    /// Where its number can be given, before it is there.
    pub number: Option<Control>,
    /// Its controls.
    pub cells: Vec<Control>,
    /// What is wrong with the whole of it.
    pub problem: Option<String>,
    /// Its id.
    pub id: String,
}

/// The fields of lines as they were sent, to go with another form.
pub fn carried(submission: &Submission) -> Vec<Carried> {
    let fields = submission.fields().iter();
    let fields =
        fields.filter(|(name, _)| names::is_of_line(name) && names::searched(name).is_none());
    fields
        .map(|(name, value)| Carried {
            name: name.clone(),
            value: value.clone(),
        })
        .collect()
}
