//! Middleware that finds the person of a request, and their policy.

use super::Site;
use super::access::{Access, Caller};
use crate::session::{self, Present, Signed, Unavailable, groups};
use crate::sso;
use crate::store::party::{self, OnBehalfOf};
use crate::web::asker::Asker;
use crate::web::middleware::Requester;
use crate::web::{Failure, client_address};
use actix_session::SessionExt;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, web};
use std::sync::Arc;

/// Stores the person of the request for the guard and the handlers: whoever is [`Present`], with
/// the current policy.
///
/// # Errors
/// The errors of the handlers.
pub async fn identify(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Some(cause) = session::unavailable_for(&request.get_session()) {
        return Ok(request.error_response(match cause {
            Unavailable::Busy => Failure::Busy,
            Unavailable::Away => Failure::Unreachable("a session could not be loaded".into()),
        }));
    }
    let present = request.extensions().get::<Present>().cloned();
    if let (Some(Present(signed)), Some(site)) = (present, request.app_data::<web::Data<Site>>()) {
        let policy = site.policies.current();
        let asking = request.request();
        let signed = match groups::brought_up(asking, &site.database, &policy, signed).await {
            Ok(signed) => signed,
            Err(error) => return Ok(request.error_response(Failure::from(error))),
        };
        let signed = match signed.look {
            Some(_) => Arc::new(super::look::applied(Signed::clone(&signed), &policy)),
            None => signed,
        };
        let subject = signed.own().subject.clone();
        request.extensions_mut().insert(Requester(subject));
        let admits = policy.admits(&signed.person);
        let caller = Caller { signed, policy };
        let access = if admits {
            Access::Admitted(caller)
        } else {
            Access::Unmapped(caller)
        };
        request.extensions_mut().insert(access);
    }
    let who = asking(request.request());
    let answered = party::on_behalf_of(who, next.call(request)).await;
    let mut response = super::schema_change::follow(answered?.map_into_boxed_body()).await;
    let is_signed_in = response.request().extensions().get::<Access>().is_some();
    if is_signed_in && !response.status().is_redirection() {
        let request = response.request().clone();
        if let Some(site) = request.app_data::<web::Data<Site>>() {
            sso::flow::circle::served(&request, &site.urls, response.headers_mut());
        }
    }
    Ok(response)
}

/// The party of database work: a person on the panel's own pages, otherwise (sign-in, sign-out) an
/// address.
fn asking(request: &HttpRequest) -> OnBehalfOf {
    let extensions = request.extensions();
    let access = extensions.get::<Access>();
    let urls = super::access::site(request).map(|site| site.urls.clone());
    let is_panel = urls.is_ok_and(|urls| urls.is_panel(request.match_info().as_str()));
    match access {
        Some(access) if is_panel => {
            let person = &access.caller().signed.person;
            OnBehalfOf::Person(Asker::of(&person.issuer, &person.subject).0)
        }
        _ => {
            let address = client_address(request);
            OnBehalfOf::Stranger(address.and_then(|address| address.parse().ok()))
        }
    }
}
