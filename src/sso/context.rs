//! What the handlers of sign-in and sign-out share.

use super::flow::error::SignInError;
use super::flow::refused::Refusals;
use super::flow::{choose, circle, return_to};
use super::freshness::Freshness;
use super::pages::{Leave, Pages, Problem};
use super::provider::providers::Providers;
use super::token::verify;
use crate::access::{Person, Policies};
use crate::clock::Clock;
use crate::session::Keyring;
use crate::store::Database;
use crate::store::audit::Actor;
use crate::web::{RequestId, Urls, client_address, departure};
use actix_web::http::header::{LOCATION, RETRY_AFTER};
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

impl Context {
    /// A path of ours, with the prefix.
    pub(in crate::sso) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.urls.root())
    }

    pub(in crate::sso) fn actor(&self, request: &HttpRequest, person: &Person) -> Actor {
        Actor {
            person: person.clone(),
            roles: self.policies.current().role_names(person),
            request_id: reference(request),
            address: client_address(request),
            looking_as: None,
        }
    }

    /// Where to begin again, if that may help.
    pub(in crate::sso) fn way_out(&self, error: &SignInError) -> Option<String> {
        match error {
            SignInError::InTheClear(address) => Some(address.clone()),
            error => error.start_again(|| self.url("/auth/login")),
        }
    }

    /// Sends the browser to the provider: by a page of ours if a redirect might not be followed.
    pub(in crate::sso) fn depart(&self, request: &HttpRequest, url: &str) -> HttpResponse {
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
    pub(in crate::sso) fn arrived(&self, request: &HttpRequest, location: &str) -> HttpResponse {
        HttpResponse::SeeOther()
            .insert_header((LOCATION, location))
            .cookie(circle::noted(request, self))
            .finish()
    }

    /// The answer, or a page that says why there is none. Errors never reach the session
    /// middleware as such: it would drop the session's changes.
    pub(in crate::sso) fn answer(
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

pub(in crate::sso) fn reference(request: &HttpRequest) -> String {
    let extensions = request.extensions();
    let id = extensions.get::<RequestId>().map(|id| id.0.clone());
    id.unwrap_or_else(|| "-".into())
}

pub(in crate::sso) fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, location))
        .finish()
}
