//! The view of lines in the form, and as JSON.

use super::{DELETED, EDITED, Line, Lines, WRITTEN};
use crate::access::Cover;
use crate::catalog::{Child, Field, Key, Op, Resource, filter};
use crate::entry::Entered;
use crate::entry::query::ListQuery;
use crate::panel::control::{Builder, Control, FormState, Offer, is_entered};
use crate::panel::form::grid::{Choice, Column, Grid, LineView};
use crate::panel::form::{self, FieldError, HiddenField};
use crate::panel::{json, names};
use crate::texts::text;
use serde::Serialize;
use std::collections::BTreeMap;

/// The number of the first row that can be ticked, after the numbers of all lines.
const FIRST_CHOICE: usize = 1_000;

impl Lines {
    /// The view of the lines. `here` is the address of the form, `of` the parent row.
    pub fn grid(&self, entered: &Entered, here: &str, of: Option<&crate::data::Row>) -> Grid {
        let resource = self.resource();
        let urls = &entered.site().urls;
        let list = urls.list(&resource.name);
        let query = of.and_then(|row| self.query(row));
        let last = self.lines.iter().map(|line| line.number + 1).max();
        let first_new = last.unwrap_or(0);
        let choices = self.choices();
        let empty = match (&self.create, self.has_more) {
            _ if choices.is_some() => 0,
            (Some(_), false) if self.is_tokens() => 1.min(self.empty),
            (Some(_), false) => self.empty,
            _ => 0,
        };
        let empty = (first_new..first_new + empty).map(|number| Line {
            number,
            ..Line::default()
        });
        let empty: Vec<Line> = empty.collect();
        // Ticked rows stay ticked.
        let is_shown = |line: &&Line| choices.is_none() || line.key.is_some();
        let all: Vec<&Line> = self.lines.iter().filter(is_shown).chain(&empty).collect();
        let lines: Vec<LineView> = all
            .iter()
            .map(|line| self.line_view(entered, line))
            .collect();
        let turned = |page: u64| {
            let name = names::of_lines(&self.child.name, "page");
            format!("{here}?{name}={page}#{}", self.id())
        };
        let shown = self.lines.iter().filter(|line| line.key.is_some()).count();
        let part = self
            .count
            .filter(|_| self.has_more || self.page > 1)
            .map(|count| {
                let skipped = (self.page - 1).saturating_mul(u64::try_from(self.most).unwrap_or(0));
                let from = skipped.saturating_add(1);
                let to = skipped.saturating_add(u64::try_from(shown).unwrap_or(0));
                text!(
                    "lines-part",
                    from = from.to_string(),
                    to = to.to_string(),
                    rows = count.in_words()
                )
            });
        let count = match self.count {
            Some(count) => count.in_words(),
            None => shown.to_string(),
        };
        Grid {
            id: self.id(),
            label: resource.label.clone(),
            tokens: self.is_tokens(),
            count,
            number_label: self
                .numbered
                .and_then(|it| resource.fields.get(it))
                .map(|it| it.label.clone()),
            columns: self
                .besides()
                .filter_map(|column| self.column(column))
                .collect(),
            has_off: lines.iter().any(|line| line.off.is_some()),
            lines,
            more: (self.create.is_some() && choices.is_none()).then(|| self.more()),
            choices: choices.unwrap_or_default(),
            page: HiddenField {
                name: names::of_lines(&self.child.name, "page"),
                value: self.page.to_string(),
            },
            previous_href: (self.page > 1).then(|| turned(self.page - 1)),
            next_href: self.has_more.then(|| turned(self.page + 1)),
            all_href: part
                .is_some()
                .then(|| query.map(|query| query.url(&list, &[])))
                .flatten(),
            part,
        }
    }

