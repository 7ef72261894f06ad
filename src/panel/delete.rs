//! Deleting a row: first what goes with it and what stands in the way, then the deed.

mod pointing;

use super::frame::Frame;
use super::{json, key};
use crate::access::{Delete, Permit};
use crate::catalog::{Key, OnDelete};
use crate::data::{DataError, Refusal, Row, dependents, row, write};
use crate::entry::{Entered, Granted, Submitted, access, sizes};
use crate::store::AnyConnection;
use crate::web::{Failure, middleware, wants_json};
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};
use pointing::{HIDDEN, Pointing, blocked, count, pointing, unconfirmed_cascade};
use serde::Serialize;
use serde_json::json as object;
use std::sync::Arc;

/// Rows named of each resource that points here.
const NAMED: u32 = 5;

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

#[derive(Serialize)]
struct Dependents {
    label: String,
    count: String,
    rule: &'static str,
    tone: &'static str,
    rows: Vec<Named>,
    more: Option<String>,
}

#[derive(Serialize)]
struct Named {
    label: String,
    href: Option<String>,
}

struct Opened {
    row: Row,
    pointing: Vec<Pointing>,
}

/// GET {mount}/data/{resource}/row/{key}/delete. Permissions: delete.
///
/// # Errors
/// The row is out of reach, or the database fails.
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
    let pointing = pointing(entered, &resource);
    let (reader, of) = (permit.clone(), key.clone());
    let opened = entered
        .site()
        .database
        .run(move |conn| open(conn, &reader, &of, pointing))
        .await?;
    if let Some(denied) = unconfirmed_cascade(&opened.pointing) {
        return Err(access::refuse(entered, denied.clone()).await);
    }
    let blocked = problem.or_else(|| blocked(&opened.pointing));
    if wants_json(request) {
        if status != StatusCode::OK {
            let text = blocked.unwrap_or_default();
            return Ok(middleware::problem(
                request,
                "Not deleted",
                &text,
                status,
                None,
            ));
        }
        return Ok(HttpResponse::Ok().json(object!({
            "row": json::row(&resource, &opened.row),
            "label": opened.row.label(&resource),
            "row_digest": opened.row.digest(),
            "csrf_token": entered.signed.csrf(),
            "blocked": blocked,
        })));
    }
    let urls = &entered.site().urls;
    let here = urls.row(&resource.name, &key.encode(&resource));
    let label = opened.row.label(&resource);
    let view = Confirmation {
        label: label.clone(),
        resource_label: resource.label.clone(),
        action: format!("{here}/delete"),
        row_digest: opened.row.digest(),
        cancel_href: here.clone(),
        dependents: opened
            .pointing
            .iter()
            .filter(|pointing| pointing.count.value() > 0)
            .map(|pointing| dependents_of(entered, pointing))
            .collect(),
        blocked,
    };
    let frame = Frame::about(request, entered, &resource.name, &format!("Delete {label}"))
        .crumb(resource.label.as_str(), Some(urls.list(&resource.name)))
        .crumb(label, Some(here))
        .crumb("Delete", None);
    entered
        .site()
        .pages
        .answer(status, "delete.html", &frame, &view)
}

fn open(
    conn: &mut AnyConnection,
    permit: &Permit<Delete>,
    key: &Key,
    mut pointing: Vec<Pointing>,
) -> Result<Opened, DataError> {
    let row = row::find(conn, permit, key, &[])?;
    count(conn, permit, (key, &row), &mut pointing)?;
    for pointing in &mut pointing {
        if let Some(view) = pointing
            .view
            .as_ref()
            .filter(|_| pointing.count.value() > 0)
        {
            let columns: Vec<usize> = view.resource().display.columns().collect();
            pointing.rows =
                dependents::visible(conn, view, &pointing.child, &row, NAMED, &columns)?;
        }
    }
    Ok(Opened { row, pointing })
}

fn dependents_of(entered: &Entered, pointing: &Pointing) -> Dependents {
    let (rule, tone) = match pointing.child.on_delete {
        OnDelete::Refuse => ("prevent this", "bad"),
        OnDelete::Cascade => ("will be deleted too", "bad"),
        OnDelete::SetNull | OnDelete::SetDefault => ("will lose this link", "warn"),
    };
    let rows = pointing.rows.iter().map(|row| Named {
        label: row.label(&pointing.resource),
        href: row.key(&pointing.resource).map(|key| {
            let key = key.encode(&pointing.resource);
            entered.site().urls.row(&pointing.resource.name, &key)
        }),
    });
    let named = u64::try_from(pointing.rows.len()).unwrap_or(0);
    let more = pointing.seen.value().saturating_sub(named);
    let more = (more > 0 && named > 0).then(|| format!("and {} more", sizes::grouped(more)));
    let none = pointing.seen.value() == 0;
    Dependents {
        label: match none {
            true => "Rows that your roles do not show you".into(),
            false => pointing.resource.label.clone(),
        },
        count: match none {
            true => String::new(),
            false => sizes::in_words(pointing.seen),
        },
        rule,
        tone,
        rows: rows.collect(),
        more: match pointing.is_partly_hidden() && !none {
            true => Some(format!("and {HIDDEN}")),
            false => more,
        },
    }
}

/// POST {mount}/data/{resource}/row/{key}/delete. Permissions: delete, also on what the database
/// deletes with the row.
///
/// # Errors
/// A right is missing, the row is out of reach, or the database fails.
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
    let outcome = delete(
        &entered,
        &permit,
        &key,
        digest,
        pointing(&entered, &resource),
    )
    .await;
    let problem = match outcome {
        Ok(()) => {
            let list = entered.site().urls.list(&resource.name);
            return Ok(match wants_json(&request) {
                true => HttpResponse::Ok().json(object!({ "deleted": key.encode(&resource) })),
                false => HttpResponse::SeeOther()
                    .insert_header((LOCATION, format!("{list}?done=deleted")))
                    .finish(),
            });
        }
        Err(Refusal::Stale(_)) => {
            "It was changed since this page was opened. Look at it again before you delete it."
                .to_owned()
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
    mut pointing: Vec<Pointing>,
) -> Result<(), Refusal> {
    let now = entered.site().clock.now().naive_utc();
    let (reader, permit, key) = (entered.reader(), permit.clone(), key.clone());
    let database = reader.database.clone();
    database
        .run(move |conn| {
            conn.change(|conn| {
                let row = row::find(conn, &permit, &key, &[])?;
                count(conn, &permit, (&key, &row), &mut pointing)?;
                if let Some(text) = blocked(&pointing) {
                    return Err(Refusal::Whole(text));
                }
                if let Some(denied) = unconfirmed_cascade(&pointing) {
                    return Err(Refusal::Whole(denied.to_string()));
                }
                let cascades: Vec<(String, u64)> = pointing
                    .iter()
                    .filter(|pointing| {
                        pointing.child.on_delete == OnDelete::Cascade && pointing.count.value() > 0
                    })
                    .map(|pointing| (pointing.resource.name.clone(), pointing.count.value()))
                    .collect();
                let context = write::Context {
                    actor: &reader.actor,
                    now,
                    views: &|resource| reader.view(resource),
                    parent: None,
                };
                write::delete(conn, &permit, &key, digest.as_deref(), &cascades, &context)
            })
        })
        .await
}
