//! Keeps people's groups up to date.
//!
//! Every request of a signed-in person passes here before the policy is asked. Groups that are too
//! old are read again. That uses the refresh token, once for all waiting requests, or the browser
//! (`prompt=none`). While the provider is down, the last known groups stay valid for a grace
//! period, and never longer.

pub(in crate::sso) mod end;
mod flights;
mod middleware;
mod pulse;
mod refresh;

pub use middleware::recheck;

use crate::access::Person;
use crate::config::SessionConfig;
use crate::session::{Signed, groups};
use crate::sso::context::Context;
use crate::sso::provider::Provider;
use crate::store::audit::Actor;
use crate::store::audit::event::Recheck;
use crate::store::{DatabaseError, Event, NewEntry};
use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use end::EndReason;
use flights::Flights;
use pulse::Pulses;
use std::sync::Arc;
use std::time::Duration;

/// The assumed maximum clock difference between two processes.
const AHEAD: TimeDelta = TimeDelta::minutes(1);
/// How long a session is not re-checked after a failure.
const REST: TimeDelta = TimeDelta::seconds(10);
/// How long a request waits for new groups while the old ones are still valid.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it waits when the old ones are not. Requests to the provider have time limits of their
/// own.
const LAST_PATIENCE: Duration = Duration::from_secs(40);

/// The maximum age of groups.
#[derive(Debug, Clone, Copy)]
pub struct Ages {
    /// The age at which they are read again.
    pub recheck: TimeDelta,
    /// How much longer they stay valid if they cannot be read.
    pub grace: TimeDelta,
}

/// Whether a person's groups are still valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// Recent enough.
    Fresh,
    /// Due to be read again, but valid if that fails.
    Due,
    /// Not valid any more.
    Over,
}

impl Ages {
    /// The age of a session's groups.
    pub fn of(self, signed: &Signed, now: DateTime<Utc>) -> Age {
        let age = now.signed_duration_since(signed.groups_checked_at);
        let end = self.recheck.checked_add(&self.grace);
        match age {
            // Read in the future: a clock has been corrected since.
            age if age < -AHEAD => Age::Due,
            age if age < self.recheck => Age::Fresh,
            age if end.is_none_or(|end| age < end) => Age::Due,
            _ => Age::Over,
        }
    }
}

impl From<&SessionConfig> for Ages {
    fn from(config: &SessionConfig) -> Self {
        let delta = |duration: Duration| TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
        Self {
            recheck: delta(config.recheck),
            grace: delta(config.grace),
        }
    }
}

/// The state of all re-checks.
pub struct Freshness {
    ages: Ages,
    flights: Arc<Flights>,
    pulses: Pulses,
}

impl Freshness {
    /// Starts without re-checks.
    pub fn new(ages: Ages) -> Self {
        Self {
            ages,
            flights: Arc::default(),
            pulses: Pulses::default(),
        }
    }

    /// Pauses re-checks of a session, because its provider is down.
    pub(in crate::sso) fn rest(&self, reference: &str, now: DateTime<Utc>) {
        self.flights.rest(reference, now + REST);
    }
}

/// How a request continues after the re-check.
enum AccessDecision {
    /// As this person, with these groups.
    Signed(Arc<Signed>),
    /// The groups are too old, but this address does not need them.
    Unasked,
    /// The session has ended.
    Ended,
    /// The browser is sent to the provider and back.
    Confirm,
    /// The same is needed, but not possible for this request.
    Unconfirmed,
}

/// A request of a person whose groups are too old.
struct RecheckRequest<'v> {
    context: &'v web::Data<Context>,
    freshness: &'v web::Data<Freshness>,
    provider: &'v Provider,
    signed: Arc<Signed>,
    age: Age,
    actor: Actor,
    /// Whether the response becomes the page of a tab.
    is_page: bool,
    now: DateTime<Utc>,
}

