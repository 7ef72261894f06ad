//! The search box: every word must occur.

use crate::access::{Cover, Permit, Verb};
use crate::catalog::field::Storage;
use crate::catalog::{Field, Filter, Op};
use crate::data::path::Path;

/// The maximum number of words in a search.
const MAX_WORDS: usize = 8;

/// The filter of a search: every word must occur in one of the searched columns. `=word` matches
/// the whole value, `^word` its beginning; `"two words"` is one phrase.
pub fn search<V: Verb>(permit: &Permit<V>, text: &str, paths: &[Path]) -> Filter {
    let resource = permit.resource();
    let columns: Vec<usize> = searched(permit).collect();
    let words = words(text);
    let words = words.iter().take(MAX_WORDS).map(|word| {
        let (op, word) = match word.strip_prefix('=') {
            Some(rest) if !rest.is_empty() => (Op::Eq, rest),
            _ => match word.strip_prefix('^') {
                Some(rest) if !rest.is_empty() => (Op::Starts, rest),
                _ => (Op::Contains, word.as_str()),
            },
        };
        let test = |column: usize, field: &Field| {
            // Numbers and dates match only as whole values.
            let op = if op.fits(field.kind) { op } else { Op::Eq };
            let can_be = op.fits(field.kind);
            can_be.then(|| Filter::build(column, field, op, &[word.to_owned()]).ok())?
        };
        let own = columns.iter().filter_map(|column| {
            let field = resource.fields.get(*column)?;
            test(*column, field)
        });
        let others = paths.iter().filter_map(|path| {
            let found = test(path.column(), &path.field)?;
            Some(path.passing(found))
        });
        let tests = own.chain(others);
        // A number is also looked up as the key.
        let key = match resource.key.as_slice() {
            [column] => resource
                .fields
                .get(*column)
                .filter(|field| field.kind.storage() == Storage::Int)
                .and_then(|field| Filter::build(*column, field, Op::Eq, &[word.to_owned()]).ok()),
            _ => None,
        };
        Filter::Any(tests.chain(key).collect())
    });
    Filter::All(words.collect())
}

/// The columns that a search covers for this person.
pub fn searched<V: Verb>(permit: &Permit<V>) -> impl Iterator<Item = usize> + '_ {
    let columns = permit.resource().search.iter().copied();
    columns.filter(|column| permit.tests(*column) != Cover::Nowhere)
}

fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        match (c, words.last_mut()) {
            ('"', _) => quoted = !quoted,
            (c, _) if c.is_whitespace() && !quoted => words.push(String::new()),
            (c, Some(word)) => word.push(c),
            (_, None) => {}
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
