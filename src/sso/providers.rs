//! The identity providers that are configured: `[oidc]`, and any number beside it.

use super::Provider;
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
}
