//! The cell of a value in an Excel sheet. Excel stores a number as a double with 15 digits, and a
//! date as a number of days. A value that does not fit is written as text, never as an
//! approximation.

use crate::catalog::field::SheetKind;
use crate::catalog::field::moment::{parse_date_time, parse_instant, parse_time};
use crate::catalog::{Kind, Value};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};

/// Excel shows and keeps 15 digits of a number, whatever the file holds.
const MAX_WHOLE: u64 = 999_999_999_999_999;
/// The maximum number of digits that a double preserves in a decimal.
const MAX_DIGITS: usize = 15;
/// The range of numbers that Excel accepts, slightly smaller than that of a double.
const SIZES: std::ops::Range<f64> = 1e-300..1e300;
/// The maximum length of a cell, in UTF-16 units.
const MAX_TEXT: usize = 32_767;
/// The end of a text that was truncated.
const CUT: &str = " [cut: a cell of Excel holds no more]";

/// A cell of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Blank,
    /// A boolean.
    Bool(bool),
    /// A number, with its display.
    Number(f64, Look),
    /// Text of valid length.
    Text(String),
}

/// How a number is displayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Look {
    /// Excel's general format.
    General,
    /// With this many decimals, and never with an exponent.
    Decimals(u8),
    /// A date.
    Date,
    /// A time of day.
    Time {
        /// Whether it has a fraction of a second.
        split: bool,
    },
    /// A date and time.
    DateTime {
        /// Whether it has a fraction of a second.
        split: bool,
        /// Whether it is in UTC, and says so.
        utc: bool,
    },
}

impl Look {
    /// The number format in Excel's notation (ECMA-376 part 1, section 18.8.31).
    pub fn pattern(self) -> String {
        let second = |split| if split { "ss.000" } else { "ss" };
        match self {
            Self::General => "General".into(),
            Self::Decimals(0) => "0".into(),
            Self::Decimals(decimals) => format!("0.{}", "0".repeat(usize::from(decimals))),
            Self::Date => "yyyy\\-mm\\-dd".into(),
            Self::Time { split } => format!("hh:mm:{}", second(split)),
            Self::DateTime { split, utc } => {
                let zone = if utc { "\\Z" } else { "" };
                format!("yyyy\\-mm\\-dd\\ hh:mm:{}{zone}", second(split))
            }
        }
    }
}

impl Cell {
    /// The cell for a value.
    pub fn of(kind: Kind, value: &Value) -> Self {
        let number = match (value, kind.sheet().kind) {
            (Value::Null, _) => return Self::Blank,
            (Value::Bool(value), _) => return Self::Bool(*value),
            (_, SheetKind::Decimal(scale)) => decimal(&value.to_text(kind), scale),
            (Value::Int(number), _) => whole(*number),
            (Value::Float(number), _) => is_in_range(*number).then_some((*number, Look::General)),
            (Value::Text(text), SheetKind::Date) => date(text),
            (Value::Text(text), SheetKind::Time) => time(text),
            (Value::Text(text), SheetKind::DateTime { utc: false }) => {
                parse_date_time(text).and_then(|at| moment(at, false))
            }
            (Value::Text(text), SheetKind::DateTime { utc: true }) => {
                parse_instant(text).and_then(|at| moment(at.naive_utc(), true))
            }
            _ => None,
        };
        match number {
            Some((number, look)) => Self::Number(number, look),
            None => Self::Text(fitting(kind.export_text(value))),
        }
    }
}

fn is_in_range(number: f64) -> bool {
    number == 0.0 || SIZES.contains(&number.abs())
}

#[expect(clippy::as_conversions, reason = "exact up to 15 digits")]
fn whole(number: i64) -> Option<(f64, Look)> {
    (number.unsigned_abs() <= MAX_WHOLE).then_some((number as f64, Look::Decimals(0)))
}

