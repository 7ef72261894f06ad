//! Keys that sign cookies and seal tokens.
//!
//! New cookies and tokens use the first key; the older keys are still accepted. Thus a key can be
//! replaced while people are signed in. All cryptography comes from the `cookie` crate.

use super::token;
use crate::secret::Secret;
use crate::store::{Database, DatabaseError, secrets};
use actix_web::cookie::{Cookie, CookieJar, Key};
use serde::{Deserialize, Serialize};

/// The name of the secret in the panel's own tables.
const COOKIE_KEY: &str = "cookie-key";

/// The minimum length of a configured secret, in bytes.
const MIN_SECRET: usize = 32;

/// Why the keys could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A configured secret is too short.
    #[error("session.secret must have at least {MIN_SECRET} bytes; this one has {0}")]
    Short(usize),
    /// The stored key could not be read or created.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// The key for new cookies and tokens, and older keys that are still accepted.
#[derive(Clone)]
pub struct Keyring {
    first: Key,
    older: Vec<Key>,
}

/// A text that only this panel can read, for its tables.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Keyring {
    /// Derives the keys from the configured secrets. Without such secrets, uses the one that the
    /// first start created and stored in the panel's own tables.
    ///
    /// A session is protected by its id of 256 random bits. The signature only saves database
    /// queries for invented ids. Sealed tokens are protected by the key. To keep the key from
    /// people who can read the database, configure a secret.
    ///
    /// # Errors
    /// When a secret is too short, or the database cannot be read.
    pub async fn open(database: &Database, configured: &[Secret]) -> Result<Self, KeyError> {
        let mut lengths = configured.iter().map(|secret| secret.reveal().len());
        if let Some(short) = lengths.find(|length| *length < MIN_SECRET) {
            return Err(KeyError::Short(short));
        }
        let derive = |secret: &Secret| Key::derive_from(secret.reveal().as_bytes());
        if let [first, older @ ..] = configured {
            return Ok(Self {
                first: derive(first),
                older: older.iter().map(derive).collect(),
            });
        }
        let kept = database
            .run(|conn| {
                let fresh = token::random();
                secrets::get_or_keep(conn, COOKIE_KEY, &fresh).map_err(DatabaseError::from)
            })
            .await?;
        Ok(Self {
            first: derive(&Secret::new(kept)),
            older: Vec::new(),
        })
    }

    /// The key for new cookies and tokens.
    pub fn first(&self) -> &Key {
        &self.first
    }

    /// The value of a cookie signed with the first key; none for any other cookie.
    pub(super) fn verified(&self, cookie: Cookie<'static>) -> Option<String> {
        let plain = CookieJar::new().signed(&self.first).verify(cookie)?;
        Some(plain.value().to_owned())
    }

    /// A cookie with this value, signed with the first key.
    pub(super) fn signed(&self, name: &str, value: String) -> Cookie<'static> {
        let mut jar = CookieJar::new();
        let cookie = Cookie::new(name.to_owned(), value);
        jar.signed_mut(&self.first).add(cookie.clone());
        jar.get(name).cloned().unwrap_or(cookie)
    }

    /// The same cookie signed with the first key; none unless an older key signed it.
    pub(super) fn signed_anew(&self, cookie: &Cookie<'static>) -> Option<Cookie<'static>> {
        let jar = CookieJar::new();
        if jar.signed(&self.first).verify(cookie.clone()).is_some() {
            return None;
        }
        let mut known = self.older.iter();
        let plain = known.find_map(|key| jar.signed(key).verify(cookie.clone()))?;
        let name = plain.name().to_owned();
        let mut jar = CookieJar::new();
        jar.signed_mut(&self.first).add(plain);
        jar.get(&name).cloned()
    }

    /// The cookie under another name, signed with the first key; none unless one of the keys signed
    /// it.
    pub(super) fn renamed(&self, cookie: &Cookie<'static>, name: &str) -> Option<Cookie<'static>> {
        let jar = CookieJar::new();
        let mut known = std::iter::once(&self.first).chain(&self.older);
        let mut plain = known.find_map(|key| jar.signed(key).verify(cookie.clone()))?;
        plain.set_name(name.to_owned());
        let mut jar = CookieJar::new();
        jar.signed_mut(&self.first).add(plain);
        jar.get(name).cloned()
    }

    /// Seals a text for a purpose, such as `ID token of R7`. It can be opened only for the same
    /// purpose.
    pub fn seal(&self, what: &str, text: &str) -> Sealed {
        let mut jar = CookieJar::new();
        let cookie = Cookie::new(what.to_owned(), text.to_owned());
        jar.private_mut(&self.first).add(cookie);
        let sealed = jar.get(what).map(|cookie| cookie.value().to_owned());
        Sealed(sealed.unwrap_or_default())
    }

    /// Opens a sealed text. None if it was changed, or sealed for another purpose or with an
    /// unknown key.
    pub fn unseal(&self, what: &str, sealed: &Sealed) -> Option<String> {
        let cookie = Cookie::new(what.to_owned(), sealed.0.clone());
        let jar = CookieJar::new();
        std::iter::once(&self.first)
            .chain(&self.older)
            .find_map(|key| jar.private(key).decrypt(cookie.clone()))
            .map(|cookie| cookie.value().to_owned())
    }
}

impl Sealed {
    /// The sealed text, as it is stored.
    pub fn as_text(&self) -> &str {
        &self.0
    }

    /// A sealed text from storage.
    pub fn of_text(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn ring(keys: &[&str]) -> Keyring {
        let mut keys = keys
            .iter()
            .map(|key| Key::derive_from(key.repeat(8).as_bytes()));
        Keyring {
            first: keys.next().unwrap(),
            older: keys.collect(),
        }
    }

    #[test]
    fn what_is_sealed_cannot_be_read_changed_or_moved() {
        let (ring, other) = (ring(&["one-"]), ring(&["two-"]));
        let sealed = ring.seal("token of a", "canary");
        assert!(!sealed.as_text().contains("canary"));
        assert!(ring.seal("token of a", "canary") != sealed);
        assert_eq!(ring.unseal("token of a", &sealed).unwrap(), "canary");
        assert_eq!(ring.unseal("token of b", &sealed), None);
        assert_eq!(other.unseal("token of a", &sealed), None);
        let mut changed = sealed.as_text().to_owned();
        let last = changed.pop().unwrap();
        changed.push(if last == 'A' { 'B' } else { 'A' });
        assert_eq!(ring.unseal("token of a", &Sealed::of_text(changed)), None);
        assert_eq!(
            ring.unseal("token of a", &Sealed::of_text("canary".into())),
            None
        );
    }

    #[test]
    fn the_first_key_seals_and_all_open() {
        let old = ring(&["one-"]).seal("t", "canary");
        let rotated = ring(&["two-", "one-"]);
        assert_eq!(rotated.unseal("t", &old).unwrap(), "canary");
        let new = rotated.seal("t", "canary");
        assert_eq!(ring(&["one-"]).unseal("t", &new), None);
        assert_eq!(ring(&["two-"]).unseal("t", &new).unwrap(), "canary");
        assert_eq!(ring(&["two-"]).unseal("t", &old), None);
    }
}
