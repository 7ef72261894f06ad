//! The form for an existing row.

mod beside;
mod conflict;
mod write;

use super::control::{Builder, FormState};
use super::event::Event;
use super::form::{self, Form, HiddenField, RelationPlan};
use super::frame::Frame;
use super::lines::save::{LineOperations, SaveStop};
use super::lines::{self, FormRequest, Lines};
use super::new::has_files;
use super::relations::Relations;
use super::{json, key};
use crate::access::{Action, Cover, Edit, History, Permit};
use crate::catalog::{Filter, Key, Resource};
use crate::data::{Changes, DataError, Refusal, Row, find};
use crate::entry::{Entered, Granted, Submission, Submitted, access};
use crate::texts::text;
use crate::web::{Failure, middleware, wants_json};
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::json as object;
use std::sync::Arc;

/// The number of changes shown beside the form.
const RECENT: i64 = 5;

/// A form to show.
struct Draft {
    key: Key,
    shown: FormState,
    relations: Relations,
    plan: RelationPlan,
    status: StatusCode,
    problem: Option<String>,
    /// The digest sent with the form; none when the form is opened.
    digest: Option<String>,
    /// The marks sent with the form; none when the form is opened.
    marks: Option<String>,
    done: Option<&'static str>,
    /// The rows of other tables that are edited with it.
    lines: Vec<Lines>,
    is_dirty: bool,
}

/// GET {mount}/data/{resource}/row/{key}/edit. Permissions: edit.
///
/// # Errors
/// The row is not visible, or the database fails.
pub async fn show(request: HttpRequest, granted: Granted<Edit>) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let resource = permit.resource();
    let relations = form::relations(&entered, &permit);
    let mut draft = Draft {
        key: key(&request, resource)?,
        shown: FormState::default(),
        plan: RelationPlan::new(&entered, resource, &relations, None),
        relations,
        status: StatusCode::OK,
        problem: None,
        digest: None,
        marks: None,
        done: match request.query_string() {
            "done=saved" => Some("saved"),
            "done=created" => Some("created"),
            "done=unchanged" => Some("unchanged"),
            _ => None,
        },
        lines: Lines::changed(&entered, resource, false),
        is_dirty: false,
    };
    for lines in &mut draft.lines {
        lines.turn(request.query_string());
    }
    page(&request, &entered, &permit, draft).await
}

/// The row, with everything its form needs.
struct EditData {
    row: Row,
    writable: Vec<bool>,
    trace: Vec<Event>,
    draft: Draft,
}

async fn page(
    request: &HttpRequest,
    entered: &Entered,
    permit: &Permit<Edit>,
    draft: Draft,
) -> Result<HttpResponse, Failure> {
    let resource = Arc::clone(permit.resource());
    let reader = permit.clone();
    let may_history = entered.permit::<History>(&resource.name).ok();
    let opened = entered
        .site()
        .database
        .run(move |conn| open(conn, &reader, may_history.as_ref(), draft))
        .await?;
    let EditData {
        row,
        writable,
        trace,
        draft,
    } = opened;
    let digest = draft.digest.clone().unwrap_or_else(|| row.digest());
    if wants_json(request) {
        return Ok(as_json(request, entered, &resource, &row, &digest, &draft));
    }
    let builder = Builder {
        entered,
        resource: &resource,
        relations: &draft.relations,
        shown: &draft.shown,
        creating: false,
    };
    let writes = |column: usize| writable.get(column).copied().unwrap_or(false);
    let urls = &entered.site().urls;
    let here = urls.row(&resource.name, &draft.key.encode(&resource));
    let label = draft.relations.row_label(&resource, &row);
    let may = |action| entered.may(&resource.name, action);
    let fields = form::controls(&builder, permit, Some(&row), &writes);
    let marks = draft.marks.unwrap_or_else(|| form::marks(&fields));
    let mut errors = Form::list_errors(&resource, &draft.shown.errors);
    errors.extend(lines::list_errors(&draft.lines));
    let action = format!("{here}/edit");
    let grids = draft.lines.iter();
    let grids = grids.map(|lines| lines.grid(entered, &action, Some(&row)));
    let view = Form {
        heading: label.clone(),
        badge: super::detail::badge(&resource, &row),
        creating: false,
        grids: grids.collect(),
        is_dirty: draft.is_dirty,
        action,
        multipart: has_files(&resource),
        carried: vec![
            HiddenField {
                name: "row_digest".to_owned(),
                value: digest,
            },
            HiddenField {
                name: "row_shown".to_owned(),
                value: marks,
            },
        ],
        limit_mb: form::limit_mb(&resource, has_files(&resource)),
        errors,
        problem: draft.problem,
        sections: form::layout::arranged(&resource, fields),
        cancel_href: here.clone(),
        history_href: may(Action::History).then(|| format!("{here}/history")),
        delete_hint: entered.hint(&resource.name, Action::Delete),
        delete_href: may(Action::Delete).then(|| format!("{here}/delete")),
        trace,
        ..Form::default()
    };
    let frame = Frame::about(
        request,
        entered,
        &resource.name,
        &text!("edit-title", row = label),
    )
    .crumb(resource.label.as_str(), Some(urls.list(&resource.name)))
    .crumb(label, Some(here))
    .crumb(text!("edit"), None)
    .done(draft.done);
    entered
        .site()
        .pages
        .answer(draft.status, "form.html", &frame, &view)
}

