//! How old a person's groups may be, and what is done about it.
//!
//! Every request of a signed-in person passes here before the policy is asked. Groups that are too
//! old are read again: by a refresh token, which is used by one request for all that wait, or by
//! way of the browser (`prompt=none`). What cannot be read is gone by for a time of grace while the
//! provider is away, and never after it.

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
use end::Why;
use flights::Flights;
use pulse::Pulses;
use std::sync::Arc;
use std::time::Duration;

/// How far the clocks of two processes may be from each other.
const AHEAD: TimeDelta = TimeDelta::minutes(1);
/// How long a session is left alone after its groups could not be read.
const REST: TimeDelta = TimeDelta::seconds(10);
/// How long a request waits for the groups while it may go by the old ones.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it waits while it may not. The requests to the provider are bounded themselves.
const LAST_PATIENCE: Duration = Duration::from_secs(40);

/// How old groups may be.
#[derive(Debug, Clone, Copy)]
pub struct Ages {
    /// At this age they are read again.
    pub recheck: TimeDelta,
    /// For so much longer they are gone by if they cannot be read.
    pub grace: TimeDelta,
}

/// Whether a person's groups may still be gone by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// They are new enough.
    Fresh,
    /// They are to be read again, and may be gone by if they cannot be.
    Due,
    /// They may not be gone by.
    Over,
}

impl Ages {
    /// The age of what a session holds.
    pub fn of(self, signed: &Signed, now: DateTime<Utc>) -> Age {
        let age = now.signed_duration_since(signed.groups_checked_at);
        let end = self.recheck.checked_add(&self.grace);
        match age {
            // Read in the future: by a clock that was put right since.
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

/// Whose groups are being read again.
pub struct Freshness {
    ages: Ages,
    flights: Arc<Flights>,
    pulses: Pulses,
}

impl Freshness {
    /// Nobody's yet.
    pub fn new(ages: Ages) -> Self {
        Self {
            ages,
            flights: Arc::default(),
            pulses: Pulses::default(),
        }
    }

    /// Leaves a session alone for a while: its provider cannot answer now.
    pub(in crate::sso) fn rest(&self, reference: &str, now: DateTime<Utc>) {
        self.flights.rest(reference, now + REST);
    }
}

/// How somebody stands after the look at their groups.
enum AccessDecision {
    /// They are who this says, with the groups that it says.
    Signed(Arc<Signed>),
    /// Their groups are too old to go by, and not needed at this address.
    Unasked,
    /// Their session has ended.
    Ended,
    /// The browser is to be sent to their provider and back.
    Confirm,
    /// The same is needed, and cannot be done in answer to this request.
    Unconfirmed,
}

/// A request of a person whose groups are too old.
struct Visit<'v> {
    context: &'v web::Data<Context>,
    freshness: &'v web::Data<Freshness>,
    provider: &'v Provider,
    signed: Arc<Signed>,
    age: Age,
    actor: Actor,
    /// Whether the answer becomes the page of a tab.
    is_page: bool,
    now: DateTime<Utc>,
}

impl Visit<'_> {
    async fn settle(self) -> Result<AccessDecision, DatabaseError> {
        match self.signed.refresh_token(&self.context.keys) {
            Some(_) => self.by_refresh().await,
            None => self.by_browser().await,
        }
    }

    /// By the refresh token, together with all other requests of the session.
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
            RecheckOutcome::Kept => self.keep(Why::Away).await,
            RecheckOutcome::NoToken(signed) => {
                self.age = self.freshness.ages.of(&signed, self.now);
                self.signed = signed;
                self.by_browser().await
            }
            RecheckOutcome::Unavailable => Err(DatabaseError::Busy),
        }
    }

    /// By way of the browser, if it is a page that it asks for.
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
        self.keep(Why::Away).await
    }

    /// Nothing could be learnt: the old groups are gone by as long as they may be.
    async fn keep(self, why: Why) -> Result<AccessDecision, DatabaseError> {
        if self.age != Age::Over {
            return Ok(AccessDecision::Signed(self.signed));
        }
        end::now(self.context, &self.signed.reference, self.actor, why).await?;
        Ok(AccessDecision::Ended)
    }
}

/// What came of reading a session's groups again.
#[derive(Clone)]
enum RecheckOutcome {
    /// They are known anew.
    Renewed(Arc<Signed>),
    /// They could not be read.
    Kept,
    /// There is no session any more.
    Gone,
    /// There is no refresh token any more.
    NoToken(Arc<Signed>),
    /// The panel's own tables cannot be used.
    Unavailable,
}

/// The entry about roles that a re-check found to be others, if they are. By the same rules: a
/// session that was sifted by others does not hold all that count now.
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
