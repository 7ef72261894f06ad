//! Step-up: how and how recently a person must have signed in before an action (OpenID Connect
//! Core, section 3.1.2.1: `max_age` and `acr_values`).
//!
//! A demand only narrows access: it is checked after the right itself.

use super::verb::Action;
use crate::config::{Manage, StepUpConfig};
use crate::texts::{any_of, text};
use chrono::{DateTime, TimeDelta, Utc};
use std::fmt;

/// What can have a step-up demand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Occasion {
    /// A verb, on one row or many.
    Verb(Action),
    /// Any operation on many rows at once.
    Bulk,
    /// A configured action with that name.
    Named(String),
}

impl Occasion {
    /// The occasion with that name in configuration. Viewing rows never has a demand.
    pub fn named(name: &str) -> Option<Self> {
        match (name, name.strip_prefix("action:")) {
            ("bulk", _) => Some(Self::Bulk),
            (_, Some(action)) => (!action.is_empty()).then(|| Self::Named(action.to_owned())),
            _ => Action::named(name)
                .filter(|action| *action != Action::View)
                .map(Self::Verb),
        }
    }
}

/// A step-up demand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Demand {
    /// The maximum time since sign-in at the provider.
    pub max_age: Option<TimeDelta>,
    /// The accepted values of `acr`. An empty list if combined demands exclude each other.
    pub acr: Option<Vec<String>>,
}

impl Demand {
    /// Makes the demand from its configuration.
    pub(super) fn of(config: &StepUpConfig) -> Self {
        let delta = |age| TimeDelta::from_std(age).unwrap_or(TimeDelta::MAX);
        Self {
            max_age: config.max_age.map(delta),
            acr: (!config.acr.is_empty()).then(|| config.acr.clone()),
        }
    }

    /// Combines both: the shorter age, and the `acr` values that both accept.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let max_age = match (self.max_age, other.max_age) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let acr = match (self.acr, other.acr) {
            (Some(one), Some(other)) => {
                Some(one.into_iter().filter(|way| other.contains(way)).collect())
            }
            (one, other) => one.or(other),
        };
        Self { max_age, acr }
    }

    /// Combines all of these, if there are any.
    pub(super) fn all(demands: impl Iterator<Item = Self>) -> Option<Self> {
        demands.reduce(Self::and)
    }

    /// Whether any sign-in can meet it.
    pub fn is_possible(&self) -> bool {
        self.acr.as_ref().is_none_or(|ways| !ways.is_empty())
    }

    /// Whether it is met. Values that the provider did not send, or that lie in the future, do not
    /// count.
    pub fn is_met_by(&self, assurance: &Assurance) -> bool {
        self.is_recent_enough(assurance) && self.takes_way_of(assurance)
    }

    fn is_recent_enough(&self, assurance: &Assurance) -> bool {
        let Some(max_age) = self.max_age else {
            return true;
        };
        let Some(at) = assurance.authenticated_at else {
            return false;
        };
        let age = assurance.now.signed_duration_since(at);
        let most = max_age.checked_add(&assurance.skew).unwrap_or(max_age);
        age >= -assurance.skew && age <= most
    }

    fn takes_way_of(&self, assurance: &Assurance) -> bool {
        let Some(ways) = &self.acr else {
            return true;
        };
        let acr = assurance.acr.as_ref();
        acr.is_some_and(|acr| ways.contains(acr))
    }
}

/// The demand in words, to follow "you must have proved who you are": "within the last 5 minutes,
/// by urn:mfa".
impl fmt::Display for Demand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(age) = self.max_age {
            parts.push(text!("demand-age", span = span(age)));
        }
        match self.acr.as_deref() {
            None => {}
            Some([]) => parts.push(text!("demand-impossible")),
            Some(ways) => parts.push(text!("demand-ways", ways = any_of(ways))),
        }
        f.write_str(&parts.join(", "))
    }
}

/// A duration in words: "90 seconds", "5 minutes", "3 hours", "2 days".
pub fn span(time: TimeDelta) -> String {
    let seconds = time.num_seconds().max(0);
    match seconds {
        0..120 => text!("seconds", count = seconds),
        120..7_200 => text!("minutes", count = seconds / 60),
        7_200..172_800 => text!("hours", count = seconds / 3_600),
        _ => text!("days", count = seconds / 86_400),
    }
}

/// What the provider said about a person's sign-in, and the current time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assurance {
    /// The time of sign-in (`auth_time`), if known.
    pub authenticated_at: Option<DateTime<Utc>>,
    /// The sign-in level (`acr`), if known.
    pub acr: Option<String>,
    /// The current time.
    pub now: DateTime<Utc>,
    /// The allowed difference between the provider's clock and ours.
    pub skew: TimeDelta,
}

impl Assurance {
    /// The provider said nothing: meets no demand.
    pub fn none() -> Self {
        Self::default()
    }
}

