//! Middleware between the session and the handlers that use it.

use super::{AccessDecision, Age, EndReason, Freshness, RecheckRequest, end};
use crate::access::BREAK_GLASS;
use crate::session::{Present, Signed};
use crate::sso::context::{Context, see_other};
use crate::store::DatabaseError;
use crate::texts::text;
use crate::web::asker::Asker;
use crate::web::{Failure, navigates, wants_json};
use actix_session::SessionExt;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use std::sync::Arc;

/// Reads a person's groups again if they are too old, and puts [`Present`] into the request. Only
/// the panel's own pages wait for the provider; sign-in and sign-out work without it.
///
/// # Errors
/// The errors of the handlers.
pub async fn recheck(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let session = request.get_session();
    let context = request.app_data::<web::Data<Context>>().cloned();
    let freshness = request.app_data::<web::Data<Freshness>>().cloned();
    if let (Some(signed), Some(context), Some(freshness)) =
        (Signed::read(&session), context, freshness)
    {
        let asker = Asker::of(&signed.person.issuer, &signed.person.subject);
        request.extensions_mut().insert(asker);
        match settle(&request, (&context, &freshness), signed).await {
            Ok(AccessDecision::Signed(signed)) => {
                request.extensions_mut().insert(Present(signed));
            }
            Ok(AccessDecision::Unasked) => {}
            Ok(AccessDecision::Confirm) => {
                let location = confirm_at(&request, &context);
                return Ok(request.into_response(see_other(&location)));
            }
            Ok(AccessDecision::Unconfirmed) => return Ok(request.error_response(unconfirmed())),
            Ok(AccessDecision::Ended) => {
                session.purge();
                if !is_read(&request) && !wants_json(request.request()) {
                    return Ok(request.error_response(ended()));
                }
            }
            Err(error) => return Ok(request.error_response(Failure::from(error))),
        }
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Tells the person to open a page first; the session and the CSRF token of its forms then stay
/// valid.
fn unconfirmed() -> Failure {
    Failure::Lapsed(text!("error-lapsed-unconfirmed"))
}

fn ended() -> Failure {
    Failure::Lapsed(text!("error-lapsed-ended"))
}

fn is_read(request: &ServiceRequest) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
}

async fn settle(
    request: &ServiceRequest,
    (context, freshness): (&web::Data<Context>, &web::Data<Freshness>),
    signed: Signed,
) -> Result<AccessDecision, DatabaseError> {
    let now = context.clock.now();
    let age = freshness.ages.of(&signed, now);
    let is_asked = age != Age::Fresh && signed.person.issuer != BREAK_GLASS;
    if !is_asked {
        return Ok(AccessDecision::Signed(Arc::new(signed)));
    }
    // The path as routes read it, with unnecessary encoding removed.
    if !context.urls.is_panel(request.match_info().as_str()) {
        return Ok(AccessDecision::Unasked);
    }
    let actor = context.actor(request.request(), &signed.person);
    let Some(provider) = context.providers.of_issuer(&signed.person.issuer) else {
        end::now(context, &signed.reference, actor, EndReason::NoProvider).await?;
        return Ok(AccessDecision::Ended);
    };
    let visit = RecheckRequest {
        context,
        freshness,
        provider,
        signed: Arc::new(signed),
        age,
        actor,
        is_page: is_read(request) && navigates(request.request()) && !wants_json(request.request()),
        now,
    };
    visit.settle().await
}

/// The address of a silent sign-in that returns here.
fn confirm_at(request: &ServiceRequest, context: &Context) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("prompt", "none");
    query.append_pair("return_to", &context.urls.as_seen(request.uri()));
    format!("{}?{}", context.url("/auth/login"), query.finish())
}
