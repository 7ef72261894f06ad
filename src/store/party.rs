//! For whom the database is asked. It goes with the task and not through every call, so that no
//! handler can forget it: what is asked inside [`on_behalf_of`] counts as that party's.

use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

tokio::task_local! {
    static NOW: Arc<Party>;
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    /// The panel itself: sessions, health, roles.
    Panel,
    /// The panel, with what can wait.
    Chores,
    /// A person, by a hash of issuer and subject.
    Person(u64),
    /// Somebody who is not signed in, by address.
    Stranger(Option<IpAddr>),
}

/// Who asks, and about which table.
#[derive(Debug)]
pub struct Party {
    /// Who asks.
    pub who: Who,
    about: OnceLock<String>,
}

impl Party {
    fn new(who: Who) -> Arc<Self> {
        Arc::new(Self {
            who,
            about: OnceLock::new(),
        })
    }

    /// The resource, once it is known.
    pub fn resource(&self) -> Option<&str> {
        self.about.get().map(String::as_str)
    }

    /// Whether work is cut short when nobody waits for it any more.
    pub fn is_cut_short(&self) -> bool {
        matches!(self.who, Who::Person(_))
    }
}

/// Runs a piece of work for somebody.
pub async fn on_behalf_of<F: Future>(who: Who, work: F) -> F::Output {
    NOW.scope(Party::new(who), work).await
}

/// Says which resource the work is about.
pub fn about(resource: &str) {
    let _ = NOW.try_with(|party| party.about.set(resource.to_owned()));
}

/// For whom work is done now; [`Who::Panel`] where nobody has said.
pub fn current() -> Arc<Party> {
    NOW.try_with(Arc::clone)
        .unwrap_or_else(|_| Party::new(Who::Panel))
}

/// Work for whoever is asking now, to be run by a task of its own.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> + use<F> {
    NOW.scope(current(), work)
}
