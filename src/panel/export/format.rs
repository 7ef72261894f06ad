//! Writes rows as CSV, JSON, JSON lines or a workbook, piece by piece.

mod cell;
mod delimited;
mod json;
mod sheet;

use self::delimited::Delimited;
use self::json::Json;
use self::sheet::Sheet;
use super::error::ExportError;
use crate::catalog::{Field, Resource};
use crate::data::Row;
use actix_web::web::Bytes;
use chrono::{DateTime, Utc};
use std::ops::ControlFlow;

/// The approximate size of a piece, in bytes.
const PIECE: usize = 64 * 1024;
/// The maximum number of rows in an export.
const MAX_ROWS: u64 = 5_000_000;

/// The columns of a file: their index in a row, and their field.
type Columns = Vec<(usize, Field)>;

/// An export format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values (RFC 4180).
    Csv,
    /// One JSON array.
    Json,
    /// One JSON object a line.
    JsonLines,
    /// An Excel workbook with one sheet (ECMA-376).
    Xlsx,
}

impl Format {
    /// The format with that file extension.
    pub fn named(extension: &str) -> Option<Self> {
        Some(match extension {
            "csv" => Self::Csv,
            "json" => Self::Json,
            "jsonl" => Self::JsonLines,
            "xlsx" => Self::Xlsx,
            _ => return None,
        })
    }

    /// Its file extension.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::JsonLines => "jsonl",
            Self::Xlsx => "xlsx",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::JsonLines => "application/x-ndjson",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// Whether its files are already compressed.
    pub fn is_compressed(self) -> bool {
        self == Self::Xlsx
    }

    /// The maximum number of rows in a file of this format. Callers must read one row more, to
    /// notice an excess.
    pub fn holds(self) -> u64 {
        match self {
            Self::Xlsx => sheet::MAX_ROWS,
            Self::Csv | Self::Json | Self::JsonLines => MAX_ROWS,
        }
    }

    /// The error for more rows than that.
    pub fn too_many(self) -> ExportError {
        match self {
            Self::Xlsx => ExportError::TooMany(self.holds()),
            Self::Csv | Self::Json | Self::JsonLines => ExportError::TooLong(self.holds()),
        }
    }
}

/// The options of a file.
#[derive(Debug, Clone, Copy)]
pub struct FileOptions {
    /// Its format.
    pub format: Format,
    /// Whether headings of CSV and sheets are labels instead of names.
    pub has_labels: bool,
    /// Whether CSV begins with a byte order mark.
    pub has_mark: bool,
    /// Whether the label of a referenced row is written beside its key.
    pub has_names: bool,
}

/// Writes rows, and returns pieces of sufficient size.
pub enum Writer {
    /// See [`Format::Csv`].
    Csv(Box<Delimited>),
    /// See [`Format::Json`] and [`Format::JsonLines`].
    Json(Json),
    /// See [`Format::Xlsx`].
    Sheet(Box<Sheet>),
}

impl Writer {
    /// A writer for these columns.
    ///
    /// # Errors
    /// When there is no space for a temporary file.
    pub fn new(
        wish: FileOptions,
        resource: &Resource,
        columns: &[usize],
        now: DateTime<Utc>,
    ) -> Result<Self, ExportError> {
        let format = wish.format;
        let is_for_people = matches!(format, Format::Csv | Format::Xlsx);
        let fields = columns.iter().filter_map(|column| {
            let mut field = resource.fields.get(*column)?.clone();
            if wish.has_labels && is_for_people {
                field.name.clone_from(&field.label);
            }
            Some((*column, field))
        });
        let columns: Columns = fields.collect();
        Ok(match format {
            Format::Csv => Self::Csv(Box::new(Delimited::new(columns, wish.has_mark))),
            Format::Json => Self::Json(Json::array(columns)),
            Format::JsonLines => Self::Json(Json::lines(columns)),
            Format::Xlsx => Self::Sheet(Box::new(Sheet::new(&resource.label, columns, now)?)),
        })
    }

    /// Writes a row; returns a piece if it has the full size.
    ///
    /// # Errors
    /// When a sheet is full, or cannot be written.
    pub fn row(&mut self, row: &Row) -> Result<Option<Bytes>, ExportError> {
        match self {
            Self::Csv(delimited) => Ok(delimited.row(row)),
            Self::Json(json) => Ok(json.row(row)),
            Self::Sheet(sheet) => sheet.row(row).map(|()| None),
        }
    }

    /// Sends the remaining pieces, and returns the last one.
    ///
    /// # Errors
    /// When `send` breaks, or a workbook cannot be written.
    pub fn finish(
        self,
        send: &mut (dyn FnMut(Bytes) -> ControlFlow<()> + Send),
    ) -> Result<Bytes, ExportError> {
        match self {
            Self::Csv(delimited) => Ok(delimited.finish()),
            Self::Json(json) => Ok(json.finish()),
            Self::Sheet(sheet) => sheet.finish(send),
        }
    }
}
