//! Conditions relative to the current time: the last 30 days, this month, the future.
//!
//! Days and longer units follow the calendar of the reader's zone. A date column counts whole days,
//! including today. A column of date and time without a zone is compared with the reader's local
//! time.

use super::{Condition, Filter, FilterError};
use crate::catalog::zone::{TimeBase, Zone};
use crate::catalog::{Field, Kind, Op, Value};
use crate::texts::text;
use chrono::{
    DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc,
};

/// The range that a relative condition covers now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The span or period in words: "30 days", "month".
    said: String,
    start: Option<(Op, NaiveDateTime)>,
    end: Option<(Op, NaiveDateTime)>,
    /// Whether both ends are whole days.
    is_of_days: bool,
}

/// A unit of a time span.
#[derive(Clone, Copy)]
enum Unit {
    Hours,
    Days,
    Weeks,
    Months,
    Quarters,
    Years,
}

impl Unit {
    /// The unit for a letter of the grammar.
    fn of(letter: char) -> Option<Self> {
        match letter {
            'h' => Some(Self::Hours),
            'd' => Some(Self::Days),
            'w' => Some(Self::Weeks),
            'm' => Some(Self::Months),
            'q' => Some(Self::Quarters),
            'y' => Some(Self::Years),
            _ => None,
        }
    }

    /// The count and unit, to follow "in the last": "30 days", "day".
    fn said(self, count: u32) -> String {
        match self {
            Self::Hours => text!("span-hours", count = count),
            Self::Days => text!("span-days", count = count),
            Self::Weeks => text!("span-weeks", count = count),
            Self::Months => text!("span-months", count = count),
            Self::Quarters => text!("span-quarters", count = count),
            Self::Years => text!("span-years", count = count),
        }
    }
}

impl Range {
    /// The range that a relative operator covers on a column, read at `here`.
    ///
    /// # Errors
    /// When `here` has no time, or the value is not a span or period.
    pub fn of(
        field: &Field,
        op: Op,
        values: &[String],
        here: TimeBase,
    ) -> Result<Self, FilterError> {
        let now = here.now.ok_or_else(|| FilterError::Timeless {
            op: op.name(),
            column: field.label.clone(),
        })?;
        let value = values.first().map_or("", |value| value.trim());
        let is_date = field.kind == Kind::Date;
        let range = match op {
            Op::This => this(value, here.zone.local_of(now).date()),
            Op::Past | Op::Future => Ok(open(op, here.zone.local_of(now), is_date)),
            _ => span(op, value, now, here.zone, is_date),
        };
        range.map_err(|reason| FilterError::Value {
            column: field.label.clone(),
            reason,
        })
    }

    /// The condition for a column of that kind.
    pub(super) fn test(&self, column: usize, kind: Kind, zone: Zone) -> Filter {
        let ends = [self.start, self.end].into_iter().flatten();
        let tests = ends.map(|(op, local)| {
            let text = match kind {
                Kind::Date => local.date().to_string(),
                Kind::Instant => zone.utc_of(local).format("%Y-%m-%d %H:%M:%S").to_string(),
                _ => local.format("%Y-%m-%d %H:%M:%S").to_string(),
            };
            let values = vec![Value::Text(text)];
            Filter::meant(kind, Condition { column, op, values })
        });
        Filter::All(tests.collect())
    }

    /// The span or period in words: "30 days", "month".
    pub fn said(&self) -> &str {
        &self.said
    }

    /// The range in words: "2026-11-01 to 2026-11-30".
    pub fn in_words(&self) -> String {
        let write = |(op, end): (Op, NaiveDateTime)| {
            if !self.is_of_days {
                return end.format("%Y-%m-%d %H:%M").to_string();
            }
            let day = match op {
                // An exclusive end day is shown as the day before.
                Op::Lt => end.date().pred_opt(),
                Op::Gt => end.date().succ_opt(),
                _ => Some(end.date()),
            };
            day.map_or_else(String::new, |day| day.to_string())
        };
        match (self.start.map(write), self.end.map(write)) {
            (Some(start), Some(end)) if start == end => start,
            (Some(start), Some(end)) => text!("range-both", start = start, end = end),
            (Some(start), None) if self.is_of_days => text!("range-from", start = start),
            (Some(start), None) => text!("range-after", start = start),
            (None, Some(end)) if self.is_of_days => text!("range-until", end = end),
            (None, Some(end)) => text!("range-before", end = end),
            (None, None) => String::new(),
        }
    }
}