fn open(
    conn: &mut crate::store::AnyConnection,
    permit: &Permit<Edit>,
    history: Option<&Permit<History>>,
    mut draft: Draft,
) -> Result<EditData, DataError> {
    let resource = permit.resource();
    let tests: Vec<Filter> = (0..resource.fields.len())
        .map(|column| match permit.writes(column) {
            Cover::Everywhere => Filter::everything(),
            Cover::Where(rows) => rows,
            Cover::Nowhere => Filter::nothing(),
        })
        .collect();
    let row = find::by_key(conn, permit, &draft.key, &tests)?;
    let writable = (0..tests.len()).map(|column| row.flag(column)).collect();
    form::fetch_relations(
        conn,
        resource,
        &mut draft.relations,
        Some(&row),
        &mut draft.shown,
        &draft.plan,
    )?;
    for lines in &mut draft.lines {
        if !lines.is_sent() {
            lines.open(conn, &row)?;
        }
        lines.furnish(conn)?;
    }
    let trace = match history {
        Some(history) => match super::history::recent(conn, history, &draft.key, RECENT) {
            // The person may have no right to the history of this row.
            Err(DataError::Missing) => Vec::new(),
            other => other?,
        },
        None => Vec::new(),
    };
    Ok(EditData {
        row,
        writable,
        trace,
        draft,
    })
}

fn as_json(
    request: &HttpRequest,
    entered: &Entered,
    resource: &Resource,
    row: &Row,
    digest: &str,
    draft: &Draft,
) -> HttpResponse {
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
    HttpResponse::Ok().json(AsJson {
        row: json::row(resource, row),
        label: row.label(resource),
        row_digest: digest,
        children: lines::as_json(&draft.lines),
        csrf_token: entered.signed.csrf().to_string(),
    })
}

/// The form in JSON.
#[derive(Serialize)]
struct AsJson<'r> {
    row: json::Row<'r>,
    label: String,
    row_digest: &'r str,
    children: lines::AsJson<'r>,
    csrf_token: String,
}

