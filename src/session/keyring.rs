//! The keys that cookies are signed and tokens are sealed with.
//!
//! The first signs and seals, all verify and open: so a key can be replaced while people are
//! signed in. All cryptography is that of the `cookie` crate.

use super::token;
use crate::secret::Secret;
use crate::store::{Database, DatabaseError, secrets};
use actix_web::cookie::{Cookie, CookieJar, Key};
use serde::{Deserialize, Serialize};

/// The name of the key in the panel's own tables.
const COOKIE_KEY: &str = "cookie-key";

/// The shortest secret that keys are derived from, in bytes.
const MIN_SECRET: usize = 32;

/// Why there is no key to sign cookies with.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A configured secret is too short.
    #[error("session.secret must have at least {MIN_SECRET} bytes; this one has {0}")]
    Short(usize),
    /// The key in the panel's own tables could not be read or made.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Keys: one to sign and seal with, and older ones that are still understood.
#[derive(Clone)]
pub struct Keyring {
    first: Key,
    older: Vec<Key>,
}

/// A text that only this panel can read; it goes into its tables.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Keyring {
    /// The keys of the configured secrets, or else the one that was made at the first start and is
    /// kept in the panel's own tables.
    ///
    /// What protects a session is its id of 256 random bits; the signature only saves the database
    /// from being asked about ids that were made up. What protects sealed tokens is the key: to
    /// keep it from those who can read the database, configure a secret.
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

    /// The key that signs.
    pub fn first(&self) -> &Key {
        &self.first
    }

    /// What a cookie says that was signed with the first key.
    pub(super) fn verified(&self, cookie: Cookie<'static>) -> Option<String> {
        let plain = CookieJar::new().signed(&self.first).verify(cookie)?;
        Some(plain.value().to_owned())
    }

    /// A cookie that says this, signed with the first key.
    pub(super) fn signed(&self, name: &str, value: String) -> Cookie<'static> {
        let mut jar = CookieJar::new();
        let cookie = Cookie::new(name.to_owned(), value);
        jar.signed_mut(&self.first).add(cookie.clone());
        jar.get(name).cloned().unwrap_or(cookie)
    }

    /// The same cookie signed with the first key, if it was signed with an older one.
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

    /// A cookie that one of the keys verifies, under another name and signed with the first.
    pub(super) fn renamed(&self, cookie: &Cookie<'static>, name: &str) -> Option<Cookie<'static>> {
        let jar = CookieJar::new();
        let mut known = std::iter::once(&self.first).chain(&self.older);
        let mut plain = known.find_map(|key| jar.signed(key).verify(cookie.clone()))?;
        plain.set_name(name.to_owned());
        let mut jar = CookieJar::new();
        jar.signed_mut(&self.first).add(plain);
        jar.get(name).cloned()
    }

    /// Seals a text. It can be opened only as what it was sealed as, such as `id-token of R7`.
    pub fn seal(&self, what: &str, text: &str) -> Sealed {
        let mut jar = CookieJar::new();
        let cookie = Cookie::new(what.to_owned(), text.to_owned());
        jar.private_mut(&self.first).add(cookie);
        let sealed = jar.get(what).map(|cookie| cookie.value().to_owned());
        Sealed(sealed.unwrap_or_default())
    }

    /// The text in it; none if it was changed, or sealed as something else or with another key.
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
    /// As it is kept.
    pub fn as_text(&self) -> &str {
        &self.0
    }

    /// As it was kept.
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
