//! `GET /auth/login`: the start of a sign-in. It stores only a pending sign-in.

use super::choose::{self, ProviderChoice};
use super::cookie::{self, Browser};
use super::error::SignInError;
use super::malformed::Malformed;
use super::purpose::Purpose;
use super::{circle, return_to, silent, third_party};
use crate::session::{Signed, token};
use crate::sso::context::{Context, see_other};
use crate::sso::exchange::{Prompt, Start, state};
use crate::sso::provider::Provider;
use crate::store::DatabaseError;
use crate::store::sign_ins::{self, Caps, Pending};
use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::TimeDelta;

/// The maximum number of pending sign-ins.
const CAPS: Caps = Caps {
    per_browser: 20,
    in_total: 20_000,
};

/// The query of a sign-in address. Other parameters are ignored.
#[derive(serde::Deserialize)]
pub(in crate::sso) struct Query {
    return_to: Option<String>,
    prompt: Option<Prompt>,
    provider: Option<String>,
    /// The provider that sent the person here, if any.
    pub iss: Option<String>,
    login_hint: Option<String>,
    target_link_uri: Option<String>,
}

impl Query {
    pub fn parse(text: &str) -> Result<Self, SignInError> {
        let query = web::Query::<Self>::from_query(text)
            .map_err(|_| SignInError::Request(Malformed::Prompt))?;
        Ok(query.into_inner())
    }

    /// Where to go afterwards.
    fn way_on(&self, context: &Context) -> String {
        match self.iss {
            Some(_) => third_party::target(self.target_link_uri.as_deref(), &context.urls),
            None => return_to::filter(self.return_to.as_deref(), context.urls.mount()),
        }
    }

    fn wanted(&self) -> ProviderChoice<'_> {
        ProviderChoice {
            provider: self.provider.as_deref(),
            iss: self.iss.as_deref(),
        }
    }

    /// A login hint; only a provider that sends people here may give one.
    fn hint(&self) -> Option<&str> {
        self.iss.as_ref()?;
        third_party::hint(self.login_hint.as_deref())
    }
}

/// Begins a sign-in, or redirects at once if the person is signed in already.
pub(in crate::sso) async fn begin(
    request: HttpRequest,
    session: Session,
    context: web::Data<Context>,
) -> HttpResponse {
    let text = request.query_string();
    let outcome = match Query::parse(text) {
        Ok(query) => start(&request, &session, &query, text, &context).await,
        Err(error) => Err(error),
    };
    context.answer(&request, outcome)
}

pub(in crate::sso) async fn start(
    request: &HttpRequest,
    session: &Session,
    query: &Query,
    text: &str,
    context: &Context,
) -> Result<HttpResponse, SignInError> {
    let return_to = query.way_on(context);
    let wanted = choose::provider(context, query.wanted())?;
    let signed = Signed::read(session);
    if query.prompt.is_none() && signed.is_some() {
        return Ok(see_other(&return_to));
    }
    if query.prompt == Some(Prompt::None)
        && let Some(signed) = signed
    {
        return silent::ask(request, context, &signed, return_to).await;
    }
    circle::check(request, context, &return_to)?;
    let Some(provider) = wanted else {
        let choices = choose::choices(context, text);
        return Ok(context.pages.choose(request, &choices));
    };
    let attempt = Attempt {
        return_to,
        prompt: query.prompt.filter(|prompt| *prompt != Prompt::None),
        login_hint: query.hint().map(str::to_owned),
        ..Attempt::default()
    };
    send(request, context, provider, attempt).await
}

/// The parts of a sign-in that depend on its purpose.
#[derive(Default)]
pub(in crate::sso) struct Attempt {
    /// Where to go afterwards: a path that has been validated.
    pub return_to: String,
    /// What the provider should ask the person.
    pub prompt: Option<Prompt>,
    /// The login hint for the provider.
    pub login_hint: Option<String>,
    /// Its purpose.
    pub purpose: Purpose,
    /// The maximum time since the person signed in at the provider, in seconds.
    pub max_age_s: Option<u64>,
    /// The accepted sign-in levels (`acr`), the best first.
    pub acr_values: Vec<String>,
}

/// Stores a pending sign-in and sends the browser to the provider.
pub(in crate::sso) async fn send(
    request: &HttpRequest,
    context: &Context,
    provider: &Provider,
    attempt: Attempt,
) -> Result<HttpResponse, SignInError> {
    let metadata = provider.metadata_to_sign_in().await?;
    let secure = context.urls.secure();
    let browser = Browser::of(request, &context.urls);
    let (state, nonce, verifier) = (
        state::random(attempt.purpose.needs_the_session()),
        token::random(),
        token::random(),
    );
    let pending = Pending {
        state_hash: token::hash(&state),
        browser_hash: browser.hash(),
        issuer: provider.issuer().to_owned(),
        nonce: nonce.clone(),
        verifier: verifier.clone(),
        return_to: attempt.return_to,
        created_at: context.clock.now().naive_utc(),
        purpose: attempt.purpose.to_stored()?,
    };
    note(context, silent::sealed(&context.keys, pending)).await?;
    let start = Start {
        state: &state,
        nonce: &nonce,
        verifier: &verifier,
        prompt: attempt.prompt,
        login_hint: attempt.login_hint.as_deref(),
        max_age_s: attempt.max_age_s,
        acr_values: &attempt.acr_values,
    };
    let url = provider.authorization_url(&metadata, &start)?;
    let mut response = context.depart(request, url.as_str());
    for cookie in browser.cookies(secure, context.providers.post_answers()) {
        // If the cookie cannot be set, the callback reports that it is missing.
        let _ = response.add_cookie(&cookie);
    }
    Ok(response)
}

async fn note(context: &Context, pending: Pending) -> Result<(), DatabaseError> {
    let expired = pending.created_at - TimeDelta::minutes(cookie::MINUTES);
    context
        .database
        .run(move |conn| Ok(sign_ins::begin(conn, &pending, expired, CAPS)?))
        .await
}
