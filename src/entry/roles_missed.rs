//! People who were denied because they have no role: logged once an hour for each.

use crate::access::Person;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How often each person is logged.
const EVERY: TimeDelta = TimeDelta::hours(1);
/// The maximum number of people remembered.
const MOST: usize = 10_000;

/// When each person was last logged, by issuer and subject.
#[derive(Default)]
pub struct RolesMissed(Mutex<HashMap<(String, String), DateTime<Utc>>>);

impl RolesMissed {
    /// Whether this person should be logged now.
    pub fn is_due(&self, person: &Person, now: DateTime<Utc>) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let who = (person.issuer.clone(), person.subject.clone());
        if told.get(&who).is_some_and(|at| now - *at < EVERY) {
            return false;
        }
        if told.len() >= MOST {
            told.retain(|_, at| now - *at < EVERY);
        }
        if told.len() < MOST {
            told.insert(who, now);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_is_told_of_once_an_hour() {
        let missed = RolesMissed::default();
        let person = |subject: &str| Person {
            issuer: "https://i".into(),
            subject: subject.into(),
            ..Person::default()
        };
        let start = DateTime::UNIX_EPOCH;
        assert!(missed.is_due(&person("a"), start));
        assert!(!missed.is_due(&person("a"), start + TimeDelta::minutes(59)));
        assert!(missed.is_due(&person("b"), start));
        assert!(missed.is_due(&person("a"), start + EVERY));
    }
}
