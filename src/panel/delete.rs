//! Deleting a row: first a page with its side effects and obstacles, then the delete.

use super::frame::Frame;
use super::{json, key};
use crate::access::{Delete, Permit};
use crate::catalog::Key;
use crate::data::effects::{Consequence, Effects, Group, Rights};
use crate::data::{DataError, Refusal, Row, find, write};
use crate::entry::{Entered, Granted, Submitted, access, sizes};
use crate::store::AnyConnection;
use crate::texts::text;
use crate::web::{Failure, middleware, wants_json};
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::json as object;
use std::sync::Arc;

#[derive(Serialize)]
struct Confirmation {
    label: String,
    resource_label: String,
    action: String,
    row_digest: String,
    cancel_href: String,
    dependents: Vec<Dependents>,
    blocked: Option<String>,
}

/// Rows of one table that are deleted or changed with a row.
#[derive(Serialize)]
pub(super) struct Dependents {
    label: String,
    count: String,
    rule: String,
    tone: &'static str,
    rows: Vec<NamedRow>,
    more: Option<String>,
}

#[derive(Serialize)]
struct NamedRow {
    label: String,
    href: Option<String>,
}

struct DeleteData {
    row: Row,
    effects: Effects,
    /// The first rows of each group that the person may see.
    named: Vec<Vec<Row>>,
}

/// GET {mount}/data/{resource}/row/{key}/delete. Permissions: delete.
///
/// # Errors
/// The row is not visible, or the database fails.
pub async fn show(request: HttpRequest, granted: Granted<Delete>) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let key = key(&request, permit.resource())?;
    confirmation(&request, &entered, &permit, key, None, StatusCode::OK).await
}

async fn confirmation(
    request: &HttpRequest,
    entered: &Entered,
    permit: &Permit<Delete>,
    key: Key,
    problem: Option<String>,
    status: StatusCode,
) -> Result<HttpResponse, Failure> {
    let resource = Arc::clone(permit.resource());
    let (reader, of) = (entered.reader(), key.clone());
    let granted = permit.clone();
    let opened = entered
        .site()
        .database
        .run(move |conn| open(conn, &granted, &of, &reader))
        .await?;
    if let Some(denied) = opened.effects.unconfirmed() {
        return Err(access::refuse(entered, denied.clone()).await);
    }
    let blocked = problem.or_else(|| opened.effects.obstacle());
    let digest = write::confirmed(&opened.row, &opened.effects);
    let dependents: Vec<Dependents> = opened
        .effects
        .groups()
        .iter()
        .zip(&opened.named)
        .map(|(group, named)| dependents_of(entered, group, named))
        .collect();
    if wants_json(request) {
        if status != StatusCode::OK {
            let text = blocked.unwrap_or_default();
            return Ok(middleware::problem(
                request,
                &text!("not-deleted"),
                &text,
                status,
                None,
            ));
        }
        return Ok(HttpResponse::Ok().json(object!({
            "row": json::row(&resource, &opened.row),
            "label": opened.row.label(&resource),
            "row_digest": digest,
            "csrf_token": entered.signed.csrf(),
            "blocked": blocked,
            "dependents": dependents,
        })));
    }
    let urls = &entered.site().urls;
    let here = urls.row(&resource.name, &key.encode(&resource));
    let label = opened.row.label(&resource);
    let view = Confirmation {
        label: label.clone(),
        resource_label: resource.label.clone(),
        action: format!("{here}/delete"),
        row_digest: digest,
        cancel_href: here.clone(),
        dependents,
        blocked,
    };
    let frame = Frame::about(
        request,
        entered,
        &resource.name,
        &text!("delete-title", label = label),
    )
    .crumb(resource.label.as_str(), Some(urls.list(&resource.name)))
    .crumb(label, Some(here))
    .crumb(text!("delete"), None);
    entered
        .site()
        .pages
        .answer(status, "delete.html", &frame, &view)
}

