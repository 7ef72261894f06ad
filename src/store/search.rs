//! Looking for a text in columns, case aside.

use diesel::sql_types::Text;

diesel::define_sql_function! {
    /// In small letters, as far as the database knows them.
    fn lower(text: Text) -> Text;
}

/// What goes before a character that would be a wildcard, in what [`containing`] gives.
pub(super) const ESCAPE: char = '!';

/// The pattern for `LIKE` that finds a text anywhere in a [`lower`] column; any text if it is empty.
pub(super) fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | ESCAPE) {
            pattern.push(ESCAPE);
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
