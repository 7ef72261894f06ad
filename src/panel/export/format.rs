//! Rows as CSV, JSON or JSON lines, piece by piece.

use crate::catalog::{Field, Kind, Resource, Value};
use crate::data::Row;
use actix_web::web::Bytes;

/// A format of export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values (RFC 4180).
    Csv,
    /// One JSON array.
    Json,
    /// One JSON object a line.
    JsonLines,
}

impl Format {
    /// The format of that extension.
    pub fn named(extension: &str) -> Option<Self> {
        Some(match extension {
            "csv" => Self::Csv,
            "json" => Self::Json,
            "jsonl" => Self::JsonLines,
            _ => return None,
        })
    }

    /// The extension of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::JsonLines => "jsonl",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::JsonLines => "application/x-ndjson",
        }
    }
}

/// Writes rows, and hands out a piece whenever enough has come together.
pub struct Writer {
    format: Format,
    columns: Vec<(usize, Field)>,
    csv: csv::Writer<Vec<u8>>,
    plain: Vec<u8>,
    piece: usize,
    rows: u64,
}

impl Writer {
    /// A writer of these columns, with pieces of about that many bytes.
    pub fn new(format: Format, resource: &Resource, columns: &[usize], piece: usize) -> Self {
        let fields = columns.iter().filter_map(|column| {
            let field = resource.fields.get(*column)?;
            Some((*column, field.clone()))
        });
        let mut writer = Self {
            format,
            columns: fields.collect(),
            csv: csv_writer(piece),
            plain: Vec::new(),
            piece,
            rows: 0,
        };
        match format {
            Format::Csv => {
                // A spreadsheet reads the names of columns as it reads cells.
                let names: Vec<String> = writer
                    .columns
                    .iter()
                    .map(|(_, field)| guard(field.name.clone()))
                    .collect();
                // Writing to memory does not fail.
                let _ = writer.csv.write_record(names);
            }
            Format::Json => writer.plain.push(b'['),
            Format::JsonLines => {}
        }
        writer
    }

    /// Writes a row; gives a piece if there is enough for one.
    pub fn row(&mut self, row: &Row) -> Option<Bytes> {
        match self.format {
            Format::Csv => {
                let cells = self
                    .columns
                    .iter()
                    .map(|(column, field)| csv_cell(field, row.get(*column)));
                let cells: Vec<String> = cells.collect();
                let _ = self.csv.write_record(cells);
            }
            Format::Json | Format::JsonLines => {
                if self.format == Format::Json {
                    let comma: &[u8] = if self.rows == 0 { b"\n" } else { b",\n" };
                    self.plain.extend_from_slice(comma);
                }
                let cells = self.columns.iter().map(|(column, field)| {
                    let value = row.get(*column).unwrap_or(&Value::Null);
                    (field.name.clone(), value.to_json(field.kind))
                });
                let object = serde_json::Value::Object(cells.collect());
                self.plain.extend_from_slice(object.to_string().as_bytes());
                if self.format == Format::JsonLines {
                    self.plain.push(b'\n');
                }
            }
        }
        self.rows += 1;
        let full = match self.format {
            // The CSV writer hands on what it has whenever its own buffer is full.
            Format::Csv => self.csv.get_ref().len() >= self.piece,
            _ => self.plain.len() >= self.piece,
        };
        full.then(|| self.take())
    }

    /// The last piece.
    pub fn finish(mut self) -> Bytes {
        if self.format == Format::Json {
            self.plain.extend_from_slice(b"\n]\n");
        }
        self.take()
    }

    fn take(&mut self) -> Bytes {
        match self.format {
            Format::Csv => {
                let writer = std::mem::replace(&mut self.csv, csv_writer(self.piece));
                writer.into_inner().map(Bytes::from).unwrap_or_default()
            }
            _ => Bytes::from(std::mem::take(&mut self.plain)),
        }
    }
}

fn csv_writer(piece: usize) -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .buffer_capacity(piece)
        .from_writer(Vec::with_capacity(piece))
}

/// A cell of a spreadsheet: text that a spreadsheet would run as a formula gets a `'` in front;
/// numbers stay numbers.
fn csv_cell(field: &Field, value: Option<&Value>) -> String {
    let Some(value) = value else {
        return String::new();
    };
    let text = match (value, field.kind) {
        (Value::Text(_), Kind::Instant) => match value.to_json(field.kind) {
            serde_json::Value::String(text) => text,
            _ => value.to_text(field.kind),
        },
        _ => value.to_text(field.kind),
    };
    let is_number = matches!(value, Value::Int(_) | Value::Float(_))
        || matches!(field.kind, Kind::Decimal { .. }) && text.parse::<f64>().is_ok();
    match is_number {
        true => text,
        false => guard(text),
    }
}

/// The characters with which spreadsheets begin a formula, with their full-width forms.
fn guard(text: String) -> String {
    let risky = text.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]);
    match risky {
        true => format!("'{text}"),
        false => text,
    }
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
