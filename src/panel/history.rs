//! What was done to a row, cut to the columns that the reader may see in it.

mod trail;

use super::event::Event;
use super::frame::Frame;
use super::key;
use crate::access::{BREAK_GLASS, History, Permit};
use crate::catalog::Key;
use crate::data::{DataError, row};
use crate::entry::Granted;
use crate::store::{AnyConnection, audit};
use crate::web::{Failure, wants_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Entries of a page.
const PAGE: i64 = 50;

#[derive(Serialize)]
struct View {
    label: String,
    row_href: String,
    events: Vec<Event>,
    older_href: Option<String>,
}

/// What was read.
struct Found {
    label: String,
    entries: Vec<audit::Entry>,
    seen: Vec<bool>,
}

/// GET {mount}/data/{resource}/row/{key}/history?before=. Permissions: history.
///
/// # Errors
/// The row is out of reach, or the database fails.
pub async fn show(
    request: HttpRequest,
    granted: Granted<History>,
) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let resource = Arc::clone(permit.resource());
    let key = key(&request, &resource)?;
    let before = before(request.query_string())?;
    let of = key.clone();
    let found = entered
        .site()
        .database
        .run(move |conn| read(conn, &permit, &of, before, PAGE))
        .await?;
    if wants_json(&request) {
        let events: Vec<Json> = found
            .entries
            .iter()
            .map(|entry| as_json(&resource, entry, &found.seen))
            .collect();
        return Ok(HttpResponse::Ok().json(json!({ "label": found.label, "events": events })));
    }
    let urls = &entered.site().urls;
    let here = urls.row(&resource.name, &key.encode(&resource));
    let full = found.entries.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX);
    let view = View {
        events: events(&resource, &found),
        older_href: found
            .entries
            .last()
            .filter(|_| full)
            .map(|last| format!("{here}/history?before={}", last.id)),
        row_href: here.clone(),
        label: found.label.clone(),
    };
    let frame = Frame::about(
        &request,
        &entered,
        &resource.name,
        &format!("History of {}", found.label),
    )
    .crumb(resource.label.as_str(), Some(urls.list(&resource.name)))
    .crumb(found.label, Some(here))
    .crumb("History", None);
    entered
        .site()
        .pages
        .answer(StatusCode::OK, "history.html", &frame, &view)
}

/// The latest events of a row.
///
/// # Errors
/// [`DataError::Missing`] when the permit does not reach the row.
pub fn recent(
    conn: &mut AnyConnection,
    permit: &Permit<History>,
    key: &Key,
    limit: i64,
) -> Result<Vec<Event>, DataError> {
    let found = read(conn, permit, key, None, limit)?;
    Ok(events(permit.resource(), &found))
}

fn read(
    conn: &mut AnyConnection,
    permit: &Permit<History>,
    key: &Key,
    before: Option<i64>,
    limit: i64,
) -> Result<Found, DataError> {
    let resource = permit.resource();
    // First the row: who cannot reach it learns nothing of what was done to it.
    let row = row::find(conn, permit, key, &[])?;
    let entries = trail::read(conn, permit, (key, &row), before, limit)?;
    let columns = 0..resource.fields.len();
    Ok(Found {
        label: row.label(resource),
        seen: columns.map(|column| row.get(column).is_some()).collect(),
        entries,
    })
}

fn events(resource: &crate::catalog::Resource, found: &Found) -> Vec<Event> {
    let sees = |column: usize| found.seen.get(column).copied().unwrap_or(false);
    let entries = found.entries.iter();
    entries
        .map(|entry| Event::new(resource, entry, &sees))
        .collect()
}

fn as_json(resource: &crate::catalog::Resource, entry: &audit::Entry, seen: &[bool]) -> Json {
    let all: Json = entry
        .changes
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let changes = resource
        .fields
        .iter()
        .zip(seen)
        .filter_map(|(field, seen)| {
            let change = all.get(&field.name).filter(|_| *seen)?;
            Some((field.name.clone(), change.clone()))
        });
    json!({
        "at": entry.at.and_utc().to_rfc3339(),
        "who": entry.actor_name,
        "break_glass": entry.actor_issuer == BREAK_GLASS,
        "roles": entry.roles,
        "action": entry.action,
        "request_id": entry.request_id,
        "changes": changes.collect::<serde_json::Map<_, _>>(),
    })
}

fn before(query: &str) -> Result<Option<i64>, Failure> {
    let mut before = None;
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match (name.as_ref(), value.parse()) {
            ("before", Ok(number)) => before = Some(number),
            _ => {
                return Err(Failure::Invalid(format!(
                    "The parameter \u{201c}{name}\u{201d} is not one of a history."
                )));
            }
        }
    }
    Ok(before)
}
