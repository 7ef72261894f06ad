//! Submitted lines: decides what to do with them.

use super::{DELETED, EDITED, EMPTY, FoundRows, Line, LineAction, Lines, WRITTEN};
use crate::access::Cover;
use crate::catalog::Key;
use crate::data::dependents::{self, LineSelection};
use crate::data::{DataError, Row};
use crate::entry::Submission;
use crate::panel::form;
use crate::panel::names;
use crate::store::AnyConnection;
use crate::texts::text;
use crate::web::Failure;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The maximum number of submitted lines of one table.
const MOST_SENT: usize = 500;

/// What a submitted form requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormRequest {
    /// To show it again with more empty lines, or rows to choose from.
    Again,
    /// To be saved.
    Save,
}

/// The fields of a form, including lines sent as JSON.
///
/// # Errors
/// Not a table of this form, or not a list of lines.
pub fn unfolded<'s>(
    all: &[Lines],
    submission: &'s Submission,
) -> Result<Cow<'s, Submission>, Failure> {
    let mut unfolded = Cow::Borrowed(submission);
    for (name, lines) in submission.children() {
        let known = all.iter().any(|lines| lines.child.name == *name);
        if !known {
            return Err(Failure::Invalid(text!("lines-unknown", name = name)));
        }
        let no_list = || Failure::Invalid(text!("lines-no-list", name = name));
        let lines = lines.as_array().ok_or_else(no_list)?;
        if lines.len() > MOST_SENT {
            return Err(Failure::TooLarge);
        }
        for (number, line) in lines.iter().enumerate() {
            let form = unfolded.to_mut();
            for (key, part) in [("key", "key"), ("row_digest", "digest")] {
                if let Some(text) = line.get(key).and_then(Json::as_str) {
                    form.set(&names::of_line(name, number, part), text.to_owned());
                }
            }
            if line.get("remove").and_then(Json::as_bool) == Some(true) {
                form.set(&names::of_line(name, number, "off"), "1".to_owned());
            }
            for (column, value) in line
                .get("row")
                .and_then(Json::as_object)
                .into_iter()
                .flatten()
            {
                form.put_json(&names::of_cell(name, number, column), value);
            }
        }
    }
    Ok(unfolded)
}

impl Lines {
    /// The name of the button that adds empty lines.
    pub fn more(&self) -> String {
        names::of_lines(&self.child.name, "more")
    }

    /// Takes the submitted lines.
    ///
    /// # Errors
    /// An invalid key, or too many lines.
    pub fn take(&mut self, submission: &Submission) -> Result<FormRequest, Failure> {
        let name = self.child.name.clone();
        let numbers: BTreeSet<usize> = submission
            .fields()
            .iter()
            .filter_map(|(field, _)| names::line_of(&name, field))
            .collect();
        if numbers.len() > MOST_SENT {
            return Err(Failure::TooLarge);
        }
        let page = submission.get(&names::of_lines(&name, "page"));
        self.page = page.and_then(|page| page.parse().ok()).unwrap_or(1).max(1);
        self.is_sent = true;
        self.empty = 0;
        self.lines = numbers
            .into_iter()
            .map(|number| self.line(submission, number))
            .collect::<Result<_, _>>()?;
        let mut asked = FormRequest::Save;
        if submission.get("then") == Some(&self.more()) {
            self.empty = EMPTY;
            asked = FormRequest::Again;
        }
        if self.look_for(submission) {
            asked = FormRequest::Again;
        }
        Ok(asked)
    }

    fn line(&self, submission: &Submission, number: usize) -> Result<Line, Failure> {
        let part = |part: &str| {
            let name = names::of_line(&self.child.name, number, part);
            submission.get(&name).map(str::to_owned)
        };
        let key = match part("key").filter(|key| !key.is_empty()) {
            Some(key) => {
                let key = Key::decode(self.resource(), &key);
                Some(key.map_err(|_| Failure::Missing)?)
            }
            None => None,
        };
        let mut sent = Submission::default();
        for field in &self.resource().fields {
            let cell = names::of_cell(&self.child.name, number, &field.name);
            let name = names::of_column(&field.name);
            if let Some(text) = submission.get(&cell) {
                sent.set(&name, text.to_owned());
            }
            if let Some(text) = submission.get(&names::of_emptied(&cell)) {
                sent.set(&names::of_emptied(&name), text.to_owned());
            }
        }
        Ok(Line {
            number,
            key,
            digest: part("digest"),
            marks: part("shown"),
            is_off: part("off").is_some_and(|off| !off.is_empty()),
            sent,
            ..Line::default()
        })
    }

