//! Rows as one JSON array, or as one JSON object a line.

use super::{Columns, PIECE};
use crate::catalog::Value;
use crate::data::Row;
use actix_web::web::Bytes;

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

    /// Writes a row; gives a piece if there is enough for one.
    pub fn row(&mut self, row: &Row) -> Option<Bytes> {
        if self.is_array {
            let comma: &[u8] = if self.rows == 0 { b"\n" } else { b",\n" };
            self.text.extend_from_slice(comma);
        }
        let cells = self.columns.iter().map(|(column, field)| {
            let value = row.get(*column).unwrap_or(&Value::Null);
            (field.name.clone(), value.to_json(field.kind))
        });
        let object = serde_json::Value::Object(cells.collect());
        self.text.extend_from_slice(object.to_string().as_bytes());
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
