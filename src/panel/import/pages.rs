//! The pages of an import: the file, its columns, and the preview. A hidden field carries the file
//! from page to page, so the panel stores none of it.

use super::asked::{ImportParameters, Mode, keys, names, separator_label, separator_name};
use super::columns::{Columns, is_taken};
use super::file::{Encoding, Format};
use super::notation::{Dates, Decimal};
use super::table::{Cell, Fault, MAX_ROWS, Table};
use super::view::{
    CheckStep, Choice, ColumnsStep, FileColumn, FileStep, Hidden, ImportPage, WrongCell,
};
use super::{ImportOutcome, Job, Leave, SentFile, rehearse_or_run, with_key};
use crate::catalog::Resource;
use crate::entry::{Entered, Submission, sizes};
use crate::panel::frame::Frame;
use crate::panel::in_sentence;
use crate::texts::text;
use crate::web::Failure;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};
use std::sync::Arc;

/// The size limit of a carried file, in megabytes.
const MAX_MB: usize = 4;
/// The number of wrong cells that can be corrected on a page.
const MENDED: usize = 50;
/// The number of sample values of a column, and their maximum length.
const SAMPLES: usize = 3;
const LONGEST: usize = 40;

/// An import through pages.
pub struct Pages<'p> {
    pub request: &'p HttpRequest,
    pub entered: &'p Entered,
    pub leave: &'p Leave,
}

/// The step of a submitted page.
#[derive(Clone, Copy, PartialEq)]
enum ImportStep {
    Columns,
    Check,
    Save,
    SaveGood,
}

