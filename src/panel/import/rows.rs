//! Converts the rows of a file to values for a table's columns.

use super::columns::Columns;
use super::notation::Notation;
use super::table::{Cell, Table};
use crate::access::Cover;
use crate::catalog::{Field, Generated, Resource, Value};
use crate::data::effects::Rights;
use crate::data::write::import::Source;
use crate::data::write::no_such_row;
use crate::data::{Changes, DataError, Refusal, Row, labels};
use crate::store::AnyConnection;
use crate::texts::text;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// Manual corrections: the texts of cells, by line and table column.
pub type Corrections = BTreeMap<(u64, usize), String>;

/// Reads the rows of a file.
pub struct Rows<'r> {
    /// The file.
    pub table: &'r Table,
    /// The mapping of its columns.
    pub columns: &'r Columns,
    /// The table.
    pub resource: &'r Resource,
    /// The columns that identify rows.
    pub key: &'r [usize],
    /// Corrections of cells.
    pub fixes: &'r Corrections,
    /// The notation of numbers and dates.
    pub notation: Notation,
    /// Further rights of the person: rows that may be referenced by label.
    pub rights: &'r dyn Rights,
    /// Values for referenced rows, by column and text in the file.
    pub known: HashMap<(usize, String), Value>,
}

/// The value of a cell for a column, nothing, or an error.
type Read = Result<Option<Value>, String>;

impl Source for Rows<'_> {
    fn count(&self) -> usize {
        self.table.lines.len()
    }

    fn line(&self, at: usize) -> u64 {
        self.table.lines.get(at).map_or(0, |line| line.number)
    }

    fn key(&mut self, conn: &mut AnyConnection, at: usize) -> Result<Vec<Value>, Refusal> {
        self.check(at)?;
        let key = self.key;
        let (mut values, mut faults) = (Vec::new(), Vec::new());
        for column in key {
            let cell = self.cell(at, *column);
            match (cell, self.resource.fields.get(*column)) {
                (Some(cell), Some(field)) => match text(&cell, field, self.notation) {
                    None => values.push(Value::Null),
                    Some(text) => match self.read_text(conn, *column, field, &text, None)? {
                        Ok(value) => values.push(value),
                        Err(message) => faults.push((*column, message)),
                    },
                },
                _ => values.push(Value::Null),
            }
        }
        if faults.is_empty() {
            Ok(values)
        } else {
            Err(Refusal::Fields(faults))
        }
    }

    fn values(
        &mut self,
        conn: &mut AnyConnection,
        at: usize,
        row: Option<&Row>,
    ) -> Result<Changes, Refusal> {
        self.check(at)?;
        let (mut changes, mut faults) = (Changes::new(), Vec::new());
        for column in self.columns.to.iter().flatten() {
            let Some(cell) = self.cell(at, *column) else {
                continue;
            };
            let current = row.map(|row| row.get(*column));
            match self.read(conn, *column, &cell, current)? {
                Ok(Some(value)) => {
                    changes.insert(*column, value);
                }
                Ok(None) => {}
                Err(message) => faults.push((*column, message)),
            }
        }
        if faults.is_empty() {
            Ok(changes)
        } else {
            Err(Refusal::Fields(faults))
        }
    }
}

impl<'r> Rows<'r> {
    /// Passes rows in which every cell can be read.
    fn check(&self, at: usize) -> Result<(), Refusal> {
        let line = self.table.lines.get(at);
        match line.and_then(|line| line.fault.clone()) {
            Some(fault) => Err(Refusal::Whole(fault)),
            None => Ok(()),
        }
    }

