//! The scopes of the authorization request.

use serde::de::{Deserialize, Deserializer};
use std::ops::{Deref, DerefMut};

/// The scopes requested; `openid` is always among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes {
    all: Vec<String>,
    is_default: bool,
}

impl Scopes {
    /// The scopes as configured.
    pub fn of(all: Vec<String>) -> Self {
        Self {
            all,
            is_default: false,
        }
    }

    /// Scopes requested only if the provider lists them. They are defaults, and some providers
    /// refuse a sign-in with an unknown scope.
    pub(crate) fn if_listed(&self) -> &'static [&'static str] {
        if self.is_default { &["groups"] } else { &[] }
    }
}

impl Default for Scopes {
    fn default() -> Self {
        Self {
            all: ["openid", "profile", "email", "groups"]
                .map(String::from)
                .into(),
            is_default: true,
        }
    }
}

impl Deref for Scopes {
    type Target = Vec<String>;

    fn deref(&self) -> &Vec<String> {
        &self.all
    }
}

impl DerefMut for Scopes {
    fn deref_mut(&mut self) -> &mut Vec<String> {
        &mut self.all
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Vec::deserialize(from).map(Self::of)
    }
}
