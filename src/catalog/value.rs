//! Values of cells, and the kinds of column that say how to read them.
//!
//! A [`Value`] is what travels between page and database: few shapes, so that every database can
//! bind and read all of them. What a value means (a date, an amount of money) is told by the
//! [`Kind`] of its column.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde_json::json;
use std::fmt;

/// The largest integer that every JSON reader takes exactly (2^53 - 1, RFC 8259 section 6).
const JSON_SAFE: i64 = 9_007_199_254_740_991;

/// The content of one cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// Text, and everything written as text: decimals, dates (ISO 8601), UUIDs, JSON.
    Text(String),
    /// Bytes that were read.
    Bytes(Vec<u8>),
    /// Bytes that were left in the database: only their number was read.
    Size(u64),
}

/// How the values of a column are read, shown, parsed and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// True or false.
    Bool,
    /// A whole number of up to 64 bits.
    Int,
    /// A floating-point number.
    Float,
    /// An exact decimal number, kept as text; `scale` is the number of decimals, where fixed.
    Decimal {
        /// Digits behind the point, where the column fixes them.
        scale: Option<u8>,
    },
    /// Text.
    Text,
    /// A calendar date.
    Date,
    /// A time of day.
    Time,
    /// A date and time without a zone.
    DateTime,
    /// A moment: a date and time with a zone; its text is in UTC, without the offset.
    Instant,
    /// A UUID.
    Uuid,
    /// A JSON document.
    Json,
    /// One of a list of texts.
    Choice,
    /// Bytes.
    Bytes,
    /// Anything else: shown as the database writes it, compared as the database compares it.
    Other,
}

/// Why a text is not a value of its column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ValueError(pub String);

impl ValueError {
    fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl Value {
    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Reads what a person typed, or a URL holds, as a value of this kind.
    ///
    /// # Errors
    /// A sentence in plain words that says what the column takes.
    pub fn parse(kind: Kind, text: &str) -> Result<Self, ValueError> {
        // PostgreSQL cannot store it, and SQLite reads the text behind it differently everywhere.
        if text.contains('\0') {
            return Err(ValueError::new(
                "This text holds a NUL character; leave it out.",
            ));
        }
        let trimmed = text.trim();
        match kind {
            Kind::Bool => parse_bool(trimmed),
            Kind::Int => trimmed
                .parse()
                .map(Self::Int)
                .map_err(|_| match is_digits(trimmed) {
                    true => ValueError::new("This number is too large."),
                    false => ValueError::new("Enter a whole number."),
                }),
            Kind::Float => trimmed
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite())
                .map(Self::Float)
                .ok_or_else(|| ValueError::new("Enter a number.")),
            Kind::Decimal { scale } => parse_decimal(trimmed, scale),
            Kind::Date => NaiveDate::parse_from_str(trimmed, "%Y-%m-%d")
                .map(|date| Self::Text(date.to_string()))
                .map_err(|_| ValueError::new("Enter a date as YYYY-MM-DD.")),
            Kind::Time => parse_time(trimmed)
                .map(|time| Self::Text(format_time(time)))
                .ok_or_else(|| ValueError::new("Enter a time as HH:MM or HH:MM:SS.")),
            Kind::DateTime => parse_date_time(trimmed)
                .map(|moment| Self::Text(format_date_time(moment)))
                .ok_or_else(|| ValueError::new("Enter a date and time as YYYY-MM-DD HH:MM.")),
            Kind::Instant => parse_instant(trimmed)
                .map(|moment| Self::Text(format_date_time(moment.naive_utc())))
                .ok_or_else(|| {
                    ValueError::new("Enter a date and time as YYYY-MM-DD HH:MM, in UTC.")
                }),
            Kind::Uuid => parse_uuid(trimmed),
            Kind::Json => match serde_json::from_str::<serde_json::Value>(trimmed) {
                Ok(_) => Ok(Self::Text(trimmed.to_owned())),
                Err(error) => Err(ValueError::new(format!(
                    "This is not valid JSON: line {}, column {}.",
                    error.line(),
                    error.column()
                ))),
            },
            Kind::Bytes => Err(ValueError::new("Bytes cannot be typed.")),
            Kind::Text | Kind::Choice | Kind::Other => Ok(Self::Text(text.to_owned())),
        }
    }