impl RecheckRequest<'_> {
    async fn settle(self) -> Result<AccessDecision, DatabaseError> {
        match self.signed.refresh_token(&self.context.keys) {
            Some(_) => self.by_refresh().await,
            None => self.by_browser().await,
        }
    }

    /// Uses the refresh token, shared by all requests of the session.
    async fn by_refresh(mut self) -> Result<AccessDecision, DatabaseError> {
        let patience = match self.age {
            Age::Over => LAST_PATIENCE,
            _ => PATIENCE,
        };
        let reference = self.signed.reference.clone();
        let work = refresh::fly(
            (self.context.clone(), self.freshness.ages),
            reference.clone(),
            self.actor.clone(),
        );
        let flights = &self.freshness.flights;
        let landed = flights.join(&reference, self.now, self.age, work);
        let landed = tokio::time::timeout(patience, landed).await;
        match landed.unwrap_or(RecheckOutcome::Kept) {
            RecheckOutcome::Renewed(signed) => Ok(AccessDecision::Signed(signed)),
            RecheckOutcome::Gone => Ok(AccessDecision::Ended),
            RecheckOutcome::Kept => self.keep(EndReason::Away).await,
            RecheckOutcome::NoToken(signed) => {
                self.age = self.freshness.ages.of(&signed, self.now);
                self.signed = signed;
                self.by_browser().await
            }
            RecheckOutcome::Unavailable => Err(DatabaseError::Busy),
        }
    }

    /// Uses the browser, if it requests a page.
    async fn by_browser(self) -> Result<AccessDecision, DatabaseError> {
        let freshness = self.freshness;
        if !self.is_page {
            return Ok(match self.age {
                Age::Over => AccessDecision::Unconfirmed,
                _ => AccessDecision::Signed(self.signed),
            });
        }
        let rests = freshness.flights.rests(&self.signed.reference, self.now);
        if !rests && freshness.pulses.beats(self.provider, self.now).await {
            return Ok(AccessDecision::Confirm);
        }
        self.keep(EndReason::Away).await
    }

    /// Nothing was learned: the old groups are used as long as they are valid.
    async fn keep(self, why: EndReason) -> Result<AccessDecision, DatabaseError> {
        if self.age != Age::Over {
            return Ok(AccessDecision::Signed(self.signed));
        }
        end::now(self.context, &self.signed.reference, self.actor, why).await?;
        Ok(AccessDecision::Ended)
    }
}

/// The result of reading a session's groups again.
#[derive(Clone)]
enum RecheckOutcome {
    /// They were read.
    Renewed(Arc<Signed>),
    /// They could not be read.
    Kept,
    /// The session no longer exists.
    Gone,
    /// There is no refresh token any more.
    NoToken(Arc<Signed>),
    /// The panel's own tables cannot be used.
    Unavailable,
}

/// The audit event for changed roles, if a re-check changed them. Roles are compared only under the
/// same rules. If a session's groups were reduced under other rules, it may lack groups that matter
/// now.
pub(in crate::sso) async fn role_change(
    context: &Context,
    old: &Signed,
    new: &Signed,
) -> Result<Option<NewEntry>, DatabaseError> {
    let policy = context.policies.current();
    let before = if old.rules == policy.rules() {
        old.person.clone()
    } else {
        groups::told_of(&context.database, &old.person).await?
    };
    let roles = |person: &Person| {
        policy.role_names(&Person {
            as_role: None,
            ..person.clone()
        })
    };
    let (from, to) = (roles(&before), roles(&new.person));
    Ok((from != to).then(|| {
        NewEntry::new(Event::Recheck(Recheck {
            from,
            to,
            groups: Some(new.groups_came),
            groups_note: Some(new.groups_note.name().to_owned()),
        }))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::GroupsNote;

    #[test]
    fn groups_are_due_at_one_age_and_over_at_another() {
        let start = DateTime::UNIX_EPOCH;
        let signed = Signed::new(Person::default(), String::new(), GroupsNote::Empty, start);
        let ages = |grace_s| Ages {
            recheck: TimeDelta::minutes(5),
            grace: TimeDelta::seconds(grace_s),
        };
        for (grace_s, at_s, age) in [
            (600, 299, Age::Fresh),
            (600, 300, Age::Due),
            (600, 899, Age::Due),
            (600, 900, Age::Over),
            (0, 299, Age::Fresh),
            (0, 300, Age::Over),
            (600, -60, Age::Fresh),
            (600, -61, Age::Due),
            (0, -86_400, Age::Due),
        ] {
            let now = start + TimeDelta::seconds(at_s);
            assert_eq!(ages(grace_s).of(&signed, now), age, "{grace_s} {at_s}");
        }
    }
}
