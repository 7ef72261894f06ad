//! Tracks who a database access is for. It is bound to the task instead of passed through every
//! call, so that no handler can forget it. Everything inside [`on_behalf_of`] counts for that
//! party.

use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

tokio::task_local! {
    static NOW: Arc<Party>;
}

/// Who work is done for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum OnBehalfOf {
    /// The panel itself: sessions, health, roles.
    Panel,
    /// The panel, for work that can wait.
    Chores,
    /// A person, by a hash of issuer and subject.
    Person(u64),
    /// A client that is not signed in, by address.
    Stranger(Option<IpAddr>),
}

/// Who work is done for, and about which table.
#[derive(Debug)]
pub struct Party {
    /// Who work is done for.
    pub who: OnBehalfOf,
    about: OnceLock<String>,
}

impl Party {
    fn new(who: OnBehalfOf) -> Arc<Self> {
        Arc::new(Self {
            who,
            about: OnceLock::new(),
        })
    }

    /// The resource, once it is known.
    pub fn resource(&self) -> Option<&str> {
        self.about.get().map(String::as_str)
    }

    /// Whether work is cancelled when nobody waits for it any more.
    pub fn is_cut_short(&self) -> bool {
        matches!(self.who, OnBehalfOf::Person(_))
    }
}

/// Runs work for somebody.
pub async fn on_behalf_of<F: Future>(who: OnBehalfOf, work: F) -> F::Output {
    NOW.scope(Party::new(who), work).await
}

/// Sets the resource that the work is about.
pub fn about(resource: &str) {
    let _ = NOW.try_with(|party| party.about.set(resource.to_owned()));
}

/// The current party; [`OnBehalfOf::Panel`] by default.
pub fn current() -> Arc<Party> {
    NOW.try_with(Arc::clone)
        .unwrap_or_else(|_| Party::new(OnBehalfOf::Panel))
}

/// Binds work of a separate task to the current party.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> + use<F> {
    NOW.scope(current(), work)
}
