//! Cells of pages: their text and its formatting.

use crate::catalog::field::{Look, moment};
use crate::catalog::{Field, Value};
use crate::data::Label;
use crate::entry::sizes::grouped;
use crate::texts::text;
use serde::Serialize;

/// The maximum length of text in lists.
const MAX_IN_LIST: usize = 120;

/// A cell for a template. Default values are not serialized.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Cell {
    /// The text.
    pub text: String,
    /// The target of its link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// The tone of a badge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tone: Option<&'static str>,
    /// Whether it is right-aligned.
    #[serde(skip_serializing_if = "is_false")]
    pub numeric: bool,
    /// Whether it is NULL.
    #[serde(skip_serializing_if = "is_false")]
    pub none: bool,
    /// A date and time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moment: Option<Box<Moment>>,
    /// Whether it uses a monospace font.
    #[serde(skip_serializing_if = "is_false")]
    pub mono: bool,
    /// A colour shown beside the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colour: Option<Box<str>>,
    /// Whether the text was truncated.
    #[serde(skip_serializing_if = "is_false")]
    pub more: bool,
    /// A boolean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub yes: Option<bool>,
    /// The address to download the bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub download: Option<Box<str>>,
}

/// A date and time.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Moment {
    iso: String,
    text: String,
    zoned: bool,
}

impl Moment {
    /// A moment in UTC.
    pub fn utc(moment: chrono::NaiveDateTime) -> Self {
        Self {
            iso: moment.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            text: moment.format("%Y-%m-%d %H:%M UTC").to_string(),
            zoned: true,
        }
    }

    /// In the form of `<time datetime>`.
    pub fn iso(&self) -> &str {
        &self.iso
    }

    /// In the form for people.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Makes it from `YYYY-MM-DD HH:MM:SS`.
    fn usual(text: &str, zoned: bool) -> Self {
        let (date, time) = text.split_once(' ').unwrap_or((text, ""));
        let minutes = time.get(..5).unwrap_or(time);
        let (end, zone) = if zoned { ("Z", " UTC") } else { ("", "") };
        Self {
            iso: format!("{date}T{time}{end}"),
            text: format!("{date} {minutes}{zone}"),
            zoned,
        }
    }

    fn local(moment: chrono::NaiveDateTime) -> Self {
        Self {
            iso: moment.format("%Y-%m-%dT%H:%M:%S%.f").to_string(),
            text: moment.format("%Y-%m-%d %H:%M").to_string(),
            zoned: false,
        }
    }
}

impl Cell {
    /// A NULL cell.
    pub fn none() -> Self {
        Self {
            none: true,
            ..Self::default()
        }
    }

    /// A NULL cell of a column.
    fn none_of(field: &Field) -> Self {
        Self {
            numeric: field.kind.look().is_numeric(),
            ..Self::none()
        }
    }

    /// A cell of plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// A value, formatted for its column.
    pub fn of(field: &Field, value: &Value) -> Self {
        let text = value.to_text(field.kind);
        match (value, field.kind.look()) {
            (Value::Null, _) => Self::none_of(field),
            (Value::Bool(yes), _) => Self {
                text: if *yes {
                    text!("yes-choice")
                } else {
                    text!("no-choice")
                },
                yes: Some(*yes),
                ..Self::default()
            },
            (Value::Size(size), _) => Self::text(bytes(*size)),
            // In a column without a type, such as one computed by a view, the value decides.
            (_, Look::Figure) | (Value::Int(_) | Value::Float(_), Look::AsStored) => Self {
                text: group_decimal(&text),
                numeric: true,
                ..Self::default()
            },
            (_, Look::Number) => Self {
                text,
                numeric: true,
                ..Self::default()
            },
            (_, Look::Time) => Self::text(without_seconds(text)),
            (_, Look::Moment) => Self::moment(text, true),
            (_, Look::Local) => Self::moment(text, false),
            (_, Look::Badge) => Self {
                tone: Some(tone(&text)),
                text,
                ..Self::default()
            },
            (_, Look::Code | Look::Document) => Self {
                text,
                mono: true,
                ..Self::default()
            },
            (_, Look::Prose | Look::AsStored) => Self::prose(text),
        }
    }

    /// A cell, shortened for a list.
    pub fn in_list(field: &Field, value: &Value) -> Self {
        let mut cell = Self::of(field, value);
        if cell.text.len() <= MAX_IN_LIST {
            return cell;
        }
        let cut = cell
            .text
            .char_indices()
            .nth(MAX_IN_LIST)
            .map(|(index, _)| index);
        if let Some(cut) = cut {
            cell.text.truncate(cut);
            cell.more = true;
        }
        cell
    }

    /// A foreign key: the label of its row, with a link.
    pub fn of_label(field: &Field, value: &Value, label: Option<(&Label, String)>) -> Self {
        match label {
            Some((label, href)) => Self {
                text: label.text.clone(),
                href: Some(href),
                ..Self::default()
            },
            None => Self {
                numeric: false,
                ..Self::of(field, value)
            },
        }
    }

