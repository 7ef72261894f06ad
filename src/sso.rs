//! Sign-in by OpenID Connect: the relying party.
//!
//! `openidconnect` makes the requests and does the signature's mathematics; whether a token lets
//! somebody in is decided in [`verify`], which is stricter and reads claims as JSON.

mod callback;
mod cookie;
mod error;
mod exchange;
pub mod freshness;
pub mod groups;
mod json;
mod jws;
mod login;
mod logout;
mod metadata;
mod pages;
mod person;
pub mod probe;
mod provider;
mod providers;
pub mod return_to;
pub mod trial;
mod verify;
mod wire;

#[cfg(test)]
mod tests;

pub use error::SignInError;
pub use exchange::{ExchangeError, Prompt, Told};
pub use groups::{Groups, GroupsNote};
pub use jws::JwsError;
pub use metadata::Metadata;
pub use pages::{Pages, Problem};
pub use person::of_claims;
pub use provider::{Provider, ProviderError, Settings, SettingsError};
pub use providers::Providers;
pub use verify::TokenError;
pub use wire::WireError;

use crate::access::Person;
use crate::clock::Clock;
use crate::store::Database;
use crate::store::audit::Actor;
use crate::web::{RequestId, Urls, client_address};
use actix_web::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use actix_web::middleware::DefaultHeaders;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use std::sync::Arc;

/// Tells the names of a person's roles, for the audit.
pub type RolesOf = Arc<dyn Fn(&Person) -> Vec<String> + Send + Sync>;

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
    /// Renders the pages.
    pub pages: Arc<dyn Pages>,
    /// Tells the names of a person's roles.
    pub roles_of: RolesOf,
}

/// The routes of sign-in and sign-out, below the root and inside the session middleware.
pub fn routes(config: &mut web::ServiceConfig) {
    let scope = web::scope("/auth")
        .wrap(
            DefaultHeaders::new()
                .add((CACHE_CONTROL, "no-store"))
                .add((REFERRER_POLICY, "no-referrer")),
        )
        .service(web::resource("/login").route(web::get().to(login::begin)))
        .service(web::resource("/callback").route(web::get().to(callback::finish)))
        .service(web::resource("/logout").route(web::post().to(logout::sign_out)))
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
            roles: (self.roles_of)(person),
            request_id: reference(request),
            address: client_address(request),
        }
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
            tracing::warn!(request.id = reference, http.status = status.as_u16(), error = %error,
                "a sign-in was refused");
            let problem = Problem {
                status,
                title: error.title(),
                text: error.public_text(),
                reference,
                retry_after_s: error.retry_after_s(),
                start_again: error.may_start_again().then(|| self.url("/auth/login")),
            };
            self.pages.problem(request, &problem)
        })
    }
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
