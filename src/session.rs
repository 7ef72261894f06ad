//! Sessions. The cookie holds a random id; everything else is in the panel's own tables.
//!
//! A session is stored only for a signed-in person, as one row. Each part of the row has its own
//! statement ([`renewal`], `store::rechecks`), so concurrent requests keep each other's changes.
//! Requests read it as [`Signed`].

pub(crate) mod columns;
pub mod groups;
mod keyring;
mod origin;
mod present;
pub mod renewal;
mod rotation;
pub mod signed;
pub mod store;
pub(crate) mod token;

pub use keyring::{KeyError, Keyring, Sealed};
pub use origin::{begin_again, note_origin};
pub use present::Present;
pub use rotation::{OwnCookie, tidy_cookie};
pub use signed::{SessionError, Signed};
pub use store::{DieselStore, Limits, Unavailable, unavailable_for};

use crate::web::Urls;
use actix_session::SessionMiddleware;
use actix_session::config::{BrowserSession, CookieContentSecurity};
use actix_web::cookie::{Cookie, Key, SameSite};
use std::collections::HashMap;

/// The values of a session, as JSON by key.
type State = HashMap<String, String>;

/// The middleware that loads and writes sessions.
pub fn middleware(store: DieselStore, key: Key, urls: &Urls) -> SessionMiddleware<DieselStore> {
    SessionMiddleware::builder(store, key)
        .cookie_name(urls.cookie().to_owned())
        .cookie_secure(urls.secure())
        .cookie_http_only(true)
        // Strict would lose the session on the first page after the provider's redirect.
        .cookie_same_site(SameSite::Lax)
        .cookie_path("/".to_owned())
        .cookie_content_security(CookieContentSecurity::Signed)
        .session_lifecycle(BrowserSession::default())
        .build()
}

/// The session cookie, as the middleware sets it.
fn cookie(urls: &Urls, value: String) -> Cookie<'static> {
    Cookie::build(urls.cookie().to_owned(), value)
        .secure(urls.secure())
        .http_only(true)
        .same_site(SameSite::Lax)
        .path("/")
        .finish()
}
