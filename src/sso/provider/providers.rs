//! The identity providers that are configured: `[oidc]`, and any number beside it.

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

    /// The provider of that issuer, byte for byte.
    pub fn of_issuer(&self, issuer: &str) -> Option<&Arc<Provider>> {
        self.iter().find(|provider| provider.issuer() == issuer)
    }

    /// The provider of that name in configuration; without a name that of `[oidc]`.
    pub fn named(&self, name: Option<&str>) -> Option<&Arc<Provider>> {
        self.iter()
            .find(|provider| provider.settings.name.as_deref() == name)
    }

    /// Whether there is more than one.
    pub fn are_several(&self) -> bool {
        !self.others.is_empty()
    }

    /// Whether answers of any of them come in a form that another site has the browser post.
    pub fn post_answers(&self) -> bool {
        self.iter()
            .any(|provider| provider.settings.posts_answers())
    }

    /// The provider of that name, where `oidc` is that of `[oidc]`.
    pub fn called(&self, name: &str) -> Option<&Arc<Provider>> {
        self.iter().find(|provider| provider.name() == name)
    }

    /// The provider that this person signed in by, if it is still configured.
    pub fn of(&self, person: &Person) -> Option<&Arc<Provider>> {
        self.of_issuer(&person.issuer)
    }
}
