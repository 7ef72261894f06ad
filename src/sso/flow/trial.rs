//! A trial sign-in for `bailiwick check --login`. It makes the same requests and checks, but begins
//! no session, and stores neither person nor audit event.
//!
//! It listens on loopback only, and accepts one response to a sign-in begun there.

use super::callback::{Answer, Outcome, check_issuer};
use super::cookie::{self, Browser};
use super::error::SignInError;
use crate::access::GroupsNote;
use crate::access::Person;
use crate::config::ServerConfig;
use crate::session::token;
use crate::sso::context::see_other;
use crate::sso::exchange::{CheckedClaims, Start, Vouched};
use crate::sso::provider::Provider;
use crate::store::sign_ins::Pending;
use crate::texts::text;
use crate::web::Urls;
use actix_web::http::header::{CACHE_CONTROL, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::DefaultHeaders;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use chrono::{TimeDelta, Utc};
use std::net::TcpListener;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use url::Url;

/// The maximum number of pending sign-ins: each reload of the first page begins one.
const MAX_ATTEMPTS: usize = 20;

/// The person who signed in, and what the provider sent.
#[derive(Debug)]
pub struct TrialResult {
    /// The person, as in a session.
    pub person: Person,
    /// The note on how the groups came.
    pub groups_note: GroupsNote,
    /// The claims.
    pub told: CheckedClaims,
}

/// Why the trial failed.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The sign-in was refused, as the panel would do.
    #[error(transparent)]
    Refused(#[from] SignInError),
    /// Nobody returned in time.
    #[error("nobody came back from the provider within {} s", .0.as_secs())]
    TooLate(Duration),
    /// The redirect URI is not on this machine.
    #[error("{0} is not an address of this machine, so the browser could not return to it")]
    Elsewhere(String),
    /// The port could not be opened.
    #[error("cannot listen for the answer: {0}")]
    Server(#[from] std::io::Error),
}

/// A trial that waits for its response.
struct Trial {
    provider: Provider,
    callback: String,
    urls: Urls,
    attempts: Mutex<Vec<Pending>>,
    outcome: Mutex<Option<oneshot::Sender<Result<TrialResult, SignInError>>>>,
}

/// The start address of a sign-in at a provider whose redirect URI is on this machine.
///
/// # Errors
/// When the redirect URI is elsewhere.
pub fn begins_at(provider: &Provider) -> Result<Url, TrialError> {
    let redirect_uri = &provider.settings().redirect_uri;
    let elsewhere = || TrialError::Elsewhere(redirect_uri.clone());
    let mut url = Url::parse(redirect_uri).map_err(|_| elsewhere())?;
    if url.scheme() != "http" || !crate::sso::exchange::probe::is_safe(redirect_uri) {
        return Err(elsewhere());
    }
    url.set_path("/");
    Ok(url)
}

/// Waits on the listener for one person to sign in. The provider's redirect URI must lead to it.
///
/// # Errors
/// When the sign-in is refused, or nobody returned in time.
pub async fn wait(
    provider: Provider,
    listener: TcpListener,
    within: Duration,
) -> Result<TrialResult, TrialError> {
    let address = begins_at(&provider)?;
    if !listener.local_addr()?.ip().is_loopback() {
        return Err(TrialError::Elsewhere(address.into()));
    }
    provider.metadata().await.map_err(SignInError::from)?;
    let (sender, receiver) = oneshot::channel();
    let redirect = Url::parse(&provider.settings().redirect_uri);
    let trial = web::Data::new(Trial {
        callback: redirect.map_or_else(|_| String::new(), |url| url.path().to_owned()),
        provider,
        urls: Urls::new(&ServerConfig::default()),
        attempts: Mutex::default(),
        outcome: Mutex::new(Some(sender)),
    });
    let server = HttpServer::new(move || {
        let headers = DefaultHeaders::new()
            .add((CACHE_CONTROL, "no-store"))
            .add((REFERRER_POLICY, "no-referrer"))
            .add((X_CONTENT_TYPE_OPTIONS, "nosniff"));
        App::new()
            .wrap(headers)
            .app_data(trial.clone())
            .default_service(web::get().to(answer))
    })
    .workers(1)
    .disable_signals()
    .shutdown_timeout(1)
    .listen(listener)?
    .run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    let outcome = tokio::time::timeout(within, receiver).await;
    // The last page is still being sent.
    handle.stop(true).await;
    match outcome {
        Ok(Ok(outcome)) => Ok(outcome?),
        Ok(Err(_)) | Err(_) => Err(TrialError::TooLate(within)),
    }
}

async fn answer(request: HttpRequest, trial: web::Data<Trial>) -> HttpResponse {
    let outcome = match request.path() {
        "/" => trial.begin(&request).await,
        path if path == trial.callback => trial.finish(&request).await,
        _ => return HttpResponse::NotFound().finish(),
    };
    outcome.unwrap_or_else(|error| {
        tracing::warn!(error = %error, "an answer was not taken");
        let text = format!("{}\n\n{}\n", error.title(), error.public_text());
        HttpResponse::build(error.status())
            .content_type("text/plain; charset=utf-8")
            .body(text)
    })
}

impl Trial {
    async fn begin(&self, request: &HttpRequest) -> Result<HttpResponse, SignInError> {
        let metadata = self.provider.metadata().await?;
        let browser = Browser::of(request, &self.urls);
        let (state, nonce, verifier) = (token::random(), token::random(), token::random());
        let start = Start::plain(&state, &nonce, &verifier);
        let url = self.provider.authorization_url(&metadata, &start)?;
        let mut attempts = self.attempts();
        if attempts.len() >= MAX_ATTEMPTS {
            attempts.remove(0);
        }
        attempts.push(Pending {
            state_hash: token::hash(&state),
            browser_hash: browser.hash(),
            issuer: self.provider.issuer().to_owned(),
            nonce,
            verifier,
            return_to: "/".to_owned(),
            created_at: Utc::now().naive_utc(),
            purpose: None,
        });
        let mut response = see_other(url.as_str());
        for cookie in browser.cookies(false, false) {
            // If the cookie cannot be set, the callback reports that it is missing.
            let _ = response.add_cookie(&cookie);
        }
        Ok(response)
    }

    async fn finish(&self, request: &HttpRequest) -> Result<HttpResponse, SignInError> {
        let answer = Answer::parse(request.query_string())?;
        let pending = self.consume(request, &answer.state)?;
        let outcome = self.conclude(answer, &pending).await;
        let page = match &outcome {
            Ok(_) => text!("trial-signed-in"),
            Err(error) => text!("trial-refused", title = error.title()),
        };
        let mut waiting = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = waiting.take() {
            // Nobody waits any more: the time limit has just passed.
            let _ = sender.send(outcome);
        }
        Ok(HttpResponse::Ok()
            .content_type("text/plain; charset=utf-8")
            .body(format!("{page}\n")))
    }

    /// Uses up the sign-in with this state, if this browser began it.
    fn consume(&self, request: &HttpRequest, state: &str) -> Result<Pending, SignInError> {
        let state_hash = token::hash(state);
        let oldest = Utc::now() - TimeDelta::minutes(cookie::MINUTES);
        let browsers = cookie::hashes(request, &self.urls);
        let mut attempts = self.attempts();
        attempts.retain(|attempt| attempt.created_at >= oldest.naive_utc());
        let found = attempts
            .iter()
            .position(|attempt| attempt.state_hash == state_hash)
            .ok_or(SignInError::NoAttempt)?;
        let is_ours = |attempt: &Pending| browsers.contains(&attempt.browser_hash);
        if attempts.get(found).is_some_and(is_ours) {
            Ok(attempts.swap_remove(found))
        } else if browsers.is_empty() {
            Err(SignInError::NoCookie)
        } else {
            Err(SignInError::Foreign)
        }
    }

    async fn conclude(
        &self,
        answer: Answer,
        pending: &Pending,
    ) -> Result<TrialResult, SignInError> {
        let metadata = self.provider.metadata().await?;
        check_issuer(answer.iss.as_deref(), pending, metadata.sends_iss)?;
        let code = match answer.outcome {
            Outcome::Code(code) => code,
            Outcome::Error { code, description } => {
                return Err(SignInError::Refused { code, description });
            }
        };
        let vouched = self.provider.redeem(&metadata, pending, &code, Utc::now());
        let Vouched {
            person,
            told,
            groups_note,
            ..
        } = vouched.await?;
        Ok(TrialResult {
            person,
            groups_note,
            told,
        })
    }

    fn attempts(&self) -> MutexGuard<'_, Vec<Pending>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
