//! Case-insensitive text search in columns.

use diesel::sql_types::Text;

diesel::define_sql_function! {
    /// Lower case, as far as the database supports it.
    fn lower(text: Text) -> Text;
}

/// The escape character for wildcards in the result of [`containing`].
pub(super) const ESCAPE: char = '!';

/// The `LIKE` pattern that finds a text anywhere in a [`lower`] column; matches everything if
/// empty.
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