    /// The file's or the corrected cell for a column.
    fn cell(&self, at: usize, column: usize) -> Option<Cow<'r, Cell>> {
        match self.fixes.get(&(self.line(at), column)) {
            Some(text) if text.is_empty() => Some(Cow::Owned(Cell::Null)),
            Some(text) => Some(Cow::Owned(Cell::Text(text.clone()))),
            None => {
                let place = self.columns.place(column)?;
                self.table.cell(at, place).map(Cow::Borrowed)
            }
        }
    }

    fn read(
        &mut self,
        conn: &mut AnyConnection,
        column: usize,
        cell: &Cell,
        current: Option<Option<&Value>>,
    ) -> Result<Read, DataError> {
        let Some(field) = self.resource.fields.get(column) else {
            return Ok(Ok(None));
        };
        let is_of_key = self.resource.key.contains(&column);
        let Some(text) = text(cell, field, self.notation) else {
            return Ok(match current {
                // An export leaves cells empty that its reader may not see.
                Some(None) => Ok(None),
                // An existing row keeps its key, and a new one gets a generated key.
                Some(_) if is_of_key => Ok(None),
                None if is_of_key && is_given(field) => Ok(None),
                current => nothing(field, current.flatten()),
            });
        };
        let stored = match current {
            Some(None) => {
                return Ok(Err(text!("form-hidden-field")));
            }
            current => current.flatten(),
        };
        let is_as_stored = |stored: &Value| {
            !stored.is_null()
                && (stored.to_text(field.kind) == text || field.kind.export_text(stored) == text)
        };
        if stored.is_some_and(is_as_stored) {
            return Ok(Ok(None));
        }
        let read = self.read_text(conn, column, field, &text, stored)?;
        Ok(match (read, stored) {
            (Ok(value), Some(stored)) if is_of_key => {
                if stored.is_same(&value, field.kind) {
                    Ok(None)
                } else {
                    Err(text!("form-key"))
                }
            }
            (read, _) => read.map(Some),
        })
    }

    /// Reads a text as a value of its column. A foreign key may be given as a row's label.
    fn read_text(
        &mut self,
        conn: &mut AnyConnection,
        column: usize,
        field: &Field,
        text: &str,
        stored: Option<&Value>,
    ) -> Result<Result<Value, String>, DataError> {
        if text.is_empty() {
            return Ok(Ok(Value::Text(String::new())));
        }
        let value = field.read_exactly(text, stored);
        let value = value.map_err(|error| error.to_string());
        let pointed = self.resource.relation_at(column).and_then(|relation| {
            let target = relation.target_columns.first().copied()?;
            let permit = self.rights.view(&relation.target)?;
            (permit.reads(target) != Cover::Nowhere).then_some((relation, permit, target))
        });
        let Some((relation, permit, target)) = pointed else {
            return Ok(value);
        };
        let told = (column, text.to_owned());
        if let Some(known) = self.known.get(&told) {
            return Ok(Ok(known.clone()));
        }
        let is_there = match &value {
            Ok(value) => match labels::is_reachable(conn, &permit, &[(target, value.clone())]) {
                Err(DataError::Value | DataError::Unfit(_)) => false,
                is_there => is_there?,
            },
            Err(_) => false,
        };
        let value = match (is_there, value) {
            (true, value) => value,
            (false, _) => match labels::named(conn, &permit, target, text)?.as_slice() {
                [only] => Ok(only.value.clone()),
                [] => Err(no_such_row()),
                _ => Err(text!("import-several-rows")),
            },
        };
        // Other tables do not change during this import. In the table itself, labels change with
        // its rows.
        let is_own = relation.target == self.resource.name;
        if let (Ok(value), false) = (&value, is_own) {
            self.known.insert(told, value.clone());
        }
        Ok(value)
    }
}

/// NULL in JSON.
const NULL: &str = "null";

/// A cell as text for a value of this field; `None` is NULL.
fn text<'c>(cell: &'c Cell, field: &Field, notation: Notation) -> Option<Cow<'c, str>> {
    // Only texts distinguish empty from NULL.
    let takes_empty = field.takes_empty() || field.has_empty_choice();
    match cell {
        Cell::Null => None,
        Cell::Text(text) if text.is_empty() && !takes_empty => None,
        Cell::Text(text) => Some(notation.plain(field.kind, text)),
        // A document may itself be null; in a nullable column, that means NULL.
        Cell::Json(json) if json == NULL => {
            (field.kind.is_document() && !field.nullable).then_some(Cow::Borrowed(NULL))
        }
        Cell::Json(json) if field.kind.is_document() => Some(Cow::Borrowed(json)),
        Cell::Json(json) => match serde_json::from_str::<String>(json) {
            Ok(text) if text.is_empty() && !takes_empty => None,
            Ok(text) => Some(Cow::Owned(text)),
            Err(_) => Some(Cow::Borrowed(json)),
        },
    }
}

/// Whether a new row without a value gets a generated one.
fn is_given(field: &Field) -> bool {
    field.generated != Generated::No || field.default.is_some()
}

/// The meaning of NULL for a field.
fn nothing(field: &Field, stored: Option<&Value>) -> Read {
    let is_empty = |value: &Value| matches!(value, Value::Text(text) if text.is_empty());
    match stored {
        _ if field.nullable => Ok(Some(Value::Null)),
        // Files of spreadsheets do not distinguish an empty text from NULL.
        Some(stored) if is_empty(stored) => Ok(None),
        None if is_given(field) => Ok(None),
        _ if field.has_empty_choice() => Ok(Some(Value::Text(String::new()))),
        _ => Err(text!("needs-value")),
    }
}
