//! The history of a row, as far as the reader could see it at each time. The row may be deleted.

use super::event::Event;
use super::frame::Frame;
use super::key;
use crate::access::{BREAK_GLASS, History, Permit};
use crate::catalog::{Key, Resource};
use crate::data::DataError;
use crate::data::find;
use crate::data::history::{self, RowEvent, VisibleEntry};
use crate::data::row::key_label;
use crate::entry::Granted;
use crate::store::AnyConnection;
use crate::texts::text;
use crate::web::{Failure, wants_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// The number of entries on a page.
const PAGE: i64 = 50;

#[derive(Serialize)]
struct View {
    label: String,
    row_href: Option<String>,
    list_href: String,
    events: Vec<Event>,
    older_href: Option<String>,
}

/// The result of reading.
struct RowHistory {
    label: String,
    /// Whether the row exists and is visible.
    is_there: bool,
    told: Vec<VisibleEntry>,
}

/// GET {mount}/data/{resource}/row/{key}/history?before=. Permissions: history.
///
/// # Errors
/// Neither the row nor any entry about it is visible, or the database fails.
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
            .told
            .iter()
            .map(|told| as_json(&resource, told))
            .collect();
        return Ok(HttpResponse::Ok().json(json!({
            "label": found.label,
            "exists": found.is_there,
            "events": events,
        })));
    }
    let urls = &entered.site().urls;
    let here = urls.row(&resource.name, &key.encode(&resource));
    let list = urls.list(&resource.name);
    let full = found.told.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX);
    let view = View {
        events: events(&resource, &found)
            .into_iter()
            .map(|event| event.with_undo(&entered, &resource))
            .collect(),
        older_href: found
            .told
            .last()
            .filter(|_| full)
            .map(|last| format!("{here}/history?before={}", last.entry.id)),
        row_href: found.is_there.then(|| here.clone()),
        list_href: list.clone(),
        label: found.label.clone(),
    };
    let frame = Frame::about(
        &request,
        &entered,
        &resource.name,
        &text!("history-of", row = found.label),
    )
    .crumb(resource.label.as_str(), Some(list))
    .crumb(found.label, found.is_there.then_some(here))
    .crumb(text!("history"), None);
    entered
        .site()
        .pages
        .answer(StatusCode::OK, "history.html", &frame, &view)
}

/// The latest events of a row.
///
/// # Errors
/// [`DataError::Missing`] when the permit covers neither the row nor any past state of it.
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
) -> Result<RowHistory, DataError> {
    let resource = permit.resource();
    let row = match find::by_key(conn, permit, key, &[]) {
        Ok(row) => Some(row),
        Err(DataError::Missing) => None,
        Err(error) => return Err(error),
    };
    // The stored spelling of the key.
    let spelled = row.as_ref().and_then(|row| row.key(resource));
    let key = spelled.as_ref().unwrap_or(key);
    let told = history::read(conn, permit, key, before, limit)?;
    if row.is_none() && told.is_empty() {
        // Nobody learns of a row that was never visible to them. A later page may be empty.
        let some = history::read(conn, permit, key, None, 1)?;
        if some.is_empty() {
            return Err(DataError::Missing);
        }
    }
    let label = match &row {
        Some(row) => row.label(resource),
        None => {
            let mut names = told.iter().filter_map(|told| told.label(resource));
            let name = names.next().map(str::to_owned);
            name.unwrap_or_else(|| key_label(resource, key))
        }
    };
    Ok(RowHistory {
        label,
        is_there: row.is_some(),
        told,
    })
}

fn events(resource: &Resource, found: &RowHistory) -> Vec<Event> {
    let event =
        |told: &VisibleEntry| Event::new(resource, &told.entry, &|c| told.shows(c)).going(told.way);
    found.told.iter().map(event).collect()
}

fn as_json(resource: &Resource, told: &VisibleEntry) -> Json {
    let entry = &told.entry;
    let all: Json = entry
        .changes
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let fields = resource.fields.iter().enumerate();
    let changes = fields.filter_map(|(column, field)| {
        let change = all.get(&field.name).filter(|_| told.shows(column))?;
        Some((field.name.clone(), change.clone()))
    });
    json!({
        "id": entry.id,
        "at": entry.at.and_utc().to_rfc3339(),
        "who": entry.actor_name,
        "break_glass": entry.actor_issuer == BREAK_GLASS,
        "roles": entry.roles,
        "action": entry.action,
        "reach": match told.way {
            RowEvent::Stayed => "stayed",
            RowEvent::Came => "came",
            RowEvent::Left => "left",
        },
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
                return Err(Failure::Invalid(text!("parameter-unknown", name = name)));
            }
        }
    }
    Ok(before)
}
