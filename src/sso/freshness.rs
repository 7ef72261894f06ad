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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Person;
    use crate::sso::GroupsNote;

    #[test]
    fn groups_are_due_at_the_age_configured() {
        let start = DateTime::UNIX_EPOCH;
        let signed = Signed {
            person: Person::default(),
            csrf_token: String::new(),
            reference: String::new(),
            id_token: None,
            refresh_token: None,
            authenticated_at: None,
            acr: None,
            vouched_at: None,
            provider_session: None,
            signed_in_at: start,
            ends_at: None,
            groups_checked_at: start,
            groups_note: GroupsNote::Empty,
            look: None,
        };
        let recheck = TimeDelta::minutes(5);
        assert_eq!(
            of(&signed, recheck, start + TimeDelta::seconds(299)),
            Freshness::Fresh
        );
        assert_eq!(
            of(&signed, recheck, start + TimeDelta::seconds(300)),
            Freshness::Due
        );
    }
}
