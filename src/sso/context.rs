//! State shared by the handlers of sign-in and sign-out.

use super::pages::{Leave, Pages};
use super::provider::providers::Providers;
use super::token::verify;
use crate::access::{Person, Policies};
use crate::clock::Clock;
use crate::session::Keyring;
use crate::store::Database;
use crate::store::audit::Actor;
use crate::web::{RequestId, Urls, client_address, departure};
use actix_web::http::header::LOCATION;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use std::sync::{Arc, Mutex, PoisonError};

/// The maximum number of entries a minute.
const MOST_A_MINUTE: u32 = 60;

/// Counts entries for each minute.
#[derive(Default)]
pub struct Refusals(Mutex<(i64, u32)>);

impl Refusals {
    /// Whether one more entry is allowed in this minute.
    pub(in crate::sso) fn takes(&self, minute: i64) -> bool {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.0 != minute {
            *counted = (minute, 0);
        }
        counted.1 = counted.1.saturating_add(1);
        counted.1 <= MOST_A_MINUTE
    }
}

/// State of the handlers of sign-in and sign-out; app data, as `web::Data<Context>`.
pub struct Context {
    /// The identity providers.
    pub providers: Providers,
    /// Stores pending sign-ins, people and the audit log.
    pub database: Database,
    /// The clock.
    pub clock: Clock,
    /// Addresses of the panel.
    pub urls: Urls,
    /// The keys that encrypt stored tokens.
    pub keys: Keyring,
    /// Renders the pages.
    pub pages: Arc<dyn Pages>,
    /// The current policy: the groups that matter, and what they give.
    pub policies: Policies,
    /// Whether break-glass links are enabled (`[break_glass]`).
    pub break_glass: bool,
    /// Limits refusals in the audit log.
    pub refusals: Refusals,
}

impl Context {
    /// A path of the panel, with the prefix.
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

    /// Sends the browser to the provider, through a page of the panel if a redirect might be
    /// blocked.
    pub(in crate::sso) fn depart(&self, request: &HttpRequest, url: &str) -> HttpResponse {
        if !departure::follows_a_form(request, &self.urls) {
            return see_other(url);
        }
        let mut page = self.pages.leave(request, &Leave::to_sign_in(url));
        if let Err(error) = page.add_cookie(&departure::removal(&self.urls)) {
            tracing::error!(error = %error, "a cookie could not be removed");
        }
        page
    }
}

/// The allowed difference between a provider's clock and ours.
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
