//! Two people changed the same row: shows both versions, and writes nothing.

use super::Draft;
use crate::access::{Edit, History, Permit};
use crate::catalog::field::EmptyMeaning;
use crate::catalog::{Key, Value};
use crate::data::{DataError, Row};
use crate::entry::{Entered, Submission};
use crate::panel::cell::{Cell, Moment};
use crate::panel::event::Event;
use crate::panel::form::{HiddenField, entered, grid, is_untouched};
use crate::panel::frame::Frame;
use crate::panel::history;
use crate::panel::json;
use crate::panel::names;
use crate::texts::text;
use crate::web::{Failure, wants_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

#[derive(Serialize)]
struct Conflict {
    heading: String,
    label: String,
    action: String,
    row_digest: String,
    who: Option<String>,
    moment: Option<Moment>,
    fields: Vec<Field>,
    /// The submitted lines, which are saved with the row.
    carried: Vec<HiddenField>,
    edit_href: String,
    cancel_href: String,
}

#[derive(Serialize)]
struct Field {
    name: String,
    label: String,
    theirs: Cell,
    mine: Cell,
    /// The typed text, if it differs from the current value. Null means that the field is not sent
    /// again.
    mine_raw: Option<String>,
    /// The meaning of an empty text: the name of its field, and whether it is NULL.
    emptied: Option<(String, bool)>,
    conflict: bool,
    /// Whether only the other person changed it: their value stays.
    kept: bool,
}

/// The newer version, as a problem document.
#[derive(Serialize)]
struct AsJson<'r> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: String,
    status: u16,
    detail: String,
    request_id: String,
    row: json::Row<'r>,
    row_digest: String,
}

/// The page with both versions (409).
///
/// # Errors
/// When the template fails.
pub(super) async fn page(
    request: &HttpRequest,
    entered: &Entered,
    permit: &Permit<Edit>,
    draft: Draft,
    current: &Row,
    submission: &Submission,
) -> Result<HttpResponse, Failure> {
    let resource = permit.resource();
    if wants_json(request) {
        return Ok(HttpResponse::Conflict()
            .content_type("application/problem+json")
            .json(AsJson {
                kind: "about:blank",
                title: text!("conflict-json"),
                status: StatusCode::CONFLICT.as_u16(),
                detail: text!("conflict-json-text"),
                request_id: entered.request_id().to_string(),
                row: json::row(resource, current),
                row_digest: current.digest(),
            }));
    }
    let draft = with_labels(entered, permit, draft, current).await?;
    let here = entered
        .site()
        .urls
        .row(&resource.name, &draft.key.encode(resource));
    let label = current.label(resource);
    let last = last_change(entered, &resource.name, &draft.key).await?;
    let view = Conflict {
        who: last.as_ref().map(|event| event.who().to_owned()),
        moment: last.as_ref().map(|event| event.moment().clone()),
        heading: text!("conflict-title", row = label),
        action: format!("{here}/edit"),
        row_digest: current.digest(),
        fields: fields(permit, &draft, current),
        carried: grid::carried(submission),
        edit_href: format!("{here}/edit"),
        cancel_href: here.clone(),
        label: label.clone(),
    };
    let frame = Frame::about(request, entered, &resource.name, &view.heading)
        .crumb(
            resource.label.as_str(),
            Some(entered.site().urls.list(&resource.name)),
        )
        .crumb(label, Some(here))
        .crumb(text!("edit"), None);
    entered
        .site()
        .pages
        .answer(StatusCode::CONFLICT, "conflict.html", &frame, &view)
}

/// Adds the labels of rows that the two versions reference.
async fn with_labels(
    entered: &Entered,
    permit: &Permit<Edit>,
    mut draft: Draft,
    current: &Row,
) -> Result<Draft, Failure> {
    let fields = permit.resource().fields.iter().enumerate();
    let typed: Vec<(usize, Value)> = fields
        .filter_map(|(column, field)| {
            let text = draft.shown.typed.get(&column)?;
            Some((column, Value::parse(field.kind, text).ok()?))
        })
        .collect();
    let rows = vec![current.clone()];
    let database = &entered.site().database;
    let draft = database
        .run(move |conn| {
            draft.relations.fetch(conn, &rows, &typed)?;
            Ok::<_, DataError>(draft)
        })
        .await?;
    Ok(draft)
}

/// Who changed the row last, if the reader may know.
async fn last_change(
    entered: &Entered,
    resource: &str,
    key: &Key,
) -> Result<Option<Event>, Failure> {
    let Ok(permit) = entered.permit::<History>(resource) else {
        return Ok(None);
    };
    let key = key.clone();
    let found = entered
        .site()
        .database
        .run(move |conn| history::recent(conn, &permit, &key, 1))
        .await;
    match found {
        Ok(events) => Ok(events.into_iter().next()),
        Err(DataError::Missing) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn fields(permit: &Permit<Edit>, draft: &Draft, current: &Row) -> Vec<Field> {
    let resource = permit.resource();
    let mut fields: Vec<Field> = Vec::new();
    for (column, field) in resource.fields.iter().enumerate() {
        let (Some(typed), Some(now)) = (draft.shown.typed.get(&column), current.get(column)) else {
            continue;
        };
        let emptied = draft.shown.emptied.get(&column).copied();
        let (mine, differs) = match entered(resource, column, typed, emptied, Some(Some(now))) {
            Ok(Some(mine)) => (mine, true),
            Ok(None) => (now.clone(), false),
            Err(_) if typed.is_empty() => (Value::Null, true),
            Err(_) => (Value::Text(typed.clone()), true),
        };
        let cell = |value: &Value| draft.relations.cell(resource, column, Some(value), true);
        let marks = draft.marks.as_deref().unwrap_or_default();
        let name = names::of_column(&field.name);
        let touched = !is_untouched(marks, &name, typed);
        fields.push(Field {
            emptied: emptied
                .map(|emptied| (names::of_emptied(&name), emptied == EmptyMeaning::Null)),
            name: name.into_owned(),
            label: field.label.clone(),
            theirs: cell(now),
            mine: cell(&mine),
            mine_raw: (differs && touched).then(|| typed.clone()),
            conflict: differs && touched,
            kept: differs && !touched,
        });
    }
    fields
}
