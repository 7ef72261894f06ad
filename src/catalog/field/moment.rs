//! Dates and times as text: in the notation of databases, of browsers, and of stored values.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};

/// Reads a time of day: `HH:MM`, optionally with seconds and a fraction.
pub fn parse_time(text: &str) -> Option<NaiveTime> {
    ["%H:%M:%S%.f", "%H:%M"]
        .iter()
        .find_map(|format| NaiveTime::parse_from_str(text, format).ok())
}

/// Reads a date and time in the notation of databases and browsers; a zone is dropped.
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

/// Reads a moment; without a zone, UTC is assumed.
pub fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    match parse_zoned(text) {
        Some(moment) => Some(moment.with_timezone(&Utc)),
        None => parse_date_time(text).map(|moment| moment.and_utc()),
    }
}

/// Whether a text includes a zone.
pub fn has_zone(text: &str) -> bool {
    text.trim().ends_with(['Z', 'z']) || parse_zoned(text).is_some()
}

/// Reads a date and time with an offset: PostgreSQL writes `+00`, RFC 3339 `+00:00`.
fn parse_zoned(text: &str) -> Option<DateTime<FixedOffset>> {
    ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z"]
        .iter()
        .find_map(|format| DateTime::parse_from_str(text.trim(), format).ok())
}

/// Formats a time of day for storage.
pub(super) fn format_time(time: NaiveTime) -> String {
    time.format("%H:%M:%S%.f").to_string()
}

/// Formats a date and time for storage.
pub(super) fn format_date_time(moment: NaiveDateTime) -> String {
    moment.format("%Y-%m-%d %H:%M:%S%.f").to_string()
}

/// Whether a text has this form; `0` stands for any digit.
fn has_form(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text
            .bytes()
            .zip(form.bytes())
            .all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                form => byte == form,
            })
}

/// Whether it is a date as browsers read and send it: `YYYY-MM-DD`, from year 1.
pub(super) fn is_date(text: &str) -> bool {
    has_form(text, "0000-00-00")
        && !text.starts_with("0000")
        && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

/// Whether a time input with steps of a second accepts it: `HH:MM` or `HH:MM:SS`.
pub(super) fn is_browser_time(text: &str) -> bool {
    let is_formed = has_form(text, "00:00") || has_form(text, "00:00:00");
    // chrono accepts second 60, browsers do not.
    is_formed && !text.ends_with(":60") && parse_time(text).is_some()
}

/// Whether a local date and time input with steps of a second accepts it.
pub(super) fn is_browser_date_time(text: &str) -> bool {
    let at = text.as_bytes().get(10).copied();
    let (Some(date), Some(time)) = (text.get(..10), text.get(11..)) else {
        return false;
    };
    matches!(at, Some(b' ' | b'T')) && is_date(date) && is_browser_time(time)
}

/// The shortest notation, which browsers send (HTML Standard, section 2.3.5.5).
pub(super) fn as_browser_sends(text: &str) -> Option<String> {
    if !is_browser_date_time(text) {
        return None;
    }
    let moment = parse_date_time(text)?;
    Some(match moment.second() {
        0 => moment.format("%Y-%m-%dT%H:%M").to_string(),
        _ => moment.format("%Y-%m-%dT%H:%M:%S").to_string(),
    })
}

/// Replaces every digit by `0`.
fn form_of(text: &str) -> String {
    let form = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c });
    form.collect()
}

/// Rewrites typed text in the format of the stored text: its separator, seconds and zone.
///
/// Databases without date types store text as given, and applications read only the format that
/// they write. `None` if the stored text is not a date and time.
pub(super) fn date_time_like(stored: &str, typed: &str) -> Option<String> {
    let typed = typed.trim();
    let moment = parse_instant(typed)?;
    parse_instant(stored)?;
    if form_of(stored) == form_of(typed) {
        return Some(typed.to_owned());
    }
    let separator = stored.chars().nth(10).filter(|c| matches!(c, ' ' | 'T'))?;
    let rest = stored.get(11..)?;
    let zone_at = rest.find(['Z', 'z', '+', '-']);
    let (time, zone) = rest.split_at(zone_at.unwrap_or(rest.len()));
    let local = match (zone, parse_zoned(stored)) {
        // Typed text without a zone takes the zone of the stored value.
        (_, Some(stored)) if parse_zoned(typed).is_some() => {
            moment.with_timezone(&stored.timezone()).naive_local()
        }
        _ => parse_date_time(typed).unwrap_or(moment.naive_utc()),
    };
    let time = time_as(time, local.time());
    Some(format!("{}{separator}{time}{zone}", local.date()))
}

/// Rewrites a typed time of day in the format of the stored one.
pub(super) fn time_like(stored: &str, typed: &str) -> Option<String> {
    let typed = typed.trim();
    let time = parse_time(typed)?;
    parse_time(stored)?;
    if form_of(stored) == form_of(typed) {
        Some(typed.to_owned())
    } else {
        Some(time_as(stored, time))
    }
}

/// Formats a time with the parts of the stored one, and more if the value needs them.
fn time_as(stored: &str, time: NaiveTime) -> String {
    let is_full = time.second() == 0 && time.nanosecond() == 0;
    if is_full && stored.matches(':').count() == 1 {
        return time.format("%H:%M").to_string();
    }
    let decimals = stored.split_once('.').map_or(0, |(_, digits)| digits.len());
    let text = format_time(time);
    let (seconds, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    match decimals.max(fraction.len()) {
        0 => seconds.to_owned(),
        width => format!("{seconds}.{fraction:0<width$}"),
    }
}
