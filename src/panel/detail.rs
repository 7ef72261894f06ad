//! The page of a row: its columns, the rows that reference it, and its latest changes.

mod related;

use super::audit;
use super::cell::Cell;
use super::event::Event;
use super::frame::{Frame, was_changed};
use super::lines::{self, Lines};
use super::relations::Relations;
use super::{event, history, json, key};
use crate::access::{Action, History, Permit, View};
use crate::catalog::field::Look;
use crate::catalog::{Filter, Key, Resource, Value};
use crate::data::{DataError, Row, find};
use crate::entry::query::ListQuery;
use crate::entry::{Entered, Granted};
use crate::store::AnyConnection;
use crate::store::audit::{self as audit_log, Action as Deed};
use crate::web::{Failure, segment, wants_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use related::{Pointing, Related};
use serde::Serialize;
use std::sync::Arc;

/// The number of changes shown beside the row.
const RECENT: i64 = 5;

#[derive(Serialize)]
struct Detail {
    label: String,
    badge: Option<Cell>,
    resource_label: String,
    list_href: String,
    facts: Vec<Fact>,
    edit_href: Option<String>,
    delete_href: Option<String>,
    history_href: Option<String>,
    /// For an entry of the audit log, the address to undo its change.
    undo_href: Option<String>,
    /// The hint on a button that requires step-up first.
    edit_hint: Option<String>,
    delete_hint: Option<String>,
    history_hint: Option<String>,
    related: Vec<Related>,
    trace: Vec<Event>,
    trace_href: Option<String>,
}

#[derive(Serialize)]
struct Fact {
    name: String,
    label: String,
    help: Option<String>,
    cell: Cell,
    long: bool,
    json: bool,
    /// The address of the complete value, if it is truncated.
    whole_href: Option<String>,
}

struct DetailData {
    row: Row,
    relations: Relations,
    pointing: Vec<Pointing>,
    trace: Vec<Event>,
    /// The change that was just made, by its number in the audit log.
    done: Option<i64>,
    /// The rows that belong to it, if requested in JSON.
    lines: Vec<Lines>,
}

/// GET {mount}/data/{resource}/row/{key}. Permissions: view.
///
/// # Errors
/// The row is not visible, or the database fails.
pub async fn show(request: HttpRequest, granted: Granted<View>) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let resource = Arc::clone(permit.resource());
    let key = key(&request, &resource)?;
    let as_json = wants_json(&request);
    let relations = if as_json {
        Relations::default()
    } else {
        Relations::of(
            &entered,
            &resource,
            &super::form::relation_columns(&resource),
        )
        .with_pairs(&entered, &resource, &permit.readable().collect::<Vec<_>>())
    };
    let pointing = if as_json {
        Vec::new()
    } else {
        related::pointing(&entered, &resource)
    };
    let acts = [
        Action::Edit,
        Action::Delete,
        Action::History,
        Action::Export,
    ];
    let tests: Vec<Filter> = acts
        .iter()
        .map(|action| reach(&entered, &resource.name, *action))
        .collect();
    let may_history = entered
        .permit::<History>(&resource.name)
        .ok()
        .filter(|_| !as_json);
    let mut lines = if as_json && asks_for_children(request.query_string()) {
        Lines::seen(&entered, &resource)
    } else {
        Vec::new()
    };
    for lines in &mut lines {
        lines.turn(request.query_string());
    }
    let of = key.clone();
    let reader = permit.clone();
    let query = ListQuery::parse(request.query_string()).unwrap_or_default();
    let person = was_changed(query.done.as_deref()).then(|| entered.actor().person.clone());
    let opened = entered
        .site()
        .database
        .run(move |conn| {
            let mut opened = open(conn, &reader, &of, &tests, relations, pointing, may_history)?;
            for lines in &mut lines {
                lines.open(conn, &opened.row)?;
            }
            opened.lines = lines;
            if let Some(person) = person {
                let key = opened.row.key(reader.resource()).unwrap_or(of);
                let key = key.encode(reader.resource());
                let name = &reader.resource().name;
                opened.done = audit_log::latest_of(conn, &person, name, Some(&key))?;
            }
            Ok::<_, DataError>(opened)
        })
        .await?;
    let may: Vec<Action> = std::iter::once(Action::View)
        .chain(
            acts.into_iter()
                .enumerate()
                .filter(|(index, _)| opened.row.flag(*index))
                .map(|(_, action)| action),
        )
        .collect();
    if as_json {
        let verbs = may.iter().map(|action| action.name()).collect();
        return Ok(HttpResponse::Ok().json(AsJson {
            row: json::row(&resource, &opened.row),
            label: opened.row.label(&resource),
            may: verbs,
            children: (!opened.lines.is_empty()).then(|| lines::as_json(&opened.lines)),
            cut: cut_cells(&entered, &resource, &key, &opened.row),
        }));
    }
    page(&request, &entered, &resource, &key, &may, opened)
}

