//! One row: all its columns, the rows that point at it, and its latest changes.

use super::audit;
use super::cell::Cell;
use super::event::Event;
use super::frame::Frame;
use super::list::{link_row, related_columns};
use super::relations::Relations;
use super::{history, json, key};
use crate::access::{Action, Cover, History, Permit, View};
use crate::catalog::{Child, Filter, Key, Kind, Op, Resource, filter};
use crate::data::{DataError, Row, dependents, row};
use crate::store::AnyConnection;
use crate::web::query::ListQuery;
use crate::web::{Entered, Failure, Granted, wants_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::json as object;
use std::sync::Arc;

/// Rows of each resource that points here.
const RELATED: u32 = 5;
/// Columns of those rows.
const RELATED_COLUMNS: usize = 5;
/// Changes beside the row.
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
    /// What is said at a button: that it leads to the identity provider first.
    edit_hint: Option<&'static str>,
    delete_hint: Option<&'static str>,
    history_hint: Option<&'static str>,
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
}

#[derive(Serialize)]
struct Related {
    label: String,
    count: String,
    all_href: Option<String>,
    new_href: Option<String>,
    columns: Vec<Column>,
    rows: Vec<RelatedRow>,
}

#[derive(Serialize)]
struct Column {
    label: String,
    numeric: bool,
}

#[derive(Serialize)]
struct RelatedRow {
    href: Option<String>,
    label: String,
    cells: Vec<Cell>,
}

/// The rows of one resource that point here, as they are read.
struct Pointing {
    child: Child,
    permit: Permit<View>,
    columns: Vec<usize>,
    relations: Relations,
    rows: Vec<Row>,
}

struct Opened {
    row: Row,
    relations: Relations,
    pointing: Vec<Pointing>,
    trace: Vec<Event>,
}

/// GET {mount}/data/{resource}/row/{key}. Permissions: view.
///
/// # Errors
/// The row is out of reach, or the database fails.
pub async fn show(request: HttpRequest, granted: Granted<View>) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let resource = Arc::clone(permit.resource());
    let key = key(&request, &resource)?;
    let as_json = wants_json(&request);
    let relations = match as_json {
        true => Relations::default(),
        false => Relations::of(
            &entered,
            &resource,
            &super::form::relation_columns(&resource),
        ),
    };
    let pointing = match as_json {
        true => Vec::new(),
        false => pointing(&entered, &resource),
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
    let of = key.clone();
    let reader = permit.clone();
    let opened = entered
        .site()
        .database
        .run(move |conn| open(conn, &reader, &of, &tests, relations, pointing, may_history))
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
        let verbs: Vec<&str> = may.iter().map(|action| action.name()).collect();
        return Ok(HttpResponse::Ok().json(object!({
            "row": json::row(&resource, &opened.row),
            "label": opened.row.label(&resource),
            "may": verbs,
        })));
    }
    page(&request, &entered, &resource, &key, &may, opened)
}

/// The rows that a verb reaches; none if it is not given at all.
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

fn pointing(entered: &Entered, resource: &Resource) -> Vec<Pointing> {
    let children = resource.children.iter().filter_map(|child| {
        let permit = entered.view(&child.resource)?;
        // That a column points here is for those who may read it.
        let mut pointers = child.columns.iter();
        if pointers.any(|column| permit.tests(*column) == Cover::Nowhere) {
            return None;
        }
        let columns: Vec<usize> = related_columns(&permit, &child.columns)
            .into_iter()
            .take(RELATED_COLUMNS)
            .collect();
        let relations = Relations::of(entered, permit.resource(), &columns);
        Some(Pointing {
            child: child.clone(),
            permit,
            columns,
            relations,
            rows: Vec::new(),
        })
    });
    children.collect()
}

fn open(
    conn: &mut AnyConnection,
    permit: &Permit<View>,
    key: &Key,
    tests: &[Filter],
    mut relations: Relations,
    mut pointing: Vec<Pointing>,
    history: Option<Permit<History>>,
) -> Result<Opened, DataError> {
    let row = row::find(conn, permit, key, tests)?;
    relations.fetch(conn, std::slice::from_ref(&row), &[])?;
    for related in &mut pointing {
        related.rows = dependents::visible(
            conn,
            &related.permit,
            &related.child,
            &row,
            RELATED + 1,
            &related.columns,
        )?;
        related.relations.fetch(conn, &related.rows, &[])?;
    }
    let trace = match history {
        Some(history) => match history::recent(conn, &history, key, RECENT) {
            // The row may be one whose history is not given.
            Err(DataError::Missing) => Vec::new(),
            other => other?,
        },
        None => Vec::new(),
    };
    Ok(Opened {
        row,
        relations,
        pointing,
        trace,
    })
}

fn page(
    request: &HttpRequest,
    entered: &Entered,
    resource: &Resource,
    key: &Key,
    may: &[Action],
    opened: Opened,
) -> Result<HttpResponse, Failure> {
    let urls = &entered.site().urls;
    let list = urls.list(&resource.name);
    let here = urls.row(&resource.name, &key.encode(resource));
    let label = opened.row.label(resource);
    let to = |action, path: &str| may.contains(&action).then(|| format!("{here}/{path}"));
    let query = ListQuery::parse(request.query_string()).unwrap_or_default();
    let view = Detail {
        resource_label: resource.label_one.clone(),
        list_href: list.clone(),
        badge: badge(resource, &opened.row),
        facts: facts(entered, resource, &here, &opened),
        edit_hint: entered.hint(&resource.name, Action::Edit),
        delete_hint: entered.hint(&resource.name, Action::Delete),
        history_hint: entered.hint(&resource.name, Action::History),
        edit_href: to(Action::Edit, "edit"),
        delete_href: to(Action::Delete, "delete"),
        // The log is not changed: an entry has no history.
        history_href: to(Action::History, "history").filter(|_| !resource.is_audit()),
        trace_href: to(Action::History, "history").filter(|_| !opened.trace.is_empty()),
        related: opened
            .pointing
            .iter()
            .filter_map(|pointing| related(entered, &opened.row, pointing))
            .collect(),
        trace: opened.trace,
        label: label.clone(),
    };
    let frame = Frame::about(request, entered, &resource.name, &label)
        .crumb(resource.label.as_str(), Some(list))
        .crumb(label, None)
        .done(query.done.as_deref());
    entered
        .site()
        .pages
        .answer(StatusCode::OK, "detail.html", &frame, &view)
}

