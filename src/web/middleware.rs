//! What every request passes on its way in and every answer on its way out.

use super::{Failure, wants_json};
use crate::entry::Site;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use std::net::{IpAddr, SocketAddr};
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
        extensions
            .get::<Self>()
            .map(|id| id.0.clone())
            .unwrap_or_default()
    }
}

/// Who asked, for the log: put among a request's extensions by whoever finds it out.
#[derive(Debug, Clone)]
pub struct Asked(pub String);

/// Gives each request its reference and logs how it was answered, from where it came and who asked.
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
    let address = client_address(request.request()).unwrap_or_default();
    let response = next.call(request).await?;
    let asked = response.request().extensions().get::<Asked>().cloned();
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
/// Passes on those of the handlers.
pub async fn head<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    next.call(request).await
}

/// The Content-Security-Policy of every answer: nothing but our own files, no inline script or
/// style, no framing, and forms that go to us alone (see [`super::departure`]).
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

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

/// Headers of every answer that does not set its own.
const HEADERS: [(&str, &str); 7] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    // A path may name a row; other sites need not know it.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    ("cache-control", "no-store"),
];

/// The longest path and query that are read, in bytes.
const MAX_ADDRESS: usize = 16 * 1024;

fn address_len(request: &ServiceRequest) -> usize {
    let target = request.uri().path_and_query();
    target.map_or(0, |target| target.as_str().len())
}

/// Writes the page, or the problem document, of every failure.
///
/// # Errors
/// Passes on what is not ours to answer.
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
    let told = match response.response().error() {
        Some(error) => match error.as_error::<Failure>() {
            Some(Failure::StepUp(demanded)) => {
                let demanded = demanded.clone();
                let (request, _) = response.into_parts();
                let answer = crate::entry::step_up::answer(&request, &demanded).await;
                return Ok(ServiceResponse::new(request, answer));
            }
            Some(failure) => Told::of(failure),
            None => Told::of(&of_status(error.as_response_error().status_code(), error)),
        },
        // Actix answers what no route takes without an error and without a body.
        None if is_empty && status == StatusCode::NOT_FOUND => Told::of(&Failure::Missing),
        None if is_empty && status == StatusCode::METHOD_NOT_ALLOWED => Told::of(&Failure::Method),
        None => return Ok(response),
    };
    let allowed = response.headers().get(header::ALLOW).cloned();
    let (request, _) = response.into_parts();
    if let Some(cause) = &told.cause {
        tracing::error!(request.id = %RequestId::of(&request), error = %cause, "a request failed");
    }
    let mut page = told.answer(&request);
    if let Some(allowed) = allowed {
        page.headers_mut().insert(header::ALLOW, allowed);
    }
    Ok(ServiceResponse::new(request, page))
}

/// Where to sign in, of an answer that says that one has to: a script cannot be sent there, and
/// takes the whole tab (`panel.js`).
const SIGN_IN: HeaderName = HeaderName::from_static("x-sign-in");

/// What of a failure is told to whom.
pub struct Told {
    /// The heading.
    pub title: &'static str,
    /// What can be done.
    pub advice: String,
    /// The right that is missing ("edit on orders").
    pub missing: Option<String>,
    /// The status of the answer.
    pub status: StatusCode,
    retry_after_s: Option<u64>,
    cause: Option<String>,
}

impl Told {
    fn of(failure: &Failure) -> Self {
        Self {
            title: failure.title(),
            advice: failure.advice(),
            missing: match failure {
                Failure::Forbidden(denied) => {
                    Some(format!("{} on {}", denied.action.name(), denied.resource))
                }
                Failure::Unmanaged(what) => Some(format!("manage {}", what.name())),
                _ => None,
            },
            status: failure.status_code(),
            retry_after_s: failure.retry_after_s(),
            cause: match failure {
                Failure::Internal(_) | Failure::Unreachable(_) | Failure::Failed(_) => {
                    Some(failure.to_string())
                }
                _ => None,
            },
        }
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let mut page = match wants_json(request) {
            true => problem(request, self.title, &self.advice, self.status, None),
            false => crate::panel::problem::page(request, self).unwrap_or_else(|error| {
                tracing::error!(error = %error, "an error page could not be written");
                HttpResponse::build(self.status)
                    .content_type("text/plain; charset=utf-8")
                    .body(format!("{}\n", self.title))
            }),
        };
        if self.status == StatusCode::UNAUTHORIZED
            && let Some(site) = request.app_data::<web::Data<Site>>()
            && let Ok(href) = HeaderValue::try_from(format!("{}/auth/login", site.urls.root()))
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

/// The answer to a failure.
pub fn answer(request: &HttpRequest, failure: &Failure) -> HttpResponse {
    Told::of(failure).answer(request)
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

/// A problem document of a type of its own, with a member that says more.
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

/// The client's address: the peer's, or what the trusted proxies in front of it say.
pub fn client_address(request: &HttpRequest) -> Option<String> {
    let site = request.app_data::<web::Data<Site>>();
    let trusted = site.map_or(&[][..], |site| &site.trusted_proxies);
    let is_trusted = |address: &IpAddr| trusted.iter().any(|one| one.to_canonical() == *address);
    // A socket for both families gives IPv4 addresses inside IPv6 ones.
    let mut address = request.peer_addr()?.ip().to_canonical();
    if is_trusted(&address) {
        let hops: Vec<&[u8]> = request
            .headers()
            .get_all("x-forwarded-for")
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
            .collect();
        // From the right: the last one that is not a proxy of ours is the client. What is left of
        // one that cannot be read may be anybody's word.
        for hop in hops.into_iter().rev().map_while(hop) {
            address = hop;
            if !is_trusted(&hop) {
                break;
            }
        }
    }
    Some(address.to_string())
}

/// An address as proxies write it, some of them with the port.
fn hop(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let address = text.parse().or_else(|_| {
        let with_port = text.parse::<SocketAddr>();
        with_port.map(|address| address.ip())
    });
    address.ok().map(|address: IpAddr| address.to_canonical())
}