/// `children=1`: includes the rows that belong to it.
fn asks_for_children(query: &str) -> bool {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.any(|(name, value)| name == "children" && value == "1")
}

/// The row in JSON.
#[derive(Serialize)]
struct AsJson<'r> {
    row: json::Row<'r>,
    label: String,
    may: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    children: Option<lines::AsJson<'r>>,
    /// The truncated cells, with the addresses of their complete values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cut: Vec<serde_json::Value>,
}

fn cut_cells(
    entered: &Entered,
    resource: &Resource,
    key: &Key,
    row: &Row,
) -> Vec<serde_json::Value> {
    let here = entered
        .site()
        .urls
        .row(&resource.name, &key.encode(resource));
    let fields = row
        .cut()
        .iter()
        .filter_map(|column| resource.fields.get(*column));
    let cut = fields.map(
        |field| serde_json::json!({ "column": field.name, "href": whole_href(&here, &field.name) }),
    );
    cut.collect()
}

/// The address of a complete cell.
fn whole_href(here: &str, column: &str) -> String {
    format!("{here}/file/{}", segment::encode(column))
}

/// The rows that a verb covers; none if it is not granted.
fn reach(entered: &Entered, resource: &str, action: Action) -> Filter {
    use crate::access::{Delete, Edit, Export, Verb};
    fn rows<V: Verb>(entered: &Entered, resource: &str) -> Option<Filter> {
        entered.reach::<V>(resource).map(|reach| reach.rows())
    }
    let rows = match action {
        Action::Edit => rows::<Edit>(entered, resource),
        Action::Delete => rows::<Delete>(entered, resource),
        Action::History => rows::<History>(entered, resource),
        Action::Export => rows::<Export>(entered, resource),
        _ => rows::<View>(entered, resource),
    };
    rows.unwrap_or_else(Filter::nothing)
}

fn open(
    conn: &mut AnyConnection,
    permit: &Permit<View>,
    key: &Key,
    tests: &[Filter],
    mut relations: Relations,
    mut pointing: Vec<Pointing>,
    history: Option<Permit<History>>,
) -> Result<DetailData, DataError> {
    let row = find::beginning(conn, permit, key, tests)?;
    relations.fetch(conn, std::slice::from_ref(&row), &[])?;
    relations.fetch_pairs(conn, permit.resource(), std::slice::from_ref(&row))?;
    for pointing in &mut pointing {
        pointing.fetch(conn, &row)?;
    }
    let trace = match history {
        Some(history) => match history::recent(conn, &history, key, RECENT) {
            // The person may have no right to the history of this row.
            Err(DataError::Missing) => Vec::new(),
            other => other?,
        },
        None => Vec::new(),
    };
    Ok(DetailData {
        row,
        relations,
        pointing,
        trace,
        done: None,
        lines: Vec::new(),
    })
}