/// Everything in the past, or everything in the future.
fn open(op: Op, now: NaiveDateTime, is_date: bool) -> Range {
    let now = if is_date { start_of(now.date()) } else { now };
    let (start, end) = match op {
        Op::Past => (None, Some((Op::Lt, now))),
        _ => (Some((Op::Gt, now)), None),
    };
    Range {
        said: String::new(),
        start,
        end,
        is_of_days: is_date,
    }
}

/// The current calendar period.
fn this(word: &str, today: NaiveDate) -> Result<Range, String> {
    let month = |month: u32| NaiveDate::from_ymd_opt(today.year(), month, 1);
    let found = match word {
        "day" => Some((Some(today), today.checked_add_days(Days::new(1)))),
        "week" => {
            let since = u64::from(today.weekday().num_days_from_monday());
            let monday = today.checked_sub_days(Days::new(since));
            Some((
                monday,
                monday.and_then(|it| it.checked_add_days(Days::new(7))),
            ))
        }
        "month" => Some(months((month(today.month()), Some(1)))),
        "quarter" => Some(months((month((today.month() - 1) / 3 * 3 + 1), Some(3)))),
        "year" => Some(months((month(1), Some(12)))),
        _ => None,
    };
    let reason = || text!("filter-period", text = word);
    let (start, end) = found.ok_or_else(reason)?;
    let (start, end) = start.zip(end).ok_or_else(reason)?;
    let said = match word {
        "day" => text!("period-day"),
        "week" => text!("period-week"),
        "month" => text!("period-month"),
        "quarter" => text!("period-quarter"),
        _ => text!("period-year"),
    };
    Ok(Range {
        said,
        start: Some((Op::Ge, start_of(start))),
        end: Some((Op::Lt, start_of(end))),
        is_of_days: true,
    })
}

fn months(
    (start, count): (Option<NaiveDate>, Option<u32>),
) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let end = start.zip(count);
    let end = end.and_then(|(start, count)| start.checked_add_months(Months::new(count)));
    (start, end)
}

/// A time span that ends or starts now.
fn span(
    op: Op,
    text: &str,
    now: DateTime<Utc>,
    zone: Zone,
    is_date: bool,
) -> Result<Range, String> {
    let reason = || text!("filter-span", text = text);
    let letter = text.chars().last().ok_or_else(reason)?;
    let unit = Unit::of(letter).ok_or_else(reason)?;
    let count = text.strip_suffix(letter).unwrap_or_default();
    let is_plain = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
    let count: u32 = count.parse().ok().filter(|_| is_plain).ok_or_else(reason)?;
    if count == 0 {
        return Err(reason());
    }
    if is_date && matches!(unit, Unit::Hours) {
        return Err(text!("filter-span-hours"));
    }
    let is_back = op == Op::Last;
    let local = zone.local_of(now);
    let shifted_days = |days: u64| {
        if is_back {
            local.checked_sub_days(Days::new(days))
        } else {
            local.checked_add_days(Days::new(days))
        }
    };
    let shifted_months = |each: u32| {
        let months = count.checked_mul(each).map(Months::new)?;
        if is_back {
            local.checked_sub_months(months)
        } else {
            local.checked_add_months(months)
        }
    };
    let far = match unit {
        Unit::Hours => {
            let hours = TimeDelta::hours(i64::from(count));
            let moment = if is_back {
                now.checked_sub_signed(hours)
            } else {
                now.checked_add_signed(hours)
            };
            moment.map(|moment| zone.local_of(moment))
        }
        Unit::Days => shifted_days(u64::from(count)),
        Unit::Weeks => shifted_days(u64::from(count) * 7),
        Unit::Months => shifted_months(1),
        Unit::Quarters => shifted_months(3),
        Unit::Years => shifted_months(12),
    };
    let far = far
        .filter(|far| (1..=9999).contains(&far.year()))
        .ok_or_else(|| text!("filter-span-long", text = text))?;
    let (start, end) = match (is_back, is_date) {
        (true, true) => ((Op::Gt, start_of(far.date())), (Op::Le, local)),
        (true, false) => ((Op::Ge, far), (Op::Le, local)),
        (false, true) => ((Op::Ge, local), (Op::Lt, start_of(far.date()))),
        (false, false) => ((Op::Ge, local), (Op::Le, far)),
    };
    Ok(Range {
        said: unit.said(count),
        start: Some(start),
        end: Some(end),
        is_of_days: is_date,
    })
}

