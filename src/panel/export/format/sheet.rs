//! Rows as a workbook with one sheet. Rows are written to a temporary file, so that memory does not
//! grow with them. The workbook is assembled at the end, in one step.

use super::cell::{Cell, Look};
use super::{Columns, PIECE};
use crate::catalog::Field;
use crate::data::Row;
use crate::panel::export::error::ExportError;
use crate::panel::formula::is_risky;
use actix_web::web::Bytes;
use chrono::{DateTime, Utc};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet};
use std::collections::HashMap;
use std::io::{self, Write};
use std::ops::ControlFlow;

/// The maximum number of rows in a sheet, without the heading.
pub const MAX_ROWS: u64 = 1_048_575;
/// Above this size in bytes, ZIP64 extensions are needed, which not every reader supports.
const LARGE: usize = 3_500_000_000;
/// The approximate size of a cell besides its text. Escapes and long numbers take more; the limit
/// above leaves room for that.
const CELL: usize = 80;
/// The compression level, from 1 (fast) to 9; the default is 6. Somebody waits, so speed matters
/// more than size.
const COMPRESSION: u8 = 3;

/// Writes rows to a sheet.
pub struct Sheet {
    columns: Columns,
    workbook: Workbook,
    sheet: Worksheet,
    formats: Formats,
    rows: u32,
    bytes: usize,
}

impl Sheet {
    /// A sheet with these columns, and their names in the first row.
    ///
    /// # Errors
    /// When there is no space for a temporary file, or there are too many columns.
    pub fn new(label: &str, columns: Columns, now: DateTime<Utc>) -> Result<Self, ExportError> {
        let mut workbook = Workbook::new();
        let created = ExcelDateTime::from_timestamp(now.timestamp())?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
        workbook.set_zip_compression_level(COMPRESSION);
        let mut sheet = workbook.new_worksheet_with_constant_memory()?;
        sheet.set_name(sheet_name(label))?;
        sheet.set_freeze_panes(1, 0)?;
        let formats = Formats::default();
        for (place, (_, field)) in (0..).zip(&columns) {
            sheet.set_column_width(place, width(field))?;
            let bold = if is_risky(&field.name) {
                &formats.quoted_bold
            } else {
                &formats.bold
            };
            sheet.write_string_with_format(0, place, &field.name, bold)?;
        }
        Ok(Self {
            columns,
            workbook,
            sheet,
            formats,
            rows: 0,
            bytes: 0,
        })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// When the sheet is full.
    pub fn row(&mut self, row: &Row) -> Result<(), ExportError> {
        if u64::from(self.rows) >= MAX_ROWS {
            return Err(ExportError::TooMany(MAX_ROWS));
        }
        self.rows += 1;
        let at = self.rows;
        for (place, (column, field)) in (0..).zip(&self.columns) {
            let cell = row.get(*column).map(|value| Cell::of(field.kind, value));
            self.bytes += CELL;
            match cell {
                None | Some(Cell::Blank) => {}
                Some(Cell::Bool(value)) => {
                    self.sheet.write_boolean(at, place, value)?;
                }
                Some(Cell::Number(number, look)) => {
                    let format = self.formats.number(look);
                    self.sheet
                        .write_number_with_format(at, place, number, format)?;
                }
                // A string cell is never run. The quote prefix keeps it a string when somebody
                // edits the cell.
                Some(Cell::Text(text)) if is_risky(&text) => {
                    self.bytes += text.len();
                    let format = &self.formats.quoted;
                    self.sheet
                        .write_string_with_format(at, place, text, format)?;
                }
                Some(Cell::Text(text)) => {
                    self.bytes += text.len();
                    self.sheet.write_string(at, place, text)?;
                }
            }
        }
        Ok(())
    }

    /// Assembles the workbook, sends it, and returns its last piece.
    ///
    /// # Errors
    /// When `send` breaks, or the temporary file cannot be read.
    pub fn finish(
        mut self,
        send: &mut (dyn FnMut(Bytes) -> ControlFlow<()> + Send),
    ) -> Result<Bytes, ExportError> {
        let columns = u16::try_from(self.columns.len()).unwrap_or(u16::MAX);
        if let Some(last) = columns.checked_sub(1) {
            self.sheet.autofilter(0, 0, self.rows, last)?;
        }
        self.workbook.use_zip_large_file(self.bytes > LARGE);
        self.workbook.push_worksheet(self.sheet);
        let mut outlet = PieceWriter {
            waiting: Vec::with_capacity(PIECE),
            has_gone: false,
            send,
        };
        let saved = self.workbook.save_to_writer(&mut outlet);
        if outlet.has_gone {
            Err(ExportError::Gone)
        } else {
            saved?;
            Ok(Bytes::from(outlet.waiting))
        }
    }
}

/// Collects written bytes into pieces.
struct PieceWriter<'a> {
    waiting: Vec<u8>,
    has_gone: bool,
    send: &'a mut (dyn FnMut(Bytes) -> ControlFlow<()> + Send),
}

impl Write for PieceWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.has_gone {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= PIECE {
            let piece = std::mem::replace(&mut self.waiting, Vec::with_capacity(PIECE));
            self.has_gone = (self.send)(Bytes::from(piece)).is_break();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Cell formats, each created once.
struct Formats {
    bold: Format,
    quoted: Format,
    quoted_bold: Format,
    numbers: HashMap<Look, Format>,
}

impl Default for Formats {
    fn default() -> Self {
        let bold = Format::new().set_bold();
        Self {
            quoted: Format::new().set_quote_prefix(),
            quoted_bold: bold.clone().set_quote_prefix(),
            bold,
            numbers: HashMap::new(),
        }
    }
}

impl Formats {
    fn number(&mut self, look: Look) -> &Format {
        let made = || Format::new().set_num_format(look.pattern());
        self.numbers.entry(look).or_insert_with(made)
    }
}

/// The label as a valid sheet name; Excel reserves "History".
fn sheet_name(label: &str) -> String {
    let allowed = label
        .chars()
        .filter(|c| !c.is_control() && !"[]:*?/\\".contains(*c));
    let mut units = 0;
    let short: String = allowed
        .take_while(|c| {
            units += c.len_utf16();
            units <= 31
        })
        .collect();
    let name = short.trim().trim_matches('\'');
    if name.is_empty() || name.eq_ignore_ascii_case("history") {
        "Rows".into()
    } else {
        name.into()
    }
}

/// The width of a column in characters: a date that does not fit is shown as "####".
fn width(field: &Field) -> f64 {
    let least = field.kind.sheet().width;
    // Leaves room for the filter button.
    let name = u16::try_from(field.name.chars().count() + 4).unwrap_or(u16::MAX);
    f64::from(name.clamp(least, 40))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_has_a_name_that_excel_takes() {
        for (label, name) in [
            ("Orders", "Orders"),
            ("In/out: [all]?", "Inout all"),
            ("'quoted'", "quoted"),
            ("History", "Rows"),
            ("", "Rows"),
            (
                "A very long label that nobody would read",
                "A very long label that nobody w",
            ),
        ] {
            assert_eq!(sheet_name(label), name);
            assert!(rust_xlsxwriter::utility::check_sheet_name(name).is_ok());
        }
    }
}
