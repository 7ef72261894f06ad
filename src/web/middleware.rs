//! Middleware for every request and response.

use super::{Failure, FailureReport, Ground, client_address, wants_json};
use crate::texts::text;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse};
use std::time::Instant;

/// The id of a request: in the log, in the audit log and on error pages.
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

    /// The id of a request.
    pub fn of(request: &HttpRequest) -> String {
        let extensions = request.extensions();
        extensions
            .get::<Self>()
            .map(|id| id.0.clone())
            .unwrap_or_default()
    }
}

/// The person of a request, for the log; set in its extensions once known.
#[derive(Debug, Clone)]
pub struct Requester(pub String);

/// Gives each request its id, and logs the response with the client address and person.
///
/// # Errors
/// The errors of the handlers.
pub async fn log<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let id = RequestId::new();
    let started = Instant::now();
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    let path = request.path().to_owned();
    let address = client_address(request.request()).unwrap_or_default();
    let response = next.call(request).await?;
    let asked = response.request().extensions().get::<Requester>().cloned();
    let person = asked.map(|asked| asked.0).unwrap_or_default();
    let status = response.status().as_u16();
    // JSON has no 128-bit numbers: they would be written as text.
    let duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    // The query is left out: it may hold what people searched for, or a sign-in code.
    if status >= 500 {
        tracing::warn!(request.id = %id.0, client.address = address, person, http.method = %method, http.path = %path, http.status = status, duration_us, "answered");
    } else {
        tracing::info!(request.id = %id.0, client.address = address, person, http.method = %method, http.path = %path, http.status = status, duration_us, "answered");
    }
    Ok(response)
}

/// Routes HEAD as GET (RFC 9110 section 9.3.2); the server leaves the body out.
///
/// # Errors
/// The errors of the handlers.
pub async fn head<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    next.call(request).await
}

/// The Content-Security-Policy of every response. It allows only the panel's own files, no inline
/// script or style, and no framing. Forms may only go to the panel (see [`super::departure`]).
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// Sets the security headers.
///
/// # Errors
/// The errors of the handlers.
pub async fn security<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let secure = Ground::of(request.request()).is_some_and(|ground| ground.urls.secure());
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    let policy = HeaderValue::from_static(POLICY);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in HEADERS {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if secure {
        let value = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    Ok(response)
}

/// Headers of every response, unless it sets its own.
const HEADERS: [(&str, &str); 7] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    // A path may name a row, which other sites need not know.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    ("cache-control", "no-store"),
];

/// The maximum length of path and query, in bytes.
const MAX_ADDRESS: usize = 16 * 1024;

fn address_len(request: &ServiceRequest) -> usize {
    let target = request.uri().path_and_query();
    target.map_or(0, |target| target.as_str().len())
}

/// Writes the page or problem document of every failure.
///
/// # Errors
/// Errors that are not the panel's to answer.
pub async fn failures(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if address_len(&request) > MAX_ADDRESS {
        let answer = answer(request.request(), &Failure::LongAddress);
        return Ok(request.into_response(answer));
    }
    let response = next.call(request).await?.map_into_boxed_body();
    let status = response.status();
    let is_empty = matches!(
        response.response().body().size(),
        BodySize::None | BodySize::Sized(0)
    );
    let report = match response.response().error() {
        Some(error) => match error.as_error::<Failure>() {
            Some(failure) => FailureReport::of(failure),
            None => FailureReport::of(&of_status(error.as_response_error().status_code(), error)),
        },
        // Actix responds to unknown routes without an error and without a body.
        None if is_empty && status == StatusCode::NOT_FOUND => FailureReport::of(&Failure::Missing),
        None if is_empty && status == StatusCode::METHOD_NOT_ALLOWED => {
            FailureReport::of(&Failure::Method)
        }
        None => return Ok(response),
    };
    let allowed = response.headers().get(header::ALLOW).cloned();
    let (request, _) = response.into_parts();
    if let Some(cause) = &report.cause {
        tracing::error!(request.id = %RequestId::of(&request), error = %cause, "a request failed");
    }
    let mut page = report.answer(&request);
    if let Some(allowed) = allowed {
        page.headers_mut().insert(header::ALLOW, allowed);
    }
    Ok(ServiceResponse::new(request, page))
}

/// The header with the sign-in address of a response that requires sign-in. A script cannot be
/// redirected there, so it navigates the whole tab (`panel.js`).
const SIGN_IN: HeaderName = HeaderName::from_static("x-sign-in");

impl FailureReport {
    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let mut page = if wants_json(request) {
            problem(request, &self.title, &self.advice, self.status, None)
        } else {
            self.page(request).unwrap_or_else(|error| {
                tracing::error!(error = %error, "an error page could not be written");
                HttpResponse::build(self.status)
                    .content_type("text/plain; charset=utf-8")
                    .body(format!("{}\n", self.title))
            })
        };
        if self.status == StatusCode::UNAUTHORIZED
            && let Some(ground) = Ground::of(request)
            && let Ok(href) = HeaderValue::try_from(format!("{}/auth/login", ground.urls.root()))
        {
            page.headers_mut().insert(SIGN_IN, href);
        }
        if let Some(wait_s) = self.retry_after_s {
            let wait = HeaderValue::from(wait_s);
            page.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        page
    }
}

impl FailureReport {
    fn page(&self, request: &HttpRequest) -> Result<HttpResponse, Failure> {
        let ground = Ground::of(request);
        let ground = ground.ok_or_else(|| Failure::internal("there is no page for errors"))?;
        (ground.error_page)(request, self)
    }
}

/// The response to a failure.
pub fn answer(request: &HttpRequest, failure: &Failure) -> HttpResponse {
    FailureReport::of(failure).answer(request)
}

/// Requests that Actix refused itself: bodies and paths it could not read.
fn of_status(status: StatusCode, error: &Error) -> Failure {
    match status {
        StatusCode::NOT_FOUND => Failure::Missing,
        StatusCode::METHOD_NOT_ALLOWED => Failure::Method,
        StatusCode::PAYLOAD_TOO_LARGE => Failure::TooLarge,
        status if status.is_client_error() => Failure::Invalid(text!("error-form")),
        _ => Failure::Internal(format!("{error:?}")),
    }
}

/// A problem document (RFC 9457).
pub fn problem(
    request: &HttpRequest,
    title: &str,
    detail: &str,
    status: StatusCode,
    errors: Option<serde_json::Value>,
) -> HttpResponse {
    let more = errors.map(|errors| ("errors", errors));
    write_problem(request, "about:blank", (title, detail), status, more)
}

/// A problem document with its own type and an additional member.
pub fn problem_of_type(
    request: &HttpRequest,
    kind: &str,
    (title, detail): (&str, &str),
    status: StatusCode,
    more: (&str, serde_json::Value),
) -> HttpResponse {
    write_problem(request, kind, (title, detail), status, Some(more))
}

fn write_problem(
    request: &HttpRequest,
    kind: &str,
    (title, detail): (&str, &str),
    status: StatusCode,
    more: Option<(&str, serde_json::Value)>,
) -> HttpResponse {
    let mut body = serde_json::json!({
        "type": kind,
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
        "request_id": RequestId::of(request),
    });
    if let (Some((name, more)), Some(body)) = (more, body.as_object_mut()) {
        body.insert(name.into(), more);
    }
    HttpResponse::build(status)
        .content_type("application/problem+json")
        .body(body.to_string())
}
