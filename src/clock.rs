//! The clock, passed in so that expiry can be tested without waiting.

#[cfg(any(test, feature = "testing"))]
mod hand;

#[cfg(any(test, feature = "testing"))]
pub use hand::Hand;

use chrono::{DateTime, Utc};
use std::sync::Arc;

/// A clock.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The system clock.
    pub fn system() -> Self {
        Self(Arc::new(Utc::now))
    }

    /// The current time.
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}
