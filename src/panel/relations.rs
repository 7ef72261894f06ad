//! Labels for the foreign keys of a page: one statement for each relation, never one for each row.

pub mod pairs;

use super::cell::Cell;
use crate::access::{Cover, Permit, View};
use crate::catalog::{Resource, Value};
use crate::data::{DataError, Label, Labels, Row, labels};
use crate::entry::Entered;
use crate::store::AnyConnection;
use pairs::Pair;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The relations of a resource whose targets the person may view, with the labels of a page.
#[derive(Default)]
pub struct Relations {
    targets: BTreeMap<usize, Target>,
    pairs: Vec<Pair>,
}

struct Target {
    permit: Permit<View>,
    column: usize,
    labels: Labels,
    /// The address before a row's key.
    rows: String,
}

impl Relations {
    /// The relations of these columns, without labels yet.
    pub fn of(entered: &Entered, resource: &Resource, columns: &[usize]) -> Self {
        let targets = columns.iter().filter_map(|column| {
            let relation = resource.relation_at(*column)?;
            let [target] = relation.target_columns.as_slice() else {
                return None;
            };
            let permit = entered.view(&relation.target)?;
            // The referenced column must be readable to the person.
            if permit.reads(*target) == Cover::Nowhere {
                return None;
            }
            let target = Target {
                permit,
                column: *target,
                labels: Labels::default(),
                rows: entered.site().urls.row(&relation.target, ""),
            };
            Some((*column, target))
        });
        Self {
            targets: targets.collect(),
            pairs: Vec::new(),
        }
    }

    /// Adds multi-column foreign keys whose columns are all among these.
    pub fn with_pairs(mut self, entered: &Entered, resource: &Resource, columns: &[usize]) -> Self {
        self.pairs = Pair::all(entered, resource, columns);
        self
    }

    /// Keeps only relations to resources that match.
    pub fn only(mut self, is_wanted: &dyn Fn(&str) -> bool) -> Self {
        let wanted = |permit: &Permit<View>| is_wanted(&permit.resource().name);
        self.targets.retain(|_, target| wanted(&target.permit));
        self.pairs.retain(|pair| wanted(&pair.permit));
        self
    }

    /// Whether rows referenced by a column can have labels here.
    pub fn names(&self, column: usize) -> bool {
        self.targets.contains_key(&column) || self.pairs.iter().any(|pair| pair.lead == column)
    }

    /// The label of the row that a cell references.
    pub fn name(&self, resource: &Resource, row: &Row, column: usize) -> Option<String> {
        match self.pairs.iter().find(|pair| pair.lead == column) {
            Some(pair) => {
                let values = pair.values(&|column| row.get(column))?;
                let (label, _) = pair.label(&pair.write(resource, &values))?;
                Some(label.text.clone())
            }
            None => self.label(resource, column, row.get(column)?),
        }
    }

    /// The label of a row, including the labels of referenced rows in it. A row that links two
    /// others is named by both.
    pub fn row_label(&self, resource: &Resource, row: &Row) -> String {
        let mut named = row.clone();
        for column in resource.display.columns() {
            if let Some(name) = self.name(resource, row, column) {
                named.put(column, Value::Text(name));
            }
        }
        named.label(resource)
    }

    /// The multi-column foreign keys.
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// The multi-column foreign keys, to fetch their labels.
    pub fn pairs_mut(&mut self) -> &mut [Pair] {
        &mut self.pairs
    }

    /// Fetches the labels for multi-column foreign keys.
    ///
    /// # Errors
    /// When the database fails.
    pub fn fetch_pairs(
        &mut self,
        conn: &mut AnyConnection,
        resource: &Resource,
        rows: &[Row],
    ) -> Result<(), DataError> {
        for pair in &mut self.pairs {
            pair.fetch(conn, resource, rows, &[])?;
        }
        Ok(())
    }

    /// The cell of a row, with a label also for multi-column foreign keys.
    pub fn cell_of(&self, resource: &Resource, row: &Row, column: usize, in_list: bool) -> Cell {
        let pair = self.pairs.iter().find(|pair| pair.lead == column);
        let label = pair.and_then(|pair| {
            let values = pair.values(&|column| row.get(column))?;
            pair.label(&pair.write(resource, &values))
        });
        match (label, resource.fields.get(column), row.get(column)) {
            (Some(label), Some(field), Some(value)) => Cell::of_label(field, value, Some(label)),
            _ => self.cell(resource, column, row.get(column), in_list),
        }
    }

    /// Fetches the labels for the values in these rows, and for other values of one column.
    ///
    /// # Errors
    /// When the database fails.
    pub fn fetch(
        &mut self,
        conn: &mut AnyConnection,
        rows: &[Row],
        others: &[(usize, Value)],
    ) -> Result<(), DataError> {
        for (column, target) in &mut self.targets {
            let of_rows = rows.iter().filter_map(|row| row.get(*column));
            let of_others = others.iter().filter(|(other, _)| other == column);
            let values = of_rows.chain(of_others.map(|(_, value)| value)).cloned();
            target.labels = labels::of_values(conn, &target.permit, target.column, values)?;
        }
        Ok(())
    }

    /// The label of the row that a value references.
    pub fn label(&self, resource: &Resource, column: usize, value: &Value) -> Option<String> {
        self.find(resource, column, value)
            .map(|(label, _)| label.text.clone())
    }

    /// The resource that a column references, if the person may view it.
    pub fn target(&self, column: usize) -> Option<(&Arc<Resource>, usize)> {
        let target = self.targets.get(&column)?;
        Some((target.permit.resource(), target.column))
    }

    /// The permit to view the resource that a column references.
    pub fn permit(&self, column: usize) -> Option<&Permit<View>> {
        self.targets.get(&column).map(|target| &target.permit)
    }

    /// A cell: a foreign key as a label, anything else as its column's value.
    pub fn cell(
        &self,
        resource: &Resource,
        column: usize,
        value: Option<&Value>,
        in_list: bool,
    ) -> Cell {
        let (Some(field), Some(value)) = (resource.fields.get(column), value) else {
            return Cell::none();
        };
        let points = self.points(resource, column);
        if points && value.is_null() {
            return Cell::none();
        }
        if points {
            let found = self.find(resource, column, value);
            let label = found.map(|(label, target)| {
                let key = label.key.encode(target.permit.resource());
                (label, format!("{}{key}", target.rows))
            });
            return Cell::of_label(field, value, label);
        }
        if in_list {
            Cell::in_list(field, value)
        } else {
            Cell::of(field, value)
        }
    }

    /// Whether a column is a foreign key, even if its target may not be viewed.
    fn points(&self, resource: &Resource, column: usize) -> bool {
        self.targets.contains_key(&column) || resource.relation_at(column).is_some()
    }

    fn find(&self, resource: &Resource, column: usize, value: &Value) -> Option<(&Label, &Target)> {
        let target = self.targets.get(&column)?;
        let kind = resource.fields.get(column)?.kind;
        Some((target.labels.get(kind, value)?, target))
    }
}
