//! The notation of numbers and dates in a file, if it differs from the panel's.

use crate::catalog::Kind;
use crate::texts::text;
use std::borrow::Cow;

/// How a file writes numbers and dates.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Notation {
    /// The notation of numbers.
    pub decimal: Decimal,
    /// The notation of dates.
    pub dates: Dates,
}

/// The notation of numbers.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Decimal {
    /// 1234.50
    #[default]
    Point,
    /// 1.234,50
    Comma,
}

/// The notation of dates.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Dates {
    /// 2026-03-01
    #[default]
    Year,
    /// 01.03.2026
    Day,
    /// 03/01/2026
    Month,
}

impl Decimal {
    /// All notations.
    pub const ALL: [Self; 2] = [Self::Point, Self::Comma];

    /// Its name in requests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Comma => "comma",
        }
    }

    /// Its label on pages: an example number.
    pub fn label(self) -> &'static str {
        match self {
            Self::Point => "1234.50",
            Self::Comma => "1.234,50",
        }
    }
}

impl Dates {
    /// All notations.
    pub const ALL: [Self; 3] = [Self::Year, Self::Day, Self::Month];

    /// Its name in requests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Year => "ymd",
            Self::Day => "dmy",
            Self::Month => "mdy",
        }
    }

    /// Its label on pages: the first of March.
    pub fn label(self) -> String {
        match self {
            Self::Year => "2026-03-01".to_owned(),
            Self::Day => text!("import-dates-day"),
            Self::Month => text!("import-dates-month"),
        }
    }
}

impl Notation {
    /// A text in the panel's notation for values of this kind.
    pub fn plain(self, kind: Kind, text: &str) -> Cow<'_, str> {
        let found = match kind {
            Kind::Int | Kind::Float | Kind::Decimal { .. } => self.number(text),
            Kind::Date | Kind::DateTime | Kind::Instant => self.date(text),
            _ => None,
        };
        found.map_or(Cow::Borrowed(text), Cow::Owned)
    }

    fn number(self, text: &str) -> Option<String> {
        let is_of_number = |c: char| c.is_ascii_digit() || "+-.,' \u{a0}\u{202f}".contains(c);
        if self.decimal == Decimal::Point || !text.chars().all(is_of_number) {
            return None;
        }
        // A point that is not followed by three digits does not separate thousands.
        let whole = text.split(',').next().unwrap_or_default();
        let mut groups = whole.split(['.', ' ', '\u{a0}', '\u{202f}']).skip(1);
        if !groups.all(|group| group.len() == 3) {
            return None;
        }
        let kept = text
            .chars()
            .filter(|c| c.is_ascii_digit() || "+-,".contains(*c));
        Some(kept.collect::<String>().replacen(',', ".", 1))
    }

    fn date(self, text: &str) -> Option<String> {
        let text = text.trim();
        let end = text.find([' ', 'T']).unwrap_or(text.len());
        let (date, time) = text.split_at(end);
        let parts: Vec<&str> = date.split(['.', '/', '-']).collect();
        let [one, two, year] = parts.as_slice() else {
            return None;
        };
        let (day, month) = match self.dates {
            Dates::Year => return None,
            Dates::Day => (one, two),
            Dates::Month => (two, one),
        };
        // The number of digits distinguishes a leading year from a day.
        let fits = |part: &str, most: usize| {
            (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
        };
        let is_date = fits(day, 2) && fits(month, 2) && year.len() == 4 && fits(year, 4);
        is_date.then(|| format!("{year}-{month:0>2}-{day:0>2}{time}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_dates_are_read_as_the_file_writes_them() {
        let money = Kind::Decimal { scale: Some(2) };
        let plain = Notation::default();
        let comma = Notation {
            decimal: Decimal::Comma,
            dates: Dates::Day,
        };
        let month = Notation {
            dates: Dates::Month,
            ..plain
        };
        for (notation, kind, text, wanted) in [
            (plain, money, "1.5", "1.5"),
            (comma, money, "1.234,50", "1234.50"),
            (comma, money, "-0,5", "-0.5"),
            (comma, Kind::Int, "1 234", "1234"),
            (comma, money, "12.50", "12.50"),
            (comma, money, "1,2,3", "1.2,3"),
            (comma, money, "n/a", "n/a"),
            (comma, Kind::Text, "1,5", "1,5"),
            (comma, Kind::Date, "1.3.2026", "2026-03-01"),
            (comma, Kind::Date, "2026-03-01", "2026-03-01"),
            (month, Kind::Date, "03/01/2026", "2026-03-01"),
            (
                comma,
                Kind::DateTime,
                "01.03.2026 10:00",
                "2026-03-01 10:00",
            ),
            (plain, Kind::Date, "01.03.2026", "01.03.2026"),
            (comma, Kind::Date, "soon", "soon"),
        ] {
            assert_eq!(notation.plain(kind, text), wanted, "{text}");
        }
    }
}
