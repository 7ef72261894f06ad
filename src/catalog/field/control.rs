//! Form controls, and how browsers change the text in them.
//!
//! A browser does not send every text back unchanged. It removes line breaks from a one-line input,
//! and empties a date field with an invalid date. It rewrites other values (HTML Standard, sections
//! 4.10.5.1 and 4.10.22.4). If it sends what it makes of the stored value, the field counts as
//! untouched.

use super::moment;

/// A control of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Control {
    /// One line of text.
    #[default]
    Text,
    /// Several lines.
    TextArea,
    /// Several lines of JSON.
    Json,
    /// A whole number.
    Number,
    /// A number as a line of text.
    Decimal,
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// A date and time.
    DateTime,
    /// A box to tick.
    CheckBox,
    /// A list to choose from.
    Select,
    /// A foreign key, chosen by label: a text input that the script turns into a pick list.
    Lookup,
    /// A file.
    File,
    /// Shown, but not sent.
    ReadOnly,
}

impl Control {
    /// Its name in templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::TextArea => "textarea",
            Self::Json => "json",
            Self::Number => "number",
            Self::Decimal => "decimal",
            Self::Date => "date",
            Self::Time => "time",
            Self::DateTime => "datetime",
            Self::CheckBox => "checkbox",
            Self::Select => "select",
            Self::Lookup => "lookup",
            Self::File => "file",
            Self::ReadOnly => "readonly",
        }
    }

    /// What a browser sends if the control had this text and was not touched; line breaks are `\n`.
    /// `None` if it sends nothing.
    pub fn sends(self, text: &str) -> Option<String> {
        let parsed = lines(text).replace('\0', "\u{fffd}");
        Some(match self {
            Self::ReadOnly | Self::File => return None,
            Self::Text | Self::Decimal | Self::Lookup => parsed.replace('\n', ""),
            Self::TextArea | Self::Json | Self::Select => parsed,
            Self::CheckBox => (text == "true").to_string(),
            Self::Number if is_number(&parsed) => parsed,
            Self::Date if moment::is_date(&parsed) => parsed,
            Self::Time if moment::is_browser_time(&parsed) => parsed,
            Self::DateTime => moment::as_browser_sends(&parsed).unwrap_or_default(),
            Self::Number | Self::Date | Self::Time => String::new(),
        })
    }
}

/// Text with `\n` for every line break: browsers send `\r\n`, while forms are compared with `\n`.
pub fn lines(text: &str) -> String {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text.to_owned()
    }
}

/// Whether it is a valid floating-point number (HTML Standard, section 2.3.4.3).
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let starts_well = digits.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    let known = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E');
    starts_well
        && !digits.ends_with('.')
        && text.chars().all(known)
        && text.parse::<f64>().is_ok_and(f64::is_finite)
}
