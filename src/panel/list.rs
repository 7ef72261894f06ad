//! The list of a resource.

mod body;
mod columns;
mod view;

pub(super) use body::link_row;

use super::frame::Frame;
use super::json;
use super::relations::Relations;
use crate::access::{Permit, View};
use crate::catalog::{Filter, Op, Resource, Value};
use crate::data::{Count, Cursor, DataError, Page, PageQuery, Position, count, page};
use crate::entry::query::ListQuery;
use crate::entry::{Entered, Granted};
use crate::store::AnyConnection;
use crate::web::{Failure, Urls, wants_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::json as object;

/// What a list page needs from the database.
pub(super) struct Found {
    pub page: Page,
    pub count: Count,
    pub relations: Relations,
}

/// GET {mount}/data/{resource}. Permissions: view.
///
/// # Errors
/// A query that cannot be used, or the database fails.
pub async fn show(request: HttpRequest, granted: Granted<View>) -> Result<HttpResponse, Failure> {
    let query = ListQuery::parse(request.query_string())?;
    answer(&request, granted, query).await
}

/// The list of a query.
///
/// # Errors
/// As [`show`].
pub(super) async fn answer(
    request: &HttpRequest,
    granted: Granted<View>,
    mut query: ListQuery,
) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let wants_json = wants_json(request);
    // A script is told that nothing was done as it asked; people keep the rest of their list.
    let mut wrong = match wants_json {
        true => Vec::new(),
        false => query.without_wrong(&permit),
    };
    let found = match find(&entered, &permit, &query, wants_json).await {
        Err(Unfound::Unfit(label)) if !wants_json => {
            let reason = DataError::Unfit(label.clone()).to_string();
            let fields = permit.resource().fields.iter();
            for field in fields.filter(|field| field.label == label) {
                wrong.extend(query.without_column(&field.name, &reason));
            }
            find(&entered, &permit, &query, wants_json).await?
        }
        found => found?,
    };
    if wants_json {
        let urls = &entered.site().urls;
        return Ok(HttpResponse::Ok().json(as_json(permit.resource(), &query, &found, urls)));
    }
    let resource = permit.resource();
    let frame = Frame::about(request, &entered, &resource.name, &resource.label)
        .crumb(resource.label.as_str(), None)
        .done(query.done.as_deref());
    let status = match wrong.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::BAD_REQUEST,
    };
    let view = view::List::new(&entered, &permit, &query, &found, &wrong);
    entered
        .site()
        .pages
        .answer(status, "list.html", &frame, &view)
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
    query: &ListQuery,
    wants_json: bool,
) -> Result<Found, Unfound> {
    let wanted = query.resolve(permit).map_err(Unfound::Other)?;
    let columns = match wants_json {
        true => permit.readable().collect(),
        false => columns::read(permit),
    };
    let relations = match wants_json {
        true => Relations::default(),
        false => Relations::of(
            entered,
            permit.resource(),
            &columns::related(permit, &columns),
        )
        .with_pairs(entered, permit.resource(), &columns),
    };
    let size = entered.site().sizes.get(&permit.resource().name);
    let reader = permit.clone();
    let found = entered
        .site()
        .database
        .run(move |conn| read(conn, &reader, &wanted, &columns, relations, size))
        .await;
    Ok(found?)
}

/// All statements of a list page: one for the page, one per relation, and a count unless the
/// page itself tells, or the table's size is known.
fn read(
    conn: &mut AnyConnection,
    permit: &Permit<View>,
    query: &PageQuery,
    columns: &[usize],
    mut relations: Relations,
    size: Option<Count>,
) -> Result<Found, DataError> {
    let page = page::read(conn, permit, query, columns)?;
    let count = counted(conn, permit, query, &page, size)?;
    relations.fetch(conn, &page.rows, &filtered_keys(&query.filter))?;
    relations.fetch_pairs(conn, permit.resource(), &page.rows)?;
    Ok(Found {
        page,
        count,
        relations,
    })
}

fn counted(
    conn: &mut AnyConnection,
    permit: &Permit<View>,
    query: &PageQuery,
    page: &Page,
    size: Option<Count>,
) -> Result<Count, DataError> {
    let shown = u64::try_from(page.rows.len()).unwrap_or(0);
    if page.next.is_none()
        && let Some(skipped) = page.skipped
        && (shown > 0 || skipped == 0)
    {
        return Ok(Count::Exact(skipped + shown));
    }
    let whole = query.filter.is_everything()
        && query.search.trim().is_empty()
        && permit.reaches_everything();
    match size {
        Some(size @ Count::Estimate(_) | size @ Count::AtLeast(_)) if whole => Ok(size),
        _ => count::of_query(conn, permit, query),
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
        Filter::Test(_) | Filter::ByMeaning(_) => Vec::new(),
    }
}

/// Cells of which only the beginning is told, with the way to the whole.
fn cut_cells(resource: &Resource, page: &Page, urls: &Urls) -> Vec<serde_json::Value> {
    let rows = page.rows.iter().enumerate();
    let cut = rows.flat_map(|(number, row)| {
        let key = row.key(resource).map(|key| key.encode(resource));
        let href = key.map(|key| urls.row(&resource.name, &key));
        let columns = row
            .cut()
            .iter()
            .filter_map(|column| resource.fields.get(*column));
        columns.map(move |field| object!({ "row": number, "column": field.name, "href": href }))
    });
    cut.collect()
}

/// The list in JSON.
#[derive(Serialize)]
struct AsJson<'f> {
    rows: Vec<json::Row<'f>>,
    next: Option<String>,
    prev: Option<String>,
    count: serde_json::Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cut: Vec<serde_json::Value>,
}

fn as_json<'f>(
    resource: &'f Resource,
    query: &ListQuery,
    found: &'f Found,
    urls: &Urls,
) -> AsJson<'f> {
    let rows = found.page.rows.iter();
    let cursor = |cursor: &Option<Cursor>| cursor.as_ref().map(|cursor| query.place_of(cursor));
    AsJson {
        rows: rows.map(|row| json::row(resource, row)).collect(),
        next: cursor(&found.page.next),
        prev: cursor(&found.page.previous),
        count: object!({ "kind": found.count.kind(), "value": found.count.value() }),
        cut: cut_cells(resource, &found.page, urls),
    }
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
    let shown = columns::shown(permit).into_iter();
    shown.filter(|column| !pointing.contains(column)).collect()
}
