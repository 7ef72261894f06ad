//! `GET /auth/login`: the start of a sign-in. It leaves nothing but a pending attempt.

use super::cookie::{self, Browser};
use super::exchange::{Prompt, Start};
use super::{Context, Provider, SignInError, return_to, silent};
use crate::session::{Signed, token};
use crate::store::DatabaseError;
use crate::store::sign_ins::{self, Caps, Pending};
use actix_session::Session;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::TimeDelta;

/// The most attempts that are kept.
const CAPS: Caps = Caps {
    per_browser: 20,
    in_total: 10_000,
};

/// The query of the sign-in address. Other parameters are left alone.
#[derive(serde::Deserialize)]
struct Query {
    return_to: Option<String>,
    prompt: Option<Prompt>,
}

/// Begins a sign-in, or goes back at once if the person is signed in already.
pub(super) async fn begin(
    request: HttpRequest,
    session: Session,
    context: web::Data<Context>,
) -> HttpResponse {
    let outcome = start(&request, &session, &context).await;
    context.answer(&request, outcome)
}

async fn start(
    request: &HttpRequest,
    session: &Session,
    context: &Context,
) -> Result<HttpResponse, SignInError> {
    let query = web::Query::<Query>::from_query(request.query_string()).map_err(|_| {
        SignInError::Request("prompt is select_account or login, and no parameter comes twice")
    })?;
    let return_to = return_to::filter(query.return_to.as_deref(), context.urls.mount());
    let signed = Signed::read(session);
    if query.prompt.is_none() && signed.is_some() {
        return Ok(super::see_other(&return_to));
    }
    if query.prompt == Some(Prompt::None)
        && let Some(signed) = signed
    {
        return silent::ask(request, context, &signed, return_to).await;
    }
    let ask = Ask {
        provider: context.providers.main(),
        prompt: query.prompt.filter(|prompt| *prompt != Prompt::None),
        return_to,
        purpose: None,
    };
    attempt(request, context, ask).await
}

/// What to send the browser to the provider for.
pub(super) struct Ask<'a> {
    pub provider: &'a Provider,
    pub prompt: Option<Prompt>,
    /// Where to go afterwards: a path that has been through the filter.
    pub return_to: String,
    pub purpose: Option<String>,
}

/// Notes an attempt and sends the browser to the provider.
pub(super) async fn attempt(
    request: &HttpRequest,
    context: &Context,
    ask: Ask<'_>,
) -> Result<HttpResponse, SignInError> {
    let provider = ask.provider;
    let metadata = provider.metadata().await?;
    let secure = context.urls.secure();
    let browser = Browser::of(request, secure);
    let (state, nonce, verifier) = (token::random(), token::random(), token::random());
    let pending = Pending {
        state_hash: token::hash(&state),
        browser_hash: browser.hash(),
        issuer: provider.issuer().to_owned(),
        nonce: nonce.clone(),
        verifier: verifier.clone(),
        return_to: ask.return_to,
        created_at: context.clock.now().naive_utc(),
        purpose: ask.purpose,
    };
    note(context, silent::sealed(&context.keys, pending)).await?;
    let start = Start {
        state: &state,
        nonce: &nonce,
        verifier: &verifier,
        prompt: ask.prompt,
    };
    let url = provider.authorization_url(&metadata, &start)?;
    let mut response = HttpResponse::SeeOther();
    response.insert_header((LOCATION, url.as_str()));
    for cookie in browser.cookies(secure) {
        response.cookie(cookie);
    }
    Ok(response.finish())
}

async fn note(context: &Context, pending: Pending) -> Result<(), DatabaseError> {
    let expired = pending.created_at - TimeDelta::minutes(cookie::MINUTES);
    context
        .database
        .run(move |conn| Ok(sign_ins::begin(conn, &pending, expired, CAPS)?))
        .await
}
