//! The content of a file: named columns, and rows of cells. The size limits are defined here.

use crate::texts::{grouped, text};
use std::collections::HashMap;

/// The size limit of a file, in bytes.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;
/// The maximum number of rows: the same as for a bulk change.
pub const MAX_ROWS: usize = 10_000;
/// The maximum number of columns.
pub const MAX_COLUMNS: usize = 1_000;
/// The maximum number of cells, to limit memory use.
const MAX_CELLS: usize = 1_000_000;

/// A cell of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// A text, which may be empty.
    Text(String),
    /// A JSON value, as written.
    Json(String),
}

/// A row of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The line where it starts, counted from 1.
    pub number: u64,
    /// Its cells in the order of the columns; in JSON, some may be missing.
    pub cells: Vec<Option<Cell>>,
    /// An error of the whole row, which makes it unusable.
    pub fault: Option<String>,
}

/// An error in a file, with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The line, counted from 1.
    pub line: u64,
    /// The column's name, in the file or in the table, if the error concerns one.
    pub column: Option<String>,
    /// A sentence that says what to do.
    pub message: String,
}

impl Fault {
    /// An error in a line.
    pub fn at(line: u64, message: impl Into<String>) -> Self {
        Self {
            line,
            column: None,
            message: message.into(),
        }
    }

    /// An error in a column.
    pub fn of(column: &str, line: u64, message: impl Into<String>) -> Self {
        Self {
            column: Some(column.to_owned()),
            ..Self::at(line, message)
        }
    }
}

/// The columns and rows of a file.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Table {
    /// The names of its columns, without duplicates.
    pub header: Vec<String>,
    /// Its rows.
    pub lines: Vec<Line>,
    places: HashMap<String, usize>,
    cells: usize,
}

impl Table {
    /// The position of the column with that name.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// Adds a column; returns its position.
    ///
    /// # Errors
    /// There are too many columns, or the name is a duplicate.
    pub fn column(&mut self, line: u64, name: String) -> Result<usize, Fault> {
        let place = self.header.len();
        if place == MAX_COLUMNS {
            let text = text!("import-too-many-columns", count = MAX_COLUMNS);
            return Err(Fault::at(line, text));
        }
        if self.places.insert(name.clone(), place).is_some() {
            return Err(Fault::of(&name, line, text!("import-same-name")));
        }
        self.header.push(name);
        Ok(place)
    }

    /// Adds a row.
    ///
    /// # Errors
    /// There are too many rows or cells.
    pub fn line(&mut self, line: Line) -> Result<(), Fault> {
        self.cells += line.cells.len();
        if self.lines.len() == MAX_ROWS || self.cells > MAX_CELLS {
            return Err(too_many(line.number));
        }
        self.lines.push(line);
        Ok(())
    }

    /// The cell of a row, if the file has it.
    pub fn cell(&self, at: usize, place: usize) -> Option<&Cell> {
        self.lines.get(at)?.cells.get(place)?.as_ref()
    }
}

/// The error for too many rows or cells.
pub fn too_many(line: u64) -> Fault {
    let (rows, cells) = (grouped(number(MAX_ROWS)), grouped(number(MAX_CELLS)));
    Fault::at(line, text!("import-limit", rows = rows, values = cells))
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
