//! The company's calendar: the time of each order.

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta};

use super::random::Random;

/// The last day of the sample. "Now" is its evening, whenever the demo runs.
pub(super) fn last_day() -> NaiveDate {
    day(2026, 11, 20)
}

/// The day of the first order.
pub(super) fn first_day() -> NaiveDate {
    day(2022, 1, 3)
}

/// A date from numbers.
pub(super) fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

/// `days` after `date`.
pub(super) fn plus_days(date: NaiveDate, days: i64) -> NaiveDate {
    date.checked_add_signed(TimeDelta::days(days))
        .unwrap_or(date)
}

/// A moment on `date`, `seconds` after midnight.
pub(super) fn at(date: NaiveDate, seconds: i64) -> NaiveDateTime {
    date.and_time(chrono::NaiveTime::MIN) + TimeDelta::seconds(seconds)
}

/// A time in the format of SQLite's date functions.
pub(super) fn stamp(moment: NaiveDateTime) -> String {
    let (date, time) = (moment.date(), moment.time());
    let seconds = time
        .signed_duration_since(chrono::NaiveTime::MIN)
        .num_seconds();
    format!("{} {}", date_text(date), time_text(seconds))
}

/// `YYYY-MM-DD`.
pub(super) fn date_text(date: NaiveDate) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

/// `HH:MM:SS` from seconds after midnight.
pub(super) fn time_text(seconds: i64) -> String {
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// Ascending times for `count` orders: more each year, fewer at weekends, most before the holidays.
/// Uses only integers, so that all machines agree.
pub(super) fn order_times(count: i64, random: &mut Random) -> Vec<NaiveDateTime> {
    let span = last_day().signed_duration_since(first_day()).num_days();
    let days: Vec<(NaiveDate, i64)> = (0..=span)
        .map(|n| plus_days(first_day(), n))
        .map(|date| (date, weight(date)))
        .collect();
    let whole: i64 = days.iter().map(|(_, weight)| weight).sum();
    let (mut passed, mut placed) = (0, 0);
    let mut times = Vec::new();
    for (date, weight) in days {
        passed += weight;
        let due = count * passed / whole.max(1);
        let mut today: Vec<i64> = (placed..due)
            .map(|_| random.between(7 * 3600, 20 * 3600))
            .collect();
        today.sort_unstable();
        times.extend(today.into_iter().map(|seconds| at(date, seconds)));
        placed = due;
    }
    times
}

fn weight(date: NaiveDate) -> i64 {
    let age = date.signed_duration_since(first_day()).num_days();
    let weekday = match date.weekday() {
        chrono::Weekday::Sat => 5,
        chrono::Weekday::Sun => 4,
        chrono::Weekday::Mon => 12,
        _ => 10,
    };
    let season = match date.month() {
        11 | 12 => 15,
        7 | 8 => 8,
        _ => 10,
    };
    (700 + age) * weekday * season
}
