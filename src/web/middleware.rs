//! What every request passes on its way in and every answer on its way out.

use super::access::{self, Access};
use super::{Failure, Site, wants_json};
use crate::session::Signed;
use actix_session::SessionExt;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

/// The reference of a request: in the log, in the audit, on error pages.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

impl RequestId {
    fn new() -> Self {
        // Short enough to be read out on the telephone.
        let number: u64 = rand::random();
        let hex = format!("{number:016X}");
        let parts: Vec<&str> = [hex.get(0..4), hex.get(4..8), hex.get(8..12)]
            .into_iter()
            .flatten()
            .collect();
        Self(parts.join("-"))
    }

    /// The reference of a request.
    pub fn of(request: &HttpRequest) -> String {
        let extensions = request.extensions();
        extensions.get::<Self>().map(|id| id.0.clone()).unwrap_or_default()
    }
}

/// Gives each request its reference and logs how it was answered.
///
/// # Errors
/// Passes on those of the handlers.
pub async fn log<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let id = RequestId::new();
    let started = Instant::now();
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    let path = request.path().to_owned();
    let response = next.call(request).await?;
    let status = response.status().as_u16();
    let duration_us = started.elapsed().as_micros();
    // The query is left out: it may hold what people searched for, or a sign-in code.
    if status >= 500 {
        tracing::warn!(request.id = %id.0, http.method = %method, http.path = %path, http.status = status, duration_us, "answered");
    } else {
        tracing::info!(request.id = %id.0, http.method = %method, http.path = %path, http.status = status, duration_us, "answered");
    }
    Ok(response)
}

/// The Content-Security-Policy of every answer: nothing but our own files, no inline script or
/// style, no framing.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Sets the security headers.
///
/// # Errors
/// Passes on those of the handlers.
pub async fn security<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let secure = request
        .app_data::<web::Data<Site>>()
        .is_some_and(|site| site.urls.secure());
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    // A path may name a row; other sites need not know it. Our own forms need the origin.
    set(header::REFERRER_POLICY, "same-origin");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    set(header::CACHE_CONTROL, "no-store");
    if secure {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    Ok(response)
}

/// Finds who is asking in the session and puts it where the guard and the handlers look.
///
/// # Errors
/// Passes on those of the handlers.
pub async fn identify<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let signed = Signed::read(&request.get_session());
    if let (Some(signed), Some(site)) = (signed, request.app_data::<web::Data<Site>>()) {
        let access = match site.policy.admits(&signed.person) {
            true => Access::Admitted(Arc::new(signed)),
            false => Access::Unmapped(Arc::new(signed)),
        };
        request.extensions_mut().insert(access);
    }
    next.call(request).await
}

/// Writes the page, or the problem document, of every failure.
///
/// # Errors
/// Passes on what is not ours to answer.
pub async fn failures(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?;
    let status = response.status();
    let found = response.response().error().map(|error| {
        match error.as_error::<Failure>() {
            Some(failure) => (failure.title(), failure.advice(), failure.status_code(), log_text(failure)),
            None => {
                let failure = of_status(error.as_response_error().status_code(), error);
                (failure.title(), failure.advice(), failure.status_code(), log_text(&failure))
            }
        }
    });
    let Some((title, advice, code, cause)) = found else {
        return Ok(match status {
            // Actix's own answers to what no route takes come without an error.
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
                if response.response().body().size() == actix_web::body::BodySize::Sized(0)
                    || response.response().body().size() == actix_web::body::BodySize::None =>
            {
                let failure = match status {
                    StatusCode::NOT_FOUND => Failure::Missing,
                    _ => Failure::Method,
                };
                let (request, _) = response.into_parts();
                let page = answer(&request, failure.title(), &failure.advice(), status);
                ServiceResponse::new(request, page)
            }
            _ => response.map_into_boxed_body(),
        });
    };
    let (request, _) = response.into_parts();
    if let Some(cause) = cause {
        tracing::error!(request.id = %RequestId::of(&request), error = %cause, "a request failed");
    }
    let mut page = answer(&request, title, &advice, code);
    if code == StatusCode::SERVICE_UNAVAILABLE {
        page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    Ok(ServiceResponse::new(request, page))
}

fn log_text(failure: &Failure) -> Option<String> {
    match failure {
        Failure::Internal(_) | Failure::Unreachable(_) => Some(failure.to_string()),
        _ => None,
    }
}

/// What Actix refused by itself: bodies and paths it could not read.
fn of_status(status: StatusCode, error: &Error) -> Failure {
    match status {
        StatusCode::NOT_FOUND => Failure::Missing,
        StatusCode::METHOD_NOT_ALLOWED => Failure::Method,
        StatusCode::PAYLOAD_TOO_LARGE => Failure::TooLarge,
        status if status.is_client_error() => {
            Failure::Invalid("The request is not of the form that this address takes.".into())
        }
        _ => Failure::Internal(format!("{error:?}")),
    }
}

fn answer(request: &HttpRequest, title: &str, advice: &str, status: StatusCode) -> HttpResponse {
    if wants_json(request) {
        return problem(request, title, advice, status, None);
    }
    crate::panel::problem::page(request, title, advice, status).unwrap_or_else(|error| {
        tracing::error!(error = %error, "an error page could not be written");
        HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(format!("{title}\n"))
    })
}

/// A problem document (RFC 9457).
pub fn problem(
    request: &HttpRequest,
    title: &str,
    detail: &str,
    status: StatusCode,
    errors: Option<serde_json::Value>,
) -> HttpResponse {
    let mut body = serde_json::json!({
        "type": "about:blank",
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
        "request_id": RequestId::of(request),
    });
    if let (Some(errors), Some(body)) = (errors, body.as_object_mut()) {
        body.insert("errors".into(), errors);
    }
    HttpResponse::build(status)
        .content_type("application/problem+json")
        .body(body.to_string())
}

/// The client's address: the peer's, or what the trusted proxies in front of it say.
pub fn client_address(request: &HttpRequest, site: &Site) -> Option<String> {
    let peer = request.peer_addr()?.ip();
    let mut address = peer;
    if site.trusted_proxies.contains(&peer) {
        let hops: Vec<IpAddr> = request
            .headers()
            .get_all("x-forwarded-for")
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|hop| hop.trim().parse().ok())
            .collect();
        // From the right: the last one that is not a proxy of ours is the client.
        for hop in hops.into_iter().rev() {
            address = hop;
            if !site.trusted_proxies.contains(&hop) {
                break;
            }
        }
    }
    Some(address.to_string())
}
