//! How old a person's groups may be.
//!
//! The panel's middleware asks this on every request of a signed-in person. What is due is not yet
//! re-read from the provider: a person's roles are those of their sign-in until the session ends.

use crate::session::Signed;
use chrono::{DateTime, TimeDelta, Utc};

/// Whether a person's groups may still be gone by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// They are new enough.
    Fresh,
    /// They should be read again.
    Due,
}

/// Compares the age of a person's groups with the most it may be (`session.recheck`).
pub fn of(signed: &Signed, recheck: TimeDelta, now: DateTime<Utc>) -> Freshness {
    if now.signed_duration_since(signed.groups_checked_at) < recheck {
        Freshness::Fresh
    } else {
        Freshness::Due
    }
}
