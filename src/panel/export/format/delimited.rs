//! Rows as comma-separated values, and what a spreadsheet must not take for a formula.

use super::{Columns, PIECE};
use crate::catalog::{Kind, Value};
use crate::data::Row;
use actix_web::web::Bytes;

/// Writes rows as CSV.
pub struct Delimited {
    columns: Columns,
    csv: csv::Writer<Vec<u8>>,
}

impl Delimited {
    /// A file of these columns, their names in its first line; behind a byte order mark, if wanted.
    pub fn new(columns: Columns, has_mark: bool) -> Self {
        // A spreadsheet reads the names of columns as it reads cells. They are quoted where they
        // must be.
        let names = columns.iter().map(|(_, field)| guard(field.name.clone()));
        let mut head = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(if has_mark { MARK.into() } else { Vec::new() });
        // Writing to memory does not fail.
        let _ = head.write_record(names.collect::<Vec<String>>());
        let csv = writer(head.into_inner().unwrap_or_default());
        Self { columns, csv }
    }

    /// Writes a row; gives a piece if there is enough for one.
    pub fn row(&mut self, row: &Row) -> Option<Bytes> {
        let cells = self
            .columns
            .iter()
            .map(|(column, field)| cell(field.kind, row.get(*column)));
        let _ = self.csv.write_record(cells.collect::<Vec<String>>());
        // The CSV writer hands on what it has whenever its own buffer is full.
        (self.csv.get_ref().len() >= PIECE)
            .then(|| bytes(std::mem::replace(&mut self.csv, writer(Vec::new()))))
    }

    /// The last piece.
    pub fn finish(self) -> Bytes {
        bytes(self.csv)
    }
}

/// U+FEFF: what tells some spreadsheets that a file is UTF-8.
const MARK: &str = "\u{feff}";

/// Everything but numbers is quoted, so that no other separator cuts a field.
fn writer(mut file: Vec<u8>) -> csv::Writer<Vec<u8>> {
    file.reserve(PIECE);
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .quote_style(csv::QuoteStyle::NonNumeric)
        .buffer_capacity(PIECE)
        .from_writer(file)
}

fn bytes(writer: csv::Writer<Vec<u8>>) -> Bytes {
    writer.into_inner().map(Bytes::from).unwrap_or_default()
}

/// A cell of a spreadsheet: text that a spreadsheet would run as a formula gets a `'` in front;
/// numbers, amounts, times and telephone numbers stay as they are.
fn cell(kind: Kind, value: Option<&Value>) -> String {
    value.map_or_else(String::new, |value| guard(kind.export_text(value)))
}

/// A `'` in front of what would be a formula: at the beginning, and behind what separates fields or
/// lines where a spreadsheet splits at semicolons, and so takes no notice of our quotes.
fn guard(text: String) -> String {
    if !text.contains(RISKY) {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + 1);
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let end = rest.find(SEPARATORS).map_or(rest.len(), |at| at + 1);
        let (part, after) = rest.split_at(end);
        let bare = part.trim_end_matches(SEPARATORS);
        let blank = bare.len() - bare.trim_start_matches([' ', '"']).len();
        // At the very beginning blanks keep a spreadsheet from taking it for a formula.
        let (space, told) = bare.split_at(if safe.is_empty() { 0 } else { blank });
        safe.push_str(space);
        if is_risky(told) {
            safe.push('\'');
        }
        safe.push_str(part.get(space.len()..).unwrap_or_default());
        rest = after;
    }
    match text.starts_with(['\t', '\r', '\n']) {
        true => format!("'{safe}"),
        false => safe,
    }
}

/// What separates fields or lines, in some settings of some spreadsheets.
const SEPARATORS: [char; 4] = [';', '\t', '\r', '\n'];

/// How formulas in spreadsheets begin; the full-width forms count too.
const RISKY: [char; 11] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// Words of intervals, and of times without end.
const UNITS: [&str; 16] = [
    "ago", "day", "days", "hour", "hours", "infinity", "mins", "minute", "minutes", "mon", "mons",
    "month", "months", "secs", "year", "years",
];

/// The fewest digits of a telephone number with its country.
const TELEPHONE: usize = 6;

/// Whether it begins as formulas in spreadsheets do, and is none of the plain things that do.
pub(super) fn is_risky(text: &str) -> bool {
    text.starts_with(RISKY) && !is_plain(text)
}

/// A number, an amount of money, an interval, a time without end, or a telephone number: nothing
/// of it names a cell or a function.
fn is_plain(text: &str) -> bool {
    let is_mark = |c: char| c.is_ascii_digit() || ".,:()/+-$\u{20ac}\u{a3}\u{a5}%".contains(c);
    let is_number = |word: &str| word.contains(|c: char| c.is_ascii_digit());
    let is_unit = |word: &str| {
        let word = word.trim_start_matches(['+', '-']).to_ascii_lowercase();
        UNITS.contains(&word.as_str())
    };
    // "-1.5e-7": Rust and databases write small numbers so.
    let is_power = |word: &str| word.parse::<f64>().is_ok_and(f64::is_finite);
    let is_fine = |word: &str| {
        (word.chars().all(is_mark) && (is_number(word) || word.chars().count() == 1))
            || is_unit(word)
            || is_power(word)
    };
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    // A telephone number has some digits.
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_long = !text.starts_with('+') || digits >= TELEPHONE;
    is_long
        && text.starts_with(['+', '-'])
        && text.contains(|c: char| c.is_ascii_alphanumeric())
        && words.all(is_fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_made_text() {
        for text in [
            "=1+1",
            "+A1",
            "-A1",
            "+",
            "-",
            "+1",
            "+49",
            "@SUM(A1)",
            "\tx",
            "\rx",
            "\u{ff1d}1",
            "-2+3+cmd|' /C calc'!A0",
            "+1 day!A1",
            "-days()",
            "+49 30 =1",
        ] {
            assert_eq!(guard(text.into()), format!("'{text}"));
        }
        assert_eq!(guard("SO-10001".into()), "SO-10001");
        assert_eq!(guard("a=b".into()), "a=b");
    }

    #[test]
    fn numbers_times_and_telephone_numbers_are_left_alone() {
        for text in [
            "-1",
            "-1.5e-7",
            "-$2.00",
            "-1,234.50 \u{20ac}",
            "-infinity",
            "-Infinity",
            "-1 days +02:03:00",
            "-1 years -2 mons",
            "-00:00:01",
            "+49 (30) 123-456/7",
            "+1-202-555-0100",
            "a - b",
            "a;b",
            "a\nb",
        ] {
            assert_eq!(guard(text.into()), text);
        }
    }

    #[test]
    fn a_formula_behind_another_separator_is_made_text() {
        for (text, safe) in [
            ("a;=1+1", "a;'=1+1"),
            ("a;=1+1;@x", "a;'=1+1;'@x"),
            ("a; \"=1+1\"", "a; \"'=1+1\""),
            ("a\n=1+1", "a\n'=1+1"),
            ("a\t+cmd", "a\t'+cmd"),
            ("x;-5;+49 30 123", "x;-5;+49 30 123"),
        ] {
            assert_eq!(guard(text.into()), safe);
        }
    }
}
