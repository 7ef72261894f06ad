//! People who were denied for lack of a role: the log tells of each once an hour.

use crate::access::Person;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How often somebody is told of.
const EVERY: TimeDelta = TimeDelta::hours(1);
/// The most people that are remembered.
const MOST: usize = 10_000;

/// When people were last told of, by issuer and subject.
#[derive(Default)]
pub struct RolesMissed(Mutex<HashMap<(String, String), DateTime<Utc>>>);

impl RolesMissed {
    /// Whether this person is to be told of now.
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
