//! Names of form fields.
//!
//! A form field is named after its column. Where that name is one of the panel's own, or one that
//! browsers give a meaning, `column.` stands in front of it: the two can never meet.

use std::borrow::Cow;

/// Names of the panel's own fields.
const OWN: [&str; 6] = [
    "csrf_token",
    "row_digest",
    "row_shown",
    "then",
    "pick",
    "confirm",
];
/// Names that browsers fill in, or that hide what the script asks a form for.
const BROWSERS: [&str; 5] = ["", "_charset_", "isindex", "elements", "dataset"];
/// Stands in front of a column's name that would be taken for another.
const ESCAPE: &str = "column.";
/// In front of the search box of a foreign key.
const FIND: &str = "find.";
/// In front of the row that several columns point at together.
const ROW: &str = "row.";
/// In front of what an empty text means.
const EMPTIED: &str = "null.";

/// The form field of a column.
pub fn of_column(column: &str) -> Cow<'_, str> {
    let is_taken = OWN.contains(&column) || BROWSERS.contains(&column);
    let is_prefixed = [ESCAPE, FIND, ROW, EMPTIED]
        .iter()
        .any(|prefix| column.starts_with(prefix));
    match is_taken || is_prefixed {
        true => Cow::Owned(format!("{ESCAPE}{column}")),
        false => Cow::Borrowed(column),
    }
}

/// Whether a field is one of the panel's own, and not a column's.
pub fn is_own(name: &str) -> bool {
    OWN.contains(&name)
}

/// The column of a form field, as [`of_column`] names it.
pub fn column_of(field: &str) -> &str {
    field.strip_prefix(ESCAPE).unwrap_or(field)
}

/// The search box of a foreign key, by its form field.
pub fn of_search(field: &str) -> String {
    format!("{FIND}{field}")
}

/// The form field whose search box has this name.
pub fn searched(name: &str) -> Option<&str> {
    name.strip_prefix(FIND)
}

/// The row that several columns point at together, by the one of them that shows it.
pub fn of_pair(column: &str) -> String {
    format!("{ROW}{column}")
}

/// The column that shows the row of a list of this name.
pub fn paired(name: &str) -> Option<&str> {
    name.strip_prefix(ROW)
}

/// The field that says what an empty text means: `1` no value, `0` an empty text.
pub fn of_emptied(column: &str) -> String {
    format!("{EMPTIED}{column}")
}

/// The id of a column's control: letters that need no escaping in a selector, and other ones for
/// every column.
pub fn id(column: &str) -> String {
    let mut id = String::from("field-");
    for c in column.chars() {
        match c.is_ascii_alphanumeric() || c == '_' {
            true => id.push(c),
            false => id.push_str(&format!("-{:x}-", u32::from(c))),
        }
    }
    id
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
                of_emptied(column),
            ]);
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
