//! The list of a resource.

mod body;
mod bulk;
mod columns;
mod view;
mod words;

pub(super) use body::link_row;

use super::frame::{Frame, was_changed};
use super::json;
use super::relations::Relations;
use super::views::tabs::{self, Counting};
use super::views::{self, Bar, Opening, Shelf};
use crate::access::{Permit, View};
use crate::catalog::{Field, Filter, Op, Resource, Value};
use crate::data::related::Children;
use crate::data::{Count, Cursor, DataError, Page, PageQuery, Path, Position};
use crate::data::{count, page, path};
use crate::entry::query::ListQuery;
use crate::entry::query::condition::{self, Condition};
use crate::entry::query::view::Opened;
use crate::entry::{Entered, Granted};
use crate::store::{AnyConnection, audit};
use crate::web::{Failure, Urls, wants_json};
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json as object;
use std::sync::Arc;

/// What a list page needs from the database.
pub(super) struct ListData {
    /// The resource, with the columns of rows pointed at behind its own.
    pub resource: Arc<Resource>,
    /// The conditions of the query, read.
    pub conditions: Vec<Option<Condition>>,
    pub page: Page,
    /// None where nobody asked for it.
    pub count: Option<Count>,
    pub relations: Relations,
    /// The columns that are shown, in their order.
    pub shown: Vec<usize>,
    /// Columns of the rows that foreign keys point at, by the label of the key.
    pub near: Vec<(String, Vec<Field>)>,
    /// Rows that point here.
    pub children: Vec<(String, Children)>,
    /// How many rows each tab shows, where it was counted.
    pub of_tabs: Vec<Option<Count>>,
    /// When it was read.
    pub now: DateTime<Utc>,
}

/// GET {mount}/data/{resource}. Permissions: view.
///
/// # Errors
/// A query that cannot be used, or the database fails.
pub async fn show(request: HttpRequest, granted: Granted<View>) -> Result<HttpResponse, Failure> {
    let (entered, permit) = (&granted.entered, &granted.permit);
    let (text, is_page) = (request.query_string(), !wants_json(&request));
    let shelf = if is_page || ListQuery::view_in(text).is_some() {
        Shelf::of(entered, &permit.resource().name).await?
    } else {
        Shelf::default()
    };
    let opening = shelf.open(permit, &entered.around(), text)?;
    let start = shelf.start(entered).filter(|_| is_page);
    if let Some(start) = start.filter(|_| opening.query.is_bare()) {
        let list = entered.site().urls.list(&permit.resource().name);
        let id = start.id.to_string();
        let done = opening.query.done.as_deref().map(|done| ("done", done));
        let more: Vec<(&str, &str)> = [("view", &*id)].into_iter().chain(done).collect();
        return Ok(HttpResponse::Found()
            .insert_header((LOCATION, ListQuery::default().url(&list, &more)))
            .finish());
    }
    answer(&request, granted, (opening, shelf)).await
}

/// GET {mount}/data/{resource}/count, with the query of the list: its count alone, as JSON; a
/// browser is led to the list. Permissions: view.
///
/// # Errors
/// As [`show`].
pub async fn count(request: HttpRequest, granted: Granted<View>) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let query = ListQuery {
        is_uncounted: false,
        position: None,
        ..views::query(&entered, &permit, request.query_string()).await?
    };
    let wanted = query.resolve(&permit, &entered.around())?;
    if !wants_json(&request) {
        let list = entered.site().urls.list(&permit.resource().name);
        return Ok(HttpResponse::Found()
            .insert_header((LOCATION, query.url(&list, &[])))
            .finish());
    }
    let count = move |conn: &mut AnyConnection| count::of_query(conn, &permit, &wanted);
    let count = entered.site().database.run(count).await?;
    Ok(HttpResponse::Ok().json(object!({ "count": count_as_json(count) })))
}

