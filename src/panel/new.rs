//! The form for a new row.

use super::control::{Builder, FormState};
use super::form::{self, Form, RelationPlan};
use super::frame::Frame;
use super::lines::save::{LineOperations, SaveStop};
use super::lines::{self, FormRequest, Lines};
use super::relations::Relations;
use crate::access::{Cover, Create, Permit};
use crate::catalog::{Key, Resource};
use crate::data::{Changes, Refusal, write};
use crate::entry::{Entered, Granted, Submission, Submitted, access};
use crate::store::audit;
use crate::texts::text;
use crate::web::{Failure, middleware, wants_json};
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use std::sync::Arc;

/// GET {mount}/data/{resource}/new. Permissions: create. The query can fill in fields.
///
/// # Errors
/// When the database fails.
pub async fn show(request: HttpRequest, granted: Granted<Create>) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let mut shown = FormState::default();
    for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
        if let Some(column) = permit.resource().index_of(&name) {
            shown.typed.insert(column, value.into_owned());
        }
    }
    let resource = Arc::clone(permit.resource());
    let relations = form::relations(&entered, &permit);
    let draft = Draft {
        plan: RelationPlan::new(&entered, &resource, &relations, None),
        lines: Lines::changed(&entered, &resource, true),
        shown,
        relations,
        status: StatusCode::OK,
        problem: None,
        is_dirty: false,
    };
    page(&request, &entered, &permit, draft).await
}

/// A form to show.
struct Draft {
    shown: FormState,
    relations: Relations,
    plan: RelationPlan,
    /// The rows of other tables that are created with it.
    lines: Vec<Lines>,
    status: StatusCode,
    problem: Option<String>,
    is_dirty: bool,
}

async fn page(
    request: &HttpRequest,
    entered: &Entered,
    permit: &Permit<Create>,
    mut draft: Draft,
) -> Result<HttpResponse, Failure> {
    let resource = Arc::clone(permit.resource());
    if wants_json(request) {
        return Ok(as_json(request, entered, permit, &draft));
    }
    let of = Arc::clone(&resource);
    let draft = entered
        .site()
        .database
        .run(move |conn| {
            let Draft {
                relations,
                shown,
                plan,
                lines,
                ..
            } = &mut draft;
            form::fetch_relations(conn, &of, relations, None, shown, plan)?;
            for lines in lines {
                lines.furnish(conn)?;
            }
            Ok::<_, crate::data::DataError>(draft)
        })
        .await?;
    let builder = Builder {
        entered,
        resource: &resource,
        relations: &draft.relations,
        shown: &draft.shown,
        creating: true,
    };
    let writable = |column| permit.writes(column) != Cover::Nowhere;
    let list = entered.site().urls.list(&resource.name);
    let heading = text!("new-title", row = super::in_sentence(&resource.label_one));
    let mut errors = Form::list_errors(&resource, &draft.shown.errors);
    errors.extend(lines::list_errors(&draft.lines));
    let action = format!("{list}/new");
    let grids = draft.lines.iter();
    let view = Form {
        creating: true,
        grids: grids
            .map(|lines| lines.grid(entered, &action, None))
            .collect(),
        is_dirty: draft.is_dirty,
        action,
        multipart: has_files(&resource),
        limit_mb: form::limit_mb(&resource, has_files(&resource)),
        errors,
        sections: form::layout::arranged(
            &resource,
            form::controls(&builder, permit, None, &writable),
        ),
        problem: draft.problem.clone(),
        cancel_href: list.clone(),
        heading: heading.clone(),
        ..Form::default()
    };
    let frame = Frame::about(request, entered, &resource.name, &heading)
        .crumb(resource.label.as_str(), Some(list))
        .crumb(text!("new"), None);
    entered
        .site()
        .pages
        .answer(draft.status, "form.html", &frame, &view)
}

/// Whether a form of this resource has file inputs.
pub fn has_files(resource: &Resource) -> bool {
    let mut fields = resource.fields.iter();
    fields.any(|field| field.kind.is_file())
}

fn as_json(
    request: &HttpRequest,
    entered: &Entered,
    permit: &Permit<Create>,
    draft: &Draft,
) -> HttpResponse {
    let resource = permit.resource();
    if draft.status != StatusCode::OK {
        let errors = form::errors_as_json(resource, &draft.shown.errors);
        let errors = lines::with_errors(errors, &draft.lines);
        let text = draft.problem.clone();
        let text = text.unwrap_or_else(|| text!("fields-need-a-look"));
        return middleware::problem(
            request,
            &text!("not-saved"),
            &text,
            draft.status,
            Some(errors),
        );
    }
    let columns = 0..resource.fields.len();
    let fields: Vec<_> = columns
        .filter(|column| permit.writes(*column) != Cover::Nowhere)
        .filter_map(|column| resource.fields.get(column))
        .map(|field| json!({ "name": field.name, "label": field.label, "required": !field.nullable && field.default.is_none(), "choices": field.choices }))
        .collect();
    HttpResponse::Ok().json(json!({ "fields": fields, "csrf_token": entered.signed.csrf() }))
}

