//! The configured identity providers: `[oidc]`, and any number of others.

use super::Provider;
use crate::access::Person;
use std::sync::Arc;

/// Every provider, `[oidc]` first.
#[derive(Clone)]
pub struct Providers {
    main: Arc<Provider>,
    others: Arc<[Arc<Provider>]>,
}

impl Providers {
    /// The provider of `[oidc]`, and those of `[providers.NAME]`.
    pub fn new(main: Arc<Provider>, others: Vec<Arc<Provider>>) -> Self {
        Self {
            main,
            others: others.into(),
        }
    }

    /// The provider of `[oidc]`.
    pub fn main(&self) -> &Arc<Provider> {
        &self.main
    }

    /// Every provider.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Provider>> {
        std::iter::once(&self.main).chain(self.others.iter())
    }

    /// The provider with that issuer, byte for byte.
    pub fn of_issuer(&self, issuer: &str) -> Option<&Arc<Provider>> {
        self.iter().find(|provider| provider.issuer() == issuer)
    }

    /// The provider with that name in configuration; without a name, that of `[oidc]`.
    pub fn named(&self, name: Option<&str>) -> Option<&Arc<Provider>> {
        self.iter()
            .find(|provider| provider.settings.name.as_deref() == name)
    }

    /// Whether there is more than one.
    pub fn are_several(&self) -> bool {
        !self.others.is_empty()
    }

    /// Whether any of them sends its response in a form, posted from another site.
    pub fn post_answers(&self) -> bool {
        self.iter()
            .any(|provider| provider.settings.posts_answers())
    }

    /// The provider with that name; `oidc` is that of `[oidc]`.
    pub fn called(&self, name: &str) -> Option<&Arc<Provider>> {
        self.iter().find(|provider| provider.name() == name)
    }

    /// The provider that this person signed in with, if it is still configured.
    pub fn of(&self, person: &Person) -> Option<&Arc<Provider>> {
        self.of_issuer(&person.issuer)
    }
}
