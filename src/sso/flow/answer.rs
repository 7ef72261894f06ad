//! Responses of sign-in and sign-out.

use super::error::SignInError;
use super::{choose, circle, return_to};
use crate::sso::context::{Context, reference};
use crate::sso::pages::Problem;
use actix_web::http::header::{LOCATION, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse};

impl Context {
    /// Where to start again, if that may help.
    pub(in crate::sso) fn way_out(&self, error: &SignInError) -> Option<String> {
        match error {
            SignInError::InTheClear(address) => Some(address.clone()),
            error => error.start_again(|| self.url("/auth/login")),
        }
    }

    /// Redirects a person who has just signed in.
    pub(in crate::sso) fn arrived(&self, request: &HttpRequest, location: &str) -> HttpResponse {
        HttpResponse::SeeOther()
            .insert_header((LOCATION, location))
            .cookie(circle::noted(request, self))
            .finish()
    }

    /// The response, or a page with the error. Errors must never reach the session middleware: it
    /// would discard the changes of the session.
    pub(in crate::sso) fn answer(
        &self,
        request: &HttpRequest,
        outcome: Result<HttpResponse, SignInError>,
    ) -> HttpResponse {
        outcome.unwrap_or_else(|error| {
            let reference = reference(request);
            let status = error.status();
            let provider = self.providers.named(choose::of_path(request));
            let remedy = provider.and_then(|provider| error.remedy(provider));
            tracing::warn!(request.id = reference, http.status = status.as_u16(),
                oidc.provider = choose::of_path(request), error = %error, remedy,
                "a sign-in was refused");
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
                seen: if error.is_about_the_browser() {
                    circle::seen(request, self)
                } else {
                    Vec::new()
                },
            };
            let mut page = self.pages.problem(request, &problem);
            if let Some(seconds) = problem.retry_after_s {
                page.headers_mut().insert(RETRY_AFTER, seconds.into());
            }
            if matches!(error, SignInError::Circle { .. })
                && let Err(error) = page.add_cookie(&circle::removal(&self.urls))
            {
                tracing::error!(error = %error, "a cookie could not be removed");
            }
            page
        })
    }
}
