//! Sessions: a random id in the cookie, everything else in the panel's own tables.
//!
//! Nothing is written for a request that is not signed in. The whole state is read before a
//! handler and written after it, so requests at the same time would overwrite each other's
//! changes: a session holds [`Signed`] and little else.

mod origin;
pub mod signed;
pub mod store;
pub(crate) mod token;

pub use origin::note_origin;
pub use signed::{SessionError, Signed};
pub use store::{DieselStore, Limits, Unavailable, unavailable_for};

use crate::secret::Secret;
use crate::store::{Database, DatabaseError, secrets};
use actix_session::SessionMiddleware;
use actix_session::config::{BrowserSession, CookieContentSecurity};
use actix_web::cookie::{Key, SameSite};

/// The shortest secret that cookies may be signed with, in bytes.
const MIN_SECRET: usize = 32;
/// The name of the key in the panel's own tables.
const COOKIE_KEY: &str = "cookie-key";

/// Why there is no key to sign cookies with.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The configured secret is too short.
    #[error("session.secret must have at least {MIN_SECRET} bytes; this one has {0}")]
    Short(usize),
    /// The key in the panel's own tables could not be read or made.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// The key that cookies are signed with: derived from the configured secret, or else made at the
/// first start and kept in the panel's own tables.
///
/// What protects a session is its id of 256 random bits; the signature only saves the database
/// from being asked about ids that were made up.
///
/// # Errors
/// When the secret is too short, or the database cannot be read.
pub async fn cookie_key(database: &Database, secret: Option<&Secret>) -> Result<Key, KeyError> {
    if let Some(secret) = secret {
        let bytes = secret.reveal().as_bytes();
        if bytes.len() < MIN_SECRET {
            return Err(KeyError::Short(bytes.len()));
        }
        return Ok(Key::derive_from(bytes));
    }
    let kept = database
        .run(|conn| {
            secrets::get_or_keep(conn, COOKIE_KEY, &token::random()).map_err(DatabaseError::from)
        })
        .await?;
    Ok(Key::derive_from(kept.as_bytes()))
}

/// The name of the session cookie. Browsers hold `__Host-` cookies to https, to one host and to
/// the whole of it; over plain http, which is for loopback only, they would refuse one.
pub fn cookie_name(secure: bool) -> &'static str {
    if secure {
        "__Host-bailiwick"
    } else {
        "bailiwick"
    }
}

/// The middleware that loads and writes sessions; `secure` says whether browsers use https.
pub fn middleware(store: DieselStore, key: Key, secure: bool) -> SessionMiddleware<DieselStore> {
    SessionMiddleware::builder(store, key)
        .cookie_name(cookie_name(secure).to_owned())
        .cookie_secure(secure)
        .cookie_http_only(true)
        // Strict would lose the session on the first page after the provider's redirect.
        .cookie_same_site(SameSite::Lax)
        .cookie_path("/".to_owned())
        .cookie_content_security(CookieContentSecurity::Signed)
        .session_lifecycle(BrowserSession::default())
        .build()
}