/// The list of a query.
///
/// # Errors
/// As [`show`].
pub(super) async fn answer(
    request: &HttpRequest,
    granted: Granted<View>,
    (opening, shelf): (Opening, Shelf),
) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let wants_json = wants_json(request);
    let Opening {
        mut query,
        left_out,
    } = opening;
    // Without a view it is one that was left: its links must not lead back into the first.
    if !wants_json && shelf.start(&entered).is_some() {
        query.view.get_or_insert(Opened::All);
    }
    // A script is told that nothing was done as it asked; people keep the rest of their list.
    let mut wrong = if wants_json {
        Vec::new()
    } else {
        query.without_wrong(&permit, &entered.around())
    };
    let tabs = if wants_json {
        Vec::new()
    } else {
        tabs::of(&permit, &entered.around())
    };
    let counting = Counting::with_page(&entered, &permit, &tabs);
    let shown = |query: &ListQuery| shelf.with_columns(&permit, &entered.around(), query);
    let found = match find(&entered, &permit, (&shown(&query), &counting), wants_json).await {
        Err(Unfound::Unfit(label)) if !wants_json => {
            let reason = DataError::Unfit(label.clone()).to_string();
            wrong.extend(query.without_label(&permit, &entered.around(), &label, &reason));
            find(&entered, &permit, (&shown(&query), &counting), wants_json).await?
        }
        found => found?,
    };
    if wants_json {
        let urls = &entered.site().urls;
        let list = as_json(&query, &found, urls);
        let view = query
            .saved()
            .map(|saved| object!({ "id": saved.id, "left_out": left_out }));
        return Ok(HttpResponse::Ok().json(AsJson { view, ..list }));
    }
    let resource = permit.resource();
    let done = if was_changed(query.done.as_deref()) {
        latest_change(&entered, &resource.name).await?
    } else {
        None
    };
    let frame = Frame::about(request, &entered, &resource.name, &resource.label)
        .crumb(resource.label.as_str(), None)
        .done(query.done.as_deref())
        .undo(done);
    let status = if wrong.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let tabs = tabs::counted(tabs, found.of_tabs.clone());
    let bar = Bar::new(&entered, &permit, &shelf, &query, (left_out, tabs));
    let view = view::List::new(&entered, &permit, &query, &found, &wrong).below(bar);
    entered
        .site()
        .pages
        .answer(status, "list.html", &frame, &view)
}

/// The latest change that the person made to rows of a resource.
async fn latest_change(entered: &Entered, resource: &str) -> Result<Option<i64>, Failure> {
    let (person, name) = (entered.actor().person.clone(), resource.to_owned());
    let database = &entered.site().database;
    let read = move |conn: &mut AnyConnection| -> Result<_, DataError> {
        Ok(audit::latest_of(conn, &person, &name, None)?)
    };
    Ok(database.run(read).await?)
}

/// Why there is no list.
enum Unfound {
    /// The database does not take a value for the column of that label.
    Unfit(String),
    Other(Failure),
}

impl From<DataError> for Unfound {
    fn from(error: DataError) -> Self {
        match error {
            DataError::Unfit(label) => Self::Unfit(label),
            error => Self::Other(error.into()),
        }
    }
}

impl From<Unfound> for Failure {
    fn from(unfound: Unfound) -> Self {
        match unfound {
            Unfound::Unfit(label) => DataError::Unfit(label).into(),
            Unfound::Other(failure) => failure,
        }
    }
}

async fn find(
    entered: &Entered,
    permit: &Permit<View>,
    (query, counting): (&ListQuery, &Counting),
    wants_json: bool,
) -> Result<ListData, Unfound> {
    let around = entered.around();
    let now = around.now();
    let wanted = query.resolve(permit, &around).map_err(Unfound::Other)?;
    let chosen = query
        .chosen(permit, &wanted.paths)
        .map_err(Unfound::Other)?;
    let shown = match (chosen, wants_json) {
        (Some(chosen), _) => chosen,
        (None, true) => permit.readable().collect(),
        (None, false) => columns::usual(permit),
    };
    let resource = path::widened(permit.resource(), &wanted.paths);
    let conditions = query.conditions.iter();
    let conditions = conditions.map(|(name, value)| {
        let read = condition::read(permit, &around, (name, value));
        read.ok().filter(|_| !wants_json)
    });
    let conditions = conditions.collect();
    let (near, children) = if wants_json {
        (Vec::new(), Vec::new())
    } else {
        (
            Path::near(permit, around.others()),
            Children::all(permit, around.others()),
        )
    };
    let columns = columns::read(permit, &shown);
    let relations = if wants_json {
        Relations::default()
    } else {
        Relations::of(
            entered,
            permit.resource(),
            &columns::related(permit, &columns),
        )
        .with_pairs(entered, permit.resource(), &columns)
    };
    let size = entered.site().sizes.get(&permit.resource().name);
    let size = if query.is_uncounted {
        Size::Unwanted
    } else {
        Size::Wanted(size)
    };
    let (reader, counting) = (permit.clone(), counting.clone());
    let read = move |conn: &mut AnyConnection| {
        let page = page::read(conn, &reader, &wanted, &columns)?;
        let count = counted(conn, &reader, &wanted, &page, size)?;
        let mut relations = relations;
        relations.fetch(conn, &page.rows, &filtered_keys(&wanted.filter))?;
        relations.fetch_pairs(conn, reader.resource(), &page.rows)?;
        let of_tabs = counting.run(conn, &reader);
        Ok::<_, DataError>((page, count, relations, of_tabs))
    };
    let (page, count, relations, of_tabs) = entered.site().database.run(read).await?;
    Ok(ListData {
        resource,
        conditions,
        page,
        count,
        relations,
        shown,
        near,
        children,
        of_tabs,
        now,
    })
}