/// The state of a row, to stand beside its name.
pub(super) fn badge(resource: &Resource, row: &Row) -> Option<Cell> {
    let fields = resource.fields.iter().enumerate();
    let is_state = |name: &str| matches!(name, "status" | "state");
    let (column, field) = fields
        .filter(|(_, field)| field.kind == Kind::Choice)
        .find(|(_, field)| is_state(&field.name.to_ascii_lowercase()))?;
    let value = row.get(column).filter(|value| !value.is_null())?;
    Some(Cell::of(field, value))
}

fn facts(entered: &Entered, resource: &Resource, here: &str, opened: &Opened) -> Vec<Fact> {
    let is_log = resource.is_audit();
    let cells = opened.row.cells().filter_map(|(column, value)| {
        let field = resource.fields.get(column)?;
        let told = is_log
            .then(|| audit::cell(entered, resource, &opened.row, column))
            .flatten()
            .filter(|_| field.kind != Kind::Json);
        let mut cell =
            told.unwrap_or_else(|| opened.relations.cell(resource, column, Some(value), false));
        if field.kind == Kind::Bytes && !value.is_null() {
            let name = percent_encoding::utf8_percent_encode(
                &field.name,
                percent_encoding::NON_ALPHANUMERIC,
            );
            cell.download = Some(format!("{here}/file/{name}").into());
        }
        if field.kind == Kind::Json {
            cell.text = json::indented(&cell.text);
        }
        Some(Fact {
            name: field.name.clone(),
            label: field.label.clone(),
            help: Some(field.help.clone()).filter(|help| !help.is_empty()),
            long: field.long || cell.text.contains('\n'),
            json: field.kind == Kind::Json,
            cell,
        })
    });
    cells.collect()
}

fn related(entered: &Entered, row: &Row, pointing: &Pointing) -> Option<Related> {
    let resource = pointing.permit.resource();
    let query = pointing_query(resource, &pointing.child, row)?;
    let list = entered.site().urls.list(&resource.name);
    let shown = usize::try_from(RELATED).unwrap_or(usize::MAX);
    let more = pointing.rows.len() > shown;
    let fields = pointing.columns.iter().filter_map(|column| {
        let field = resource.fields.get(*column)?;
        Some(Column {
            label: field.label.clone(),
            numeric: matches!(field.kind, Kind::Int | Kind::Float | Kind::Decimal { .. })
                && resource.relation_at(*column).is_none(),
        })
    });
    let rows = pointing.rows.iter().take(shown).map(|row| {
        let cells = pointing.columns.iter().map(|column| {
            let value = row.get(*column);
            pointing.relations.cell(resource, *column, value, true)
        });
        let href = row.key(resource).map(|key| {
            entered
                .site()
                .urls
                .row(&resource.name, &key.encode(resource))
        });
        let mut cells: Vec<Cell> = cells.collect();
        link_row(&mut cells, href.as_deref());
        RelatedRow {
            href,
            label: row.label(resource),
            cells,
        }
    });
    Some(Related {
        label: related_label(resource, &pointing.child),
        count: match more {
            true => format!("more than {shown}"),
            false => pointing.rows.len().to_string(),
        },
        all_href: (!pointing.rows.is_empty()).then(|| query.url(&list, &[])),
        new_href: entered
            .may(&resource.name, Action::Create)
            .then(|| new_href(resource, &pointing.child, row, &list))
            .flatten(),
        columns: fields.collect(),
        rows: rows.collect(),
    })
}

/// "Orders", or "Employees (manager)" where several foreign keys may lead here.
fn related_label(resource: &Resource, child: &Child) -> String {
    let same = resource
        .relations
        .iter()
        .filter(|relation| relation.columns != child.columns)
        .any(|relation| Some(&relation.target) == target_of(resource, child));
    let names: Vec<&str> = child
        .columns
        .iter()
        .filter_map(|column| {
            resource
                .fields
                .get(*column)
                .map(|field| field.label.as_str())
        })
        .collect();
    let is_self = target_of(resource, child) == Some(&resource.name);
    match same || is_self {
        true => format!("{} ({})", resource.label, names.join(", ").to_lowercase()),
        false => resource.label.clone(),
    }
}

fn target_of<'r>(resource: &'r Resource, child: &Child) -> Option<&'r String> {
    let mut relations = resource.relations.iter();
    let relation = relations.find(|relation| relation.columns == child.columns)?;
    Some(&relation.target)
}

fn pointing_query(resource: &Resource, child: &Child, row: &Row) -> Option<ListQuery> {
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

fn new_href(resource: &Resource, child: &Child, row: &Row, list: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for (column, parent) in child.columns.iter().zip(&child.parent_columns) {
        let field = resource.fields.get(*column)?;
        pairs.append_pair(&field.name, &row.get(*parent)?.to_text(field.kind));
    }
    Some(format!("{list}/new?{}", pairs.finish()))
}
