//! Sign-in by OpenID Connect: the relying party.
//!
//! `openidconnect` makes the requests and does the signature's mathematics; whether a token lets
//! somebody in is decided in [`verify`], which is stricter and reads claims as JSON.

mod backchannel;
mod break_glass;
mod callback;
mod choose;
pub mod circle;
mod cookie;
mod error;
mod exchange;
mod form_post;
pub mod freshness;
pub mod groups;
mod json;
mod jws;
mod login;
mod logout;
mod logout_token;
mod metadata;
mod pages;
mod person;
pub mod probe;
mod provider;
mod providers;
mod refused;
pub mod return_to;
mod settings;
mod silent;
mod standing;
pub mod step_up;
mod third_party;
pub mod trial;
mod userinfo;
mod verify;
mod wire;

#[cfg(test)]
mod tests;

pub use backchannel::backchannel_routes;
pub use break_glass::Emergency;
pub use error::SignInError;
pub use exchange::{ExchangeError, Prompt, Told};
pub use freshness::{Ages, Freshness};
pub use groups::{Groups, GroupsNote};
pub use jws::JwsError;
pub use metadata::Metadata;
pub use pages::{Choice, Leave, Pages, Problem};
pub use person::of_claims;
pub use provider::{Provider, ProviderError};
pub use providers::Providers;
pub use refused::Refusals;
pub use settings::{Settings, SettingsError};
pub use standing::{Away, Standing};
pub use step_up::StepUpError;
pub use verify::TokenError;
pub use wire::WireError;

use crate::access::{Person, Policies};
use crate::clock::Clock;
use crate::session::Keyring;
use crate::store::Database;
use crate::store::audit::Actor;
use crate::web::{RequestId, Urls, client_address, departure, limits};
use actix_web::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY, RETRY_AFTER};
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use std::sync::Arc;

/// What the handlers of sign-in and sign-out work with; app data, as `web::Data<Context>`.
pub struct Context {
    /// The identity providers.
    pub providers: Providers,
    /// Where attempts, people and the audit are kept.
    pub database: Database,
    /// Tells the time.
    pub clock: Clock,
    /// Where things are.
    pub urls: Urls,
    /// What tokens are sealed with.
    pub keys: Keyring,
    /// How old a person's groups may be, and who is reading them again.
    pub freshness: Freshness,
    /// Renders the pages.
    pub pages: Arc<dyn Pages>,
    /// Which groups count, and what they give.
    pub policies: Policies,
    /// Whether links made on the server let people in (`[break_glass]`).
    pub break_glass: bool,
    /// Counts the refusals that go into the audit log.
    pub refusals: Refusals,
}

/// The routes of sign-in and sign-out, below the root and inside the session middleware.
pub fn routes(config: &mut web::ServiceConfig) {
    let scope = web::scope("/auth")
        .wrap(
            DefaultHeaders::new()
                .add((CACHE_CONTROL, "no-store"))
                .add((REFERRER_POLICY, "no-referrer")),
        )
        .service(
            web::resource("/login")
                .route(web::get().to(login::begin))
                .route(web::post().to(third_party::begin))
                .wrap(from_fn(limits::sign_ins)),
        )
        .service(web::resource("/over").route(web::get().to(form_post::over)))
        .service(
            web::resource(["/callback", "/callback/{provider}"])
                .route(web::get().to(callback::finish))
                .route(web::post().to(form_post::finish))
                .wrap(from_fn(limits::callbacks)),
        )
        .service(web::resource("/logout").route(web::post().to(logout::sign_out)))
        .service(
            web::resource("/break-glass")
                .route(web::get().to(break_glass::show))
                .route(web::post().to(break_glass::enter))
                .wrap(from_fn(limits::sign_ins)),
        )
        .service(web::resource("/signed-out").route(web::get().to(logout::signed_out)));
    config.service(scope);
}

impl Context {
    /// A path of ours, with the prefix.
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.urls.root())
    }

    fn actor(&self, request: &HttpRequest, person: &Person) -> Actor {
        Actor {
            person: person.clone(),
            roles: self.policies.current().role_names(person),
            request_id: reference(request),
            address: client_address(request),
            looking_as: None,
        }
    }

    /// Where to begin again, if that may help.
    fn way_out(&self, error: &SignInError) -> Option<String> {
        match error {
            SignInError::InTheClear(address) => Some(address.clone()),
            error => error.start_again(|| self.url("/auth/login")),
        }
    }

    /// Sends the browser to the provider: by a page of ours if a redirect might not be followed.
    fn depart(&self, request: &HttpRequest, url: &str) -> HttpResponse {
        if !departure::follows_a_form(request, &self.urls) {
            return see_other(url);
        }
        let mut page = self.pages.leave(request, &Leave::to_sign_in(url));
        if let Err(error) = page.add_cookie(&departure::removal(&self.urls)) {
            tracing::error!(error = %error, "a cookie could not be taken away");
        }
        page
    }

    /// Sends who has just signed in on their way.
    fn arrived(&self, request: &HttpRequest, location: &str) -> HttpResponse {
        HttpResponse::SeeOther()
            .insert_header((LOCATION, location))
            .cookie(circle::noted(request, self))
            .finish()
    }

    /// The answer, or a page that says why there is none. Errors never reach the session
    /// middleware as such: it would drop the session's changes.
    fn answer(
        &self,
        request: &HttpRequest,
        outcome: Result<HttpResponse, SignInError>,
    ) -> HttpResponse {
        outcome.unwrap_or_else(|error| {
            let reference = reference(request);
            let status = error.status();
            tracing::warn!(request.id = reference, http.status = status.as_u16(),
                oidc.provider = choose::of_path(request), error = %error, "a sign-in was refused");
            let problem = Problem {
                status,
                title: error.title(),
                text: error.public_text(),
                reference,
                retry_after_s: error.retry_after_s(),
                start_again: self.way_out(&error),
                home: error
                    .is_within_session()
                    .then(|| return_to::home(self.urls.mount())),
                seen: match error.is_about_the_browser() {
                    true => circle::seen(request, self),
                    false => Vec::new(),
                },
            };
            let mut page = self.pages.problem(request, &problem);
            if let Some(seconds) = problem.retry_after_s {
                page.headers_mut().insert(RETRY_AFTER, seconds.into());
            }
            if matches!(error, SignInError::Circle { .. })
                && let Err(error) = page.add_cookie(&circle::removal(&self.urls))
            {
                tracing::error!(error = %error, "a cookie could not be taken away");
            }
            page
        })
    }
}

/// How far the clock of a provider may be from ours.
pub fn skew_of(request: &HttpRequest, issuer: &str) -> chrono::TimeDelta {
    let context = request.app_data::<web::Data<Context>>();
    let provider = context.and_then(|context| context.providers.of_issuer(issuer));
    provider.map_or(verify::DEFAULT_SKEW, |provider| provider.skew())
}

fn reference(request: &HttpRequest) -> String {
    let extensions = request.extensions();
    let id = extensions.get::<RequestId>().map(|id| id.0.clone());
    id.unwrap_or_else(|| "-".into())
}

fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, location))
        .finish()
}