    /// Whether the form requests a search for a cell of a line.
    fn look_for(&mut self, submission: &Submission) -> bool {
        let button = submission.get("pick");
        let fields = submission.fields().iter();
        // Enter in a search box submits the form without its button.
        let searched = fields.filter(|(_, text)| !text.is_empty());
        let mut boxes: Vec<&str> = button.into_iter().collect();
        boxes.extend(searched.filter_map(|(name, _)| names::searched(name)));
        for line in &self.lines {
            for column in &self.columns {
                let Some(field) = self.resource().fields.get(*column) else {
                    continue;
                };
                let cell = names::of_cell(&self.child.name, line.number, &field.name);
                if boxes.contains(&cell.as_str()) {
                    let text = submission.get(&names::of_search(&cell));
                    self.found = Some(FoundRows {
                        line: line.number,
                        column: *column,
                        text: text.unwrap_or_default().to_owned(),
                        rows: Vec::new(),
                    });
                    return true;
                }
            }
        }
        false
    }

    /// Reads the current state of the submitted lines.
    ///
    /// # Errors
    /// When the database fails.
    pub fn meet(&mut self, conn: &mut AnyConnection, parent: &Row) -> Result<(), DataError> {
        let keys: Vec<Key> = self.lines.iter().filter_map(|it| it.key.clone()).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let of = (&self.child, parent);
        let tests = self.tests();
        let rows = dependents::lines(conn, &self.permit, of, &tests, LineSelection::Of(&keys))?;
        let resource = self.permit.resource();
        for row in rows {
            let key = row.key(resource);
            let line = self.lines.iter_mut().find(|line| line.key == key);
            if let Some(line) = line {
                line.row = Some(row);
            }
        }
        Ok(())
    }

    /// Decides what to do with each line; errors are stored with the line.
    ///
    /// # Errors
    /// A changed line does not exist or is not visible: the same as for a row edited directly.
    pub fn settle(&mut self) -> Result<(), Failure> {
        let mut lines = std::mem::take(&mut self.lines);
        let mut result = Ok(());
        lines.retain_mut(|line| match self.decide(line) {
            Ok(stays) => stays,
            Err(failure) => {
                result = Err(failure);
                true
            }
        });
        self.lines = lines;
        result
    }

    /// Whether the line stays in the form.
    fn decide(&self, line: &mut Line) -> Result<bool, Failure> {
        match (&line.key, &line.row) {
            (None, _) => {
                self.decide_new(line)?;
                Ok(true)
            }
            (Some(_), Some(_)) => {
                self.decide_old(line)?;
                Ok(true)
            }
            // Somebody else deleted it, and this person had not changed it.
            (Some(_), None) if !line.is_off && self.is_untouched(line) => Ok(false),
            (Some(_), None) => Err(Failure::Missing),
        }
    }

    /// Whether every field of a line holds its initial value, as far as that is known.
    fn is_untouched(&self, line: &Line) -> bool {
        let Some(marks) = &line.marks else {
            return false;
        };
        let mut fields = self.resource().fields.iter();
        fields.all(|field| {
            let typed = line.sent.get(&names::of_column(&field.name));
            let cell = names::of_cell(&self.child.name, line.number, &field.name);
            typed.is_none_or(|typed| form::is_untouched(marks, &cell, typed))
        })
    }

    fn decide_new(&self, line: &mut Line) -> Result<(), Failure> {
        let fields = line.sent.fields();
        let is_empty = fields.iter().all(|(_, text)| text.is_empty());
        let is_new = match line.marks {
            Some(_) => !self.is_untouched(line),
            None => !is_empty,
        };
        // A new line that is removed again counts as never added.
        let is_new = is_new && !line.is_off;
        let known = |column: usize| {
            let written = self.create.as_ref().map(|create| create.writes(column));
            let readable = self.permit.reads(column) != Cover::Nowhere;
            readable || written.is_some_and(|written| written != Cover::Nowhere)
        };
        let mut entry = form::read(self.resource(), &line.sent, None, &known);
        let numbered = self.numbered.and_then(|it| self.resource().fields.get(it));
        let number = numbered.and_then(|it| line.sent.get(&names::of_column(&it.name)));
        let is_unnumbered = number.is_none_or(str::is_empty);
        let is_next = |column: &usize| is_unnumbered && Some(*column) == self.numbered;
        entry.changes.retain(|column, _| !is_next(column));
        let mut errors = std::mem::take(&mut entry.shown.errors);
        errors.retain(|(column, _)| is_new && !is_next(column));
        line.shown = entry.shown;
        line.shown.errors = errors;
        if !is_new {
            return Ok(());
        }
        if self.create.is_none() {
            return Err(Failure::Beyond(text!(
                "line-new-beyond",
                resource = self.resource().label
            )));
        }
        self.keep_pointing(line, None, &mut entry.changes);
        line.deed = Some(LineAction::Add(entry.changes));
        Ok(())
    }

