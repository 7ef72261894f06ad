//! Rows as comma-separated values, and what a spreadsheet must not take for a formula.

use super::{Columns, PIECE};
use crate::catalog::field::Storage;
use crate::catalog::{Kind, Value};
use crate::data::Row;
use actix_web::web::Bytes;

/// Writes rows as CSV.
pub struct Delimited {
    columns: Columns,
    csv: csv::Writer<Vec<u8>>,
}

impl Delimited {
    /// A file of these columns, their names in its first line.
    pub fn new(columns: Columns) -> Self {
        let mut csv = writer();
        // A spreadsheet reads the names of columns as it reads cells.
        let names = columns.iter().map(|(_, field)| guard(field.name.clone()));
        // Writing to memory does not fail.
        let _ = csv.write_record(names.collect::<Vec<String>>());
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
            .then(|| bytes(std::mem::replace(&mut self.csv, writer())))
    }

    /// The last piece.
    pub fn finish(self) -> Bytes {
        bytes(self.csv)
    }
}

fn writer() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .buffer_capacity(PIECE)
        .from_writer(Vec::with_capacity(PIECE))
}

fn bytes(writer: csv::Writer<Vec<u8>>) -> Bytes {
    writer.into_inner().map(Bytes::from).unwrap_or_default()
}

/// A cell of a spreadsheet: text that a spreadsheet would run as a formula gets a `'` in front;
/// numbers stay numbers.
fn cell(kind: Kind, value: Option<&Value>) -> String {
    let Some(value) = value else {
        return String::new();
    };
    let text = kind.export_text(value);
    let is_number = matches!(value, Value::Int(_) | Value::Float(_))
        || kind.storage() == Storage::Decimal && text.parse::<f64>().is_ok();
    match is_number {
        true => text,
        false => guard(text),
    }
}

fn guard(text: String) -> String {
    match is_risky(&text) {
        true => format!("'{text}"),
        false => text,
    }
}

/// Whether it begins as formulas in spreadsheets do; the full-width forms count too.
pub(super) fn is_risky(text: &str) -> bool {
    text.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_made_text() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\u{ff1d}1"] {
            assert_eq!(guard(text.into()), format!("'{text}"));
        }
        assert_eq!(guard("SO-10001".into()), "SO-10001");
        assert_eq!(guard("a=b".into()), "a=b");
    }
}