fn start_of(day: NaiveDate) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::catalog::{Generated, Value};

    fn field(kind: Kind) -> Field {
        Field {
            name: "at".into(),
            label: "At".into(),
            help: String::new(),
            kind,
            sql_type: String::new(),
            nullable: true,
            default: None,
            generated: Generated::No,
            max_length: None,
            choices: Vec::new(),
            long: false,
        }
    }

    fn told(kind: Kind, op: Op, value: &str, zone: &str) -> (String, Vec<String>) {
        let here = TimeBase::at(
            Zone::named(zone).unwrap(),
            "2026-03-29T22:30:00Z".parse().unwrap(),
        );
        let range = Range::of(&field(kind), op, &[value.to_owned()], here).unwrap();
        let Filter::All(tests) = range.test(0, kind, here.zone) else {
            return (String::new(), Vec::new());
        };
        let values = tests.iter().map(|test| match test {
            Filter::ByMeaning(test) => match &test.values[..] {
                [Value::Text(text)] => format!("{} {text}", test.op.name()),
                _ => String::new(),
            },
            _ => String::new(),
        });
        (range.in_words(), values.collect())
    }

    #[test]
    fn the_calendar_is_that_of_the_reader() {
        // In Berlin it is half past midnight of the next day. Clocks went forward the day before.
        for (kind, op, value, zone, words, tests) in [
            (
                Kind::Instant,
                Op::This,
                "day",
                "UTC",
                "2026-03-29",
                ["ge 2026-03-29 00:00:00", "lt 2026-03-30 00:00:00"],
            ),
            (
                Kind::Instant,
                Op::This,
                "day",
                "Europe/Berlin",
                "2026-03-30",
                ["ge 2026-03-29 22:00:00", "lt 2026-03-30 22:00:00"],
            ),
            (
                Kind::Instant,
                Op::This,
                "month",
                "Europe/Berlin",
                "2026-03-01 to 2026-03-31",
                ["ge 2026-02-28 23:00:00", "lt 2026-03-31 22:00:00"],
            ),
            (
                Kind::Instant,
                Op::Last,
                "1d",
                "Europe/Berlin",
                "2026-03-29 00:30 to 2026-03-30 00:30",
                ["ge 2026-03-28 23:30:00", "le 2026-03-29 22:30:00"],
            ),
            (
                Kind::Instant,
                Op::Last,
                "24h",
                "Europe/Berlin",
                "2026-03-28 23:30 to 2026-03-30 00:30",
                ["ge 2026-03-28 22:30:00", "le 2026-03-29 22:30:00"],
            ),
            (
                Kind::DateTime,
                Op::Next,
                "1m",
                "Europe/Berlin",
                "2026-03-30 00:30 to 2026-04-30 00:30",
                ["ge 2026-03-30 00:30:00", "le 2026-04-30 00:30:00"],
            ),
            (
                Kind::Date,
                Op::Last,
                "7d",
                "Europe/Berlin",
                "2026-03-24 to 2026-03-30",
                ["gt 2026-03-23", "le 2026-03-30"],
            ),
            (
                Kind::Date,
                Op::Next,
                "7d",
                "UTC",
                "2026-03-29 to 2026-04-04",
                ["ge 2026-03-29", "lt 2026-04-05"],
            ),
            (
                Kind::Date,
                Op::This,
                "quarter",
                "UTC",
                "2026-01-01 to 2026-03-31",
                ["ge 2026-01-01", "lt 2026-04-01"],
            ),
            (
                Kind::Date,
                Op::This,
                "week",
                "UTC",
                "2026-03-23 to 2026-03-29",
                ["ge 2026-03-23", "lt 2026-03-30"],
            ),
        ] {
            let (said, found) = told(kind, op, value, zone);
            assert_eq!(said, words, "{op:?} {value} {zone}");
            assert_eq!(found, tests, "{op:?} {value} {zone}");
        }
        assert_eq!(
            told(Kind::Date, Op::Past, "", "Europe/Berlin").0,
            "to 2026-03-29"
        );
        assert_eq!(
            told(Kind::Date, Op::Future, "", "Europe/Berlin").0,
            "from 2026-03-31"
        );
        assert_eq!(
            told(Kind::Instant, Op::Past, "", "Europe/Berlin").0,
            "before 2026-03-30 00:30"
        );
    }
}