    fn decide_old(&self, line: &mut Line) -> Result<(), Failure> {
        let Some(row) = &line.row else {
            return Ok(());
        };
        if line.is_off {
            if self.delete.is_none() || !row.flag(DELETED) {
                return Err(Failure::Beyond(text!(
                    "line-delete-beyond",
                    resource = self.resource().label
                )));
            }
            line.deed = Some(LineAction::Remove);
        }
        let known = |column: usize| self.permit.reads(column) != Cover::Nowhere;
        let mut entry = form::read(self.resource(), &line.sent, Some(row), &known);
        line.shown = entry.shown;
        let digest = row.digest();
        let is_stale = line.digest.as_ref() != Some(&digest);
        if is_stale && let Some(marks) = line.marks.clone() {
            // A value changed by somebody else, and not by this person, stays as it is now.
            for (column, field) in self.resource().fields.iter().enumerate() {
                let cell = names::of_cell(&self.child.name, line.number, &field.name);
                let typed = line.sent.get(&names::of_column(&field.name));
                if typed.is_some_and(|typed| form::is_untouched(&marks, &cell, typed)) {
                    entry.changes.remove(&column);
                    line.shown.typed.remove(&column);
                    line.shown.errors.retain(|(known, _)| *known != column);
                }
            }
        }
        if line.is_off {
            line.shown.errors.clear();
        } else {
            let row = row.clone();
            self.keep_pointing(line, Some(&row), &mut entry.changes);
            if entry.changes.is_empty() && line.shown.errors.is_empty() {
                return Ok(());
            }
            // Only the beginning of a long text was read.
            if !row.flag(EDITED) || self.edit.is_none() {
                return Err(Failure::Beyond(text!(
                    "line-edit-beyond",
                    resource = self.resource().label
                )));
            }
            let locked = entry.changes.keys().find(|it| !row.flag(WRITTEN + **it));
            if let Some(column) = locked {
                let label = self.resource().fields.get(*column);
                let label = label.map(|field| field.label.clone());
                return Err(crate::data::Refusal::Column(label.unwrap_or_default()).into());
            }
            if !row.cut().is_empty() {
                line.problem = Some(text!("line-too-long"));
            }
            line.deed = Some(LineAction::Change(entry.changes));
        }
        if line.digest.is_none() {
            return Err(Failure::Invalid(text!("line-no-digest")));
        }
        if is_stale {
            line.problem = Some(text!("line-changed"));
            line.is_off = false;
        }
        Ok(())
    }

    /// Prevents a line from moving to another parent row.
    fn keep_pointing(
        &self,
        line: &mut Line,
        row: Option<&Row>,
        changes: &mut crate::data::Changes,
    ) {
        for column in &self.child.columns {
            line.shown.typed.remove(column);
            if row.is_none() {
                line.shown.errors.retain(|(known, _)| known != column);
            }
            if changes.remove(column).is_some() && row.is_some() {
                line.shown.errors.push((*column, text!("line-stays")));
            }
        }
    }

    /// Whether an error prevents saving the lines.
    pub fn is_wrong(&self) -> bool {
        let mut lines = self.lines.iter();
        lines.any(|line| !line.shown.errors.is_empty() || line.problem.is_some())
    }

    /// Whether somebody else changed one of the lines to be changed.
    pub fn is_stale(&self) -> bool {
        self.lines.iter().any(Line::is_stale)
    }

    /// Whether there is anything to do.
    pub fn has_deeds(&self) -> bool {
        self.lines.iter().any(|line| line.deed.is_some())
    }
}

impl Line {
    /// Whether somebody else changed this line, and it should be changed.
    pub(super) fn is_stale(&self) -> bool {
        let now = self.row.as_ref().map(Row::digest);
        self.deed.is_some() && self.key.is_some() && self.digest != now
    }
}
