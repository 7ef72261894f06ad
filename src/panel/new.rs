//! The form for a new row.

use super::control::{Builder, Shown};
use super::form::{self, Form, RelationPlan};
use super::frame::Frame;
use super::relations::Relations;
use crate::access::{Cover, Create, Permit};
use crate::catalog::{Key, Resource};
use crate::data::{Changes, Refusal, write};
use crate::entry::{Entered, Granted, Submission, Submitted};
use crate::texts::text;
use crate::web::{Failure, middleware, wants_json};
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use std::sync::Arc;

/// GET {mount}/data/{resource}/new. Permissions: create. The query may fill fields in.
///
/// # Errors
/// When the database fails.
pub async fn show(request: HttpRequest, granted: Granted<Create>) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let mut shown = Shown::default();
    for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
        if let Some(column) = permit.resource().index_of(&name) {
            shown.typed.insert(column, value.into_owned());
        }
    }
    let resource = Arc::clone(permit.resource());
    let relations = form::relations(&entered, &permit);
    let plan = RelationPlan::new(&entered, &resource, &relations, None);
    page(
        &request,
        &entered,
        &permit,
        shown,
        relations,
        plan,
        Answer::ok(),
    )
    .await
}

/// How the form is answered.
struct Answer {
    status: StatusCode,
    problem: Option<String>,
}

impl Answer {
    fn ok() -> Self {
        Self {
            status: StatusCode::OK,
            problem: None,
        }
    }
}

async fn page(
    request: &HttpRequest,
    entered: &Entered,
    permit: &Permit<Create>,
    mut shown: Shown,
    mut relations: Relations,
    plan: RelationPlan,
    answer: Answer,
) -> Result<HttpResponse, Failure> {
    let resource = Arc::clone(permit.resource());
    if wants_json(request) {
        return Ok(as_json(request, entered, permit, &shown, &answer));
    }
    let of = Arc::clone(&resource);
    let (shown, relations) = entered
        .site()
        .database
        .run(move |conn| {
            form::fetch_relations(conn, &of, &mut relations, None, &mut shown, &plan)?;
            Ok::<_, crate::data::DataError>((shown, relations))
        })
        .await?;
    let builder = Builder {
        entered,
        resource: &resource,
        relations: &relations,
        shown: &shown,
        creating: true,
    };
    let writable = |column| permit.writes(column) != Cover::Nowhere;
    let list = entered.site().urls.list(&resource.name);
    let heading = text!("new-title", row = super::in_sentence(&resource.label_one));
    let view = Form {
        creating: true,
        action: format!("{list}/new"),
        multipart: has_files(&resource),
        limit_mb: form::limit_mb(&resource, has_files(&resource)),
        errors: Form::list_errors(&resource, &shown.errors),
        problem: answer.problem,
        fields: form::controls(&builder, permit, None, &writable),
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
        .answer(answer.status, "form.html", &frame, &view)
}

/// Whether a form of this resource holds files.
pub fn has_files(resource: &Resource) -> bool {
    let mut fields = resource.fields.iter();
    fields.any(|field| field.kind.is_file())
}

fn as_json(
    request: &HttpRequest,
    entered: &Entered,
    permit: &Permit<Create>,
    shown: &Shown,
    answer: &Answer,
) -> HttpResponse {
    let resource = permit.resource();
    if answer.status != StatusCode::OK {
        let errors = form::errors_as_json(resource, &shown.errors);
        let text = answer.problem.clone();
        let text = text.unwrap_or_else(|| text!("fields-need-a-look"));
        return middleware::problem(
            request,
            &text!("not-saved"),
            &text,
            answer.status,
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
/// A right is missing, or the database fails. What can be mended is shown in the form.
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
    // A column that may be neither read nor written is as one that is not there.
    let known =
        |column| permit.reads(column) != Cover::Nowhere || permit.writes(column) != Cover::Nowhere;
    let settled = form::pairs::settled(&resource, &relations, &submission, None);
    let entry = form::read(&resource, &settled, None, &known);
    let mut shown = entry.shown;
    if plan.is_picking() {
        shown.errors.clear();
        return page(
            &request,
            &entered,
            &permit,
            shown,
            relations,
            plan,
            Answer::ok(),
        )
        .await;
    }
    let mut problem = None;
    if shown.errors.is_empty() {
        match create(&entered, &permit, entry.changes).await {
            Ok(key) => return Ok(created(&request, &entered, &resource, &submission, key)),
            Err(refusal) => problem = form::shown_in_form(refusal, &mut shown)?,
        }
    }
    let answer = Answer {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        problem,
    };
    page(&request, &entered, &permit, shown, relations, plan, answer).await
}

async fn create(
    entered: &Entered,
    permit: &Permit<Create>,
    changes: Changes,
) -> Result<Option<Key>, Refusal> {
    let now = entered.site().clock.now().naive_utc();
    let (entered, permit) = (entered.reader(), permit.clone());
    let database = entered.database.clone();
    database
        .run(move |conn| {
            conn.change(|conn| {
                let context = write::Context {
                    actor: &entered.actor,
                    now,
                    rights: &entered,
                    parent: None,
                };
                write::create(conn, &permit, &changes, &context)
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