fn decimal(text: &str, scale: Option<u8>) -> Option<(f64, Look)> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let digits = unsigned.replacen('.', "", 1);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: f64 = text.parse().ok().filter(|number| is_in_range(*number))?;
    let digits = digits.trim_matches('0');
    // A number other than zero must not become zero.
    let is_exact = digits.len() <= MAX_DIGITS && (number == 0.0) == digits.is_empty();
    // Excel supports at most 30 decimals.
    let look = scale.filter(|scale| *scale <= 30);
    is_exact.then_some((number, look.map_or(Look::General, Look::Decimals)))
}

fn date(text: &str) -> Option<(f64, Look)> {
    let date = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok()?;
    Some((days(date)?, Look::Date))
}

fn time(text: &str) -> Option<(f64, Look)> {
    let time = parse_time(text.trim())?;
    let split = time.nanosecond() > 0;
    Some((part_of_day(time)?, Look::Time { split }))
}

fn moment(at: NaiveDateTime, utc: bool) -> Option<(f64, Look)> {
    let split = at.nanosecond() > 0;
    let number = days(at.date())? + part_of_day(at.time())?;
    Some((number, Look::DateTime { split, utc }))
}

/// The day number in Excel's calendar. Excel has a 29 February 1900 and other programs do not, so
/// all agree only from March 1900 on. Its last date is the end of the year 9999.
fn days(date: NaiveDate) -> Option<f64> {
    let (first, last) = (
        NaiveDate::from_ymd_opt(1900, 3, 1)?,
        NaiveDate::from_ymd_opt(9999, 12, 31)?,
    );
    let since = date.signed_duration_since(NaiveDate::from_ymd_opt(1899, 12, 30)?);
    let days = i32::try_from(since.num_days()).ok()?;
    (first..=last).contains(&date).then_some(f64::from(days))
}

fn part_of_day(time: NaiveTime) -> Option<f64> {
    // Excel cannot express a leap second.
    let fraction = f64::from(Some(time.nanosecond()).filter(|nanos| *nanos < 1_000_000_000)?);
    let seconds = f64::from(time.num_seconds_from_midnight()) + fraction / 1e9;
    Some(seconds / 86_400.0)
}

