//! Names of form fields.
//!
//! A form field has the name of its column. If that is a name of the panel's own, or has a meaning
//! to browsers, `column.` is put before it. So the two cannot collide.

use std::borrow::Cow;

/// The panel's own fields.
const OWN: [&str; 6] = [
    "csrf_token",
    "row_digest",
    "row_shown",
    "then",
    "pick",
    "confirm",
];
/// Names that browsers fill in, or that shadow form properties that the script needs.
const BROWSERS: [&str; 5] = ["", "_charset_", "isindex", "elements", "dataset"];
/// The prefix of a column whose name would be ambiguous.
const ESCAPE: &str = "column.";
/// The prefix of a foreign key's search box.
const FIND: &str = "find.";
/// The prefix of the row of a multi-column foreign key.
const ROW: &str = "row.";
/// The prefix of the meaning of an empty text.
const EMPTIED: &str = "null.";
/// The prefix of a column in a line, which is a row of another table in its parent's form.
const CELL: &str = "child.";
/// The prefix of further fields of a line.
const LINE: &str = "line.";

/// The form field of a column.
pub fn of_column(column: &str) -> Cow<'_, str> {
    let is_taken = OWN.contains(&column) || BROWSERS.contains(&column);
    let is_prefixed = [ESCAPE, FIND, ROW, EMPTIED, CELL, LINE]
        .iter()
        .any(|prefix| column.starts_with(prefix));
    if is_taken || is_prefixed {
        Cow::Owned(format!("{ESCAPE}{column}"))
    } else {
        Cow::Borrowed(column)
    }
}

/// Whether a field is the panel's own instead of a column's.
pub fn is_own(name: &str) -> bool {
    OWN.contains(&name)
}

/// The column of a form field, as [`of_column`] names it.
pub fn column_of(field: &str) -> &str {
    field.strip_prefix(ESCAPE).unwrap_or(field)
}

/// The name of a foreign key's search box, from its form field.
pub fn of_search(field: &str) -> String {
    format!("{FIND}{field}")
}

/// The form field of the search box with this name.
pub fn searched(name: &str) -> Option<&str> {
    name.strip_prefix(FIND)
}

/// The name of a multi-column foreign key's list, from the column that shows it.
pub fn of_pair(column: &str) -> String {
    format!("{ROW}{column}")
}

/// The column that shows the list with this name.
pub fn paired(name: &str) -> Option<&str> {
    name.strip_prefix(ROW)
}

/// The field with the meaning of an empty text: `1` for NULL, `0` for an empty text.
pub fn of_emptied(field: &str) -> String {
    format!("{EMPTIED}{field}")
}

/// The field for a column in a line. Lines of one table are distinguished by numbers.
pub fn of_cell(child: &str, line: usize, column: &str) -> String {
    format!("{CELL}{}.{line}.{column}", plain(child))
}

/// The field for another part of a line, such as its key.
pub fn of_line(child: &str, line: usize, part: &str) -> String {
    format!("{LINE}{}.{line}.{part}", plain(child))
}

/// The field for all lines of one table.
pub fn of_lines(child: &str, part: &str) -> String {
    format!("{LINE}{}.{part}", plain(child))
}

/// The number of the line that a field belongs to.
pub fn line_of(child: &str, name: &str) -> Option<usize> {
    let rest = name
        .strip_prefix(CELL)
        .or_else(|| name.strip_prefix(LINE))?;
    let (number, _) = rest
        .strip_prefix(&plain(child))?
        .strip_prefix('.')?
        .split_once('.')?;
    number.parse().ok()
}

/// Whether a field belongs to a line.
pub fn is_of_line(name: &str) -> bool {
    let name = name.strip_prefix(FIND).unwrap_or(name);
    name.starts_with(CELL) || name.starts_with(LINE)
}

/// The id of a column's control: characters that need no escaping in a selector, unique for every
/// column.
pub fn id(column: &str) -> String {
    format!("field-{}", plain(column))
}

/// The id of the table of lines.
pub fn id_of_lines(child: &str) -> String {
    format!("lines-{}", plain(child))
}

/// A name in characters without special meaning, unique for every name.
fn plain(name: &str) -> String {
    let mut plain = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            plain.push(c)
        } else {
            plain.push_str(&format!("-{:x}-", u32::from(c)))
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_fields_of_a_form_have_one_name() {
        let columns = [
            "name",
            "csrf_token",
            "column.csrf_token",
            "then",
            "find.name",
            "null.name",
            "row.name",
            "child.lines.0.name",
            "child.lines.0",
            "line.lines.0.key",
            "line.lines.page",
            "column.name",
            "column.",
            "",
            "a b",
            "a-b",
            "a-20-b",
            "a20b",
        ];
        let mut names: Vec<String> = OWN.map(str::to_owned).into();
        for column in columns {
            names.extend([
                of_column(column).into(),
                of_search(&of_column(column)),
                of_pair(column),
                of_search(&of_pair(column)),
                of_emptied(&of_column(column)),
            ]);
        }
        for child in ["lines", "lines.0", "a.b", "a-b"] {
            names.push(of_lines(child, "page"));
            for line in [0, 1, 10] {
                names.push(of_line(child, line, "key"));
                for column in columns {
                    let cell = of_cell(child, line, column);
                    assert_eq!(line_of(child, &cell), Some(line));
                    names.extend([of_search(&cell), of_emptied(&cell), cell]);
                }
            }
        }
        let ids: std::collections::HashSet<String> = columns.map(id).into();
        assert_eq!(ids.len(), columns.len(), "{ids:?}");
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all, "{names:?}");
        assert_eq!(of_column("name"), "name");
        for column in columns {
            assert_eq!(column_of(&of_column(column)), column);
        }
    }
}
