//! Limits how many connections each person and table may hold at a time.
//!
//! Some connections are reserved for the panel itself (sessions, sign-in, health). No person gets
//! more than a share of the others, and no table more than most of them. Everyone queues behind
//! their own work first, so that one person's long queue delays nobody else.

use crate::store::party::{OnBehalfOf, Party};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Limits on connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// All connections.
    pub all: usize,
    /// Connections for people's work.
    pub work: usize,
    /// Of those, the maximum for one person.
    pub a_person: usize,
    /// Of those, the maximum for one table: a locked table blocks all its statements.
    pub a_table: usize,
    /// The maximum for one address without a signed-in person.
    pub a_stranger: usize,
}

impl Parts {
    /// Reserves a quarter; one person gets at most half of the rest.
    pub fn of(size: u32) -> Self {
        let all = usize::try_from(size).unwrap_or(1).max(1);
        let kept = match all {
            1 => 0,
            _ => (all / 4).max(1),
        };
        let work = all - kept;
        Self {
            all,
            work,
            a_person: work.div_ceil(2),
            a_table: (work * 2).div_ceil(3),
            a_stranger: kept.max(1).div_ceil(2),
        }
    }
}

/// What has a queue of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Line {
    Person(u64),
    Chores,
    Stranger(Option<IpAddr>),
    Table(String),
}

/// The semaphores of a connection pool.
pub struct Shares {
    parts: Parts,
    all: Arc<Semaphore>,
    work: Arc<Semaphore>,
    lines: Mutex<HashMap<Line, Weak<Semaphore>>>,
}

/// A permit for one connection, released when dropped. Fields are dropped in order, so that whoever
/// is admitted finds a connection.
pub struct Place {
    _all: Option<OwnedSemaphorePermit>,
    _work: Option<OwnedSemaphorePermit>,
    _lines: Vec<InLine>,
}

/// A place in a queue; the queue exists while somebody is in it.
struct InLine {
    _permit: Option<OwnedSemaphorePermit>,
    _line: Arc<Semaphore>,
}

async fn take(places: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    // These semaphores are never closed.
    Arc::clone(places).acquire_owned().await.ok()
}

impl Shares {
    /// Semaphores for this many connections.
    pub fn new(size: u32) -> Self {
        let parts = Parts::of(size);
        Self {
            parts,
            all: Arc::new(Semaphore::new(parts.all)),
            work: Arc::new(Semaphore::new(parts.work)),
            lines: Mutex::default(),
        }
    }

    /// Waits for a place.
    pub async fn place(&self, party: &Party) -> Place {
        let Parts {
            a_person,
            a_table,
            a_stranger,
            ..
        } = self.parts;
        let mut lines = Vec::new();
        let (own, works) = match &party.who {
            OnBehalfOf::Panel => (None, false),
            OnBehalfOf::Chores => (Some((Line::Chores, 1)), true),
            OnBehalfOf::Person(person) => (Some((Line::Person(*person), a_person)), true),
            OnBehalfOf::Stranger(address) => (Some((Line::Stranger(*address), a_stranger)), false),
        };
        if let Some((line, most)) = own {
            lines.push(self.stand_in(line, most).await);
        }
        if works && let Some(resource) = party.resource() {
            let line = Line::Table(resource.to_owned());
            lines.push(self.stand_in(line, a_table).await);
        }
        let work = if works { take(&self.work).await } else { None };
        Place {
            _all: take(&self.all).await,
            _work: work,
            _lines: lines,
        }
    }

    async fn stand_in(&self, line: Line, most: usize) -> InLine {
        let line = self.line(line, most);
        InLine {
            _permit: take(&line).await,
            _line: line,
        }
    }

    fn line(&self, line: Line, most: usize) -> Arc<Semaphore> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lines.get(&line).and_then(Weak::upgrade) {
            return known;
        }
        // Empty queues are removed from time to time.
        if lines.len() >= lines.capacity() {
            lines.retain(|_, line| line.strong_count() > 0);
        }
        let new = Arc::new(Semaphore::new(most));
        lines.insert(line, Arc::downgrade(&new));
        new
    }
}

#[cfg(test)]
mod tests {
    use super::Parts;

    #[test]
    fn nobody_has_everything_where_there_is_something_to_share() {
        for (size, parts) in [
            (1, [1, 1, 1, 1, 1]),
            (2, [2, 1, 1, 1, 1]),
            (4, [4, 3, 2, 2, 1]),
            (8, [8, 6, 3, 4, 1]),
            (20, [20, 15, 8, 10, 3]),
        ] {
            let [all, work, a_person, a_table, a_stranger] = parts;
            let expected = Parts {
                all,
                work,
                a_person,
                a_table,
                a_stranger,
            };
            assert_eq!(Parts::of(size), expected, "{size}");
        }
    }
}
