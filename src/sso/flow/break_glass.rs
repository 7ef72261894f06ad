//! `/auth/break-glass`: sign-in with a break-glass link, which works once.
//!
//! Opening the link only shows what it does, so that a preview or prefetch cannot use it up. The
//! button on that page signs in. No provider is asked, as none may be available.

use super::error::SignInError;
use crate::access::GroupsNote;
use crate::access::{BREAK_GLASS, BREAK_GLASS_REASON, Person};
use crate::session::{self, Signed, token};
use crate::sso::context::{Context, reference, see_other};
use crate::sso::pages::{Emergency, Token};
use crate::store::audit::event::EmergencyLink;
use crate::store::audit::{self, Actor};
use crate::store::break_glass::{self, Link};
use crate::store::{DatabaseError, Event, NewEntry};
use crate::web::body::OF_A_STRANGER;
use crate::web::origin::check_origin;
use crate::web::{Failure, client_address};
use actix_session::Session;
use actix_web::http::header::{HeaderValue, REFERRER_POLICY};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use chrono::{DateTime, TimeDelta, Utc};

/// The parameters of both the link and the form.
#[derive(serde::Deserialize)]
pub(in crate::sso) struct LinkParameters {
    token: Token,
}

/// GET: shows what the link does.
pub(in crate::sso) async fn show(
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, Failure> {
    if !context.break_glass {
        return Err(Failure::Missing);
    }
    let outcome = offer(&request, &context).await;
    Ok(context.answer(&request, outcome))
}

async fn offer(request: &HttpRequest, context: &Context) -> Result<HttpResponse, SignInError> {
    let given = web::Query::<LinkParameters>::from_query(request.query_string())
        .map_err(|_| SignInError::Spent)?
        .into_inner();
    let hash = token::hash(&given.token.0);
    let now = context.clock.now().naive_utc();
    let link = context
        .database
        .run(move |conn| break_glass::find(conn, &hash, now).map_err(DatabaseError::from))
        .await?
        .ok_or(SignInError::Spent)?;
    let page = Emergency {
        role: link.role,
        reason: link.reason,
        made_by: link.made_by,
        minutes: link.session_minutes,
        use_before: link.use_before.format("%H:%M UTC").to_string(),
        action: context.url("/auth/break-glass"),
        token: given.token,
    };
    let mut page = context.pages.emergency(request, &page);
    // Without a referrer, browsers omit the origin of a form too. This policy sends the origin, but
    // never the address with the token.
    let policy = HeaderValue::from_static("strict-origin");
    page.headers_mut().insert(REFERRER_POLICY, policy);
    Ok(page)
}

/// POST: signs in.
pub(in crate::sso) async fn enter(
    request: HttpRequest,
    session: Session,
    payload: web::Payload,
    context: web::Data<Context>,
) -> Result<HttpResponse, Failure> {
    if !context.break_glass {
        return Err(Failure::Missing);
    }
    // A request of another site is not even read.
    let outcome = match check_origin(&request, &context.urls) {
        Ok(()) => begin(&request, &session, given(&request, payload).await, &context).await,
        Err(_) => Err(SignInError::Csrf),
    };
    if let Err(error) = &outcome {
        context.note_refused(&request, error).await;
    }
    Ok(context.answer(&request, outcome))
}

/// The form's parameters, if it is short and arrives in time.
async fn given(request: &HttpRequest, payload: web::Payload) -> Option<LinkParameters> {
    let mut payload = payload.into_inner();
    let form = web::Form::<LinkParameters>::from_request(request, &mut payload);
    let form = tokio::time::timeout(OF_A_STRANGER, form).await.ok()?;
    Some(form.ok()?.into_inner())
}

async fn begin(
    request: &HttpRequest,
    session: &Session,
    given: Option<LinkParameters>,
    context: &Context,
) -> Result<HttpResponse, SignInError> {
    let given = given.ok_or(SignInError::Spent)?;
    let hash = token::hash(&given.token.0);
    let now = context.clock.now();
    let of_request = (reference(request), client_address(request));
    let policy = context.policies.current();
    let signed = context
        .database
        .run(move |conn| {
            conn.change(|conn| {
                let now_utc = now.naive_utc();
                let Some(link) = break_glass::find(conn, &hash, now_utc)? else {
                    return Ok(None);
                };
                if !break_glass::consume(conn, &hash, now_utc)? {
                    return Ok(None);
                }
                let signed = signed(&link, now).sifted(&policy);
                let actor = Actor {
                    roles: signed.roles.clone(),
                    person: signed.person.clone(),
                    request_id: of_request.0,
                    address: of_request.1,
                    looking_as: None,
                };
                audit::record(conn, &actor, &used(&link, &signed), now_utc)?;
                Ok::<_, DatabaseError>(Some(signed))
            })
        })
        .await?
        .ok_or(SignInError::Spent)?;
    tracing::warn!(
        request.id = reference(request),
        session.reference = signed.reference,
        person.name = signed.person.name,
        roles = signed.person.as_role,
        reason = signed.person.break_glass_reason(),
        "somebody signed in with a break-glass link"
    );
    signed.begin(session)?;
    session::note_origin(request, session);
    Ok(see_other(&format!("{}/", context.urls.mount())))
}

fn used(link: &Link, signed: &Signed) -> NewEntry {
    NewEntry::new(Event::BreakGlass(EmergencyLink::Used {
        role: link.role.clone(),
        minutes: link.session_minutes,
        session: signed.reference.clone(),
    }))
}

fn signed(link: &Link, now: DateTime<Utc>) -> Signed {
    let mut claims = serde_json::Map::new();
    claims.insert(BREAK_GLASS_REASON.into(), link.reason.clone().into());
    let person = Person {
        issuer: BREAK_GLASS.into(),
        subject: token::reference(),
        name: format!("Break-glass: {}", link.made_by),
        as_role: Some(link.role.clone()),
        claims,
        ..Person::default()
    };
    Signed {
        authenticated_at: Some(now),
        ends_at: Some(now + TimeDelta::minutes(link.session_minutes)),
        ..Signed::new(person, token::reference(), GroupsNote::Absent, now)
    }
}
