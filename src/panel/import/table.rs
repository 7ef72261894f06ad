//! What a file holds: named columns, and rows of cells. How much that may be is decided here.

use crate::texts::{grouped, text};
use std::collections::HashMap;

/// The most bytes of a file.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;
/// The most rows of a file: as many as one request changes.
pub const MAX_ROWS: usize = 10_000;
/// The most columns of a file.
pub const MAX_COLUMNS: usize = 1_000;
/// The most cells of a file, so that its memory is bounded.
const MAX_CELLS: usize = 1_000_000;

/// A cell of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// A text, which may be empty.
    Text(String),
    /// A value of JSON, as it is written.
    Json(String),
}

/// A row of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The line where it begins, from 1.
    pub number: u64,
    /// Its cells in the order of the columns; JSON need not name them all.
    pub cells: Vec<Option<Cell>>,
    /// What is wrong with the row as a whole: it cannot be used then.
    pub fault: Option<String>,
}

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The line, from 1.
    pub line: u64,
    /// The name of the column, in the file or in the table, if it is about one.
    pub column: Option<String>,
    /// A sentence that says what to do.
    pub message: String,
}

impl Fault {
    /// About a line.
    pub fn at(line: u64, message: impl Into<String>) -> Self {
        Self {
            line,
            column: None,
            message: message.into(),
        }
    }

    /// About a column.
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
    /// The names of its columns, each once.
    pub header: Vec<String>,
    /// Its rows.
    pub lines: Vec<Line>,
    places: HashMap<String, usize>,
    cells: usize,
}

impl Table {
    /// The place of the column of that name.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// Adds a column; gives its place.
    ///
    /// # Errors
    /// There are too many columns, or one of that name is there already.
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

    /// The cell of a row, if the file says something of it.
    pub fn cell(&self, at: usize, place: usize) -> Option<&Cell> {
        self.lines.get(at)?.cells.get(place)?.as_ref()
    }
}

/// What is said of more rows or cells than a file may have.
pub fn too_many(line: u64) -> Fault {
    let (rows, cells) = (grouped(number(MAX_ROWS)), grouped(number(MAX_CELLS)));
    Fault::at(line, text!("import-limit", rows = rows, values = cells))
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
