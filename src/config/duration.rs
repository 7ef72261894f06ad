//! Durations as people write them: `30s`, `5m`, `12h`, `7d`.

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};
use std::time::Duration;

/// Reads a whole number followed by `s`, `m`, `h` or `d`.
///
/// # Errors
/// When the text has another form.
pub fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("\u{201c}{text}\u{201d} is not a duration; write 30s, 5m, 12h or 7d");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = text
        .strip_suffix(unit)
        .and_then(|digits| digits.trim().parse().ok())
        .ok_or_else(wrong)?;
    number
        .checked_mul(seconds)
        .map(Duration::from_secs)
        .ok_or_else(wrong)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    from.deserialize_any(Written)
}

/// A duration as text, for serde.
struct Written;

impl Visitor<'_> for Written {
    type Value = Duration;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a duration in quotes, such as \"30s\", \"5m\", \"12h\" or \"7d\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
        parse(text).map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Duration, E> {
        let seconds = seconds.max(0);
        Err(E::custom(format!(
            "must be a duration in quotes: write \"{seconds}s\" for {seconds} seconds"
        )))
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Duration, E> {
        self.visit_i64(i64::try_from(seconds).unwrap_or(i64::MAX))
    }
}

/// Reads a duration that may be left out (with `default`).
pub(super) fn optional<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    deserialize(from).map(Some)
}

/// Writes what [`optional`] reads.
pub(super) fn write_optional<S: Serializer>(
    time: &Option<Duration>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => to.serialize_str(&text(*time)),
        None => to.serialize_none(),
    }
}

/// Formats a duration for [`parse`], in the largest unit that divides it.
pub fn text(time: Duration) -> String {
    let seconds = time.as_secs();
    let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
    let fits = |(size, _): &&(u64, char)| seconds > 0 && seconds.is_multiple_of(*size);
    match units.iter().find(fits) {
        Some((size, unit)) => format!("{}{unit}", seconds / size),
        None => format!("{seconds}s"),
    }
}
