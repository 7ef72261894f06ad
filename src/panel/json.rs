//! Rows as JSON: the same data under the same permit.

use crate::catalog::Resource;
use crate::data::Row;
use serde_json::{Map, Value as Json};

/// A row as an object of its columns; what may not be read is not in it.
pub fn row(resource: &Resource, row: &Row) -> Json {
    let cells = row.cells().filter_map(|(column, value)| {
        let field = resource.fields.get(column)?;
        Some((field.name.clone(), value.to_json(field.kind)))
    });
    Json::Object(cells.collect::<Map<_, _>>())
}
