//! Keeps what was typed when saving fails, so that the response can show it again.
//!
//! A form may be refused before it is read, for example without a session. It may be refused while
//! it is read (it is too large), or afterwards. Causes are then a lock, a limit, or a lost
//! database. All of these end in a [`Failure`]. Here the rest of the body is read, and stored for
//! the failure's page.
//!
//! The body of an unknown sender is not read. The sender needs a session, or a cookie signed by
//! this panel.

use super::access::{self, Access};
use super::form::{self, Bounds, Submission};
use crate::session::OwnCookie;
use crate::web::{Failure, wants_json};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::Method;
use actix_web::http::header::ORIGIN;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage, HttpRequest};
use futures_util::Stream;
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The refused form, stored in the request's extensions.
#[derive(Clone)]
pub struct RefusedForm(pub Arc<Submission>);

/// Marks that typed text will be shown again; stored in the request's extensions.
pub struct KeepsTypedText;

/// The row form at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordForm {
    /// The resource's name.
    pub resource: String,
    /// Whether it creates a row.
    pub creates: bool,
}

impl RecordForm {
    /// The row form that a request goes to, if any.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        let site = access::site(request).ok()?;
        let path = request.uri().path();
        if !site.urls.is_panel(path) {
            return None;
        }
        let (_, inside) = path.split_once("/data/")?;
        let segments: Vec<&str> = inside.split('/').collect();
        let (resource, creates) = match segments.as_slice() {
            [resource, "new"] => (resource, true),
            [resource, "row", _, "edit"] => (resource, false),
            _ => return None,
        };
        Some(Self {
            resource: crate::web::segment::decode(resource),
            creates,
        })
    }
}

/// Keeps what was typed into a row form, if saving it fails.
///
/// # Errors
/// The errors of the handlers.
pub async fn keep(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // A second handle on the request would prevent Actix from routing it.
    if !is_kept(request.request()) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let body = Body::new(request.take_payload());
    request.set_payload(body.again());
    let is_ours = request.extensions().get::<OwnCookie>().is_some();
    if is_ours {
        request.extensions_mut().insert(KeepsTypedText);
    }
    let response = next.call(request).await?.map_into_boxed_body();
    let error = response.response().error();
    let failure = error.and_then(|error| error.as_error::<Failure>());
    let request = response.request();
    let is_known = {
        let extensions = request.extensions();
        extensions.get::<Access>().is_some() || extensions.get::<OwnCookie>().is_some()
    };
    if failure.is_some_and(keeps) && is_known {
        let read = form::read(request, body.again(), &Bounds::SHOWN_AGAIN).await;
        match read {
            Ok(form) => {
                request.extensions_mut().insert(RefusedForm(Arc::new(form)));
            }
            Err(error) => tracing::debug!(%error, "a form that was refused could not be read"),
        }
    }
    Ok(response)
}

/// Whether the request submits a row form from the panel's own page.
fn is_kept(request: &HttpRequest) -> bool {
    *request.method() == Method::POST
        && !wants_json(request)
        && came_from_here(request)
        && RecordForm::of(request).is_some()
}

/// Whether to show typed text again after this failure. People who may not save do not need it, and
/// a step-up page has its own instructions.
fn keeps(failure: &Failure) -> bool {
    !matches!(
        failure,
        Failure::Forbidden(_)
            | Failure::Unmanaged(_)
            | Failure::OnlyLooking(_)
            | Failure::StepUp(_)
            | Failure::Slowly
            | Failure::Method
    )
}

/// Whether the browser says that the form comes from one of the panel's pages.
fn came_from_here(request: &HttpRequest) -> bool {
    let header = |name: &str| {
        let value = request.headers().get(name);
        value.and_then(|value| value.to_str().ok())
    };
    let origin = access::site(request).map(|site| site.urls.origin().to_owned());
    match (header("sec-fetch-site"), header(ORIGIN.as_str()), origin) {
        (Some("same-origin"), None, _) => true,
        (None | Some("same-origin"), Some(sent), Ok(origin)) => sent == origin,
        _ => false,
    }
}

/// A body that can be read several times from its start: what has arrived is kept.
#[derive(Clone)]
struct Body(Rc<RefCell<BufferedPayload>>);

struct BufferedPayload {
    payload: Payload,
    seen: Vec<Bytes>,
}

/// One pass over a body.
struct Reading {
    body: Body,
    at: usize,
}

impl Body {
    fn new(payload: Payload) -> Self {
        let seen = Vec::new();
        Self(Rc::new(RefCell::new(BufferedPayload { payload, seen })))
    }

    fn again(&self) -> Payload {
        let body = self.clone();
        Payload::Stream {
            payload: Box::pin(Reading { body, at: 0 }),
        }
    }
}

impl Stream for Reading {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let body = self.body.clone();
        let mut arriving = body.0.borrow_mut();
        if let Some(chunk) = arriving.seen.get(self.at).cloned() {
            self.at += 1;
            return Poll::Ready(Some(Ok(chunk)));
        }
        let next = Pin::new(&mut arriving.payload).poll_next(context);
        if let Poll::Ready(Some(Ok(chunk))) = &next {
            arriving.seen.push(chunk.clone());
            self.at += 1;
        }
        next
    }
}
