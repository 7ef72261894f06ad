//! Labels of referenced rows, as columns of a file beside their keys.
//!
//! Labels are exported with the rows. So only those of rows that the person may export are looked
//! up.

use crate::access::Export;
use crate::catalog::{Field, Kind, Resource, Value};
use crate::data::{DataError, Row};
use crate::entry::Entered;
use crate::panel::relations::Relations;
use crate::store::AnyConnection;

/// Columns of labels, and how to fill them.
pub struct Names {
    relations: Relations,
    /// The columns that reference rows.
    pointing: Vec<usize>,
    /// The resource with the label columns appended.
    pub resource: Resource,
    /// The columns of the file: each label after its key.
    pub columns: Vec<usize>,
}

impl Names {
    /// The labels for these columns; `None` if there are none, or rows cannot be identified.
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

    /// Adds the labels to these rows.
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
