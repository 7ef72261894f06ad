//! Ends sessions. The response is the same for a missing session and for one that the person may
//! not end.

use crate::config::Manage;
use crate::entry::{Entered, Submission};
use crate::sso;
use crate::store::DatabaseError;
use crate::store::audit::Actor;
use crate::store::sessions::{self, Ended, SessionOwner, SessionSelection};
use crate::web::{Failure, wants_json};
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use std::sync::Arc;

/// The sessions to end: [`SessionSelection`] with owned texts, for a blocking thread.
struct Order {
    kind: Kind,
    whose: Option<(String, String)>,
}

enum Kind {
    Named(String),
    OfPerson {
        issuer: String,
        subject: String,
        but: Option<String>,
    },
}

/// POST {mount}/sessions/end: the session with that `reference`.
///
/// # Errors
/// When it does not exist, or they may not end it.
pub async fn end(
    request: HttpRequest,
    entered: Entered,
    form: Submission,
) -> Result<HttpResponse, Failure> {
    let reference = form.get("reference").unwrap_or_default().to_owned();
    let is_this = reference == entered.signed.reference;
    let order = |whose| Order {
        kind: Kind::Named(reference.clone()),
        whose: owned(whose),
    };
    let mut ended = carry_out(&request, &entered, order(entered.own_sessions())).await?;
    if ended.is_empty() && may_end_all(&entered) {
        entered.manage(Manage::Sessions).await?;
        ended = carry_out(&request, &entered, order(SessionOwner::Everybodys)).await?;
    }
    if is_this {
        Ok(here(&request, &entered, &ended))
    } else {
        answer(&request, &entered, &form, &ended)
    }
}

/// POST {mount}/sessions/end-others: all of one's own sessions except the current one.
///
/// # Errors
/// When the database fails.
pub async fn end_others(
    request: HttpRequest,
    entered: Entered,
    form: Submission,
) -> Result<HttpResponse, Failure> {
    let person = entered.person();
    let order = Order {
        kind: Kind::OfPerson {
            issuer: person.issuer.clone(),
            subject: person.subject.clone(),
            but: Some(entered.signed.reference.clone()),
        },
        whose: None,
    };
    let ended = carry_out(&request, &entered, order).await?;
    done(&request, &entered, &form, &ended)
}

/// POST {mount}/sessions/end-person: all sessions of that `issuer` and `subject`.
///
/// # Errors
/// When there are none, or they may not end them.
pub async fn end_person(
    request: HttpRequest,
    entered: Entered,
    form: Submission,
) -> Result<HttpResponse, Failure> {
    let field = |name| form.get(name).unwrap_or_default().to_owned();
    let (issuer, subject) = (field("issuer"), field("subject"));
    let me = entered.person();
    let is_me = me.issuer == issuer && me.subject == subject;
    if !is_me && !may_end_all(&entered) {
        return Err(Failure::Missing);
    }
    if !is_me {
        entered.manage(Manage::Sessions).await?;
    }
    let order = Order {
        kind: Kind::OfPerson {
            issuer,
            subject,
            but: None,
        },
        whose: None,
    };
    let ended = carry_out(&request, &entered, order).await?;
    if is_me {
        Ok(here(&request, &entered, &ended))
    } else {
        answer(&request, &entered, &form, &ended)
    }
}

/// Whether they have the right to everybody's sessions, ignoring step-up.
fn may_end_all(entered: &Entered) -> bool {
    entered.policy().manages(entered.person(), Manage::Sessions)
}

fn owned(whose: SessionOwner<'_>) -> Option<(String, String)> {
    match whose {
        SessionOwner::Everybodys => None,
        SessionOwner::Of { issuer, subject } => Some((issuer.to_owned(), subject.to_owned())),
    }
}

impl Order {
    fn which(&self) -> SessionSelection<'_> {
        match &self.kind {
            Kind::Named(reference) => SessionSelection::Named {
                reference,
                whose: match &self.whose {
                    None => SessionOwner::Everybodys,
                    Some((issuer, subject)) => SessionOwner::Of { issuer, subject },
                },
            },
            Kind::OfPerson {
                issuer,
                subject,
                but,
            } => SessionSelection::OfPerson {
                issuer,
                subject,
                but: but.as_deref(),
            },
        }
    }
}

async fn carry_out(
    request: &HttpRequest,
    entered: &Entered,
    order: Order,
) -> Result<Vec<Ended>, Failure> {
    let actor: Arc<Actor> = Arc::clone(entered.actor());
    let site = entered.site();
    let now = site.clock.now().naive_utc();
    let ended = site
        .database
        .run(move |conn| {
            let ended = conn.change(|conn| sessions::end(conn, &order.which(), &actor, now));
            ended.map_err(DatabaseError::from)
        })
        .await?;
    if let Some(context) = request.app_data::<web::Data<sso::Context>>() {
        sso::give_back::of_ended(context, &ended);
    }
    Ok(ended)
}

fn answer(
    request: &HttpRequest,
    entered: &Entered,
    form: &Submission,
    ended: &[Ended],
) -> Result<HttpResponse, Failure> {
    if ended.is_empty() {
        Err(Failure::Missing)
    } else {
        done(request, entered, form, ended)
    }
}

/// Redirects to the page of the form.
fn done(
    request: &HttpRequest,
    entered: &Entered,
    form: &Submission,
    ended: &[Ended],
) -> Result<HttpResponse, Failure> {
    if wants_json(request) {
        return Ok(told(ended));
    }
    let page = match form.get("back") {
        Some("sessions") => "sessions",
        _ => "me",
    };
    let done = if ended.is_empty() {
        "none-ended"
    } else {
        "ended"
    };
    let mount = entered.site().urls.mount();
    Ok(see(&format!("{mount}/{page}?done={done}")))
}

/// The response if the current session is among the ended ones.
fn here(request: &HttpRequest, entered: &Entered, ended: &[Ended]) -> HttpResponse {
    if wants_json(request) {
        told(ended)
    } else {
        see(&format!(
            "{}/auth/signed-out?only_here=1",
            entered.site().urls.root()
        ))
    }
}

fn told(ended: &[Ended]) -> HttpResponse {
    let references: Vec<&str> = ended.iter().map(|ended| &*ended.reference).collect();
    HttpResponse::Ok().json(serde_json::json!({ "ended": references }))
}

fn see(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, location))
        .finish()
}
