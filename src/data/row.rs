//! Rows, as far as a permit makes them visible.

use crate::catalog::{Key, Resource, Value};
use sha2::{Digest, Sha256};

/// The maximum length of a row's label, in characters.
pub(super) const MOST_OF_A_LABEL: usize = 200;

/// A row. A cell that is not visible, or was not requested, is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    values: Vec<Option<Value>>,
    flags: Vec<bool>,
    /// The truncated columns.
    cut: Vec<usize>,
}

impl Row {
    pub(super) fn new(values: Vec<Option<Value>>, flags: Vec<bool>, cut: Vec<usize>) -> Self {
        Self { values, flags, cut }
    }

    /// The truncated columns.
    pub fn cut(&self) -> &[usize] {
        &self.cut
    }

    /// The value of a column, if it was read.
    pub fn get(&self, column: usize) -> Option<&Value> {
        self.values.get(column).and_then(Option::as_ref)
    }

    /// Replaces the value of a column.
    pub fn put(&mut self, column: usize, value: Value) {
        if let Some(cell) = self.values.get_mut(column) {
            *cell = Some(value);
        }
    }

    /// Appends values after its columns, such as looked-up ones.
    pub fn with(mut self, more: impl IntoIterator<Item = Value>) -> Self {
        self.values.extend(more.into_iter().map(Some));
        self
    }

    /// The columns that were read, with values.
    pub fn cells(&self) -> impl Iterator<Item = (usize, &Value)> {
        self.values
            .iter()
            .enumerate()
            .filter_map(|(column, value)| value.as_ref().map(|value| (column, value)))
    }

    /// The result of the test with that number.
    pub fn flag(&self, number: usize) -> bool {
        self.flags.get(number).copied().unwrap_or(false)
    }

    /// The row's key, if the table has one.
    pub fn key(&self, resource: &Resource) -> Option<Key> {
        if resource.key.is_empty() {
            return None;
        }
        let values = resource.key.iter().map(|column| self.get(*column).cloned());
        values.collect::<Option<Vec<_>>>().map(Key)
    }

    /// The row's label.
    pub fn label(&self, resource: &Resource) -> String {
        use crate::catalog::DisplayPart;
        let mut label = String::new();
        let mut named = false;
        for part in &resource.display.0 {
            match part {
                DisplayPart::Text(text) => label.push_str(text),
                DisplayPart::Column(column) => {
                    let kind = resource.fields.get(*column).map(|field| field.kind);
                    if let (Some(value), Some(kind)) = (self.get(*column), kind) {
                        let text = value.to_text(kind);
                        named |= !text.trim().is_empty();
                        label.push_str(&text);
                    }
                }
            }
        }
        if named {
            return shortened(label.trim());
        }
        match self.key(resource) {
            Some(key) => key_label(resource, &key),
            None => resource.label_one.clone(),
        }
    }

    /// A digest of everything that was read, to detect changes of the row.
    pub fn digest(&self) -> String {
        use base64::Engine;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
        let mut hash = Sha256::new();
        for (column, value) in self.cells() {
            let (tag, text) = match value {
                Value::Null => ("null", String::new()),
                Value::Bytes(bytes) => ("bytes", BASE64.encode(bytes)),
                Value::Size(size) => ("size", size.to_string()),
                value => ("text", value.to_string()),
            };
            // Lengths come first, so that different rows never give the same input.
            hash.update(format!("{column}:{tag}:{}:{text}\n", text.len()));
        }
        BASE64.encode(hash.finalize())
    }
}

/// A label short enough for a heading, a link and a sentence.
fn shortened(label: &str) -> String {
    match label.char_indices().nth(MOST_OF_A_LABEL) {
        Some((end, _)) => format!("{}\u{2026}", label.get(..end).unwrap_or_default()),
        None => label.to_owned(),
    }
}

/// The label of a row without a display column: "Order item 17 / 2".
pub fn key_label(resource: &Resource, key: &Key) -> String {
    let parts = key.0.iter().zip(resource.key_fields());
    let parts: Vec<String> = parts
        .map(|(value, field)| value.to_text(field.kind))
        .collect();
    format!("{} {}", resource.label_one, parts.join(" / "))
}