fn open(
    conn: &mut AnyConnection,
    permit: &Permit<Delete>,
    key: &Key,
    rights: &dyn Rights,
) -> Result<DeleteData, DataError> {
    conn.snapshot(|conn| {
        let row = find::by_key(conn, permit, key, &[])?;
        let effects = write::effects_of_delete(conn, permit, &row, rights)?;
        let named = named(conn, &effects, rights)?;
        Ok(DeleteData {
            row,
            effects,
            named,
        })
    })
}

/// The first rows of each group that the person may see.
pub(super) fn named(
    conn: &mut AnyConnection,
    effects: &Effects,
    rights: &dyn Rights,
) -> Result<Vec<Vec<Row>>, DataError> {
    let mut named = Vec::new();
    for group in effects.groups() {
        let view = rights.view(&group.table.name);
        named.push(match view.filter(|_| group.is_shown) {
            Some(view) => group.names(conn, &view)?,
            None => Vec::new(),
        });
    }
    Ok(named)
}

pub(super) fn dependents_of(entered: &Entered, group: &Group, named: &[Row]) -> Dependents {
    let (rule, tone) = match group.consequence {
        Consequence::Prevents => (text!("dependents-prevent"), "bad"),
        Consequence::Goes => (text!("dependents-go"), "bad"),
        Consequence::LosesLink => (text!("dependents-unlink"), "warn"),
        Consequence::TakesDefault => (text!("dependents-default"), "warn"),
        Consequence::Follows => (text!("dependents-follow"), "warn"),
    };
    let rows = named.iter().map(|row| NamedRow {
        label: row.label(&group.table),
        href: row.key(&group.table).map(|key| {
            let key = key.encode(&group.table);
            entered.site().urls.row(&group.table.name, &key)
        }),
    });
    let seen = group.seen.value();
    let more = seen.saturating_sub(u64::try_from(named.len()).unwrap_or(0));
    let more = (more > 0 && !named.is_empty()).then(|| text!("and-more", count = more));
    let none = !group.is_shown || seen == 0;
    Dependents {
        label: if none {
            text!("hidden-rows-label")
        } else {
            group.table.label.clone()
        },
        count: if none {
            String::new()
        } else {
            sizes::in_words(group.seen)
        },
        rule,
        tone,
        rows: rows.collect(),
        more: if group.is_partly_hidden() && !none {
            Some(text!("and-hidden"))
        } else {
            more
        },
    }
}

/// POST {mount}/data/{resource}/row/{key}/delete. Permissions: delete, also on rows that the
/// database deletes with it.
///
/// # Errors
/// A right is missing, the row is not visible, or the database fails.
pub async fn save(
    request: HttpRequest,
    Submitted {
        leave: granted,
        form: submission,
    }: Submitted<Granted<Delete>>,
) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let resource = Arc::clone(permit.resource());
    let key = key(&request, &resource)?;
    let digest = submission.get("row_digest").map(str::to_owned);
    let outcome = delete(&entered, &permit, &key, digest).await;
    let problem = match outcome {
        Ok(()) => {
            let list = entered.site().urls.list(&resource.name);
            return Ok(if wants_json(&request) {
                HttpResponse::Ok().json(object!({ "deleted": key.encode(&resource) }))
            } else {
                HttpResponse::SeeOther()
                    .insert_header((LOCATION, format!("{list}?done=deleted")))
                    .finish()
            });
        }
        Err(Refusal::Stale(_)) => {
            text!("delete-stale")
        }
        Err(Refusal::Whole(text)) => text,
        Err(other) => return Err(other.into()),
    };
    confirmation(
        &request,
        &entered,
        &permit,
        key,
        Some(problem),
        StatusCode::CONFLICT,
    )
    .await
}

async fn delete(
    entered: &Entered,
    permit: &Permit<Delete>,
    key: &Key,
    digest: Option<String>,
) -> Result<(), Refusal> {
    let now = entered.site().clock.now().naive_utc();
    let (reader, permit, key) = (entered.reader(), permit.clone(), key.clone());
    let database = reader.database.clone();
    database
        .run(move |conn| {
            conn.change(|conn| {
                let context = write::Context {
                    actor: &reader.actor,
                    now,
                    rights: &reader,
                    parent: None,
                };
                write::delete(conn, &permit, &key, digest.as_deref(), &context).map(drop)
            })
        })
        .await
}
