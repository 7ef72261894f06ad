//! The page of a bulk change: the values to set, and the effect.

use super::asked::ChosenRows;
use super::sets::{FieldAction, is_settable};
use super::{BulkOutcome, BulkPermit, TYPED_FROM};
use crate::access::{Edit, Permit};
use crate::catalog::Resource;
use crate::data::write::bulk::Outcome;
use crate::data::{DataError, Refusal, Row};
use crate::entry::query::ListQuery;
use crate::entry::{Entered, sizes};
use crate::panel::cell::Cell;
use crate::panel::control::{Builder, Control};
use crate::panel::frame::Frame;
use crate::panel::in_sentence;
use crate::panel::relations::Relations;
use crate::texts::text;
use crate::web::Failure;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use std::sync::Arc;

/// The number of refused rows named on the page.
const NAMED: usize = 50;

#[derive(Serialize)]
struct Page {
    heading: String,
    /// Set if all matching rows are meant, not only selected ones.
    all_matching: bool,
    action: String,
    /// The selection of rows, as hidden fields.
    carried: Vec<Hidden>,
    /// The fields that can be set; empty for a delete.
    sets: Vec<Set>,
    /// The labels of fields that cannot be set.
    fixed: Vec<String>,
    problem: Option<String>,
    does: Option<EffectView>,
    cancel_href: String,
}

#[derive(Serialize)]
struct Hidden {
    name: String,
    value: String,
}

#[derive(Serialize)]
struct Set {
    name: String,
    label: String,
    nullable: bool,
    doing: &'static str,
    control: Control,
}

/// The effect of the change.
#[derive(Serialize)]
struct EffectView {
    deletes: bool,
    changed: u64,
    unchanged: u64,
    /// Other rows that are deleted or changed, in words.
    also: Vec<String>,
    refused: u64,
    columns: Vec<String>,
    rows: Vec<SampleRow>,
    more: Option<String>,
    refusals: Vec<LeftRow>,
    more_refusals: Option<String>,
    /// The chosen values, as hidden fields.
    carried: Vec<Hidden>,
    confirm: Option<String>,
    /// The number that must be typed, if required.
    typed: Option<String>,
    /// The number of rows from which it is required.
    typed_from: u64,
    button: String,
}

#[derive(Serialize)]
struct SampleRow {
    label: String,
    href: Option<String>,
    cells: Vec<Difference>,
}

#[derive(Serialize)]
struct Difference {
    old: Cell,
    /// The new value, if it differs.
    new: Option<Cell>,
}

#[derive(Serialize)]
struct LeftRow {
    label: String,
    href: String,
    why: String,
}

/// The request that the page belongs to.
pub(super) struct PageRequest<'a> {
    pub request: &'a HttpRequest,
    pub entered: &'a Entered,
    pub what: &'a Arc<BulkPermit>,
    pub chosen: &'a ChosenRows,
    /// The query of the list that the person came from.
    pub list: &'a str,
}

/// Why a row stays unchanged, in words.
pub fn why(resource: &Resource, refusal: &Refusal) -> String {
    match refusal {
        Refusal::Fields(faults) => {
            let faults = faults.iter().map(|(column, text)| {
                let label = resource
                    .fields
                    .get(*column)
                    .map(|field| field.label.as_str());
                text!(
                    "left-field",
                    field = label.unwrap_or_default(),
                    reason = text
                )
            });
            faults.collect::<Vec<_>>().join(" ")
        }
        Refusal::Whole(text) => text.clone(),
        Refusal::OutOfReach => text!("left-out-of-reach"),
        Refusal::Column(label) => text!("left-column", field = label),
        Refusal::Data(DataError::Missing) => text!("left-missing"),
        Refusal::Data(DataError::Value) => text!("refused-value"),
        Refusal::Stale(_) => text!("left-stale"),
        Refusal::Data(_) => text!("left-refused"),
    }
}

