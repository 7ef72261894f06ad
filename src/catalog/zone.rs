//! The time zone in which a person reads and writes moments.

use chrono::{
    DateTime, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;

/// A time zone by its name, such as `Europe/Berlin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

impl Default for Zone {
    fn default() -> Self {
        Self::UTC
    }
}

impl Zone {
    /// The default zone.
    pub const UTC: Self = Self(Tz::UTC);

    /// The zone with that name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        name.parse().ok().map(Self)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// When a day begins in this zone, in UTC.
    pub fn start_of(self, day: NaiveDate) -> NaiveDateTime {
        self.utc_of(day.and_time(NaiveTime::MIN))
    }

    /// Converts a local time to UTC. Of two possible times when clocks go back, it takes the
    /// earlier. A time skipped when clocks go forward is taken as an hour later.
    pub fn utc_of(self, local: NaiveDateTime) -> NaiveDateTime {
        let found = match self.0.from_local_datetime(&local) {
            LocalResult::None => self.0.from_local_datetime(&(local + TimeDelta::hours(1))),
            found => found,
        };
        found.earliest().map_or(local, |moment| moment.naive_utc())
    }

    /// The local time in this zone at a moment.
    pub fn local_of(self, moment: DateTime<Utc>) -> NaiveDateTime {
        moment.with_timezone(&self.0).naive_local()
    }
}

/// The reader's zone and time: the base for times in a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeBase {
    /// The zone in which moments are read and written.
    pub zone: Zone,
    /// The current time, if there is one: a row rule must hold at all times.
    pub now: Option<DateTime<Utc>>,
}

impl TimeBase {
    /// In that zone at that time.
    pub fn at(zone: Zone, now: DateTime<Utc>) -> Self {
        Self {
            zone,
            now: Some(now),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_where_they_are_read() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let starts = |zone: Zone, text| zone.start_of(day(text)).to_string();
        assert_eq!(starts(berlin, "2024-01-02"), "2024-01-01 23:00:00");
        assert_eq!(starts(berlin, "2024-07-02"), "2024-07-01 22:00:00");
        assert_eq!(starts(Zone::UTC, "2024-07-02"), "2024-07-02 00:00:00");
        // This hour is skipped on one day, and occurs twice on the other.
        let time = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        let gap = berlin.utc_of(time("2024-03-31T02:30:00"));
        assert_eq!(gap.to_string(), "2024-03-31 01:30:00");
        let twice = berlin.utc_of(time("2024-10-27T02:30:00"));
        assert_eq!(twice.to_string(), "2024-10-27 00:30:00");
        assert_eq!(Zone::named("Mars/Olympus"), None);
    }
}
