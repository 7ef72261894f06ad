//! Rows as JSON, under the same permits as pages.

use crate::catalog::Resource;
use crate::catalog::field::Lossless;
use crate::data;
use serde::{Serialize, Serializer};

/// A row as an object of its columns; invisible ones are left out.
#[derive(Debug, Clone, Copy)]
pub struct Row<'r> {
    resource: &'r Resource,
    row: &'r data::Row,
}

/// A row as JSON. Converting it to a [`serde_json::Value`] would lose digits, so responses hold it
/// directly.
pub fn row<'r>(resource: &'r Resource, row: &'r data::Row) -> Row<'r> {
    Row { resource, row }
}

/// A row with only these columns, in this order.
pub fn columns<'r>(
    resource: &'r Resource,
    row: &'r data::Row,
    columns: &'r [usize],
) -> Columns<'r> {
    Columns {
        resource,
        row,
        columns,
    }
}

/// Some columns of a row as an object; invisible ones are left out.
#[derive(Debug, Clone, Copy)]
pub struct Columns<'r> {
    resource: &'r Resource,
    row: &'r data::Row,
    columns: &'r [usize],
}

impl Serialize for Columns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.columns.iter().filter_map(|column| {
            let field = self.resource.fields.get(*column)?;
            let value = self.row.get(*column)?;
            let kind = field.kind;
            Some((&field.name, Lossless { value, kind }))
        }))
    }
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.row.cells().filter_map(|(column, value)| {
            let field = self.resource.fields.get(column)?;
            let kind = field.kind;
            Some((&field.name, Lossless { value, kind }))
        }))
    }
}

/// The most frequent values of a column.
#[derive(Debug, Serialize)]
pub struct Facets<'v> {
    /// The values, most frequent first.
    pub values: Vec<Facet<'v>>,
    /// The number of examined rows.
    pub of: serde_json::Value,
}

/// A value, and how many rows have it.
#[derive(Debug, Serialize)]
pub struct Facet<'v> {
    /// The value.
    pub value: Lossless<'v>,
    /// The value in the form for people.
    pub label: String,
    /// How many rows have it.
    pub count: u64,
}

/// Formats JSON with line breaks and indentation. Numbers stay as written. Text that is not JSON
/// stays unchanged.
pub fn indented(text: &str) -> String {
    if serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if in_string {
            out.push(letter);
            in_string = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
            continue;
        }
        match letter {
            '{' | '[' => {
                out.push(letter);
                while letters.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                match letters.next_if(|next| matches!(next, '}' | ']')) {
                    Some(end) => out.push(end),
                    None => {
                        depth += 1;
                        break_line(&mut out, depth);
                    }
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                break_line(&mut out, depth);
                out.push(letter);
            }
            ',' => {
                out.push(letter);
                break_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            letter if letter.is_ascii_whitespace() => {}
            letter => {
                in_string = letter == '"';
                out.push(letter);
            }
        }
    }
    out
}

fn break_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::indented;

    #[test]
    fn only_white_space_is_changed() {
        assert_eq!(
            indented(r#"{"a":1.50, "b" : [1e400,{}, [ ]],"c":"x{,\"}:\\"}"#),
            "{\n  \"a\": 1.50,\n  \"b\": [\n    1e400,\n    {},\n    []\n  ],\n  \"c\": \"x{,\\\"}:\\\\\"\n}"
        );
        assert_eq!(
            indented("12345678901234567890.10"),
            "12345678901234567890.10"
        );
        assert_eq!(indented("{not json"), "{not json");
    }
}