/// POST {mount}/data/{resource}/row/{key}/edit. Permissions: edit.
///
/// # Errors
/// A right is missing, the row is not visible, or the database fails. Errors that can be corrected
/// are shown in the form. If the row has changed since, both versions are shown.
pub async fn save(
    request: HttpRequest,
    Submitted {
        leave: granted,
        form: submission,
    }: Submitted<Granted<Edit>>,
) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let resource = Arc::clone(permit.resource());
    let key = key(&request, &resource)?;
    let digest = submission
        .get("row_digest")
        .map(str::to_owned)
        .ok_or_else(|| Failure::Invalid(text!("form-no-digest")))?;
    let mut lines = Lines::changed(&entered, &resource, false);
    let asked = lines::take(&mut lines, &submission)?;
    let reader = permit.clone();
    let of = key.clone();
    let (current, mut lines) = entered
        .site()
        .database
        .run(move |conn| {
            let row = find::by_key(conn, &reader, &of, &[])?;
            for lines in &mut lines {
                lines.meet(conn, &row)?;
            }
            Ok::<_, DataError>((row, lines))
        })
        .await?;
    for lines in &mut lines {
        lines.settle()?;
    }
    // Columns that may not be read do not exist for a form, whatever a request holds.
    let readable = |column| permit.reads(column) != Cover::Nowhere;
    let relations = form::relations(&entered, &permit);
    let settled = form::pairs::settled(&resource, &relations, &submission, Some(&current));
    let entry = form::read(&resource, &settled, Some(&current), &readable);
    let plan = RelationPlan::new(&entered, &resource, &relations, Some(&submission));
    let mut draft = Draft {
        key: key.clone(),
        shown: entry.shown,
        relations,
        status: StatusCode::OK,
        problem: None,
        digest: Some(digest.clone()),
        marks: Some(submission.get("row_shown").unwrap_or_default().to_owned()),
        done: None,
        plan,
        lines,
        is_dirty: false,
    };
    if draft.plan.is_picking() || asked == FormRequest::Again {
        draft.shown.errors.clear();
        lines::forgive(&mut draft.lines);
        draft.is_dirty = true;
        return page(&request, &entered, &permit, draft).await;
    }
    // If only lines are changed, it does not matter that somebody else changed the row.
    let marks = submission.get("row_shown");
    let has_deeds = draft.lines.iter().any(Lines::has_deeds);
    let is_apart = has_deeds && marks.is_some_and(|marks| draft.is_untouched(&resource, marks));
    if current.digest() != digest && !is_apart {
        return conflict::page(&request, &entered, &permit, draft, &current, &submission).await;
    }
    let changes = if is_apart {
        Changes::new()
    } else {
        entry.changes
    };
    if is_apart {
        draft.shown.errors.clear();
    }
    let is_stale = draft.lines.iter().any(Lines::is_stale);
    if draft.shown.errors.is_empty() && !draft.lines.iter().any(Lines::is_wrong) {
        let confirmed = submission.get(beside::CONFIRM);
        // A script is trusted to mean it, as with deletes.
        if !wants_json(&request)
            && let Some(page) =
                beside::unconfirmed(&request, &entered, &permit, &key, &changes, &submission)
                    .await?
        {
            return Ok(page);
        }
        let work = match LineOperations::of(&entered, &draft.lines) {
            Ok(work) => work,
            Err(denied) => return Err(access::refuse(&entered, denied).await),
        };
        let shown = if is_apart {
            None
        } else {
            Some((digest.as_str(), confirmed))
        };
        match write::save(&entered, &permit, &key, shown, changes, work).await {
            Ok((key, written)) => {
                return Ok(saved(
                    &request,
                    &entered,
                    &resource,
                    &submission,
                    &key,
                    written,
                ));
            }
            Err(SaveStop::Row(Refusal::Stale(current))) => {
                return conflict::page(&request, &entered, &permit, draft, &current, &submission)
                    .await;
            }
            Err(SaveStop::Row(refusal)) => {
                draft.problem = form::shown_in_form(refusal, &mut draft.shown)?;
            }
            Err(SaveStop::Lines(refused)) => {
                lines::save::show(&mut draft.lines, refused)?;
            }
        }
    }
    draft.status = if is_stale {
        StatusCode::CONFLICT
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    page(&request, &entered, &permit, draft).await
}

impl Draft {
    /// Whether every submitted field of the row is unchanged.
    fn is_untouched(&self, resource: &Resource, marks: &str) -> bool {
        let mut typed = self.shown.typed.iter();
        typed.all(|(column, text)| {
            let field = resource.fields.get(*column);
            field.is_some_and(|field| {
                form::is_untouched(marks, &super::names::of_column(&field.name), text)
            })
        })
    }
}

fn saved(
    request: &HttpRequest,
    entered: &Entered,
    resource: &Resource,
    submission: &Submission,
    key: &Key,
    written: bool,
) -> HttpResponse {
    let key = key.encode(resource);
    let here = entered.site().urls.row(&resource.name, &key);
    if wants_json(request) {
        return HttpResponse::Ok().json(object!({ "key": key, "href": here, "changed": written }));
    }
    let done = if written { "saved" } else { "unchanged" };
    let next = match submission.get("then") {
        Some("edit") => format!("{here}/edit?done={done}"),
        _ => format!("{here}?done={done}"),
    };
    HttpResponse::SeeOther()
        .insert_header((LOCATION, next))
        .finish()
}
