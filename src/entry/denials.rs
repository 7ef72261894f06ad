//! Limits denials in the audit log. Each person gets a limited number of entries a minute; further
//! denials are counted and reported by the next entry.

use crate::store::audit::Actor;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The maximum number of entries of one person within [`WINDOW_S`].
const NOTED: u32 = 60;
const WINDOW_S: i64 = 60;

/// The denials of the last minute, by person.
#[derive(Default)]
pub struct Denials(Mutex<HashMap<(String, String), RecentDenials>>);

struct RecentDenials {
    since_s: i64,
    noted: u32,
    /// Denials that are not in an entry yet.
    more: u64,
    last: Actor,
}

impl Denials {
    fn all(&self) -> MutexGuard<'_, HashMap<(String, String), RecentDenials>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a denial. If it should become an entry, returns how many uncounted ones to report
    /// with it.
    pub fn count(&self, actor: &Actor, now: DateTime<Utc>) -> Option<u64> {
        let now_s = now.timestamp();
        let person = &actor.person;
        let key = (person.issuer.clone(), person.subject.clone());
        let mut all = self.all();
        let refused = all.entry(key).or_insert_with(|| RecentDenials {
            since_s: now_s,
            noted: 0,
            more: 0,
            last: actor.clone(),
        });
        if now_s.saturating_sub(refused.since_s) >= WINDOW_S {
            refused.since_s = now_s;
            refused.noted = 0;
        }
        if refused.noted < NOTED {
            refused.noted += 1;
            return Some(std::mem::take(&mut refused.more));
        }
        refused.more += 1;
        refused.last = actor.clone();
        None
    }

    /// Removes people without a denial in the last minute. Returns how many of their denials are
    /// not in an entry yet.
    pub fn settled(&self, now: DateTime<Utc>) -> Vec<(Actor, u64)> {
        let now_s = now.timestamp();
        let mut all = self.all();
        let (over, going_on) = std::mem::take(&mut *all)
            .into_iter()
            .partition(|(_, refused)| now_s.saturating_sub(refused.since_s) >= WINDOW_S);
        *all = going_on;
        let over: HashMap<_, RecentDenials> = over;
        let untold = over.into_values().filter(|refused| refused.more > 0);
        untold.map(|refused| (refused.last, refused.more)).collect()
    }
}
