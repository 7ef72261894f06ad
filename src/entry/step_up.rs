//! Responses to people who must complete step-up first.
//!
//! When a page is opened, the person is redirected to the identity provider and back to that page.
//! A submitted form is never sent again automatically: the person is told to do it.

use super::access;
use crate::access::{Action, Demanded};
use crate::sso::flow::{self, return_to};
use crate::texts::text;
use crate::web::limits::{self, Limit};
use crate::web::{Failure, middleware, wants_json};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse};

/// The type of the problem document (RFC 9457, section 3.1.1).
const PROBLEM_TYPE: &str = "urn:bailiwick:step-up-required";

/// Responds to requests that need step-up.
///
/// # Errors
/// The errors of the handlers.
pub async fn lead(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let error = response.response().error();
    let demanded = match error.and_then(|error| error.as_error::<Failure>()) {
        Some(Failure::StepUp(demanded)) => demanded.clone(),
        _ => return Ok(response),
    };
    let (request, _) = response.into_parts();
    let answer = answer(&request, &demanded).await;
    Ok(ServiceResponse::new(request, answer))
}

/// The page, the problem document, or the redirect to the provider.
async fn answer(request: &HttpRequest, demanded: &Demanded) -> HttpResponse {
    if wants_json(request) {
        return as_json(request, demanded);
    }
    if is_opened_by_a_person(request) && demanded.demand.is_possible() {
        if let Err(failure) = limits::check(request, Limit::SignIns) {
            return middleware::answer(request, &failure);
        }
        return flow::step_up::begin(request, demanded, way_back(request, demanded)).await;
    }
    let site = access::site(request);
    let page = site
        .and_then(|site| (site.step_up_page)(request, demanded, confirm_href(request, demanded)));
    page.unwrap_or_else(|error| middleware::answer(request, &error))
}

fn as_json(request: &HttpRequest, demanded: &Demanded) -> HttpResponse {
    let demand = &demanded.demand;
    let step_up = serde_json::json!({
        "max_age": demand.max_age.map(|age| age.num_seconds()),
        "acr_values": demand.acr,
        "confirm_href": confirm_href(request, demanded),
    });
    middleware::problem_of_type(
        request,
        PROBLEM_TYPE,
        (&text!("step-up-title"), &demanded.advice()),
        Failure::StepUp(Box::new(demanded.clone())).status(),
        ("step_up", step_up),
    )
}

/// Whether a person opens a page: not a form, a script or a prefetch.
fn is_opened_by_a_person(request: &HttpRequest) -> bool {
    let header = |name: &str| {
        let value = request.headers().get(name);
        value.and_then(|value| value.to_str().ok())
    };
    request.method() == Method::GET
        && header("sec-fetch-mode").is_none_or(|mode| mode == "navigate")
        && header("sec-purpose").is_none_or(|purpose| !purpose.contains("prefetch"))
}

/// Where to go after step-up: the requested page. For a file it is the list with its link. A
/// browser would save the file, and keep showing the provider's page.
fn way_back(request: &HttpRequest, demanded: &Demanded) -> String {
    let here = access::address(request);
    match (demanded.action, here.rsplit_once("/export.")) {
        (Some(Action::Export), Some((list, rest))) => {
            let query = rest.split_once('?').map_or("", |(_, query)| query);
            let joint = if query.is_empty() { "" } else { "&" };
            format!("{list}?{query}{joint}done=confirmed")
        }
        _ => here,
    }
}

/// The page to open for step-up: that of the form, as far as it is known.
fn confirm_href(request: &HttpRequest, demanded: &Demanded) -> Option<String> {
    if !demanded.demand.is_possible() {
        return None;
    }
    let mount = access::site(request).ok()?.urls.mount().to_owned();
    let here = access::address(request);
    let has_page = request.method() == Method::GET
        || matches!(
            demanded.action,
            Some(Action::Create | Action::Edit | Action::Delete)
        );
    if has_page {
        Some(return_to::filter(Some(&here), &mount))
    } else {
        Some(return_to::filter(referrer(request).as_deref(), &mount))
    }
}

/// The page with the form, if the browser says.
fn referrer(request: &HttpRequest) -> Option<String> {
    let site = access::site(request).ok()?;
    let value = request.headers().get("referer")?.to_str().ok()?;
    let path = value.strip_prefix(site.urls.origin())?;
    Some(path.to_owned())
}

/// Whether typed text would be lost if the person left this page.
pub fn holds_typed_text(request: &HttpRequest, demanded: &Demanded) -> bool {
    request.method() != Method::GET
        && request.content_type() != ""
        && demanded.action != Some(Action::Delete)
}
