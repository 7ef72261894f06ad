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

/// JSON with a line for each part. Only white space is changed: numbers stay as they were written.
/// What is not JSON stays as it is.
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