    /// The rows of the other side that are not linked yet, if they can all be shown.
    fn choices(&self) -> Option<Vec<Choice>> {
        let [column] = self.columns.as_slice() else {
            return None;
        };
        let is_whole = self.is_tokens() && self.create.is_some() && !self.has_more;
        let rows = self.few.get(column).filter(|_| is_whole)?;
        let resource = self.resource();
        let field = resource.fields.get(*column)?;
        let (target, target_column) = self.relations.target(*column)?;
        let kind = target.fields.get(target_column)?.kind;
        let taken: Vec<String> = self
            .lines
            .iter()
            .filter_map(|line| Some(line.row.as_ref()?.get(*column)?.to_text(field.kind)))
            .collect();
        let choices = rows.iter().enumerate().filter_map(|(index, row)| {
            let value = row.value.to_text(kind);
            let number = FIRST_CHOICE + index;
            let sent = self
                .lines
                .iter()
                .find(|line| line.key.is_none() && line.shown.typed.get(column) == Some(&value));
            let error = sent.and_then(|line| {
                let error = line.shown.errors.first().map(|(_, text)| text);
                error.or(line.problem.as_ref()).cloned()
            });
            (!taken.contains(&value)).then(|| Choice {
                name: names::of_cell(&self.child.name, number, &field.name),
                id: format!("{}-{}", self.id(), sent.map_or(number, |line| line.number)),
                label: row.text.clone(),
                checked: sent.is_some(),
                value,
                error,
            })
        });
        Some(choices.collect())
    }

    fn id(&self) -> String {
        names::id_of_lines(&self.child.name)
    }

    fn query(&self, row: &crate::data::Row) -> Option<ListQuery> {
        pointing_query(self.resource(), &self.child, row)
    }