fn page(
    request: &HttpRequest,
    entered: &Entered,
    resource: &Resource,
    key: &Key,
    may: &[Action],
    opened: DetailData,
) -> Result<HttpResponse, Failure> {
    let urls = &entered.site().urls;
    let list = urls.list(&resource.name);
    let here = urls.row(&resource.name, &key.encode(resource));
    let label = opened.relations.row_label(resource, &opened.row);
    let to = |action, path: &str| may.contains(&action).then(|| format!("{here}/{path}"));
    let query = ListQuery::parse(request.query_string()).unwrap_or_default();
    let done = opened.done;
    let view = Detail {
        undo_href: undo_of_entry(entered, resource, &opened.row),
        resource_label: resource.label_one.clone(),
        list_href: list.clone(),
        badge: badge(resource, &opened.row),
        facts: facts(entered, resource, &here, &opened),
        edit_hint: entered.hint(&resource.name, Action::Edit),
        delete_hint: entered.hint(&resource.name, Action::Delete),
        history_hint: entered.hint(&resource.name, Action::History),
        edit_href: to(Action::Edit, "edit"),
        delete_href: to(Action::Delete, "delete"),
        // The log is never changed, so its entries have no history.
        history_href: to(Action::History, "history").filter(|_| !resource.is_audit()),
        trace_href: to(Action::History, "history").filter(|_| !opened.trace.is_empty()),
        related: opened
            .pointing
            .iter()
            .filter_map(|pointing| Related::of(entered, &opened.row, pointing))
            .collect(),
        trace: opened
            .trace
            .into_iter()
            .map(|event| event.with_undo(entered, resource))
            .collect(),
        label: label.clone(),
    };
    let frame = Frame::about(request, entered, &resource.name, &label)
        .crumb(resource.label.as_str(), Some(list))
        .crumb(label, None)
        .done(query.done.as_deref())
        .undo(done);
    entered
        .site()
        .pages
        .answer(StatusCode::OK, "detail.html", &frame, &view)
}

/// The address to undo the change of an audit log entry.
fn undo_of_entry(entered: &Entered, resource: &Resource, row: &Row) -> Option<String> {
    if !resource.is_audit() {
        return None;
    }
    let value = |name: &str| row.get(resource.index_of(name)?);
    let text = |name: &str| match value(name)? {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    };
    let (action, of, id) = (text("action")?, text("resource")?, value("id")?);
    let done = audit_log::Event::read(action, text("details"));
    let may = match event::verb_back(action) {
        Some(verb) => entered.may(of, verb) && !done.came_with_another(),
        None => action == Deed::Bulk.name(),
    };
    let may = may && entered.may(of, Action::History);
    may.then(|| format!("{}/changes/{id}/undo", entered.site().urls.mount()))
}

/// The state of a row, to show beside its label.
pub(super) fn badge(resource: &Resource, row: &Row) -> Option<Cell> {
    let fields = resource.fields.iter().enumerate();
    let is_state = |name: &str| matches!(name, "status" | "state");
    let (column, field) = fields
        .filter(|(_, field)| field.kind.look() == Look::Badge)
        .find(|(_, field)| is_state(&field.name.to_ascii_lowercase()))?;
    let value = row.get(column).filter(|value| !value.is_null())?;
    Some(Cell::of(field, value))
}

fn facts(entered: &Entered, resource: &Resource, here: &str, opened: &DetailData) -> Vec<Fact> {
    let is_log = resource.is_audit();
    let cells = opened.row.cells().filter_map(|(column, value)| {
        let field = resource.fields.get(column)?;
        let told = is_log
            .then(|| audit::cell(entered, resource, &opened.row, column))
            .flatten()
            .filter(|_| !field.kind.is_document());
        let mut cell = told.unwrap_or_else(|| {
            opened
                .relations
                .cell_of(resource, &opened.row, column, false)
        });
        if field.kind.is_file() && !value.is_null() {
            cell.download = Some(whole_href(here, &field.name).into());
        }
        let is_cut = opened.row.cut().contains(&column);
        cell.more |= is_cut;
        if field.kind.is_document() {
            cell.text = json::indented(&cell.text);
        }
        Some(Fact {
            name: field.name.clone(),
            label: field.label.clone(),
            help: Some(field.help.clone()).filter(|help| !help.is_empty()),
            long: field.long || cell.text.contains('\n'),
            json: field.kind.is_document(),
            whole_href: is_cut.then(|| whole_href(here, &field.name)),
            cell,
        })
    });
    cells.collect()
}
