//! `POST /auth/backchannel-logout`: the provider says that somebody has signed out (OpenID Connect
//! Back-Channel Logout 1.0).
//!
//! The request does not come from a browser: it has no session, no cookie and no CSRF token. Only
//! the provider's signature counts.

use crate::sso::context::{Context, reference};
use crate::sso::give_back;
use crate::sso::provider::{Provider, ProviderError, Unknown};
use crate::sso::token::jws::JwsError;
use crate::sso::token::logout_token::{self, Expected, LogoutToken, LogoutTokenError};
use crate::store::audit::Actor;
use crate::store::logouts::{self, NoticeError};
use crate::store::sessions::Ended;
use crate::web::Failure;
use crate::web::body::OF_A_STRANGER;
use crate::web::client_address;
use crate::web::limits::{self, Limit};
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::StreamExt;
use url::form_urlencoded;

/// The maximum length of the body, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// Why no session was ended.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the request must be a form with exactly one logout_token, of 64 KiB at most")]
    Request,
    #[error(transparent)]
    Token(#[from] LogoutTokenError),
    #[error("the provider's keys cannot be fetched now")]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Notice(#[from] NoticeError),
}

/// The route, below the root and outside the session middleware.
pub fn backchannel_routes(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/auth/backchannel-logout")
            .route(web::post().to(hear))
            .default_service(web::to(async || {
                let only_post = "send the logout token by POST";
                let mut answer =
                    refused(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", only_post);
                let allow = actix_web::http::header::HeaderValue::from_static("POST");
                answer.headers_mut().insert(ALLOW, allow);
                answer
            })),
    );
}

/// Ends the sessions named by a logout token.
async fn hear(
    request: HttpRequest,
    body: web::Payload,
    context: web::Data<Context>,
) -> HttpResponse {
    match carry_out(&request, body, &context).await {
        Ok(ended) => {
            tracing::info!(
                request.id = reference(&request),
                sessions.ended = ended.len(),
                "the identity provider reported a sign-out"
            );
            HttpResponse::Ok()
                .insert_header((CACHE_CONTROL, "no-store"))
                .finish()
        }
        Err(refusal) => {
            let cause = match &refusal {
                Refusal::Token(LogoutTokenError::Jws(cause)) => cause.to_string(),
                Refusal::Provider(cause) => cause.to_string(),
                Refusal::Notice(NoticeError::Database(cause)) => cause.to_string(),
                _ => refusal.to_string(),
            };
            // Only refused tokens count: everybody may sign out at the same time.
            if let Err(failure) = limits::check(&request, Limit::Backchannel) {
                return too_many(&failure);
            }
            tracing::warn!(request.id = reference(&request), error = %cause,
                "a logout token was refused");
            // The specification requires 400 for every reason (section 2.8).
            match refusal {
                Refusal::Provider(_) | Refusal::Notice(NoticeError::Database(_)) => refused(
                    StatusCode::BAD_REQUEST,
                    "server_error",
                    "the sign-out cannot be carried out now; send it again in a moment",
                ),
                refusal => refused(
                    StatusCode::BAD_REQUEST,
                    "invalid_request",
                    &refusal.to_string(),
                ),
            }
        }
    }
}

/// The response is for the provider, not a page, like all responses here.
fn too_many(failure: &Failure) -> HttpResponse {
    let mut answer = refused(
        StatusCode::TOO_MANY_REQUESTS,
        "temporarily_unavailable",
        "too many logout tokens were refused within a minute; send it again later",
    );
    if let Some(seconds) = failure.retry_after_s() {
        answer.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    answer
}

fn refused(status: StatusCode, error: &str, description: &str) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(serde_json::json!({ "error": error, "error_description": description }))
}

async fn carry_out(
    request: &HttpRequest,
    body: web::Payload,
    context: &Context,
) -> Result<Vec<Ended>, Refusal> {
    let text = token_of(request, body);
    let text = tokio::time::timeout(OF_A_STRANGER, text);
    let text = text.await.map_err(|_| Refusal::Request)??;
    let token = LogoutToken::read(&text)?;
    let provider = context
        .providers
        .of_issuer(token.issuer())
        .ok_or(LogoutTokenError::Issuer)?;
    let now = context.clock.now();
    let notice = token.check(&Expected {
        issuer: &provider.settings.issuer,
        client_id: &provider.settings.client_id,
        now,
        skew: provider.settings.skew,
        strict_typ: provider.settings.strict_logout_typ,
    })?;
    check_signature(provider, &text).await?;
    let actor = Actor {
        request_id: reference(request),
        address: client_address(request),
        ..logouts::provider_as_actor(&notice.issuer)
    };
    let ended = context
        .database
        .run(move |conn| logouts::carry_out(conn, &notice, &actor, now.naive_utc()));
    let ended = ended.await?;
    give_back::of_ended(context, &ended);
    Ok(ended)
}

/// Verifies the signature; if no key fits, reads the keys again and retries once.
async fn check_signature(provider: &Provider, text: &str) -> Result<(), Refusal> {
    let metadata = provider.metadata().await?;
    let check = |keys| logout_token::signature(text, keys, &metadata.algorithms);
    let keys = provider.keys(&metadata).await?;
    let outcome = match check(&keys.set) {
        Err(JwsError::UnknownKey) => {
            let newer = provider.keys_after(&keys, &metadata, Unknown::OfStranger);
            match newer.await? {
                Some(newer) => check(&newer.set),
                None => Err(JwsError::UnknownKey),
            }
        }
        outcome => outcome,
    };
    Ok(outcome.map_err(LogoutTokenError::from)?)
}

/// The only `logout_token` in the form.
async fn token_of(request: &HttpRequest, mut payload: web::Payload) -> Result<String, Refusal> {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refusal::Request);
    }
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Refusal::Request)?;
        if body.len() + chunk.len() > MAX_BODY {
            return Err(Refusal::Request);
        }
        body.extend_from_slice(&chunk);
    }
    let mut tokens = form_urlencoded::parse(&body)
        .filter(|(name, _)| name == "logout_token")
        .map(|(_, value)| value.into_owned());
    match (tokens.next(), tokens.next()) {
        (Some(token), None) => Ok(token),
        _ => Err(Refusal::Request),
    }
}
