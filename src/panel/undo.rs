//! Undoes changes: first a preview, then the change.
//!
//! As with bulk changes, the preview runs the change and rolls it back. People may undo their own
//! changes here. A change by somebody else must be visible to them in the history.

mod view;

use super::event::verb_back as verb;
use crate::access::{Action as Verb, Create, Delete, Edit, History};
use crate::data::history;
use crate::data::write::undo::{self, Outcome, UndoableChange};
use crate::data::{DataError, Refusal, write};
use crate::entry::{Entered, Submitted, access};
use crate::store::audit::{self, Action, Bulk, Entry};
use crate::store::{AnyConnection, DatabaseError};
use crate::texts::text;
use crate::web::{Failure, middleware, wants_json};
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The maximum number of events that one request undoes.
const MOST: i64 = 20_000;

/// A change to undo, as far as the person may see it.
struct UndoRequest {
    id: i64,
    changes: Vec<UndoableChange>,
}

/// GET {mount}/changes/{id}/undo. Permissions: those of the reverse change.
///
/// # Errors
/// The change is not visible to the person, a right is missing, or the database fails.
pub async fn show(request: HttpRequest, entered: Entered) -> Result<HttpResponse, Failure> {
    answer(&request, &entered, None).await
}

/// POST {mount}/changes/{id}/undo. Permissions: those of the reverse change.
///
/// # Errors
/// As [`show`].
pub async fn save(
    request: HttpRequest,
    Submitted {
        leave: entered,
        form,
    }: Submitted<Entered>,
) -> Result<HttpResponse, Failure> {
    answer(&request, &entered, form.get("confirm")).await
}

async fn answer(
    request: &HttpRequest,
    entered: &Entered,
    confirm: Option<&str>,
) -> Result<HttpResponse, Failure> {
    let id = request.match_info().query("id").parse();
    let id = id.map_err(|_| Failure::Missing)?;
    let asked = Arc::new(find(entered, id).await?);
    check_rights(entered, &asked).await?;
    let ran = run(entered, &asked, confirm.map(str::to_owned)).await?;
    let page = view::Page {
        request,
        entered,
        asked: &asked,
        ran: &ran,
    };
    if let Some(change) = ran.change {
        return Ok(if wants_json(request) {
            HttpResponse::Ok().json(page.done_as_json(change))
        } else {
            HttpResponse::SeeOther()
                .insert_header((LOCATION, page.next_href()))
                .finish()
        });
    }
    let problem = confirm.map(|token| {
        if token == ran.token {
            text!("nothing-to-do")
        } else {
            text!("moved-on")
        }
    });
    match (wants_json(request), problem) {
        (true, Some(problem)) => Ok(middleware::problem(
            request,
            &text!("undo-stale-title"),
            &problem,
            StatusCode::CONFLICT,
            None,
        )),
        (true, None) => Ok(HttpResponse::Ok().json(page.as_json())),
        (false, problem) => page.show(problem),
    }
}

/// The changes with that number, if the person may see them.
async fn find(entered: &Entered, id: i64) -> Result<UndoRequest, Failure> {
    let database = &entered.site().database;
    let read = move |conn: &mut AnyConnection| -> Result<_, DataError> {
        let Some(entry) = audit::by_id(conn, id)? else {
            return Ok(None);
        };
        let parts = audit::with(conn, &entry, MOST + 1)?;
        Ok(Some((entry, parts)))
    };
    let (entry, parts) = database.run(read).await?.ok_or(Failure::Missing)?;
    let is_own = is_own(entered, &entry);
    let is_bulk = Action::named(&entry.action) == Some(Action::Bulk);
    if !is_bulk && verb(&entry.action).is_none() {
        return Err(Failure::Missing);
    }
    if i64::try_from(parts.len()).unwrap_or(i64::MAX) > MOST {
        return Err(Failure::Invalid(text!("undo-too-many")));
    }
    let mut changes = undo::together(parts);
    if is_bulk {
        changes.retain(|made| undo::is_part(&made.main, id))
    } else {
        changes.retain(|made| made.main.id == id)
    }
    if !is_own {
        changes = seen(entered, changes).await?;
        if changes.is_empty() {
            return Err(Failure::Missing);
        }
    }
    if !is_bulk && undo::came_with_another(&entry) {
        return Err(Failure::Invalid(text!("undo-came-with")));
    }
    Ok(UndoRequest { id, changes })
}

/// Whether the person made the change.
fn is_own(entered: &Entered, entry: &Entry) -> bool {
    let person = entered.person();
    entry.actor_issuer == person.issuer && entry.actor_subject == person.subject
}

