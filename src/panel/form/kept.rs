//! Shows the form again with what was typed, after saving it failed.
//!
//! The database may be down, so it is not read: the controls are made from what was sent. A person
//! without a session sees only what they sent, under the names it was sent with.

use super::{Form, HiddenField, grid, layout, read};
use crate::access::{Cover, Create, Edit, Permit, Verb};
use crate::entry::access;
use crate::entry::kept::{RecordForm, RefusedForm};
use crate::entry::{Entered, Submission};
use crate::panel::control::{Builder, Control};
use crate::panel::form::relation_columns;
use crate::panel::frame::{Frame, UNSAVED};
use crate::panel::names;
use crate::panel::relations::Relations;
use crate::texts::text;
use crate::web::{Failure, FailureReport, RequestId};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};

/// Fields of the form that nobody types.
const CARRIED: [&str; 2] = ["row_digest", "row_shown"];

/// The page of a failure, if it was saving a form whose text was kept.
///
/// # Errors
/// When the template fails.
pub fn page(
    request: &HttpRequest,
    report: &FailureReport,
) -> Result<Option<HttpResponse>, Failure> {
    let kept = request.extensions().get::<RefusedForm>().cloned();
    let (Some(RefusedForm(sent)), Some(of)) = (kept, RecordForm::of(request)) else {
        return Ok(None);
    };
    let site = access::site(request)?;
    let entered = Entered::from_request(request, &mut Payload::None).into_inner();
    let fields = match &entered {
        Ok(entered) => {
            if of.creates {
                of_person::<Create>(entered, &of, &sent)
            } else {
                of_person::<Edit>(entered, &of, &sent)
            }
        }
        Err(_) => Some(plain(&sent)),
    };
    let Some(fields) = fields else {
        return Ok(None);
    };
    let here = site.urls.as_seen(request.uri());
    let here = here.split('?').next().unwrap_or_default().to_owned();
    let is_out = report.status == StatusCode::UNAUTHORIZED;
    let list = site.urls.list(&of.resource);
    let view = Form {
        heading: report.title.to_owned(),
        creating: of.creates,
        multipart: fields.iter().any(Control::is_file),
        carried: carried(&sent),
        csrf: entered
            .is_err()
            .then(|| sent.get("csrf_token"))
            .flatten()
            .map(str::to_owned),
        problem: Some(said(report)),
        reference: Some(RequestId::of(request)),
        sign_in: is_out.then(|| format!("{}/auth/login", site.urls.root())),
        returns_to: is_out.then(|| here.clone() + "?" + UNSAVED + "=1"),
        cancel_href: if of.creates {
            list
        } else {
            here.trim_end_matches("/edit").to_owned()
        },
        sections: layout::plain(fields),
        action: here,
        ..Form::default()
    };
    let frame = match &entered {
        Ok(entered) => Frame::about(request, entered, &of.resource, &report.title),
        Err(_) => Frame::bare(request, &site, &report.title),
    };
    let page = site
        .pages
        .answer(report.status, "form.html", &frame, &view)?;
    Ok(Some(page))
}

/// What to do, in one or two sentences.
fn said(report: &FailureReport) -> String {
    if report.is_unsure {
        text!("form-unsure", advice = report.advice)
    } else {
        report.advice.clone()
    }
}

/// The person's usual controls for what they sent, if they may send it.
fn of_person<V: Verb>(
    entered: &Entered,
    of: &RecordForm,
    sent: &Submission,
) -> Option<Vec<Control>> {
    let permit: Permit<V> = entered.permit(&of.resource).ok()?;
    let resource = permit.resource();
    let writes = |column| permit.writes(column) != Cover::Nowhere;
    let mut shown = read(resource, sent, None, &writes).shown;
    shown.errors.clear();
    let relations = Relations::of(entered, resource, &relation_columns(resource));
    let builder = Builder {
        entered,
        resource,
        relations: &relations,
        shown: &shown,
        creating: of.creates,
    };
    let fields = resource.fields.iter().enumerate();
    let controls = fields.filter_map(|(column, field)| {
        let is_file = field.kind.is_file() && writes(column);
        (is_file || shown.typed.contains_key(&column))
            .then(|| builder.control(column, None))
            .flatten()
    });
    Some(controls.collect())
}

/// Controls that only show what was sent.
fn plain(sent: &Submission) -> Vec<Control> {
    let mut controls: Vec<Control> = Vec::new();
    for (name, text) in sent.fields() {
        if names::is_own(name) || names::is_of_line(name) || names::searched(name).is_some() {
            continue;
        }
        match controls.iter_mut().find(|control| control.is_named(name)) {
            // A check box follows the hidden field for its unchecked state: the last one counts.
            Some(control) => *control = Control::plain(name, text),
            None => controls.push(Control::plain(name, text)),
        }
    }
    controls
}

fn carried(sent: &Submission) -> Vec<HiddenField> {
    let fields = CARRIED.into_iter().filter_map(|name| {
        let value = sent.get(name)?.to_owned();
        let name = name.to_owned();
        Some(HiddenField { name, value })
    });
    fields.chain(grid::carried(sent)).collect()
}