/// POST {mount}/data/{resource}/new. Permissions: create.
///
/// # Errors
/// A right is missing, or the database fails. Errors that can be corrected are shown in the form.
pub async fn save(
    request: HttpRequest,
    Submitted {
        leave: granted,
        form: submission,
    }: Submitted<Granted<Create>>,
) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let resource = Arc::clone(permit.resource());
    let relations = form::relations(&entered, &permit);
    let plan = RelationPlan::new(&entered, &resource, &relations, Some(&submission));
    // A column that may be neither read nor written counts as missing.
    let known =
        |column| permit.reads(column) != Cover::Nowhere || permit.writes(column) != Cover::Nowhere;
    let settled = form::pairs::settled(&resource, &relations, &submission, None);
    let entry = form::read(&resource, &settled, None, &known);
    let mut lines = Lines::changed(&entered, &resource, true);
    let asked = lines::take(&mut lines, &submission)?;
    for lines in &mut lines {
        lines.settle()?;
    }
    let mut draft = Draft {
        shown: entry.shown,
        relations,
        plan,
        lines,
        status: StatusCode::OK,
        problem: None,
        is_dirty: false,
    };
    if draft.plan.is_picking() || asked == FormRequest::Again {
        draft.shown.errors.clear();
        lines::forgive(&mut draft.lines);
        draft.is_dirty = true;
        return page(&request, &entered, &permit, draft).await;
    }
    if draft.shown.errors.is_empty() && !draft.lines.iter().any(Lines::is_wrong) {
        let work = match LineOperations::of(&entered, &draft.lines) {
            Ok(work) => work,
            Err(denied) => return Err(access::refuse(&entered, denied).await),
        };
        match create(&entered, &permit, entry.changes, work).await {
            Ok(key) => return Ok(created(&request, &entered, &resource, &submission, key)),
            Err(SaveStop::Row(refusal)) => {
                draft.problem = form::shown_in_form(refusal, &mut draft.shown)?;
            }
            Err(SaveStop::Lines(refused)) => lines::save::show(&mut draft.lines, refused)?,
        }
    }
    draft.status = StatusCode::UNPROCESSABLE_ENTITY;
    page(&request, &entered, &permit, draft).await
}

/// Creates the row, then the lines that reference it.
async fn create(
    entered: &Entered,
    permit: &Permit<Create>,
    changes: Changes,
    work: LineOperations,
) -> Result<Option<Key>, SaveStop> {
    let now = entered.site().clock.now().naive_utc();
    let (entered, permit) = (entered.reader(), permit.clone());
    let database = entered.database.clone();
    database
        .run(move |conn| {
            conn.change(|conn| {
                let name = permit.resource().name.as_str();
                let parent = if work.is_empty() {
                    None
                } else {
                    let bulk = audit::Bulk::saving(None, work.count() + 1);
                    let begun = audit::begin_bulk(conn, &entered.actor, Some(name), bulk, now);
                    Some(begun.map_err(Refusal::from)?)
                };
                let context = write::Context {
                    actor: &entered.actor,
                    now,
                    rights: &entered,
                    parent,
                };
                let key = write::create(conn, &permit, &changes, &context)?;
                if let Some(key) = &key {
                    work.run_all(conn, (&permit, key), &context)?;
                }
                Ok(key)
            })
        })
        .await
}

fn created(
    request: &HttpRequest,
    entered: &Entered,
    resource: &Resource,
    submission: &Submission,
    key: Option<Key>,
) -> HttpResponse {
    let urls = &entered.site().urls;
    let list = urls.list(&resource.name);
    let key = key.map(|key| key.encode(resource));
    let row = key.as_deref().map(|key| urls.row(&resource.name, key));
    if wants_json(request) {
        return HttpResponse::Created()
            .insert_header((LOCATION, row.clone().unwrap_or(list)))
            .json(json!({ "key": key, "href": row }));
    }
    let next = match (submission.get("then"), row) {
        (Some("new"), _) => format!("{list}/new"),
        (Some("edit"), Some(row)) => format!("{row}/edit?done=created"),
        (_, Some(row)) => format!("{row}?done=created"),
        (_, None) => format!("{list}?done=created"),
    };
    HttpResponse::SeeOther()
        .insert_header((LOCATION, next))
        .finish()
}