/// The changes that the person sees in the history, with all values.
async fn seen(
    entered: &Entered,
    changes: Vec<UndoableChange>,
) -> Result<Vec<UndoableChange>, Failure> {
    let names: BTreeSet<String> = changes
        .iter()
        .filter_map(|made| made.main.resource.clone())
        .collect();
    let mut kept = BTreeSet::new();
    for name in names {
        let Ok(permit) = entered.permit::<History>(&name) else {
            continue;
        };
        let entries = changes.iter().map(|made| &made.main);
        let of_it = entries.filter(|entry| entry.resource.as_deref() == Some(&name));
        let of_it: Vec<Entry> = of_it.cloned().collect();
        let database = &entered.site().database;
        let told = database
            .run(move |conn| history::seen(conn, &permit, of_it))
            .await?;
        kept.extend(told);
    }
    let changes = changes.into_iter();
    Ok(changes
        .filter(|made| kept.contains(&made.main.id))
        .collect())
}

/// Checks the right to reverse the changes in each affected table.
async fn check_rights(entered: &Entered, asked: &UndoRequest) -> Result<(), Failure> {
    let all: BTreeSet<(String, Verb)> = asked
        .changes
        .iter()
        .filter_map(|made| Some((made.main.resource.clone()?, verb(&made.main.action)?)))
        .collect();
    let in_bulk = asked.changes.len() > 1;
    for (name, verb) in all {
        let passed = match (verb, in_bulk) {
            (Verb::Create, false) => entered.permit::<Create>(&name).map(drop),
            (Verb::Create, true) => entered.permit_in_bulk::<Create>(&name).map(drop),
            (Verb::Delete, false) => entered.permit::<Delete>(&name).map(drop),
            (Verb::Delete, true) => entered.permit_in_bulk::<Delete>(&name).map(drop),
            (_, false) => entered.permit::<Edit>(&name).map(drop),
            (_, true) => entered.permit_in_bulk::<Edit>(&name).map(drop),
        };
        if let Err(denied) = passed {
            return Err(access::refuse(entered, denied).await);
        }
    }
    Ok(())
}

/// The result of a run.
struct UndoOutcome {
    outcome: Outcome,
    token: String,
    /// The number of the event in the audit log, if the changes were undone.
    change: Option<i64>,
}

/// Why a transaction was rolled back.
enum UndoStop {
    Rehearsed(Box<(Outcome, String)>),
    Refused(Refusal),
}

impl From<Refusal> for UndoStop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<DatabaseError> for UndoStop {
    fn from(error: DatabaseError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<diesel::result::Error> for UndoStop {
    fn from(error: diesel::result::Error) -> Self {
        Self::Refused(error.into())
    }
}

/// Undoes the changes in a transaction, and commits it if `confirm` is the token of its result.
async fn run(
    entered: &Entered,
    asked: &Arc<UndoRequest>,
    confirm: Option<String>,
) -> Result<UndoOutcome, Failure> {
    let now = entered.site().clock.now().naive_utc();
    let (reader, asked) = (entered.reader(), Arc::clone(asked));
    let ran = entered.site().database.run(move |conn| {
        let done = conn.change(|conn| {
            let resources = asked.changes.iter().map(|made| &made.main.resource);
            let resource = resources.flatten().next();
            let resource = resource.map(String::as_str);
            let bulk = Bulk::undoing(asked.id, asked.changes.len());
            let change = audit::begin_bulk(conn, &reader.actor, resource, bulk, now)?;
            let context = write::Context {
                actor: &reader.actor,
                now,
                rights: &reader,
                parent: Some(change),
            };
            let outcome = undo::run(conn, &asked.changes, &context)?;
            let token = token(asked.id, &outcome);
            if outcome.done.is_empty() || confirm.as_ref() != Some(&token) {
                return Err(UndoStop::Rehearsed(Box::new((outcome, token))));
            }
            Ok((outcome, token, change))
        });
        match done {
            Ok((outcome, token, change)) => Ok(UndoOutcome {
                outcome,
                token,
                change: Some(change),
            }),
            Err(UndoStop::Rehearsed(ran)) => Ok(UndoOutcome {
                outcome: ran.0,
                token: ran.1,
                change: None,
            }),
            Err(other) => Err(other),
        }
    });
    ran.await.map_err(|stopped| match stopped {
        UndoStop::Refused(refusal) => refusal.into(),
        UndoStop::Rehearsed(_) => Failure::internal("a rehearsal is no failure"),
    })
}

fn token(id: i64, outcome: &Outcome) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("undo {id}\n"));
    hash.update(outcome.found());
    BASE64.encode(hash.finalize())
}
