//! What handlers share.

use super::keeper::Keeper;
use super::schema::Watch;
use super::sizes::Sizes;
use crate::access::{Person, Policies};
use crate::clock::Clock;
use crate::session::Limits;
use crate::sso::Providers;
use crate::store::Database;
use crate::web::pages::Pages;
use crate::web::urls::Urls;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// A running panel, as its handlers see it.
pub struct Site {
    /// Where everything is.
    pub urls: Urls,
    /// Who may do what.
    pub policies: Policies,
    /// Where roles come from.
    pub keeper: Keeper,
    /// The schema of the managed database, which may change.
    pub schema: Watch,
    /// The managed database.
    pub database: Database,
    /// The templates.
    pub pages: Pages,
    /// How large tables are.
    pub sizes: Sizes,
    /// What time it is.
    pub clock: Clock,
    /// How long sessions last.
    pub limits: Limits,
    /// Whom a person without a role may ask.
    pub contact: Option<String>,
    /// The identity providers, for pages that explain.
    pub providers: Providers,
    /// Whether the denied page says which groups would give a role.
    pub denied_shows_expected: bool,
    /// The proxies whose word on the client's address is taken.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether the panel is not ready while a provider does not answer.
    pub ready_needs_provider: bool,
    /// The exports that may run at a time: each holds a connection for as long as its client takes,
    /// and some must be left for everyone else.
    pub exports: Arc<Semaphore>,
}

impl Site {
    /// The claim in which this person's groups are looked for.
    pub fn groups_claim(&self, person: &Person) -> &str {
        let provider = self.providers.of(person);
        provider.map_or("groups", |provider| provider.groups_claim())
    }

    /// What the provider is called that this person signed in by, if there are several.
    pub fn provider_label(&self, person: &Person) -> Option<&str> {
        let provider = self.providers.of(person);
        let provider = provider.filter(|_| self.providers.are_several());
        provider.map(|provider| provider.label())
    }
}

/// How many exports may run at a time beside a pool of so many connections.
pub fn exports_beside(pool_size: u32) -> Arc<Semaphore> {
    let half = usize::try_from(pool_size / 2).unwrap_or(1);
    Arc::new(Semaphore::new(half.max(1)))
}
