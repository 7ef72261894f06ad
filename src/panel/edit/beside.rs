//! Shows the effects of a change on other rows before it is made.

use crate::access::{Edit, Permit};
use crate::catalog::{Key, ReferentialAction};
use crate::data::effects::Effects;
use crate::data::{Changes, DataError, Row, write};
use crate::entry::{Entered, Submission};
use crate::panel::delete::{Dependents, dependents_of, named};
use crate::panel::frame::Frame;
use crate::texts::text;
use crate::web::Failure;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

/// The field with the digest of what was confirmed.
pub(super) const CONFIRM: &str = "confirm";

#[derive(Serialize)]
struct Confirmation {
    label: String,
    action: String,
    fields: Vec<SentField>,
    confirm: String,
    dependents: Vec<Dependents>,
    cancel_href: String,
}

/// A field as it was submitted.
#[derive(Serialize)]
struct SentField {
    name: String,
    value: String,
}

/// The side effects of a change, with the labels of rows.
struct SideEffects {
    row: Row,
    effects: Effects,
    named: Vec<Vec<Row>>,
}

/// The confirmation page, if other rows change too and that was not confirmed. A file cannot be
/// carried over this page, so a form with a file skips it.
///
/// # Errors
/// The row is not visible, or the database fails.
pub(super) async fn unconfirmed(
    request: &HttpRequest,
    entered: &Entered,
    permit: &Permit<Edit>,
    key: &Key,
    changes: &Changes,
    submission: &Submission,
) -> Result<Option<HttpResponse>, Failure> {
    if !may_spread(entered, permit, changes) || submission.has_files() {
        return Ok(None);
    }
    let (reader, granted) = (entered.reader(), permit.clone());
    let (of, changes) = (key.clone(), changes.clone());
    let found = entered.site().database.run(move |conn| {
        conn.snapshot(|conn| {
            let row = crate::data::find::by_key(conn, &granted, &of, &[])?;
            let effects = write::effects_of_update(conn, &granted, &of, &changes, &reader)?;
            let named = named(conn, &effects, &reader)?;
            Ok::<_, DataError>(SideEffects {
                row,
                effects,
                named,
            })
        })
    });
    let SideEffects {
        row,
        effects,
        named,
    } = found.await?;
    // Obstacles are reported when the change is tried.
    let is_hindered = effects.obstacle().is_some() || effects.unconfirmed().is_some();
    let Some(digest) = effects.digest().filter(|_| !is_hindered) else {
        return Ok(None);
    };
    if submission.get(CONFIRM) == Some(digest.as_str()) {
        return Ok(None);
    }
    let resource = permit.resource();
    let urls = &entered.site().urls;
    let here = urls.row(&resource.name, &key.encode(resource));
    let label = row.label(resource);
    let groups = effects.groups().iter().zip(&named);
    let sent = submission.fields().iter();
    let sent = sent.filter(|(name, _)| !matches!(name.as_str(), "csrf_token" | CONFIRM));
    let view = Confirmation {
        label: label.clone(),
        action: format!("{here}/edit"),
        fields: sent
            .map(|(name, value)| SentField {
                name: name.clone(),
                value: value.clone(),
            })
            .collect(),
        confirm: digest,
        dependents: groups
            .map(|(group, named)| dependents_of(entered, group, named))
            .collect(),
        cancel_href: format!("{here}/edit"),
    };
    let frame = Frame::about(
        request,
        entered,
        &resource.name,
        &text!("change-title", row = label),
    )
    .crumb(resource.label.as_str(), Some(urls.list(&resource.name)))
    .crumb(label, Some(here))
    .crumb(text!("edit"), None);
    let page = entered
        .site()
        .pages
        .answer(StatusCode::OK, "change.html", &frame, &view)?;
    Ok(Some(page))
}

/// Whether a change of these columns can affect other rows at all.
fn may_spread(entered: &Entered, permit: &Permit<Edit>, changes: &Changes) -> bool {
    let catalog = entered.policy().catalog();
    let mut references = catalog.references_to(&permit.resource().name).iter();
    references.any(|reference| {
        let mut columns = reference.target_columns.iter();
        reference.on_update != ReferentialAction::Refuse
            && columns.any(|column| changes.contains_key(column))
    })
}