impl Pages<'_> {
    /// The first page: choosing a file.
    pub fn file(&self, problem: Option<String>) -> Result<HttpResponse, Failure> {
        let step = FileStep {
            max_mb: MAX_MB.to_string(),
            max_rows: grouped(MAX_ROWS),
            modes: self.modes(Mode::Both),
        };
        let view = ImportPage {
            file: Some(step),
            problem,
            ..ImportPage::default()
        };
        self.answer(view)
    }

    /// Handles a submitted page.
    pub async fn run(
        &self,
        mut asked: ImportParameters,
        form: &Submission,
    ) -> Result<HttpResponse, Failure> {
        let Some(sent) = SentFile::of(form)? else {
            return self.file(Some(text!("import-choose")));
        };
        if sent.bytes.len() > MAX_MB * 1024 * 1024 {
            return self.file(Some(text!("import-page-limit", size = MAX_MB.to_string())));
        }
        let step = match form.get("step") {
            Some("check") => ImportStep::Check,
            Some("save") => ImportStep::Save,
            Some("save-good") => ImportStep::SaveGood,
            _ => ImportStep::Columns,
        };
        asked.settle(&sent);
        asked.is_partial = step == ImportStep::SaveGood;
        asked.is_rehearsal = matches!(step, ImportStep::Columns | ImportStep::Check);
        let table = match asked.table(&sent.bytes, Some(&sent.name)) {
            Ok(table) => table,
            Err(fault) => return self.unreadable(&asked, &sent, &fault),
        };
        if step == ImportStep::Columns {
            // Read differently, the file may have other columns.
            asked.chosen.retain(|name, _| table.place(name).is_some());
        }
        let resource = Arc::clone(self.leave.import.resource());
        let known = |column| self.leave.knows(column);
        let columns = Columns::of(&table, &resource, &known, &asked.chosen)?;
        if asked.key.is_empty() && asked.mode != Some(Mode::Create) {
            asked.key = self.key_in(&columns);
        }
        if step == ImportStep::Columns {
            return self.columns(&asked, &sent, &table, &columns);
        }
        if asked.check_mode().is_err() {
            return self.answer(ImportPage {
                problem: Some(text!("import-no-key-in-file")),
                ..self.columns_view(&asked, &sent, &table, &columns)
            });
        }
        let columns = with_key(columns, &resource, &asked);
        let plan = self
            .leave
            .plan(self.entered, asked.mode(), asked.key.clone());
        let plan = plan.await?;
        let job = Job {
            asked,
            plan,
            table,
            columns,
            resource,
        };
        let ran = rehearse_or_run(self.entered, Arc::new(job)).await?;
        match ran.change {
            Some(_) => Ok(self.done(&ran)),
            None => self.check(&ran, &sent, step),
        }
    }

    /// The key whose columns are all in the file.
    fn key_in(&self, columns: &Columns) -> Vec<usize> {
        let known = |column| self.leave.knows(column);
        let all = keys(self.leave.import.resource(), &known).into_iter();
        let mut all = all.filter(|key| key.iter().all(|it| columns.place(*it).is_some()));
        all.next().unwrap_or_default()
    }

    fn columns(
        &self,
        asked: &ImportParameters,
        sent: &SentFile,
        table: &Table,
        columns: &Columns,
    ) -> Result<HttpResponse, Failure> {
        self.answer(self.columns_view(asked, sent, table, columns))
    }

    fn columns_view(
        &self,
        asked: &ImportParameters,
        sent: &SentFile,
        table: &Table,
        columns: &Columns,
    ) -> ImportPage {
        let resource = self.leave.import.resource();
        let takes: Vec<usize> = (0..resource.fields.len())
            .filter(|column| self.leave.knows(*column) && is_taken(resource, *column))
            .collect();
        let places = table.header.iter().zip(&columns.to).enumerate();
        let shown = places.map(|(place, (name, to))| {
            let left_out = Choice {
                value: String::new(),
                label: text!("import-leave-out"),
                is_chosen: to.is_none(),
            };
            let others = takes.iter().filter_map(|column| {
                let field = resource.fields.get(*column)?;
                Some(Choice {
                    value: field.name.clone(),
                    label: field.label.clone(),
                    is_chosen: *to == Some(*column),
                })
            });
            FileColumn {
                id: format!("map-{place}"),
                name: name.clone(),
                samples: samples(table, place),
                to: std::iter::once(left_out).chain(others).collect(),
                is_key: to.is_some_and(|column| asked.key.contains(&column)),
            }
        });
        ImportPage {
            columns: Some(ColumnsStep {
                columns: shown.collect(),
                ..self.settings(asked)
            }),
            told: Some(told(sent, table)),
            carried: vec![hidden("kept", sent.kept()), hidden("name", &sent.name)],
            ..ImportPage::default()
        }
    }

    /// The page for a file that cannot be read with these settings.
    fn unreadable(
        &self,
        asked: &ImportParameters,
        sent: &SentFile,
        fault: &Fault,
    ) -> Result<HttpResponse, Failure> {
        self.answer(ImportPage {
            columns: Some(self.settings(asked)),
            problem: Some(at_line(fault)),
            carried: vec![hidden("kept", sent.kept()), hidden("name", &sent.name)],
            ..ImportPage::default()
        })
    }

    /// The settings for reading the file, and the mode.
    fn settings(&self, asked: &ImportParameters) -> ColumnsStep {
        let resource = self.leave.import.resource();
        let known = |column| self.leave.knows(column);
        let keys = keys(resource, &known).into_iter().map(|key| Choice {
            value: names(resource, &key).join(","),
            label: labels(resource, &key),
            is_chosen: key == asked.key,
        });
        let choice = |value: &str, label: String, is_chosen| Choice {
            value: value.into(),
            label,
            is_chosen,
        };
        let format = asked.format.unwrap_or(Format::Csv);
        let separator = asked.separator.unwrap_or(',');
        let encoding = asked.encoding.unwrap_or(Encoding::Utf8);
        ColumnsStep {
            columns: Vec::new(),
            modes: self.modes(asked.mode.unwrap_or(Mode::Both)),
            keys: keys.collect(),
            formats: Format::ALL
                .map(|it| choice(it.name(), it.label(), it == format))
                .into(),
            separators: super::delimited::SEPARATORS
                .map(|it| choice(separator_name(it), separator_label(it), it == separator))
                .into(),
            encodings: Encoding::ALL
                .map(|it| choice(it.name(), it.label().to_owned(), it == encoding))
                .into(),
            decimals: Decimal::ALL
                .map(|it| {
                    choice(
                        it.name(),
                        it.label().to_owned(),
                        it == asked.notation.decimal,
                    )
                })
                .into(),
            dates: Dates::ALL
                .map(|it| choice(it.name(), it.label(), it == asked.notation.dates))
                .into(),
        }
    }

    fn modes(&self, chosen: Mode) -> Vec<Choice> {
        let modes = Mode::ALL.into_iter().map(|mode| Choice {
            value: mode.name().into(),
            label: mode.label(),
            is_chosen: mode == chosen,
        });
        modes.collect()
    }

    /// The preview and its errors.
    fn check(
        &self,
        ran: &ImportOutcome,
        sent: &SentFile,
        step: ImportStep,
    ) -> Result<HttpResponse, Failure> {
        let (job, outcome) = (&ran.job, &ran.outcome);
        let (asked, resource) = (&job.asked, &job.resource);
        let faults = job.faults(outcome);
        let written = outcome.created + outcome.updated;
        let cells: Vec<WrongCell> = faults
            .iter()
            .take(MENDED)
            .enumerate()
            .map(|(number, fault)| wrong(job, number, fault))
            .collect();
        let mut carried = vec![
            hidden("kept", sent.kept()),
            hidden("name", &sent.name),
            hidden("format", asked.format.map_or("", Format::name)),
            hidden("separator", asked.separator.map_or("", separator_name)),
            hidden("encoding", asked.encoding.map_or("", Encoding::name)),
            hidden("decimal", asked.notation.decimal.name()),
            hidden("dates", asked.notation.dates.name()),
            hidden("mode", asked.mode().name()),
            hidden("key", names(resource, &asked.key).join(",")),
        ];
        for (name, to) in job.table.header.iter().zip(&job.columns.to) {
            let field = to.and_then(|column| resource.fields.get(column));
            let to = field.map_or("", |field| field.name.as_str());
            carried.push(hidden(&format!("map.{name}"), to));
        }
        // Cells that were corrected and are valid now.
        for ((line, column), text) in &asked.fixes {
            let field = resource.fields.get(*column);
            let name = field.map(|field| fix_name(*line, &field.name));
            let is_shown = cells.iter().any(|cell| cell.name == name);
            if let (Some(name), false) = (name, is_shown) {
                carried.push(hidden(&name, text));
            }
        }
        let is_good = job.columns.faults.is_empty() && written > 0;
        let problem = match step {
            ImportStep::Save | ImportStep::SaveGood if !is_good => {
                Some(text!("import-nothing-to-do"))
            }
            ImportStep::Save | ImportStep::SaveGood => Some(text!("import-moved-on")),
            _ => None,
        };
        let more = faults.len().saturating_sub(MENDED);
        let is_partial = !faults.is_empty();
        let check = CheckStep {
            created: outcome.created,
            updated: outcome.updated,
            unchanged: outcome.unchanged,
            wrong: outcome.refused.len(),
            can_mend: cells.iter().any(|cell| cell.name.is_some()),
            cells,
            more: (more > 0).then(|| text!("and-more", count = more)),
            confirm: is_good.then(|| ran.token.clone()),
            button: if is_partial {
                text!("import-save-good", count = written)
            } else {
                text!("import-save", count = written)
            },
            is_partial,
        };
        self.answer(ImportPage {
            check: Some(check),
            problem,
            told: Some(told(sent, &job.table)),
            carried,
            ..ImportPage::default()
        })
    }

    fn done(&self, ran: &ImportOutcome) -> HttpResponse {
        let outcome = &ran.outcome;
        let written = outcome.created + outcome.updated;
        let list = self.entered.site().urls.list(&ran.job.resource.name);
        let left = outcome.refused.len();
        HttpResponse::SeeOther()
            .insert_header((
                LOCATION,
                format!("{list}?done=bulk-imported.{written}.{left}"),
            ))
            .finish()
    }

    fn answer(&self, view: ImportPage) -> Result<HttpResponse, Failure> {
        let resource = self.leave.import.resource();
        let site = self.entered.site();
        let list = site.urls.list(&resource.name);
        let heading = text!("import-title", resource = in_sentence(&resource.label));
        let view = ImportPage {
            heading: heading.clone(),
            action: format!("{list}/import"),
            cancel_href: list.clone(),
            ..view
        };
        let frame = Frame::about(self.request, self.entered, &resource.name, &heading)
            .crumb(resource.label.as_str(), Some(list))
            .crumb(text!("import"), None);
        let status = match view.problem {
            Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
            None => StatusCode::OK,
        };
        site.pages.answer(status, "import.html", &frame, &view)
    }
}

