//! The page of a change to undo, and the same as JSON.

use super::{UndoOutcome, UndoRequest, is_own};
use crate::access::{Action as Verb, Cover};
use crate::catalog::Resource;
use crate::data::write::undo::UndoableChange;
use crate::entry::Entered;
use crate::panel::bulk::why;
use crate::panel::event::{Event, verb_back as verb};
use crate::panel::frame::Frame;
use crate::panel::in_sentence;
use crate::store::audit::{Action, Entry};
use crate::texts::text;
use crate::web::Failure;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// The maximum numbers of changes and refusals named on the page.
const NAMED: usize = 50;

/// The request that the page belongs to.
pub(super) struct Page<'a> {
    pub request: &'a HttpRequest,
    pub entered: &'a Entered,
    pub asked: &'a UndoRequest,
    pub ran: &'a UndoOutcome,
}

#[derive(Serialize)]
struct UndoPage {
    heading: String,
    problem: Option<String>,
    action: String,
    cancel_href: String,
    /// The changes to undo.
    changes: Vec<Change>,
    more: Option<String>,
    figures: Figures,
    /// Whether there is anything to undo.
    is_anything: bool,
    /// Other rows that are restored with it, in words.
    also: Vec<String>,
    refused: Option<usize>,
    refusals: Vec<LeftRow>,
    more_refusals: Option<String>,
    confirm: Option<String>,
}

#[derive(Serialize)]
struct Change {
    label: String,
    href: Option<String>,
    event: Event,
}

#[derive(Serialize)]
struct Figures {
    changed: usize,
    created: usize,
    deleted: usize,
    unchanged: u64,
    refused: usize,
}

impl Figures {
    fn is_anything(&self) -> bool {
        self.changed + self.created + self.deleted + self.refused > 0 || self.unchanged > 0
    }
}

#[derive(Serialize)]
struct LeftRow {
    label: String,
    href: Option<String>,
    why: String,
}

