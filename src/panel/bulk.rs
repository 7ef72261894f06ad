//! Bulk changes of rows: first a preview, then the change.
//!
//! The preview runs the change and rolls it back, so it knows what the database refuses. Its token
//! is a digest of the change and of all rows as found. The real run does the same again, and
//! commits only if the token is equal. Otherwise a row has changed in the meantime, and a new
//! preview is shown.

mod asked;
mod export;
mod sets;
mod view;

pub(super) use view::why;

use super::relations::Relations;
use super::{form, json};
use crate::access::{Delete, Edit, Export, Permit, Verb, View};
use crate::catalog::{Key, Resource, SetAction};
use crate::data::write::bulk::{self, Outcome};
use crate::data::{Changes, DataError, Refusal, write};
use crate::entry::{Entered, Granted, Submission, Submitted, access};
use crate::store::{AnyConnection, DatabaseError, audit};
use crate::texts::text;
use crate::web::{Failure, middleware, wants_json};
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};
use asked::{BulkAction, ChosenRows, TooMany};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value as Json, json as object};
use sets::Sets;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// From this many rows on, the person must type their number.
const TYPED_FROM: u64 = 100;

/// GET {mount}/data/{resource}/bulk redirects to the list, where rows are selected. Permissions:
/// view.
///
/// # Errors
/// The errors of the guard.
#[allow(clippy::unused_async)]
pub async fn to_list(granted: Granted<View>) -> Result<HttpResponse, Failure> {
    let urls = &granted.entered.site().urls;
    let list = urls.list(&granted.permit.resource().name);
    Ok(HttpResponse::Found()
        .insert_header((LOCATION, list))
        .finish())
}

/// POST {mount}/data/{resource}/bulk. Permissions: edit, delete or export, depending on the field
/// `action`.
///
/// # Errors
/// A right is missing, the request is invalid, or the database fails.
pub async fn run(
    request: HttpRequest,
    Submitted {
        leave: entered,
        form,
    }: Submitted<Entered>,
) -> Result<HttpResponse, Failure> {
    let name = request.match_info().query("resource").to_owned();
    let view = leave::<View>(&entered, &name).await?;
    match BulkAction::of(&form, view.resource())? {
        BulkAction::Edit => {
            let permit = bulk_leave::<Edit>(&entered, &name).await?;
            let sets = Sets::read(&permit, &form)?;
            let what = Arc::new(BulkPermit::Edit(permit, sets));
            answer(request, entered, view, what, form).await
        }
        BulkAction::Delete => {
            let permit = bulk_leave::<Delete>(&entered, &name).await?;
            answer(
                request,
                entered,
                view,
                Arc::new(BulkPermit::Delete(permit)),
                form,
            )
            .await
        }
        BulkAction::Export => {
            bulk_leave::<Export>(&entered, &name).await?;
            export::redirect(&entered, &view, &form)
        }
        BulkAction::Named(action) => {
            let permit = match entered.permit_action(&name, &action) {
                Ok(permit) => permit,
                Err(denied) => return Err(access::refuse(&entered, denied).await),
            };
            let action = permit.resource().action(&action).cloned();
            let action = action.ok_or(Failure::Missing)?;
            answer(
                request,
                entered,
                view,
                Arc::new(BulkPermit::Act(permit, action)),
                form,
            )
            .await
        }
    }
}

async fn leave<V: Verb>(entered: &Entered, resource: &str) -> Result<Permit<V>, Failure> {
    match entered.permit(resource) {
        Ok(permit) => Ok(permit),
        Err(denied) => Err(access::refuse(entered, denied).await),
    }
}

async fn bulk_leave<V: Verb>(entered: &Entered, resource: &str) -> Result<Permit<V>, Failure> {
    match entered.permit_in_bulk(resource) {
        Ok(permit) => Ok(permit),
        Err(denied) => Err(access::refuse(entered, denied).await),
    }
}

/// The operation on the rows, with its permit.
enum BulkPermit {
    Edit(Permit<Edit>, Sets),
    Delete(Permit<Delete>),
    Act(Permit<Edit>, SetAction),
}

impl BulkPermit {
    /// Its name in requests.
    fn name(&self) -> &str {
        match self {
            Self::Edit(..) => "edit",
            Self::Delete(_) => "delete",
            Self::Act(_, action) => &action.name,
        }
    }

    /// The new values, by column.
    fn changes(&self) -> Option<&Changes> {
        match self {
            Self::Edit(_, sets) => Some(&sets.changes),
            Self::Delete(_) => None,
            Self::Act(_, action) => Some(&action.set),
        }
    }

    fn resource(&self) -> &Arc<Resource> {
        match self {
            Self::Edit(permit, _) | Self::Act(permit, _) => permit.resource(),
            Self::Delete(permit) => permit.resource(),
        }
    }