    /// The columns without the number, which comes first.
    fn besides(&self) -> impl Iterator<Item = usize> + '_ {
        let columns = self.columns.iter().copied();
        columns.filter(|column| Some(*column) != self.numbered)
    }

    fn column(&self, column: usize) -> Option<Column> {
        let field = self.resource().fields.get(column)?;
        Some(Column {
            label: field.label.clone(),
            help: Some(field.help.clone()).filter(|help| !help.is_empty()),
            must: !field.nullable
                && field.default.is_none()
                && field.kind.input() != crate::catalog::field::Input::Bool,
            numeric: field.kind.look().is_numeric()
                && self.resource().relation_at(column).is_none(),
        })
    }

    fn line_view(&self, entered: &Entered, line: &Line) -> LineView {
        let resource = self.resource();
        let name = &self.child.name;
        let key = line.key.as_ref();
        let cells = self.besides();
        let cells = cells.map(|column| self.cell(entered, line, column, &line.shown));
        let number = self.numbered.filter(|_| key.is_none());
        let number = number.map(|column| self.cell(entered, line, column, &line.shown));
        let marks = match &line.marks {
            Some(marks) if !line.is_stale() => marks.clone(),
            // Without marks, no field counts as unchanged.
            None if !line.sent.fields().is_empty() => String::new(),
            // The initial values if nothing had been typed.
            _ => {
                let bare = FormState::default();
                let cells = self.columns.iter();
                let cells = cells.map(|column| self.cell(entered, line, *column, &bare));
                form::marks(&cells.collect::<Vec<_>>())
            }
        };
        let digest = match (&line.row, line.is_stale()) {
            (Some(row), true) => Some(row.digest()),
            (Some(row), false) => line.digest.clone().or_else(|| Some(row.digest())),
            (None, _) => line.digest.clone(),
        };
        let part = |part: &str, value: String| HiddenField {
            name: names::of_line(name, line.number, part),
            value,
        };
        let can_save = line.row.as_ref().is_none_or(|row| row.cut().is_empty());
        let mut carried = Vec::new();
        if let (Some(key), true) = (key, can_save) {
            carried.push(part("key", key.encode(resource)));
            carried.extend(digest.map(|digest| part("digest", digest)));
        }
        if can_save {
            carried.push(part("shown", marks));
        }
        let row = line.row.as_ref();
        let can_go = row.is_some_and(|row| row.flag(DELETED)) && self.delete.is_some() && can_save;
        let was_typed = key.is_none() && !line.sent.fields().is_empty();
        LineView {
            name: match key {
                Some(key) => self.called(key),
                None => text!("line-new"),
            },
            is_new: key.is_none(),
            label: row
                .map(|row| self.relations.row_label(resource, row))
                .unwrap_or_default(),
            href: key.map(|key| {
                entered
                    .site()
                    .urls
                    .row(&resource.name, &key.encode(resource))
            }),
            off: (can_go || was_typed).then(|| names::of_line(name, line.number, "off")),
            is_off: line.is_off,
            number,
            cells: cells.collect(),
            problem: line.problem.clone(),
            id: format!("{}-{}", self.id(), line.number),
            carried,
        }
    }

    /// What distinguishes a line within its parent row: the rest of its key.
    fn called(&self, key: &Key) -> String {
        let resource = self.resource();
        let parts = resource.key.iter().zip(&key.0);
        let rest = parts.filter(|(column, _)| !self.child.columns.contains(column));
        let texts = rest.filter_map(|(column, value)| {
            let label = self.relations.label(resource, *column, value);
            let kind = resource.fields.get(*column)?.kind;
            Some(label.unwrap_or_else(|| value.to_text(kind)))
        });
        texts.collect::<Vec<_>>().join(" / ")
    }

    fn cell(&self, entered: &Entered, line: &Line, column: usize, shown: &FormState) -> Control {
        let resource = self.resource();
        let mut with = FormState {
            typed: shown.typed.clone(),
            emptied: shown.emptied.clone(),
            errors: shown.errors.clone(),
            ..FormState::default()
        };
        if let Some(found) = &self.found
            && (found.line, found.column) == (line.number, column)
        {
            let rows = found.rows.clone();
            with.offered
                .insert(column, Offer::Found(found.text.clone(), rows));
        } else if let Some(rows) = self.few.get(&column) {
            with.offered.insert(column, Offer::All(rows.clone()));
        }
        let creating = line.row.is_none() && line.key.is_none();
        let builder = Builder {
            entered,
            resource,
            relations: &self.relations,
            shown: &with,
            creating,
        };
        let current = line.row.as_ref().and_then(|row| row.get(column));
        let control = if self.is_written(line, column, creating) {
            builder.control(column, current)
        } else {
            builder.read_only(column, current)
        };
        let control = control.unwrap_or_default();
        let field = resource.fields.get(column);
        let name = field.map_or("", |field: &Field| field.name.as_str());
        let called = match &line.key {
            Some(key) => self.called(key),
            None => text!("line-new"),
        };
        let next = creating && Some(column) == self.numbered;
        control.in_line(
            names::of_cell(&self.child.name, line.number, name),
            &called,
            next,
        )
    }

    fn is_written(&self, line: &Line, column: usize, creating: bool) -> bool {
        let resource = self.resource();
        let Some(field) = resource.fields.get(column) else {
            return false;
        };
        let is_shut = resource.relation_at(column).is_some()
            && self.relations.target(column).is_none()
            || !is_entered(field, creating);
        if is_shut {
            return false;
        }
        match &line.row {
            Some(row) => {
                let is_whole = row.cut().is_empty() && row.get(column).is_some();
                let is_free = !resource.key.contains(&column) && self.edit.is_some();
                is_whole && is_free && row.flag(EDITED) && row.flag(WRITTEN + column)
            }
            None => {
                let written = self.create.as_ref().map(|create| create.writes(column));
                written.is_some_and(|written| written != Cover::Nowhere)
            }
        }
    }

    /// The errors of the lines, for the list at the top of the form.
    fn list(&self) -> Vec<FieldError> {
        let resource = self.resource();
        let mut errors = Vec::new();
        for line in &self.lines {
            let called = match &line.key {
                Some(key) => self.called(key),
                None => text!("line-new"),
            };
            for (column, message) in &line.shown.errors {
                let Some(field) = resource.fields.get(*column) else {
                    continue;
                };
                let cell = names::of_cell(&self.child.name, line.number, &field.name);
                // An error of a column that is not shown is put at the line.
                let id = if self.columns.contains(column) {
                    names::id(&cell)
                } else {
                    format!("{}-{}", self.id(), line.number)
                };
                let at = text!(
                    "lines-at-field",
                    resource = resource.label,
                    line = called,
                    field = field.label
                );
                errors.push(FieldError::new(id, at, message));
            }
            if let Some(problem) = &line.problem {
                let id = format!("{}-{}", self.id(), line.number);
                let at = text!("lines-at", resource = resource.label, line = called);
                errors.push(FieldError::new(id, at, problem));
            }
        }
        errors
    }

    /// The lines as JSON, each with its key and digest.
    fn json(&self) -> Vec<LineAsJson<'_>> {
        let resource = self.resource();
        let lines = self.lines.iter().filter_map(|line| {
            let row = line.row.as_ref()?;
            let is_whole = row.cut().is_empty();
            Some(LineAsJson {
                key: line.key.as_ref()?.encode(resource),
                row_digest: is_whole.then(|| row.digest()),
                row: json::row(resource, row),
            })
        });
        lines.collect()
    }
}

