//! Rows as one JSON array, or as one JSON object a line.

use super::{Columns, PIECE};
use crate::catalog::Value;
use crate::catalog::field::Lossless;
use crate::data::Row;
use actix_web::web::Bytes;
use serde::{Serialize, Serializer};

/// A row as an object of the exported columns.
struct Exported<'r> {
    columns: &'r Columns,
    row: &'r Row,
}

impl Serialize for Exported<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.columns.iter().map(|(column, field)| {
            let value = self.row.get(*column).unwrap_or(&Value::Null);
            let kind = field.kind;
            (&field.name, Lossless { value, kind })
        }))
    }
}

/// Writes rows as JSON.
pub struct Json {
    columns: Columns,
    is_array: bool,
    rows: u64,
    text: Vec<u8>,
}

impl Json {
    /// One array.
    pub fn array(columns: Columns) -> Self {
        Self {
            columns,
            is_array: true,
            rows: 0,
            text: b"[".to_vec(),
        }
    }

    /// One object a line.
    pub fn lines(columns: Columns) -> Self {
        Self {
            columns,
            is_array: false,
            rows: 0,
            text: Vec::new(),
        }
    }

    /// Writes a row; returns a piece if it has the full size.
    pub fn row(&mut self, row: &Row) -> Option<Bytes> {
        if self.is_array {
            let comma: &[u8] = if self.rows == 0 { b"\n" } else { b",\n" };
            self.text.extend_from_slice(comma);
        }
        let object = Exported {
            columns: &self.columns,
            row,
        };
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(&mut self.text, &object);
        if !self.is_array {
            self.text.push(b'\n');
        }
        self.rows += 1;
        (self.text.len() >= PIECE).then(|| Bytes::from(std::mem::take(&mut self.text)))
    }

    /// The last piece.
    pub fn finish(mut self) -> Bytes {
        if self.is_array {
            self.text.extend_from_slice(b"\n]\n");
        }
        Bytes::from(self.text)
    }
}