    /// Whether the operation is complete: a newly opened form sets nothing yet.
    fn is_ready(&self) -> bool {
        match self {
            Self::Edit(_, sets) => !sets.changes.is_empty() && sets.shown.errors.is_empty(),
            Self::Delete(_) | Self::Act(..) => true,
        }
    }

    /// A digest of the change and of the rows as found.
    fn token(&self, outcome: &Outcome) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("{}\n{}\n", self.name(), self.resource().name));
        if let Some(changes) = self.changes() {
            for (column, value) in changes {
                let text = format!("{value:?}");
                hash.update(format!("{column}:{}:{text}\n", text.len()));
            }
        }
        for (table, count) in outcome.also_deleted.iter().chain(&outcome.also_changed) {
            hash.update(format!("{table}:{count}\n"));
        }
        hash.update(&outcome.found);
        BASE64.encode(hash.finalize())
    }

    fn run(
        &self,
        conn: &mut AnyConnection,
        keys: &[Key],
        context: &write::Context<'_>,
    ) -> Result<Outcome, Refusal> {
        match self {
            Self::Edit(permit, sets) => {
                bulk::update_each(conn, permit, keys, &sets.changes, context)
            }
            Self::Delete(permit) => bulk::delete_each(conn, permit, keys, context),
            Self::Act(permit, action) => {
                bulk::update_each(conn, permit, keys, &action.set, context)
            }
        }
    }
}

/// The result of a run.
struct BulkOutcome {
    outcome: Outcome,
    token: String,
    /// The number of the event in the audit log, if the change was made.
    change: Option<i64>,
    relations: Relations,
}

/// Why a transaction was rolled back.
enum BulkStop {
    /// It was a preview, or rows have changed in the meantime.
    Rehearsed(Box<(Outcome, String)>),
    Refused(Refusal),
    TooMany(TooMany),
}