/// Whether a count is wanted.
enum Size {
    Unwanted,
    /// With the size of the whole table, where that is known.
    Wanted(Option<Count>),
}

/// The count of a list: what the page itself tells, the known size of the table, or a statement.
fn counted(
    conn: &mut AnyConnection,
    permit: &Permit<View>,
    query: &PageQuery,
    page: &Page,
    size: Size,
) -> Result<Option<Count>, DataError> {
    let Size::Wanted(size) = size else {
        return Ok(None);
    };
    let shown = u64::try_from(page.rows.len()).unwrap_or(0);
    if page.next.is_none()
        && let Some(skipped) = page.skipped
        && (shown > 0 || skipped == 0)
    {
        return Ok(Some(Count::Exact(skipped + shown)));
    }
    let whole = query.filter.is_everything()
        && query.search.trim().is_empty()
        && permit.reaches_everything();
    match size {
        Some(size @ Count::Estimate(_) | size @ Count::AtLeast(_)) if whole => Ok(Some(size)),
        _ => count::of_query(conn, permit, query).map(Some),
    }
}

/// The foreign keys that a filter names, so that its chips can name their rows.
fn filtered_keys(filter: &Filter) -> Vec<(usize, Value)> {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().flat_map(filtered_keys).collect(),
        Filter::Test(test) | Filter::ByMeaning(test)
            if matches!(test.op, Op::Eq | Op::Ne | Op::In | Op::Nin) =>
        {
            let values = test.values.iter().cloned();
            values.map(|value| (test.column, value)).collect()
        }
        Filter::Test(_) | Filter::ByMeaning(_) | Filter::Related(_) => Vec::new(),
    }
}

/// Cells of which only the beginning is told, with the way to the whole.
fn cut_cells(resource: &Resource, found: &ListData, urls: &Urls) -> Vec<serde_json::Value> {
    let shown = &found.shown;
    let rows = found.page.rows.iter().enumerate();
    let cut = rows.flat_map(|(number, row)| {
        let key = row.key(resource).map(|key| key.encode(resource));
        let href = key.map(|key| urls.row(&resource.name, &key));
        let columns = row
            .cut()
            .iter()
            .filter(|column| shown.contains(column))
            .filter_map(|column| resource.fields.get(*column));
        columns.map(move |field| object!({ "row": number, "column": field.name, "href": href }))
    });
    cut.collect()
}

/// The list in JSON.
#[derive(Serialize)]
struct AsJson<'f> {
    rows: Vec<json::Columns<'f>>,
    next: Option<String>,
    prev: Option<String>,
    /// `null` where none was asked for.
    count: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cut: Vec<serde_json::Value>,
    /// The view that it was opened with.
    #[serde(skip_serializing_if = "Option::is_none")]
    view: Option<serde_json::Value>,
}

fn as_json<'f>(query: &ListQuery, found: &'f ListData, urls: &Urls) -> AsJson<'f> {
    let resource = &found.resource;
    let rows = found.page.rows.iter();
    let cursor = |cursor: &Option<Cursor>| cursor.as_ref().map(|cursor| query.place_of(cursor));
    AsJson {
        rows: rows
            .map(|row| json::columns(resource, row, &found.shown))
            .collect(),
        next: cursor(&found.page.next),
        prev: cursor(&found.page.previous),
        count: found.count.map(count_as_json),
        cut: cut_cells(resource, found, urls),
        view: None,
    }
}

fn count_as_json(count: Count) -> serde_json::Value {
    object!({ "kind": count.kind(), "value": count.value() })
}

/// The place of the first row of a page, from 1, where it is known.
fn first_row(page: &Page, position: &Position) -> Option<u64> {
    match position {
        Position::First => Some(1),
        _ => page.skipped.map(|skipped| skipped + 1),
    }
}

/// The columns shown of rows that point at another: those of the list, without the ones that
/// point there.
pub(super) fn related_columns(permit: &Permit<View>, pointing: &[usize]) -> Vec<usize> {
    let shown = columns::usual(permit).into_iter();
    shown.filter(|column| !pointing.contains(column)).collect()
}
