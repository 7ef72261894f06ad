//! State shared by all requests to the provider: settings, key, pages and sessions.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpRequest, HttpResponse};
use chrono::TimeDelta;
use openidconnect::IssuerUrl;

use super::keys::Keys;
use super::pages::Pages;
use super::settings::{Person, ProviderSettings};
use super::store::{Session, Store};

/// The state shared by all requests.
#[derive(Debug)]
pub(super) struct Shared {
    pub issuer: IssuerUrl,
    pub cookie: String,
    pub settings: ProviderSettings,
    pub keys: Keys,
    pub pages: Pages,
    pub store: Mutex<Store>,
    /// The client for back-channel logout.
    pub client: reqwest::Client,
}

impl Shared {
    /// Must not be held across an `await`, nor while calling anything that locks it again.
    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn session_of(&self, request: &HttpRequest) -> Option<Session> {
        let cookie = request.cookie(&self.cookie)?;
        self.store().session(cookie.value()).cloned()
    }

    pub(super) fn is_redirect_uri(&self, uri: &str) -> bool {
        let is_same = |known: &String| known == uri;
        self.settings.redirect_uris.iter().any(is_same)
            || self.store().redirect_uris.iter().any(is_same)
    }

    pub(super) fn is_post_logout_redirect_uri(&self, uri: &str) -> bool {
        let is_same = |known: &String| known == uri;
        self.settings.post_logout_redirect_uris.iter().any(is_same)
            || self.store().post_logout_redirect_uris.iter().any(is_same)
    }

    pub(super) fn backchannel_logout_uris(&self) -> Vec<String> {
        let mut all = self.settings.backchannel_logout_uris.clone();
        all.extend_from_slice(&self.store().backchannel_logout_uris);
        all
    }

    pub(super) fn set_groups(&self, name: &str, groups: Vec<String>) -> Option<Person> {
        let mut store = self.store();
        let person = store.people.iter_mut().find(|person| person.name == name)?;
        person.groups = groups;
        Some(person.clone())
    }

    /// The cookie cannot be `Secure`, because loopback uses plain HTTP.
    pub(super) fn set_cookie(&self, response: &mut HttpResponse, value: &str) {
        let cookie = Cookie::build(&self.cookie, value)
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax);
        if let Err(error) = response.add_cookie(&cookie.finish()) {
            tracing::error!(%error, "cannot set the development provider's cookie");
        }
    }

    pub(super) fn clear_cookie(&self, response: &mut HttpResponse) {
        let mut cookie = Cookie::build(&self.cookie, "")
            .path("/")
            .http_only(true)
            .finish();
        cookie.make_removal();
        if let Err(error) = response.add_cookie(&cookie) {
            tracing::error!(%error, "cannot clear the development provider's cookie");
        }
    }
}

/// Whether the browser says that the form comes from another site.
pub(super) fn is_foreign(request: &HttpRequest) -> bool {
    let site = request
        .headers()
        .get("Sec-Fetch-Site")
        .and_then(|value| value.to_str().ok());
    !matches!(site, None | Some("same-origin" | "none"))
}

pub(super) fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