/// The text, truncated with a note if it is too long.
fn fitting(text: String) -> String {
    if text.len() <= MAX_TEXT || text.encode_utf16().count() <= MAX_TEXT {
        return text;
    }
    let room = MAX_TEXT - CUT.len();
    let mut units = 0;
    let kept = text.chars().take_while(|c| {
        units += c.len_utf16();
        units <= room
    });
    let mut short: String = kept.collect();
    short.push_str(CUT);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    fn same(kind: Kind, written: &str) {
        let cell = Cell::of(kind, &text(written));
        assert_eq!(cell, Cell::Text(written.into()), "{kind:?}");
    }

    fn number(kind: Kind, value: &Value, number: f64, pattern: &str) {
        match Cell::of(kind, value) {
            Cell::Number(found, look) => {
                assert_eq!((found, look.pattern().as_str()), (number, pattern));
            }
            other => assert!(matches!(other, Cell::Number(..)), "{value:?}: {other:?}"),
        }
    }

    #[test]
    fn whole_numbers_beyond_fifteen_digits_are_text() {
        let most = 999_999_999_999_999;
        number(Kind::Int, &Value::Int(-7), -7.0, "0");
        number(Kind::Int, &Value::Int(most), 999_999_999_999_999.0, "0");
        for beyond in [most + 1, -most - 1, i64::MAX, i64::MIN] {
            let cell = Cell::of(Kind::Int, &Value::Int(beyond));
            assert_eq!(cell, Cell::Text(beyond.to_string()));
        }
    }

    #[test]
    fn decimals_of_more_than_fifteen_digits_are_text() {
        let money = Kind::Decimal { scale: Some(2) };
        let free = Kind::Decimal { scale: None };
        number(money, &text("-12.50"), -12.5, "0.00");
        number(money, &Value::Int(12), 12.0, "0.00");
        number(money, &Value::Float(0.1), 0.1, "0.00");
        number(money, &text("0.00"), 0.0, "0.00");
        let fifteen = text("9999999999999.99");
        number(money, &fifteen, 9_999_999_999_999.99, "0.00");
        number(free, &text("1000000000000000000000"), 1e21, "General");
        same(money, "99999999999999.99");
        same(free, "0.1234567890123456");
        same(free, "NaN");
        same(free, "Infinity");
        same(free, "=1");
        same(free, "1e5");
        same(free, "");
        same(free, &format!("0.{}1", "0".repeat(400)));
        same(free, &format!("1{}", "0".repeat(400)));
    }

    #[test]
    fn what_is_no_number_to_excel_is_text() {
        number(Kind::Float, &Value::Float(2.5), 2.5, "General");
        number(Kind::Float, &Value::Float(0.0), 0.0, "General");
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, 5e-324] {
            let cell = Cell::of(Kind::Float, &Value::Float(odd));
            assert!(matches!(cell, Cell::Text(_)), "{cell:?}");
        }
    }

    #[test]
    fn dates_are_days_where_all_programs_agree() {
        number(Kind::Date, &text("2026-11-22"), 46_348.0, "yyyy\\-mm\\-dd");
        number(Kind::Date, &text("1900-03-01"), 61.0, "yyyy\\-mm\\-dd");
        number(
            Kind::Date,
            &text("9999-12-31"),
            2_958_465.0,
            "yyyy\\-mm\\-dd",
        );
        for odd in ["1900-02-28", "0044-03-15", "infinity", "soon", "2026-02-30"] {
            same(Kind::Date, odd);
        }
    }

    #[test]
    fn moments_are_days_and_say_their_zone() {
        number(
            Kind::DateTime,
            &text("2026-11-22 06:00:00"),
            46_348.25,
            "yyyy\\-mm\\-dd\\ hh:mm:ss",
        );
        number(
            Kind::Instant,
            &text("2026-11-22 08:00:00+02"),
            46_348.25,
            "yyyy\\-mm\\-dd\\ hh:mm:ss\\Z",
        );
        number(
            Kind::Instant,
            &text("2026-11-22 12:00:00.5"),
            46_348.0 + 43_200.5 / 86_400.0,
            "yyyy\\-mm\\-dd\\ hh:mm:ss.000\\Z",
        );
        let early = Cell::of(Kind::Instant, &text("1815-06-18 11:30:00"));
        assert_eq!(early, Cell::Text("1815-06-18T11:30:00Z".into()));
        same(Kind::DateTime, "yesterday");
        number(Kind::Time, &text("18:00"), 0.75, "hh:mm:ss");
        same(Kind::Time, "24:00:00");
        same(Kind::Time, "23:59:60");
    }

    #[test]
    fn everything_else_is_what_it_is() {
        assert_eq!(Cell::of(Kind::Text, &Value::Null), Cell::Blank);
        assert_eq!(Cell::of(Kind::Bool, &Value::Bool(true)), Cell::Bool(true));
        same(Kind::Text, "0049 123");
        same(Kind::Text, "=1+1");
        same(Kind::Json, "{\"a\": 1}");
        same(Kind::Text, "2026-11-22");
    }

    #[test]
    fn a_text_that_does_not_fit_says_that_it_was_cut() {
        same(Kind::Text, &"é".repeat(MAX_TEXT));
        for long in ["é".repeat(MAX_TEXT + 1), "🦒".repeat(20_000)] {
            let Cell::Text(cut) = Cell::of(Kind::Text, &text(&long)) else {
                return assert_eq!(long, "");
            };
            let units = cut.encode_utf16().count();
            assert!((MAX_TEXT - 1..=MAX_TEXT).contains(&units), "{units}");
            assert!(cut.ends_with(CUT));
        }
    }
}
