//! Shares one refresh among all requests of a session in this process.
//!
//! A refresh does not depend on the request that started it. If that request is aborted, the new
//! refresh token must still be stored. Otherwise the provider would see the next use of the old one
//! as theft.

use super::{Age, REST, RecheckOutcome};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How long a failure is remembered after the pause.
const MEMORY: TimeDelta = TimeDelta::minutes(15);

type Landing = watch::Receiver<Option<RecheckOutcome>>;

/// The refreshes in progress, by session reference.
#[derive(Default)]
pub(super) struct Flights(Mutex<HashMap<String, Flight>>);

enum Flight {
    Flying {
        landing: Landing,
        /// The previous one failed.
        is_again: bool,
    },
    /// It failed: no retry before this time.
    Resting(DateTime<Utc>),
}

impl Flights {
    fn all(&self) -> MutexGuard<'_, HashMap<String, Flight>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Prevents a retry before this time.
    pub fn rest(&self, reference: &str, until: DateTime<Utc>) {
        let mut all = self.all();
        all.retain(|_, flight| match flight {
            Flight::Resting(past) => *past + MEMORY > until,
            Flight::Flying { .. } => true,
        });
        all.insert(reference.to_owned(), Flight::Resting(until));
    }

    /// Whether re-checks of a session are paused now.
    pub fn rests(&self, reference: &str, now: DateTime<Utc>) -> bool {
        let all = self.all();
        matches!(all.get(reference), Some(Flight::Resting(until)) if now < *until)
    }

    /// The result of this session's refresh in progress, or of `work` if there is none.
    ///
    /// After a failure, only the request that retries waits; others use the old groups if those are
    /// valid.
    pub fn join<W: Future<Output = RecheckOutcome> + 'static>(
        self: &Arc<Self>,
        reference: &str,
        now: DateTime<Utc>,
        age: Age,
        work: W,
    ) -> impl Future<Output = RecheckOutcome> + use<W> {
        let landing = self.landing(reference, now, age, work);
        async move {
            let Some(mut landing) = landing else {
                return RecheckOutcome::Kept;
            };
            let landed = landing.wait_for(Option::is_some).await;
            landed
                .ok()
                .and_then(|landed| landed.clone())
                .unwrap_or(RecheckOutcome::Kept)
        }
    }

    fn landing(
        self: &Arc<Self>,
        reference: &str,
        now: DateTime<Utc>,
        age: Age,
        work: impl Future<Output = RecheckOutcome> + 'static,
    ) -> Option<Landing> {
        let mut all = self.all();
        let is_again = match all.get(reference) {
            Some(Flight::Resting(until)) if now < *until => return None,
            Some(Flight::Flying { is_again: true, .. }) if age == Age::Due => return None,
            Some(Flight::Flying { landing, .. }) => return Some(landing.clone()),
            Some(Flight::Resting(_)) => true,
            None => false,
        };
        let (tell, landing) = watch::channel(None);
        let flying = Flight::Flying {
            landing: landing.clone(),
            is_again,
        };
        all.insert(reference.to_owned(), flying);
        let strip = Strip {
            flights: Arc::clone(self),
            reference: reference.to_owned(),
            rest: None,
        };
        actix_web::rt::spawn(async move {
            let mut strip = strip;
            let landed = work.await;
            if let RecheckOutcome::Kept = landed {
                strip.rest = Some(now + REST);
            }
            drop(strip);
            tell.send_replace(Some(landed));
        });
        Some(landing)
    }
}

/// Removes the refresh, whatever its result.
struct Strip {
    flights: Arc<Flights>,
    reference: String,
    rest: Option<DateTime<Utc>>,
}

impl Drop for Strip {
    fn drop(&mut self) {
        match self.rest {
            Some(until) => self.flights.rest(&self.reference, until),
            None => {
                self.flights.all().remove(&self.reference);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    #[derive(Default)]
    struct Tower {
        flights: Arc<Flights>,
        flown: Arc<AtomicUsize>,
    }

    impl Tower {
        fn join(
            &self,
            now: DateTime<Utc>,
            age: Age,
            landed: RecheckOutcome,
        ) -> impl Future<Output = RecheckOutcome> {
            let flown = Arc::clone(&self.flown);
            self.flights.join("r", now, age, async move {
                flown.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20)).await;
                landed
            })
        }

        fn flown(&self) -> usize {
            self.flown.load(Ordering::SeqCst)
        }
    }

    #[actix_web::test]
    async fn all_who_need_it_share_one_flight() {
        let tower = Tower::default();
        let all = (0..20).map(|_| tower.join(NOW, Age::Due, RecheckOutcome::Gone));
        let all = futures_util::future::join_all(all).await;
        assert!(
            all.iter()
                .all(|landed| matches!(landed, RecheckOutcome::Gone))
        );
        assert_eq!(tower.flown(), 1);
        tower.join(NOW, Age::Due, RecheckOutcome::Gone).await;
        assert_eq!(tower.flown(), 2);
        assert!(tower.flights.all().is_empty());
    }

    #[actix_web::test]
    async fn after_a_failure_there_is_a_rest_and_then_one_who_waits() {
        let tower = Tower::default();
        tower.join(NOW, Age::Due, RecheckOutcome::Kept).await;
        assert!(tower.flights.rests("r", NOW) && !tower.flights.rests("s", NOW));
        let early = NOW + REST - TimeDelta::seconds(1);
        tower.join(early, Age::Over, RecheckOutcome::Gone).await;
        assert_eq!(tower.flown(), 1);
        let later = NOW + REST;
        assert!(!tower.flights.rests("r", later));
        let first = tower.join(later, Age::Due, RecheckOutcome::Gone);
        let second = tower.join(later, Age::Due, RecheckOutcome::Gone).await;
        assert!(matches!(second, RecheckOutcome::Kept), "it does not wait");
        let third = tower.join(later, Age::Over, RecheckOutcome::Gone).await;
        assert!(matches!(third, RecheckOutcome::Gone), "it must");
        assert!(matches!(first.await, RecheckOutcome::Gone));
        assert_eq!(tower.flown(), 2);
    }

    #[actix_web::test]
    async fn a_flight_goes_on_without_who_began_it() {
        let tower = Tower::default();
        drop(tower.join(NOW, Age::Due, RecheckOutcome::Gone));
        while !tower.flights.all().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(tower.flown(), 1);
    }

    #[actix_web::test]
    async fn a_flight_that_breaks_holds_nobody_up() {
        let tower = Tower::default();
        let broken = tower
            .flights
            .join("r", NOW, Age::Due, async { panic!("on purpose") });
        assert!(matches!(broken.await, RecheckOutcome::Kept));
        assert!(tower.flights.all().is_empty());
    }

    #[actix_web::test]
    async fn failures_are_forgotten_after_a_while() {
        let tower = Tower::default();
        let _flying = tower.join(NOW, Age::Due, RecheckOutcome::Gone);
        tower.flights.rest("old", NOW);
        tower.flights.rest("young", NOW + TimeDelta::seconds(1));
        tower.flights.rest("new", NOW + MEMORY);
        let mut left: Vec<String> = tower.flights.all().keys().cloned().collect();
        left.sort();
        assert_eq!(left, ["new", "r", "young"]);
    }
}