/// Why a person may not manage a part of the panel itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unmanaged {
    /// None of their roles allows it.
    #[error("{}", text!("managing-not-given", what = .0.name()))]
    NotGiven(Manage),
    /// Step-up is required first.
    #[error("{}", text!("managing-demands", what = .0.name(), demand = .1.to_string()))]
    Demand(Manage, Demand),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand(max_age_s: Option<i64>, acr: Option<&[&str]>) -> Demand {
        Demand {
            max_age: max_age_s.map(TimeDelta::seconds),
            acr: acr.map(|ways| ways.iter().map(|way| (*way).to_owned()).collect()),
        }
    }

    fn assurance(age_s: Option<i64>, acr: Option<&str>) -> Assurance {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        Assurance {
            authenticated_at: age_s.map(|age| now - TimeDelta::seconds(age)),
            acr: acr.map(str::to_owned),
            now,
            skew: TimeDelta::seconds(60),
        }
    }

    #[test]
    fn an_age_is_met_up_to_the_skew_and_not_beyond() {
        let demand = demand(Some(300), None);
        for (age, is_met) in [
            (Some(0), true),
            (Some(300), true),
            (Some(360), true),
            (Some(361), false),
            (Some(86_400), false),
            (Some(-60), true),
            (Some(-61), false),
            (Some(-86_400), false),
            (None, false),
        ] {
            assert_eq!(demand.is_met_by(&assurance(age, None)), is_met, "{age:?}");
        }
        let zero = Assurance {
            authenticated_at: Some(DateTime::UNIX_EPOCH),
            ..assurance(None, None)
        };
        assert!(!demand.is_met_by(&zero), "auth_time 0 is no time");
    }

    #[test]
    fn a_way_is_met_to_the_letter() {
        let demand = demand(None, Some(&["urn:mfa", "urn:key"]));
        for (acr, is_met) in [
            (Some("urn:mfa"), true),
            (Some("urn:key"), true),
            (Some("urn:MFA"), false),
            (Some("urn:mfa urn:key"), false),
            (Some(""), false),
            (None, false),
        ] {
            assert_eq!(demand.is_met_by(&assurance(None, acr)), is_met, "{acr:?}");
        }
    }

    #[test]
    fn of_several_demands_the_strictest_counts() {
        let both = demand(Some(300), Some(&["a", "b"])).and(demand(Some(60), Some(&["b", "c"])));
        assert_eq!(both, demand(Some(60), Some(&["b"])));
        let both = demand(Some(300), None).and(demand(None, Some(&["c"])));
        assert_eq!(both, demand(Some(300), Some(&["c"])));
        assert!(!both.is_met_by(&assurance(Some(1), None)));
        assert!(!both.is_met_by(&assurance(None, Some("c"))));
        assert!(both.is_met_by(&assurance(Some(1), Some("c"))));
        let turned = demand(None, Some(&["c"])).and(demand(Some(300), None));
        assert_eq!(turned, both);
        let none = demand(None, Some(&["a"])).and(demand(None, Some(&["b"])));
        assert!(!none.is_possible());
        for acr in [None, Some("a"), Some("b"), Some("")] {
            assert!(!none.is_met_by(&assurance(Some(0), acr)), "{acr:?}");
        }
    }

    #[test]
    fn who_is_known_by_nothing_meets_nothing() {
        let nobody = Assurance::none();
        for demand in [demand(Some(1_000_000_000), None), demand(None, Some(&[""]))] {
            assert!(!demand.is_met_by(&nobody), "{demand:?}");
        }
    }

    #[test]
    fn to_look_demands_nothing_more_and_an_action_has_a_name() {
        assert_eq!(Occasion::named("view"), None);
        assert_eq!(Occasion::named("action:"), None);
        assert_eq!(Occasion::named("actions"), None);
        assert_eq!(Occasion::named("bulk"), Some(Occasion::Bulk));
        let refund = Some(Occasion::Named("refund".into()));
        assert_eq!(Occasion::named("action:refund"), refund);
        let delete = Some(Occasion::Verb(Action::Delete));
        assert_eq!(Occasion::named("delete"), delete);
    }

    #[test]
    fn a_demand_is_said_in_words() {
        let text = demand(Some(300), Some(&["urn:mfa", "urn:key"])).to_string();
        assert_eq!(text, "within the last 5 minutes, by urn:mfa or urn:key");
        assert_eq!(
            demand(Some(86_400), None).to_string(),
            "within the last 24 hours"
        );
        for (seconds, text) in [
            (-5, "0 seconds"),
            (1, "1 second"),
            (119, "119 seconds"),
            (120, "2 minutes"),
            (7_200, "2 hours"),
            (172_800, "2 days"),
        ] {
            assert_eq!(span(TimeDelta::seconds(seconds)), text);
        }
    }
}