    /// The value as plain text, as an export, a key or a form field writes it. NULL is empty.
    pub fn to_text(&self, kind: Kind) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(true) => "true".into(),
            Self::Bool(false) => "false".into(),
            // SQLite keeps a whole amount of money as an integer.
            Self::Int(number) => match kind {
                Kind::Decimal {
                    scale: Some(scale @ 1..),
                } => {
                    format!("{number}.{:0<width$}", "", width = usize::from(scale))
                }
                _ => number.to_string(),
            },
            Self::Float(number) => match kind {
                Kind::Decimal { scale: Some(scale) } => {
                    format!("{number:.precision$}", precision = usize::from(scale))
                }
                _ if number.is_infinite() && *number > 0.0 => "Infinity".into(),
                _ if number.is_infinite() => "-Infinity".into(),
                _ => number.to_string(),
            },
            Self::Text(text) => text.clone(),
            // SQLite keeps bytes in columns of any type.
            Self::Bytes(bytes) if kind != Kind::Bytes => {
                String::from_utf8_lossy(bytes).into_owned()
            }
            Self::Bytes(bytes) => format!("{} bytes", bytes.len()),
            Self::Size(size) => format!("{size} bytes"),
        }
    }

    /// The value in JSON: decimals, and integers beyond 2^53, as strings; moments as RFC 3339.
    pub fn to_json(&self, kind: Kind) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => json!(value),
            Self::Int(_) if matches!(kind, Kind::Decimal { .. }) => json!(self.to_text(kind)),
            Self::Int(number) if number.unsigned_abs() > JSON_SAFE.unsigned_abs() => {
                json!(number.to_string())
            }
            Self::Int(number) => json!(number),
            Self::Float(_) if matches!(kind, Kind::Decimal { .. }) => json!(self.to_text(kind)),
            // JSON has neither infinity nor NaN, and they are not null.
            Self::Float(number) if !number.is_finite() => json!(self.to_text(kind)),
            Self::Float(number) => json!(number),
            Self::Text(text) => match kind {
                Kind::Json => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
                Kind::Instant => json!(parse_instant(text).map_or_else(
                    || text.clone(),
                    |moment| moment.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
                )),
                Kind::DateTime => json!(parse_date_time(text).map_or_else(
                    || text.clone(),
                    |moment| moment.format("%Y-%m-%dT%H:%M:%S%.f").to_string()
                )),
                _ => json!(text),
            },
            Self::Bytes(_) if kind != Kind::Bytes => json!(self.to_text(kind)),
            Self::Bytes(bytes) => json!({ "bytes": bytes.len() }),
            Self::Size(size) => json!({ "bytes": size }),
        }
    }

    /// Whether this value, as a database keeps it, and one that a person gave are the same value
    /// of the column, however each of them is written: `12.5` and `12.50`, `10:00` and `10:00:00`.
    pub fn is_same(&self, given: &Self, kind: Kind) -> bool {
        if self == given {
            return true;
        }
        if self.is_null() || given.is_null() || matches!(kind, Kind::Bytes) {
            return false;
        }
        let (kept, given) = (self.to_text(kind), given.to_text(kind));
        match kind {
            // Browsers send every line break as two characters.
            Kind::Text | Kind::Choice | Kind::Other => {
                kept.replace("\r\n", "\n") == given.replace("\r\n", "\n")
            }
            Kind::Json => without_blanks(&kept) == without_blanks(&given),
            Kind::Uuid => {
                let digits = |text: &str| text.replace('-', "").to_ascii_lowercase();
                digits(&kept) == digits(&given)
            }
            Kind::Decimal { .. } => {
                let plain = |text: &str| parse_decimal(text, None).map(trimmed_decimal);
                matches!((plain(&kept), plain(&given)), (Ok(one), Ok(other)) if one == other)
            }
            _ => matches!(
                (Self::parse(kind, &kept), Self::parse(kind, &given)),
                (Ok(one), Ok(other)) if one == other
            ),
        }
    }
}

/// JSON without the blanks between its parts.
fn without_blanks(json: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    let keep = |c: &char| {
        let inside = quoted;
        match (quoted, escaped, *c) {
            (true, true, _) => escaped = false,
            (true, false, '\\') => escaped = true,
            (_, _, '"') => quoted = !quoted,
            _ => {}
        }
        inside || !c.is_ascii_whitespace()
    };
    json.chars().filter(keep).collect()
}

/// A decimal without the zeros that say nothing.
fn trimmed_decimal(value: Value) -> String {
    let text = value.to_text(Kind::Decimal { scale: None });
    let short = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text.as_str(),
    };
    match short {
        "-0" => "0".to_owned(),
        short => short.to_owned(),
    }
}

fn is_digits(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(Kind::Other))
    }
}

fn parse_bool(text: &str) -> Result<Value, ValueError> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "on" | "yes" | "t" => Ok(Value::Bool(true)),
        "false" | "0" | "off" | "no" | "f" => Ok(Value::Bool(false)),
        _ => Err(ValueError::new("Choose yes or no.")),
    }
}

