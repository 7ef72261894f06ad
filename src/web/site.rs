//! What handlers share.

use super::pages::Pages;
use super::sizes::Sizes;
use super::urls::Urls;
use crate::access::Policies;
use crate::clock::Clock;
use crate::store::Database;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// A running panel, as its handlers see it.
pub struct Site {
    /// Where everything is.
    pub urls: Urls,
    /// Who may do what.
    pub policies: Policies,
    /// The managed database.
    pub database: Database,
    /// The templates.
    pub pages: Pages,
    /// How large tables are.
    pub sizes: Sizes,
    /// What time it is.
    pub clock: Clock,
    /// Whom a person without a role may ask.
    pub contact: Option<String>,
    /// The claim that holds the groups, for pages that explain.
    pub groups_claim: String,
    /// The proxies whose word on the client's address is taken.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether the panel is not ready while a provider does not answer.
    pub ready_needs_provider: bool,
    /// The exports that may run at a time: each holds a connection for as long as its client takes,
    /// and some must be left for everyone else.
    pub exports: Arc<Semaphore>,
}

/// How many exports may run at a time beside a pool of so many connections.
pub fn exports_beside(pool_size: u32) -> Arc<Semaphore> {
    let half = usize::try_from(pool_size / 2).unwrap_or(1);
    Arc::new(Semaphore::new(half.max(1)))
}
