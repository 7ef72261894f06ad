//! Rows as comma-separated values.
//!
//! NULL is an empty field, and an empty text is a quoted one, so that readers can distinguish them.

use super::{Columns, PIECE};
use crate::data::Row;
use crate::panel::formula::guarded;
use actix_web::web::Bytes;

/// Writes rows as CSV.
pub struct Delimited {
    columns: Columns,
    text: String,
}

/// When a field is quoted.
#[derive(Clone, Copy, PartialEq)]
enum Quotes {
    /// Only if necessary.
    Needed,
    /// Everything except numbers, so that other separators do not split a field.
    Text,
}

impl Delimited {
    /// A file with these columns and their names in the first line, optionally after a byte order
    /// mark.
    pub fn new(columns: Columns, has_mark: bool) -> Self {
        let mut text = String::from(if has_mark { MARK } else { "" });
        // A spreadsheet treats column names like cells.
        let names = columns
            .iter()
            .map(|(_, field)| Some(guarded(field.name.clone())));
        line(&mut text, names, Quotes::Needed);
        Self { columns, text }
    }

    /// Writes a row; returns a piece if it has the full size.
    pub fn row(&mut self, row: &Row) -> Option<Bytes> {
        // Text that a spreadsheet would run as a formula gets a leading `'`. Numbers, amounts,
        // times and telephone numbers stay unchanged.
        let cells = self.columns.iter().map(|(column, field)| {
            let value = row.get(*column).filter(|value| !value.is_null())?;
            Some(guarded(field.kind.export_text(value)))
        });
        line(&mut self.text, cells, Quotes::Text);
        (self.text.len() >= PIECE).then(|| Bytes::from(std::mem::take(&mut self.text)))
    }

    /// The last piece.
    pub fn finish(self) -> Bytes {
        Bytes::from(self.text)
    }
}

/// U+FEFF: tells some spreadsheets that a file is UTF-8.
const MARK: &str = "\u{feff}";

/// Writes a line. If it has a single empty field, that is quoted: an empty line would be lost.
fn line(out: &mut String, cells: impl ExactSizeIterator<Item = Option<String>>, quotes: Quotes) {
    let is_only = cells.len() == 1;
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            out.push(',');
        }
        match cell {
            None if is_only => out.push_str("\"\""),
            None => {}
            Some(cell) if is_quoted(&cell, quotes) => {
                out.push('"');
                out.push_str(&cell.replace('"', "\"\""));
                out.push('"');
            }
            Some(cell) => out.push_str(&cell),
        }
    }
    out.push_str("\r\n");
}

fn is_quoted(cell: &str, quotes: Quotes) -> bool {
    match quotes {
        Quotes::Needed => cell.is_empty() || cell.contains(['"', ',', '\r', '\n']),
        Quotes::Text => cell.parse::<f64>().is_err(),
    }
}
