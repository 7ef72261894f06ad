//! Responses in a form (OAuth 2.0 Form Post Response Mode). The provider's page lets the browser
//! post it here, from another site.
//!
//! No CSRF token is needed: `state` and the sign-in cookie serve as one. That cookie may cross
//! sites, but the session cookie may not. So a response that confirms a session comes in the query.

use super::error::SignInError;
use super::malformed::Malformed;
use super::{callback, return_to};
use crate::session::Signed;
use crate::sso::context::{Context, see_other};
use crate::sso::provider::wire::is_kind;
use crate::web::body::{OF_A_STRANGER, within};
use actix_session::Session;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, web};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;

/// The maximum length of the form, in bytes.
const MAX_FORM: usize = 16 * 1024;

/// The body of a request, if it is short; whether it is a form is decided later.
pub(in crate::sso) struct Form(Option<Vec<u8>>);

impl FromRequest for Form {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(_: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let mut payload = payload.take();
        Box::pin(within(OF_A_STRANGER, async move {
            let mut body = Vec::new();
            while let Some(chunk) = payload.next().await {
                let chunk = chunk?;
                if body.len() + chunk.len() > MAX_FORM {
                    return Ok(Self(None));
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Self(Some(body)))
        }))
    }
}

impl Form {
    /// The encoded form.
    ///
    /// # Errors
    /// When it is too long, or not a form.
    pub fn text(&self, request: &HttpRequest) -> Result<&str, SignInError> {
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !is_kind(kind, "application/x-www-form-urlencoded") {
            return Err(SignInError::Request(Malformed::NoForm));
        }
        let body = self.0.as_deref();
        let body = body.ok_or(SignInError::Request(Malformed::TooLong))?;
        std::str::from_utf8(body).map_err(|_| SignInError::Request(Malformed::NotUtf8))
    }
}

/// `POST /auth/callback`: completes a sign-in.
pub(in crate::sso) async fn finish(
    request: HttpRequest,
    session: Session,
    body: Form,
    context: web::Data<Context>,
) -> HttpResponse {
    let outcome = match body.text(&request) {
        Ok(text) => callback::conclude(&request, &session, &context, text, true).await,
        Err(error) => Err(error),
    };
    if let Err(error) = &outcome {
        context.note_refused(&request, error).await;
    }
    let outcome = match outcome {
        // A form was sent again. The session cookie is not sent across sites, so `/auth/over`
        // checks for it.
        Err(SignInError::NoAttempt) => Ok(see_other(&context.url("/auth/over"))),
        outcome => outcome,
    };
    context.answer(&request, outcome)
}

/// `GET /auth/over`: where a person arrives who sends the form of a completed sign-in again.
pub(in crate::sso) async fn over(
    request: HttpRequest,
    session: Session,
    context: web::Data<Context>,
) -> HttpResponse {
    let outcome = match Signed::read(&session) {
        Some(_) => Ok(see_other(&return_to::home(context.urls.mount()))),
        None => Err(SignInError::NoAttempt),
    };
    context.answer(&request, outcome)
}