impl Page<'_> {
    /// The page with the preview.
    pub fn show(&self, problem: Option<String>) -> Result<HttpResponse, Failure> {
        let outcome = &self.ran.outcome;
        let done: Vec<&UndoableChange> = self.done().collect();
        let heading = text!("undo-title", count = self.asked.changes.len());
        let refused = outcome.refused.len();
        let shown = done.iter().rev().take(NAMED);
        let more = done.len().saturating_sub(NAMED);
        let refusals = outcome.refused.iter().take(NAMED).filter_map(|left| {
            let made = self.asked.changes.get(left.at)?;
            Some(LeftRow {
                label: self.label(&made.main),
                href: self.row_href(&made.main),
                why: self.why(left),
            })
        });
        let status = match problem {
            Some(_) => StatusCode::CONFLICT,
            None => StatusCode::OK,
        };
        let figures = self.figures();
        let view = UndoPage {
            heading: heading.clone(),
            problem,
            action: format!(
                "{}/changes/{}/undo",
                self.entered.site().urls.mount(),
                self.asked.id
            ),
            cancel_href: self.back_href(),
            changes: shown.filter_map(|made| self.change(&made.main)).collect(),
            more: (more > 0).then(|| text!("and-more", count = more)),
            is_anything: figures.is_anything(),
            figures,
            also: self.also(),
            refused: (refused > 0).then_some(refused),
            refusals: refusals.collect(),
            more_refusals: (refused > NAMED).then(|| text!("and-more", count = refused - NAMED)),
            confirm: (!done.is_empty()).then(|| self.ran.token.clone()),
        };
        let name = self.first().and_then(|entry| entry.resource.as_deref());
        let resource = name.and_then(|name| self.resource(name));
        let frame = match resource {
            Some(resource) => {
                let list = self.entered.site().urls.list(&resource.name);
                Frame::about(self.request, self.entered, &resource.name, &heading)
                    .crumb(resource.label.as_str(), Some(list))
            }
            None => Frame::of(self.request, self.entered, &heading),
        };
        let frame = frame.crumb(text!("undo"), None);
        let pages = &self.entered.site().pages;
        pages.answer(status, "undo.html", &frame, &view)
    }

    /// The preview as JSON.
    pub fn as_json(&self) -> Json {
        let rows = self.done().map(|made| {
            json!({
                "resource": made.main.resource,
                "key": made.main.row_key,
                "does": verb(&made.main.action).map(Verb::name),
            })
        });
        json!({
            "count": self.ran.outcome.done.len(),
            "unchanged": self.ran.outcome.unchanged,
            "rows": rows.collect::<Vec<_>>(),
            "also": self.ran.outcome.also,
            "refused": self.refused_as_json(),
            "confirm": self.ran.token,
        })
    }

    /// The result, as JSON.
    pub fn done_as_json(&self, change: i64) -> Json {
        json!({
            "changed": self.ran.outcome.done.len(),
            "refused": self.refused_as_json(),
            "change": change,
        })
    }

    /// Where a person continues: at the row, if it is a single one that exists.
    pub fn next_href(&self) -> String {
        format!("{}?done=undone", self.back_href())
    }

    fn refused_as_json(&self) -> Json {
        let refused = self.ran.outcome.refused.iter().filter_map(|left| {
            let made = self.asked.changes.get(left.at)?;
            Some(json!({
                "resource": made.main.resource,
                "key": made.main.row_key,
                "why": self.why(left),
            }))
        });
        refused.collect()
    }

    fn done(&self) -> impl Iterator<Item = &UndoableChange> {
        let done = self.ran.outcome.done.iter();
        done.filter_map(|at| self.asked.changes.get(*at))
    }

    fn first(&self) -> Option<&Entry> {
        self.asked.changes.first().map(|made| &made.main)
    }

    fn resource(&self, name: &str) -> Option<&Arc<Resource>> {
        self.entered.policy().catalog().get(name)
    }

    fn why(&self, left: &crate::data::write::undo::KeptChange) -> String {
        match &left.table {
            Some(table) => why(table, &left.why),
            None => left.why.to_string(),
        }
    }

    /// The address of the row, unless it is or will be deleted.
    fn row_href(&self, entry: &Entry) -> Option<String> {
        let is_there = match (Action::named(&entry.action)?, self.ran.change) {
            (Action::Update, _) => true,
            (Action::Create, change) => change.is_none(),
            (_, change) => change.is_some(),
        };
        let (name, key) = (entry.resource.as_deref()?, entry.row_key.as_deref()?);
        is_there.then(|| self.entered.site().urls.row(name, key))
    }

    fn back_href(&self) -> String {
        let urls = &self.entered.site().urls;
        let Some(entry) = self.first() else {
            return format!("{}/", urls.mount());
        };
        let name = entry.resource.as_deref().unwrap_or_default();
        let changes_key = self.resource(name).is_some_and(|resource| {
            let changes = entry.changes.as_deref().unwrap_or_default();
            let mut key = resource.key_fields();
            let is_update = Action::named(&entry.action) == Some(Action::Update);
            is_update && key.any(|field| changes.contains(&format!("\"{}\":", field.name)))
        });
        match self.asked.changes.len() {
            1 if !changes_key => self.row_href(entry).unwrap_or_else(|| urls.list(name)),
            _ => urls.list(name),
        }
    }

    /// The former label of a row; its key for people who may not read the label.
    fn label(&self, entry: &Entry) -> String {
        let name = entry.resource.as_deref().unwrap_or_default();
        let label = self.resource(name).filter(|resource| {
            let mut columns = resource.display.columns();
            columns.all(|column| self.reads(entry, resource, column))
        });
        let label = label.and(entry.row_label.clone());
        label.unwrap_or_else(|| entry.row_key.clone().unwrap_or_default())
    }

    /// Whether a value of a change may be shown. Changes by somebody else were checked before.
    fn reads(&self, entry: &Entry, resource: &Resource, column: usize) -> bool {
        let view = self.entered.view(&resource.name);
        let cover = view.map(|view| view.reads(column));
        match cover {
            None | Some(Cover::Nowhere) => false,
            Some(Cover::Everywhere) => true,
            Some(Cover::Where(_)) => is_own(self.entered, entry),
        }
    }

    fn change(&self, entry: &Entry) -> Option<Change> {
        let resource = self.resource(entry.resource.as_deref()?)?;
        Some(Change {
            label: self.label(entry),
            href: self.row_href(entry),
            event: Event::new(resource, entry, &|column| {
                self.reads(entry, resource, column)
            }),
        })
    }

    fn figures(&self) -> Figures {
        let does = |does: Verb| {
            let of_it = self
                .done()
                .filter(|made| verb(&made.main.action) == Some(does));
            of_it.count()
        };
        let outcome = &self.ran.outcome;
        Figures {
            changed: does(Verb::Edit),
            created: does(Verb::Create),
            deleted: does(Verb::Delete),
            unchanged: outcome.unchanged,
            refused: outcome.refused.len(),
        }
    }

    /// "3 order items come back, too."
    fn also(&self) -> Vec<String> {
        let also = self.ran.outcome.also.iter();
        let sentence = |(table, count): (&String, &u64)| {
            let label = self
                .resource(table)
                .filter(|_| self.entered.view(table).is_some());
            match (label, count) {
                (Some(resource), 1) => {
                    let rows = in_sentence(&resource.label_one);
                    text!("undo-also", count = *count, rows = rows)
                }
                (Some(resource), _) => {
                    let rows = in_sentence(&resource.label);
                    text!("undo-also", count = *count, rows = rows)
                }
                (None, _) => text!("undo-also-hidden", count = *count),
            }
        };
        also.map(sentence).collect()
    }
}