    fn moment(text: String, zoned: bool) -> Self {
        let moment = if is_usual(&text) {
            // The form that most databases write is used without parsing.
            Some(Moment::usual(&text, zoned))
        } else if zoned {
            moment::parse_instant(&text).map(|moment| Moment::utc(moment.naive_utc()))
        } else {
            moment::parse_date_time(&text).map(Moment::local)
        };
        Self {
            moment: moment.map(Box::new),
            text,
            ..Self::default()
        }
    }

    fn prose(text: String) -> Self {
        Self {
            href: link(&text),
            colour: colour(&text).map(String::into_boxed_str),
            text,
            ..Self::default()
        }
    }
}

/// Whether a text has the form `YYYY-MM-DD HH:MM:SS`.
fn is_usual(text: &str) -> bool {
    const FORM: &[u8; 19] = b"0000-00-00 00:00:00";
    text.len() == FORM.len()
        && text.bytes().zip(FORM).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            form => byte == *form,
        })
}

fn is_false(value: &bool) -> bool {
    !value
}

/// Only these schemes become links: `javascript:` and `data:` stay text.
fn link(text: &str) -> Option<String> {
    if !text.contains([':', '@']) {
        return None;
    }
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    let is_web = lower.starts_with("https://") || lower.starts_with("http://");
    if is_web && !text.contains(char::is_whitespace) {
        return url::Url::parse(text).ok().map(String::from);
    }
    let (name, host) = text.split_once('@')?;
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+'))
    };
    (plain(name) && plain(host) && host.contains('.')).then(|| format!("mailto:{text}"))
}

fn colour(text: &str) -> Option<String> {
    let digits = text.strip_prefix('#')?;
    let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    (hex && matches!(digits.len(), 3 | 6)).then(|| text.to_owned())
}

/// The tone of a state, from the usual meaning of such words.
fn tone(word: &str) -> &'static str {
    let lower;
    let word = if word.bytes().any(|byte| byte.is_ascii_uppercase()) {
        lower = word.to_ascii_lowercase();
        lower.as_str()
    } else {
        word
    };
    match word {
        "paid" | "delivered" | "active" | "done" | "completed" | "complete" | "approved"
        | "published" | "success" | "succeeded" | "ok" | "enabled" | "accepted" | "create" => {
            "good"
        }
        "pending" | "waiting" | "open" | "review" | "on hold" | "paused" | "overdue"
        | "warning" => "warn",
        "cancelled" | "canceled" | "failed" | "error" | "rejected" | "refused" | "denied"
        | "blocked" | "returned" | "deleted" | "delete" | "expired" | "disabled" => "bad",
        "shipped" | "new" | "processing" | "running" | "in progress" | "sent" | "update"
        | "export" | "scheduled" => "info",
        _ => "plain",
    }
}

/// 05:30:00 as 05:30: zero seconds are left out.
fn without_seconds(mut text: String) -> String {
    if text.len() == 8 && text.ends_with(":00") {
        text.truncate(5);
    }
    text
}

/// 1234567.5 as 1,234,567.5
fn group_decimal(text: &str) -> String {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    match (whole.parse::<u64>(), fraction) {
        (Ok(number), "") => format!("{sign}{}", grouped(number)),
        (Ok(number), fraction) => format!("{sign}{}.{fraction}", grouped(number)),
        (Err(_), _) => text.to_owned(),
    }
}

fn bytes(size: u64) -> String {
    match size {
        0..1_000 => text!("size-bytes", count = size),
        1_000..1_000_000 => {
            let number = format!("{}.{}", size / 1_000, size % 1_000 / 100);
            text!("size-kilobytes", number = number)
        }
        _ => {
            let number = format!("{}.{}", size / 1_000_000, size % 1_000_000 / 100_000);
            text!("size-megabytes", number = number)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_and_mail_addresses_become_links() {
        assert_eq!(link("https://example.com/a b"), None);
        assert_eq!(
            link("HTTPS://example.com/a"),
            Some("https://example.com/a".into())
        );
        assert_eq!(
            link("ada@example.com"),
            Some("mailto:ada@example.com".into())
        );
        for text in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            " javascript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "//example.com",
            "a\"@example.com",
        ] {
            assert_eq!(link(text), None, "{text}");
        }
    }

    #[test]
    fn moments_read_alike_however_they_are_stored() {
        for zoned in [false, true] {
            let usual = Cell::moment("2026-11-22 16:13:05".into(), zoned);
            let other = Cell::moment("2026-11-22T16:13:05".into(), zoned);
            assert_eq!(usual.moment, other.moment);
            assert!(usual.moment.is_some());
        }
    }

    #[test]
    fn full_minutes_have_no_seconds() {
        assert_eq!(without_seconds("05:00:00".into()), "05:00");
        assert_eq!(without_seconds("05:00:01".into()), "05:00:01");
        assert_eq!(without_seconds("05:00:00.5".into()), "05:00:00.5");
    }

    #[test]
    fn figures_are_grouped() {
        assert_eq!(group_decimal("-1234567.50"), "-1,234,567.50");
        assert_eq!(group_decimal("12"), "12");
        assert_eq!(group_decimal("1e99"), "1e99");
    }
}
