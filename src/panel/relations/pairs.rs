//! Multi-column foreign keys: labels of the rows they reference.
//!
//! A value of such a key is written as its encoded parts, separated by commas.

use crate::access::{Cover, Permit, View};
use crate::catalog::{Field, Relation, Resource, Value};
use crate::data::{DataError, Label, Row, labels};
use crate::entry::Entered;
use crate::store::AnyConnection;
use percent_encoding::percent_decode_str;
use std::collections::HashMap;
use url::form_urlencoded::byte_serialize;

/// A multi-column foreign key whose target the person may view.
pub struct Pair {
    /// Its columns.
    pub columns: Vec<usize>,
    /// The referenced columns.
    pub target_columns: Vec<usize>,
    /// The permit to view the target.
    pub permit: Permit<View>,
    /// The column that shows the referenced row: the last one that does not show another.
    pub lead: usize,
    labels: HashMap<String, Label>,
    rows: String,
}

impl Pair {
    /// The multi-column foreign keys of a resource whose columns are all among these.
    pub fn all(entered: &Entered, resource: &Resource, columns: &[usize]) -> Vec<Self> {
        let relations = resource.relations.iter().filter(|relation| {
            relation.columns.len() > 1 && relation.columns.iter().all(|it| columns.contains(it))
        });
        let mut pairs: Vec<Self> = Vec::new();
        for relation in relations {
            let taken = |column: &usize| pairs.iter().any(|pair| pair.lead == *column);
            if let Some(pair) = Self::of(entered, resource, relation, &taken) {
                pairs.push(pair);
            }
        }
        pairs
    }

    fn of(
        entered: &Entered,
        resource: &Resource,
        relation: &Relation,
        is_taken: &dyn Fn(&usize) -> bool,
    ) -> Option<Self> {
        let permit = entered.view(&relation.target)?;
        let reads = |column: &usize| permit.reads(*column) != Cover::Nowhere;
        if !relation.target_columns.iter().all(reads) {
            return None;
        }
        let mut free = relation.columns.iter().rev().copied();
        let lead = free.find(|it| resource.relation_at(*it).is_none() && !is_taken(it))?;
        Some(Self {
            columns: relation.columns.clone(),
            target_columns: relation.target_columns.clone(),
            rows: entered.site().urls.row(&relation.target, ""),
            permit,
            lead,
            labels: HashMap::new(),
        })
    }

    /// Fetches the labels for the values in these rows, and for other values.
    ///
    /// # Errors
    /// When the database fails.
    pub fn fetch(
        &mut self,
        conn: &mut AnyConnection,
        resource: &Resource,
        rows: &[Row],
        others: &[Vec<Value>],
    ) -> Result<(), DataError> {
        let of_rows = rows
            .iter()
            .filter_map(|row| self.values(&|column| row.get(column)));
        let mut sets: Vec<Vec<Value>> = of_rows.chain(others.iter().cloned()).collect();
        let mut seen = std::collections::HashSet::new();
        sets.retain(|set| seen.insert(self.write(resource, set)));
        for pair in labels::of_sets(conn, &self.permit, &self.target_columns, &sets)? {
            let target = self.permit.resource();
            let text = written(fields(target, &self.target_columns), &pair.values);
            self.labels.insert(text, pair.label);
        }
        Ok(())
    }

    /// Its values in a row; none if one is missing.
    pub fn values<'v>(&self, get: &dyn Fn(usize) -> Option<&'v Value>) -> Option<Vec<Value>> {
        let values = self.columns.iter().map(|column| {
            let value = get(*column)?;
            (!value.is_null()).then(|| value.clone())
        });
        values.collect()
    }

    /// Its values in the form used by forms and addresses.
    pub fn write(&self, resource: &Resource, values: &[Value]) -> String {
        written(fields(resource, &self.columns), values)
    }

    /// The values of a referenced row, in the same form.
    pub fn write_target(&self, values: &[Value]) -> String {
        written(fields(self.permit.resource(), &self.target_columns), values)
    }

    /// The label of the row with these values, and its address.
    pub fn label(&self, written: &str) -> Option<(&Label, String)> {
        let label = self.labels.get(written)?;
        let key = label.key.encode(self.permit.resource());
        Some((label, format!("{}{key}", self.rows)))
    }
}

fn fields<'r>(resource: &'r Resource, columns: &'r [usize]) -> impl Iterator<Item = &'r Field> {
    let fields = columns.iter().map(|column| resource.fields.get(*column));
    fields.flatten()
}

fn written<'f>(fields: impl Iterator<Item = &'f Field>, values: &[Value]) -> String {
    let parts = fields.zip(values).map(|(field, value)| {
        let text = value.to_text(field.kind);
        byte_serialize(text.as_bytes()).collect::<String>()
    });
    parts.collect::<Vec<_>>().join(",")
}

/// Values of these columns, in the same form.
pub fn write_set(resource: &Resource, columns: &[usize], values: &[Value]) -> String {
    written(fields(resource, columns), values)
}

/// The parts of a written value; none if their number differs.
pub fn parts(text: &str, count: usize) -> Option<Vec<String>> {
    let parts = text.split(',').map(|part| {
        let part = part.replace('+', " ");
        percent_decode_str(&part)
            .decode_utf8()
            .ok()
            .map(String::from)
    });
    let parts: Vec<String> = parts.collect::<Option<_>>()?;
    (parts.len() == count).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn parts_are_told_apart() {
        let read = |text| parts(text, 2);
        assert_eq!(read("1,a%2Cb+c"), Some(vec!["1".into(), "a,b c".into()]));
        assert_eq!(read("1"), None);
        assert_eq!(read("1,2,3"), None);
        assert_eq!(read("1,%FF"), None);
    }
}