fn parse_decimal(text: &str, scale: Option<u8>) -> Result<Value, ValueError> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let number = !(whole.is_empty() && fraction.is_empty())
        && (whole.bytes().chain(fraction.bytes())).all(|byte| byte.is_ascii_digit());
    if !number {
        return Err(ValueError::new("Enter a number, such as 1234.50."));
    }
    if let Some(scale) = scale
        && fraction.trim_end_matches('0').len() > usize::from(scale)
    {
        return Err(ValueError::new(match scale {
            0 => "Enter a number without decimals.".to_owned(),
            1 => "At most 1 digit may follow the decimal point.".to_owned(),
            more => format!("At most {more} digits may follow the decimal point."),
        }));
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = match scale {
        Some(scale) => format!("{:0<width$.width$}", fraction, width = usize::from(scale)),
        None => fraction.to_owned(),
    };
    Ok(Value::Text(match fraction.is_empty() {
        true => format!("{sign}{whole}"),
        false => format!("{sign}{whole}.{fraction}"),
    }))
}

fn parse_uuid(text: &str) -> Result<Value, ValueError> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    if digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(ValueError::new(
            "Enter a UUID, such as 123e4567-e89b-12d3-a456-426614174000.",
        ));
    }
    // Databases without a UUID type keep what was written: with hyphens or without.
    Ok(Value::Text(text.to_ascii_lowercase()))
}

/// Reads a time of day: `HH:MM`, with seconds and a fraction where they are there.
pub fn parse_time(text: &str) -> Option<NaiveTime> {
    ["%H:%M:%S%.f", "%H:%M"]
        .iter()
        .find_map(|format| NaiveTime::parse_from_str(text, format).ok())
}

/// Reads a date and time as databases and browsers write them; a zone, if there, is dropped.
pub fn parse_date_time(text: &str) -> Option<NaiveDateTime> {
    const FORMATS: [&str; 4] = [
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
    ];
    let text = text.trim().trim_end_matches(['Z', 'z']);
    FORMATS
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .or_else(|| {
            NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .ok()
                .map(|date| date.and_time(NaiveTime::MIN))
        })
}

/// Reads a moment; without a zone it is taken as UTC.
pub fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    // A signed offset behind a time: PostgreSQL writes "+00", RFC 3339 "+00:00".
    let zoned = ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z"]
        .iter()
        .find_map(|format| DateTime::parse_from_str(text, format).ok());
    match zoned {
        Some(moment) => Some(moment.with_timezone(&Utc)),
        None => parse_date_time(text).map(|moment| moment.and_utc()),
    }
}

fn format_time(time: NaiveTime) -> String {
    time.format("%H:%M:%S%.f").to_string()
}

fn format_date_time(moment: NaiveDateTime) -> String {
    moment.format("%Y-%m-%d %H:%M:%S%.f").to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn text(kind: Kind, input: &str) -> String {
        Value::parse(kind, input).unwrap().to_text(kind)
    }

    #[test]
    fn decimals_are_kept_exactly() {
        let money = Kind::Decimal { scale: Some(2) };
        assert_eq!(text(money, "0012.5"), "12.50");
        assert_eq!(text(money, "-.5"), "-0.50");
        assert_eq!(text(money, "12.500"), "12.50");
        assert!(Value::parse(money, "12.505").is_err());
        assert!(Value::parse(money, "1e3").is_err());
        assert!(Value::parse(money, ".").is_err());
        assert_eq!(
            text(
                Kind::Decimal { scale: None },
                "123456789012345678901234567890.5"
            ),
            "123456789012345678901234567890.5"
        );
    }

    #[test]
    fn moments_are_read_as_databases_and_browsers_write_them() {
        assert_eq!(
            text(Kind::DateTime, "2026-11-22T16:13"),
            "2026-11-22 16:13:00"
        );
        assert_eq!(text(Kind::DateTime, "2026-11-22"), "2026-11-22 00:00:00");
        assert_eq!(
            text(Kind::Instant, "2026-11-22 16:13:00.25+00"),
            "2026-11-22 16:13:00.250"
        );
        assert_eq!(
            text(Kind::Instant, "2026-11-22T16:13:00+02:00"),
            "2026-11-22 14:13:00"
        );
        assert!(Value::parse(Kind::Instant, "yesterday").is_err());
    }

    #[test]
    fn json_numbers_beyond_every_readers_range_are_strings() {
        assert_eq!(Value::Int(JSON_SAFE).to_json(Kind::Int), json!(JSON_SAFE));
        assert_eq!(
            Value::Int(JSON_SAFE + 1).to_json(Kind::Int),
            json!("9007199254740992")
        );
        let money = Kind::Decimal { scale: Some(2) };
        assert_eq!(Value::Float(12.5).to_json(money), json!("12.50"));
        assert_eq!(
            Value::Int(12).to_json(Kind::Decimal { scale: None }),
            json!("12")
        );
    }
}
