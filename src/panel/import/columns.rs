//! Maps the columns of a file to those of the table.

use super::table::{Fault, Table};
use crate::catalog::{Generated, Resource};
use crate::texts::text;
use crate::web::Failure;
use std::collections::BTreeMap;

/// The mapping of a file's columns.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Columns {
    /// For each column of the file, the table's column; none if it is skipped.
    pub to: Vec<Option<usize>>,
    /// Errors in the mapping.
    pub faults: Vec<Fault>,
}

impl Columns {
    /// Maps columns as chosen, and all others by equal name or label. `known` tells which columns
    /// of the table exist for the person.
    ///
    /// # Errors
    /// An invalid choice.
    pub fn of(
        table: &Table,
        resource: &Resource,
        known: &dyn Fn(usize) -> bool,
        chosen: &BTreeMap<String, String>,
    ) -> Result<Self, Failure> {
        for name in chosen.keys() {
            table.place(name).ok_or_else(|| {
                Failure::Invalid(text!("import-map-unknown", name = format!("map.{name}")))
            })?;
        }
        let mut columns = Self::default();
        for name in &table.header {
            let found = match chosen.get(name).map(String::as_str) {
                Some("") => ColumnMatch::LeftOut,
                Some(column) => {
                    let found = resource.index_of(column).filter(|column| known(*column));
                    let found = found.filter(|column| is_taken(resource, *column));
                    ColumnMatch::Column(found.ok_or_else(|| {
                        Failure::Invalid(text!("import-no-column", column = column))
                    })?)
                }
                None => find(table, resource, known, name),
            };
            let to = match found {
                ColumnMatch::Column(column) => Some(column),
                ColumnMatch::LeftOut => None,
                ColumnMatch::Nothing => {
                    let text = text!("import-column-unknown", map = format!("map.{name}"));
                    columns.faults.push(Fault::of(name, 1, text));
                    None
                }
            };
            if to.is_some() && columns.to.contains(&to) {
                let text = text!("import-column-twice");
                columns.faults.push(Fault::of(name, 1, text));
            }
            columns.to.push(to);
        }
        Ok(columns)
    }

    /// The position in the file of the column for a table's column.
    pub fn place(&self, column: usize) -> Option<usize> {
        self.to.iter().position(|to| *to == Some(column))
    }
}

enum ColumnMatch {
    Column(usize),
    LeftOut,
    Nothing,
}

/// Whether a column can be imported: not computed columns, and not files.
pub fn is_taken(resource: &Resource, column: usize) -> bool {
    let field = resource.fields.get(column);
    field.is_some_and(|field| field.generated != Generated::Always && !field.kind.is_file())
}

fn find(
    table: &Table,
    resource: &Resource,
    known: &dyn Fn(usize) -> bool,
    name: &str,
) -> ColumnMatch {
    let named = |name: &str| called(resource, name).filter(|column| known(*column));
    match named(name) {
        Some(column) if is_taken(resource, column) => return ColumnMatch::Column(column),
        // Exported, but computed by the database.
        Some(_) => return ColumnMatch::LeftOut,
        None => {}
    }
    // Exports put the label of a referenced row beside its key.
    let pointing = [".label", " (name)"].iter().find_map(|end| {
        let column = named(name.strip_suffix(end)?)?;
        resource.relation_at(column).is_some().then_some(column)
    });
    match pointing {
        Some(column) => {
            let mut others = table.header.iter();
            if others.any(|other| called(resource, other) == Some(column)) {
                ColumnMatch::LeftOut
            } else {
                ColumnMatch::Column(column)
            }
        }
        None => ColumnMatch::Nothing,
    }
}

/// The column with that name or label, ignoring case and spaces.
fn called(resource: &Resource, name: &str) -> Option<usize> {
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let fields = || resource.fields.iter();
    let wanted = plain(name);
    resource
        .index_of(name)
        .or_else(|| fields().position(|field| field.label == name))
        .or_else(|| fields().position(|field| plain(&field.name) == wanted))
        .or_else(|| fields().position(|field| plain(&field.label) == wanted))
        .filter(|_| !wanted.is_empty())
}
