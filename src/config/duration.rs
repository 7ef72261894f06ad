//! Durations as people write them: `30s`, `5m`, `12h`, `7d`.

use serde::{Deserialize, Deserializer, de::Error};
use std::time::Duration;

/// Reads a whole number followed by `s`, `m`, `h` or `d`.
///
/// # Errors
/// When the text is of another form.
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
    parse(&String::deserialize(from)?).map_err(D::Error::custom)
}