/// An error with its line.
fn at_line(fault: &Fault) -> String {
    let line = fault.line.to_string();
    text!("import-at-line", line = line, reason = fault.message)
}

/// The error of a cell, with its text.
fn wrong(job: &Job, place: usize, fault: &Fault) -> WrongCell {
    let resource = &job.resource;
    let column = fault.column.as_deref();
    let found = column.and_then(|name| resource.index_of(name));
    let field = found.and_then(|column| resource.fields.get(column));
    let mut lines = job.table.lines.iter();
    let at = lines.position(|line| line.number == fault.line);
    // The header line has no cells.
    let mends = at.zip(found).and_then(|(at, column)| {
        let fixed = job.asked.fixes.get(&(fault.line, column)).cloned();
        let in_file = job.columns.place(column);
        let in_file = in_file
            .and_then(|place| job.table.cell(at, place))
            .map(shown);
        Some((field?, fixed.or(in_file).unwrap_or_default()))
    });
    let (name, value) = match mends {
        Some((field, value)) => (Some(fix_name(fault.line, &field.name)), value),
        None => (None, String::new()),
    };
    let label = field.map(|field| field.label.clone());
    WrongCell {
        id: format!("wrong-{place}"),
        line: fault.line,
        line_text: fault.line.to_string(),
        label: label.or_else(|| column.map(str::to_owned)),
        name,
        value,
        message: fault.message.clone(),
    }
}

