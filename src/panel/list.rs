//! The list of a resource.

mod body;
mod bulk;
mod columns;
mod read;
mod view;
mod words;

pub(super) use body::link_row;

use super::frame::Frame;
use super::json;
use super::views::tabs;
use super::views::{self, Bar, Opening, Shelf};
use crate::access::{Permit, View};
use crate::catalog::Resource;
use crate::data::count;
use crate::data::{Count, Cursor, Page, Position};
use crate::entry::Granted;
use crate::entry::query::ListQuery;
use crate::store::AnyConnection;
use crate::web::{Failure, Urls, wants_json};
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};
use read::{ListData, ListRequest, Outcome, ReadList, Target};
use serde::Serialize;
use serde_json::json as object;
use std::future::Future;

/// GET {mount}/data/{resource}. Permissions: view.
///
/// # Errors
/// The query is invalid, or the database fails.
pub async fn show(request: HttpRequest, granted: Granted<View>) -> Result<HttpResponse, Failure> {
    let asked = ListRequest::new(granted, wants_json(&request));
    let text = request.query_string().to_owned();
    answer(
        &request,
        asked.read(move |asked, conn| asked.open(conn, &text)),
    )
    .await
}

/// The list of a query that is already opened.
///
/// # Errors
/// The errors of [`show`].
pub(super) async fn of_opening(
    request: &HttpRequest,
    granted: Granted<View>,
    opened: (Opening, Shelf),
) -> Result<HttpResponse, Failure> {
    let asked = ListRequest::new(granted, wants_json(request));
    answer(request, asked.read(move |_, _| Ok(Target::List(opened)))).await
}

async fn answer(
    request: &HttpRequest,
    read: impl Future<Output = Result<(ListRequest, Outcome), Failure>>,
) -> Result<HttpResponse, Failure> {
    let (asked, answer) = read.await?;
    let (entered, permit) = (&asked.entered, &asked.permit);
    let list = match answer {
        Outcome::List(list) => list,
        Outcome::Redirect(address) => {
            return Ok(HttpResponse::Found()
                .insert_header((LOCATION, address))
                .finish());
        }
    };
    let ReadList {
        shelf,
        query,
        left_out,
        wrong,
        tabs,
        data,
        latest,
    } = *list;
    if asked.wants_json {
        let list = as_json(&query, &data, &entered.site().urls);
        let view = query
            .saved()
            .map(|saved| object!({ "id": saved.id, "left_out": left_out }));
        return Ok(HttpResponse::Ok().json(AsJson { view, ..list }));
    }
    let resource = permit.resource();
    let frame = Frame::about(request, entered, &resource.name, &resource.label)
        .crumb(resource.label.as_str(), None)
        .done(query.done.as_deref())
        .undo(latest);
    let status = if wrong.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let tabs = tabs::counted(tabs, data.of_tabs.clone());
    let bar = Bar::new(entered, permit, &shelf, &query, (left_out, tabs));
    let view = view::List::new(entered, permit, &query, &data, &wrong).below(bar);
    entered
        .site()
        .pages
        .answer(status, "list.html", &frame, &view)
}

/// GET {mount}/data/{resource}/count, with the query of the list: only its count, as JSON; a
/// browser is redirected to the list. Permissions: view.
///
/// # Errors
/// The errors of [`show`].
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

/// Truncated cells, with the addresses of their complete values.
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
    /// `null` if it was not requested.
    count: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cut: Vec<serde_json::Value>,
    /// The view it was opened with.
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

/// The number of the first row on a page, counted from 1, if known.
fn first_row(page: &Page, position: &Position) -> Option<u64> {
    match position {
        Position::First => Some(1),
        _ => page.skipped.map(|skipped| skipped + 1),
    }
}

/// The columns shown of referencing rows: the listed ones without the foreign key.
pub(super) fn related_columns(permit: &Permit<View>, pointing: &[usize]) -> Vec<usize> {
    let shown = columns::usual(permit).into_iter();
    shown.filter(|column| !pointing.contains(column)).collect()
}
