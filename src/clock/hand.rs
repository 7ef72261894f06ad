//! Clocks that tests move.

use super::Clock;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::{Arc, Mutex, PoisonError};

/// Moves a clock made by [`Clock::at`] or [`Clock::running`].
#[derive(Clone)]
pub struct Hand(Arc<Mutex<TimeDelta>>);

impl Clock {
    /// A clock that stands still until it is moved.
    pub fn at(start: DateTime<Utc>) -> (Self, Hand) {
        Self::moved(move || start)
    }

    /// The system clock, with a hand to move it forward.
    pub fn running() -> (Self, Hand) {
        Self::moved(Utc::now)
    }

    fn moved(from: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> (Self, Hand) {
        let hand = Hand(Arc::new(Mutex::new(TimeDelta::zero())));
        let reading = hand.clone();
        let tell = move || {
            let time = from();
            time.checked_add_signed(reading.moved()).unwrap_or(time)
        };
        (Self(Arc::new(tell)), hand)
    }
}

impl Hand {
    /// Moves the clock.
    pub fn forward(&self, by: TimeDelta) {
        let mut moved = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *moved = moved.checked_add(&by).unwrap_or(*moved);
    }

    fn moved(&self) -> TimeDelta {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