impl PageRequest<'_> {
    /// The form alone, before values are chosen.
    pub fn form(&self, count: u64) -> Result<HttpResponse, Failure> {
        let problem = match &**self.what {
            BulkPermit::Edit(_, sets) if !sets.shown.errors.is_empty() => {
                Some(text!("fields-need-a-look"))
            }
            _ => None,
        };
        let status = match problem {
            Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
            None => StatusCode::OK,
        };
        self.page(count, None, problem, &Relations::default(), status)
    }

    /// The form with the preview.
    pub fn preview(
        &self,
        ran: &BulkOutcome,
        problem: Option<String>,
    ) -> Result<HttpResponse, Failure> {
        let outcome = &ran.outcome;
        let refused = u64::try_from(outcome.refused.len()).unwrap_or(0);
        let count = outcome.changed + outcome.unchanged + refused;
        let status = match problem {
            Some(_) => StatusCode::CONFLICT,
            None => StatusCode::OK,
        };
        self.page(count, Some(self.does(ran)), problem, &ran.relations, status)
    }

    /// The list that the person came from, with a message about the result.
    pub fn list_with_done(&self, done: &str) -> String {
        let list = self.entered.site().urls.list(&self.what.resource().name);
        match ListQuery::parse(self.list) {
            Ok(query) => query.url(&list, &[("done", done)]),
            Err(_) => format!("{list}?done={done}"),
        }
    }

    fn page(
        &self,
        count: u64,
        does: Option<EffectView>,
        problem: Option<String>,
        relations: &Relations,
        status: StatusCode,
    ) -> Result<HttpResponse, Failure> {
        let resource = self.what.resource();
        let site = self.entered.site();
        let list = site.urls.list(&resource.name);
        let cancel_href = match ListQuery::parse(self.list) {
            Ok(query) => query.url(&list, &[]),
            Err(_) => list.clone(),
        };
        let rows = counted(resource, count);
        let heading = match &**self.what {
            BulkPermit::Edit(..) => text!("bulk-edit", rows = rows),
            BulkPermit::Delete(_) => text!("bulk-delete", rows = rows),
            BulkPermit::Act(_, action) => text!("bulk-act", action = action.label, rows = rows),
        };
        let (sets, fixed) = match &**self.what {
            BulkPermit::Edit(permit, _) => self.sets(permit, relations),
            BulkPermit::Delete(_) | BulkPermit::Act(..) => (Vec::new(), Vec::new()),
        };
        let mut carried = vec![
            hidden("action", self.what.name()),
            hidden("list", self.list),
        ];
        let rows = self.chosen.carried(resource).into_iter();
        carried.extend(rows.map(|(name, value)| hidden(name, &value)));
        let view = Page {
            heading: heading.clone(),
            all_matching: matches!(self.chosen, ChosenRows::Matching(..)),
            action: format!("{list}/bulk"),
            carried,
            sets,
            fixed,
            problem,
            does,
            cancel_href: cancel_href.clone(),
        };
        let frame = Frame::about(self.request, self.entered, &resource.name, &heading)
            .crumb(resource.label.as_str(), Some(cancel_href))
            .crumb(heading, None);
        site.pages.answer(status, "bulk.html", &frame, &view)
    }

    fn sets(&self, permit: &Permit<Edit>, relations: &Relations) -> (Vec<Set>, Vec<String>) {
        let BulkPermit::Edit(_, chosen) = &**self.what else {
            return (Vec::new(), Vec::new());
        };
        let resource = permit.resource();
        let builder = Builder {
            entered: self.entered,
            resource,
            relations,
            shown: &chosen.shown,
            creating: false,
        };
        let (mut sets, mut fixed) = (Vec::new(), Vec::new());
        for column in permit.readable() {
            let Some(field) = resource.fields.get(column) else {
                continue;
            };
            if !is_settable(permit, column) {
                fixed.push(field.label.clone());
                continue;
            }
            let doing = match (chosen.shown.typed.get(&column), chosen.changes.get(&column)) {
                (None, _) => FieldAction::Leave,
                (Some(_), Some(value)) if value.is_null() => FieldAction::Empty,
                (Some(_), _) => FieldAction::Set,
            };
            sets.extend(builder.control(column, None).map(|control| Set {
                name: field.name.clone(),
                label: field.label.clone(),
                nullable: field.nullable,
                doing: doing.name(),
                control: control.in_bulk(&field.name),
            }));
        }
        (sets, fixed)
    }

    fn does(&self, ran: &BulkOutcome) -> EffectView {
        let (resource, outcome) = (self.what.resource(), &ran.outcome);
        let changes = self.what.changes();
        let deletes = changes.is_none();
        let columns: Vec<usize> = changes
            .into_iter()
            .flat_map(|changes| changes.keys().copied())
            .collect();
        let label = |column: &usize| {
            resource
                .fields
                .get(*column)
                .map(|field| field.label.clone())
        };
        let refused = u64::try_from(outcome.refused.len()).unwrap_or(0);
        let shown = u64::try_from(outcome.sample.len()).unwrap_or(0);
        let named = outcome.refused.iter().take(NAMED).map(|refused| LeftRow {
            label: refused.label.clone(),
            href: self.row(&refused.key.encode(resource)),
            why: why(resource, &refused.why),
        });
        let unnamed = outcome.refused.len().saturating_sub(NAMED);
        let rows = outcome.sample.iter().map(|(before, after)| SampleRow {
            label: before.label(resource),
            href: before
                .key(resource)
                .map(|key| self.row(&key.encode(resource))),
            cells: columns
                .iter()
                .map(|column| difference(resource, &ran.relations, *column, before, after.as_ref()))
                .collect(),
        });
        EffectView {
            deletes,
            changed: outcome.changed,
            unchanged: outcome.unchanged,
            also: self.also(outcome),
            refused,
            columns: columns.iter().filter_map(label).collect(),
            rows: rows.collect(),
            more: (shown < outcome.changed).then(|| {
                let shown = sizes::grouped(shown);
                text!("bulk-shown", shown = shown, count = outcome.changed)
            }),
            refusals: named.collect(),
            more_refusals: (unnamed > 0).then(|| text!("and-more", count = unnamed)),
            carried: self.chosen_values(),
            confirm: (outcome.changed > 0).then(|| ran.token.clone()),
            typed: (outcome.changed > TYPED_FROM).then(|| outcome.changed.to_string()),
            typed_from: TYPED_FROM,
            button: if deletes {
                text!("bulk-delete", rows = counted(resource, outcome.changed))
            } else {
                text!("bulk-change", rows = counted(resource, outcome.changed))
            },
        }
    }

    /// "12 order items will be deleted, too."
    fn also(&self, outcome: &Outcome) -> Vec<String> {
        let catalog = self.entered.policy().catalog();
        let rows = |(table, count): (&String, &u64)| match catalog.get(table) {
            Some(resource) => counted(resource, *count),
            None => text!(
                "count-of",
                number = sizes::grouped(*count),
                resource = table
            ),
        };
        let gone = outcome.also_deleted.iter();
        let gone = gone.map(|some| text!("bulk-also-delete", rows = rows(some)));
        let changed = outcome.also_changed.iter();
        let changed = changed.map(|some| text!("bulk-also-change", rows = rows(some)));
        gone.chain(changed).collect()
    }

    fn chosen_values(&self) -> Vec<Hidden> {
        let BulkPermit::Edit(permit, sets) = &**self.what else {
            return Vec::new();
        };
        let fields = &permit.resource().fields;
        let values = sets.changes.iter().filter_map(|(column, value)| {
            let field = fields.get(*column)?;
            let typed = sets.shown.typed.get(column)?;
            Some(if value.is_null() {
                hidden(&format!("null.{}", field.name), "1")
            } else {
                hidden(&format!("set.{}", field.name), typed)
            })
        });
        values.collect()
    }

    fn row(&self, key: &str) -> String {
        let urls = &self.entered.site().urls;
        urls.row(&self.what.resource().name, key)
    }
}

fn difference(
    resource: &Resource,
    relations: &Relations,
    column: usize,
    before: &Row,
    after: Option<&Row>,
) -> Difference {
    let cell = |row: &Row| relations.cell(resource, column, row.get(column), true);
    let old = cell(before);
    let new = after.map(cell).filter(|new| *new != old);
    Difference { old, new }
}

fn hidden(name: &str, value: &str) -> Hidden {
    Hidden {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

/// "1 order", "213 orders".
fn counted(resource: &Resource, count: u64) -> String {
    let label = match count {
        1 => &resource.label_one,
        _ => &resource.label,
    };
    text!(
        "count-of",
        number = sizes::grouped(count),
        resource = in_sentence(label)
    )
}