impl From<Refusal> for BulkStop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<DataError> for BulkStop {
    fn from(error: DataError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<DatabaseError> for BulkStop {
    fn from(error: DatabaseError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<diesel::result::Error> for BulkStop {
    fn from(error: diesel::result::Error) -> Self {
        Self::Refused(error.into())
    }
}

async fn answer(
    request: HttpRequest,
    entered: Entered,
    permit: Permit<View>,
    what: Arc<BulkPermit>,
    form: Submission,
) -> Result<HttpResponse, Failure> {
    let chosen = ChosenRows::of(&entered, &form, &permit)?;
    let page = view::PageRequest {
        request: &request,
        entered: &entered,
        what: &what,
        chosen: &chosen,
        list: form.get("list").unwrap_or_default(),
    };
    if !what.is_ready() {
        return unready(&page, &permit).await;
    }
    let confirm = form.get("confirm").map(|token| Confirm {
        token: token.to_owned(),
        // A program that sends the token is trusted to mean it.
        typed: (!wants_json(&request)).then(|| form.get("sure").unwrap_or_default().to_owned()),
    });
    let ran = rehearse_or_run(&entered, &permit, &what, &chosen, confirm.clone()).await?;
    let Some(change) = ran.change else {
        let problem = confirm.map(|confirm| {
            if confirm.token != ran.token {
                moved_on()
            } else if ran.outcome.changed > 0 {
                text!("bulk-not-typed")
            } else {
                text!("nothing-to-do")
            }
        });
        return match (wants_json(&request), problem) {
            (true, Some(problem)) => Ok(middleware::problem(
                &request,
                &text!("nothing-changed-title"),
                &problem,
                StatusCode::CONFLICT,
                None,
            )),
            (true, None) => Ok(HttpResponse::Ok().json(preview_as_json(what.resource(), &ran))),
            (false, problem) => page.preview(&ran, problem),
        };
    };
    let outcome = &ran.outcome;
    if wants_json(&request) {
        return Ok(HttpResponse::Ok().json(object!({
            "changed": outcome.changed,
            "refused": refused_as_json(what.resource(), outcome),
            "change": change,
        })));
    }
    let said = match *what {
        BulkPermit::Edit(..) | BulkPermit::Act(..) => "bulk-edited",
        BulkPermit::Delete(_) => "bulk-deleted",
    };
    let left = outcome.refused.len();
    let done = format!("{said}.{}.{left}", outcome.changed);
    Ok(HttpResponse::SeeOther()
        .insert_header((LOCATION, page.list_with_done(&done)))
        .finish())
}

/// The confirmation that follows a preview.
#[derive(Clone)]
struct Confirm {
    token: String,
    /// The typed number, if the page required it.
    typed: Option<String>,
}

impl Confirm {
    fn allows(&self, token: &str, changed: u64) -> bool {
        let is_sure = match &self.typed {
            Some(typed) if changed > TYPED_FROM => typed.trim() == changed.to_string(),
            _ => true,
        };
        self.token == token && is_sure && changed > 0
    }
}

/// The message for a row that has changed between the preview and the run.
pub(super) fn moved_on() -> String {
    text!("moved-on")
}

/// The form to choose values, or the errors in what was typed.
async fn unready(
    page: &view::PageRequest<'_>,
    permit: &Permit<View>,
) -> Result<HttpResponse, Failure> {
    let BulkPermit::Edit(_, sets) = &**page.what else {
        return Err(Failure::internal("a delete is always ready"));
    };
    if wants_json(page.request) {
        let errors = form::errors_as_json(page.what.resource(), &sets.shown.errors);
        let text = if sets.shown.errors.is_empty() {
            text!("bulk-set-something")
        } else {
            text!("fields-need-a-look")
        };
        return Ok(middleware::problem(
            page.request,
            &text!("nothing-changed-title"),
            &text,
            StatusCode::UNPROCESSABLE_ENTITY,
            Some(errors),
        ));
    }
    let (permit, chosen) = (permit.clone(), page.chosen.clone());
    let counted = page
        .entered
        .site()
        .database
        .run(move |conn| chosen.keys(conn, &permit))
        .await?;
    let count = counted.map_err(Failure::from)?.len();
    page.form(u64::try_from(count).unwrap_or(0))
}

/// Runs the change in a transaction, and commits it if `confirm` is the token of its result.
async fn rehearse_or_run(
    entered: &Entered,
    permit: &Permit<View>,
    what: &Arc<BulkPermit>,
    chosen: &ChosenRows,
    confirm: Option<Confirm>,
) -> Result<BulkOutcome, Failure> {
    let now = entered.site().clock.now().naive_utc();
    let reader = entered.reader();
    let (permit, what, chosen) = (permit.clone(), Arc::clone(what), chosen.clone());
    let mut relations = Relations::of(
        entered,
        what.resource(),
        &form::relation_columns(what.resource()),
    );
    let ran = entered.site().database.run(move |conn| {
        let done = conn.change(|conn| {
            let keys = chosen.keys(conn, &permit)?.map_err(BulkStop::TooMany)?;
            let resource = Some(what.resource().name.as_str());
            let bulk = audit::Bulk::new(what.name(), keys.len());
            let change = audit::begin_bulk(conn, &reader.actor, resource, bulk, now)?;
            let context = write::Context {
                actor: &reader.actor,
                now,
                rights: &reader,
                parent: Some(change),
            };
            let outcome = what.run(conn, &keys, &context)?;
            let token = what.token(&outcome);
            if !confirm.is_some_and(|confirm| confirm.allows(&token, outcome.changed)) {
                return Err(BulkStop::Rehearsed(Box::new((outcome, token))));
            }
            Ok((outcome, token, change))
        });
        let (outcome, token, change) = match done {
            Ok((outcome, token, change)) => (outcome, token, Some(change)),
            Err(BulkStop::Rehearsed(ran)) => (ran.0, ran.1, None),
            Err(other) => return Err(other),
        };
        let sample = outcome.sample.iter();
        let rows: Vec<_> = sample
            .flat_map(|(before, after)| std::iter::once(before).chain(after))
            .cloned()
            .collect();
        relations.fetch(conn, &rows, &[])?;
        Ok(BulkOutcome {
            outcome,
            token,
            change,
            relations,
        })
    });
    ran.await.map_err(|stopped| match stopped {
        BulkStop::Refused(refusal) => refusal.into(),
        BulkStop::TooMany(too_many) => too_many.into(),
        BulkStop::Rehearsed(_) => Failure::internal("a rehearsal is no failure"),
    })
}

fn preview_as_json(resource: &Resource, ran: &BulkOutcome) -> Json {
    let sample = ran.outcome.sample.iter().map(|(before, after)| {
        object!({
            "key": before.key(resource).map(|key| key.encode(resource)),
            "label": before.label(resource),
            "before": json::row(resource, before),
            "after": after.as_ref().map(|after| json::row(resource, after)),
        })
    });
    object!({
        "count": ran.outcome.changed,
        "unchanged": ran.outcome.unchanged,
        "refused": refused_as_json(resource, &ran.outcome),
        "also_deleted": ran.outcome.also_deleted,
        "also_changed": ran.outcome.also_changed,
        "sample": sample.collect::<Vec<_>>(),
        "confirm": ran.token,
    })
}

fn refused_as_json(resource: &Resource, outcome: &Outcome) -> Json {
    let refused = outcome.refused.iter().map(|refused| {
        object!({
            "key": refused.key.encode(resource),
            "why": view::why(resource, &refused.why),
        })
    });
    refused.collect()
}