fn fix_name(line: u64, column: &str) -> String {
    format!("fix.{line}.{column}")
}

/// A cell as a person would type it.
fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Json(json) if json == "null" => String::new(),
        Cell::Json(json) => serde_json::from_str(json).unwrap_or_else(|_| json.clone()),
    }
}

/// The first values of a column.
fn samples(table: &Table, place: usize) -> String {
    let cells = (0..SAMPLES).filter_map(|at| table.cell(at, place));
    let cells = cells.map(|cell| match (cell, shown(cell)) {
        (Cell::Text(_), text) if text.is_empty() => text!("import-empty-text"),
        (_, text) if text.is_empty() => text!("import-no-value"),
        (_, text) => match text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}\u{2026}", text.get(..end).unwrap_or_default()),
            None => text,
        },
    });
    cells.collect::<Vec<_>>().join(" \u{b7} ")
}

fn told(sent: &SentFile, table: &Table) -> String {
    let rows = text!("rows", count = table.lines.len());
    if sent.name.is_empty() {
        rows
    } else {
        text!("import-told", file = sent.name, rows = rows)
    }
}

fn labels(resource: &Resource, columns: &[usize]) -> String {
    let fields = columns.iter().filter_map(|it| resource.fields.get(*it));
    let labels: Vec<&str> = fields.map(|field| field.label.as_str()).collect();
    labels.join(", ")
}

fn hidden(name: &str, value: impl Into<String>) -> Hidden {
    Hidden {
        name: name.to_owned(),
        value: value.into(),
    }
}

fn grouped(count: usize) -> String {
    sizes::grouped(u64::try_from(count).unwrap_or(u64::MAX))
}