/// A line in JSON.
#[derive(Serialize)]
struct LineAsJson<'l> {
    key: String,
    /// Missing if a long text was truncated: such a line must be edited directly.
    #[serde(skip_serializing_if = "Option::is_none")]
    row_digest: Option<String>,
    row: json::Row<'l>,
}

/// The lines of every table as JSON, by its name.
#[derive(Serialize)]
pub struct AsJson<'l>(BTreeMap<&'l str, Vec<LineAsJson<'l>>>);

/// The lines of every table as JSON.
pub fn as_json(all: &[Lines]) -> AsJson<'_> {
    let all = all.iter();
    AsJson(
        all.map(|lines| (lines.child.name.as_str(), lines.json()))
            .collect(),
    )
}

/// The errors of a form in JSON, including those of lines, by field name.
pub fn with_errors(errors: serde_json::Value, all: &[Lines]) -> serde_json::Value {
    let serde_json::Value::Object(mut errors) = errors else {
        return errors;
    };
    for lines in all {
        for line in &lines.lines {
            for (column, message) in &line.shown.errors {
                if let Some(field) = lines.resource().fields.get(*column) {
                    let cell = names::of_cell(&lines.child.name, line.number, &field.name);
                    errors.insert(cell, message.as_str().into());
                }
            }
            if let Some(problem) = &line.problem {
                let name = names::of_line(&lines.child.name, line.number, "key");
                errors.insert(name, problem.as_str().into());
            }
        }
    }
    errors.into()
}

/// The errors of all lines, for the list at the top of the form.
pub fn list_errors(all: &[Lines]) -> Vec<FieldError> {
    all.iter().flat_map(Lines::list).collect()
}

/// The query of a list with the rows that reference a row.
pub fn pointing_query(
    resource: &Resource,
    child: &Child,
    row: &crate::data::Row,
) -> Option<ListQuery> {
    let conditions: Option<Vec<(String, String)>> = child
        .columns
        .iter()
        .zip(&child.parent_columns)
        .map(|(column, parent)| {
            let field = resource.fields.get(*column)?;
            let value = row.get(*parent).filter(|value| !value.is_null())?;
            let operand = filter::join_operand(Op::Eq, &[value.to_text(field.kind)]);
            Some((format!("f.{}", field.name), format!("eq:{operand}")))
        })
        .collect();
    Some(ListQuery {
        conditions: conditions?,
        ..ListQuery::default()
    })
}
