//! The names of the rows pointed at, as columns of a file beside their keys.
//!
//! They leave with the rows, so that only those are looked up whose own rows the person may export.

use crate::access::Export;
use crate::catalog::{Field, Kind, Resource, Value};
use crate::data::{DataError, Row};
use crate::entry::Entered;
use crate::panel::relations::Relations;
use crate::store::AnyConnection;

/// Columns of names, and how they are filled.
pub struct Names {
    relations: Relations,
    /// The columns that point at rows.
    pointing: Vec<usize>,
    /// The resource with the columns of names behind its own.
    pub resource: Resource,
    /// The columns of the file: each name behind its key.
    pub columns: Vec<usize>,
}

impl Names {
    /// Those beside these columns; none if there are no names, or rows cannot be told apart.
    pub fn of(entered: &Entered, resource: &Resource, columns: &[usize]) -> Option<Self> {
        if resource.key.is_empty() {
            return None;
        }
        let relations = Relations::of(entered, resource, columns)
            .with_pairs(entered, resource, columns)
            .only(&|target| entered.permit::<Export>(target).is_ok());
        let pointing: Vec<usize> = columns
            .iter()
            .copied()
            .filter(|column| relations.names(*column))
            .collect();
        if pointing.is_empty() {
            return None;
        }
        let mut with_names = Resource::clone(resource);
        let mut all = Vec::new();
        for column in columns {
            all.push(*column);
            let field = resource.fields.get(*column);
            if let Some(field) = field.filter(|_| pointing.contains(column)) {
                all.push(with_names.fields.len());
                with_names.fields.push(Field {
                    name: format!("{}.label", field.name),
                    label: format!("{} (name)", field.label),
                    kind: Kind::Text,
                    ..field.clone()
                });
            }
        }
        Some(Self {
            relations,
            pointing,
            resource: with_names,
            columns: all,
        })
    }

    /// These rows with their names.
    ///
    /// # Errors
    /// When the database fails.
    pub fn beside(
        &mut self,
        conn: &mut AnyConnection,
        rows: Vec<Row>,
    ) -> Result<Vec<Row>, DataError> {
        self.relations.fetch(conn, &rows, &[])?;
        self.relations.fetch_pairs(conn, &self.resource, &rows)?;
        let name = |row: &Row, column: usize| {
            let name = self.relations.name(&self.resource, row, column);
            name.map_or(Value::Null, Value::Text)
        };
        let named = rows.into_iter().map(|row| {
            let pointing = self.pointing.iter();
            let names: Vec<Value> = pointing.map(|column| name(&row, *column)).collect();
            row.with(names)
        });
        Ok(named.collect())
    }
}
