//! The search for rows, with a time budget for all resources.

use crate::access::{Permit, View};
use crate::catalog::{Filter, Resource};
use crate::data::{Count, DataError, PageQuery, Path, Position, Row, count, page};
use crate::entry::Entered;
use crate::panel::relations::Relations;
use crate::store::AnyConnection;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The time budget of all resources.
const IN_ALL: Duration = Duration::from_millis(2_000);
/// The timeout of a statement, so that other resources have their turn.
const EACH: Duration = Duration::from_millis(400);
/// The maximum number of rows of a resource in the results.
const MOST: u32 = 5;
/// Rows of a resource are counted up to this number.
const COUNTED: u64 = 1_000;
/// The maximum length of a shown value, in characters.
const MOST_OF_A_VALUE: usize = 80;

/// The search of one resource.
pub struct ResourceSearch {
    permit: Permit<View>,
    query: PageQuery,
    columns: Vec<usize>,
    relations: Relations,
    /// The first word, to find the column that contains it.
    word: String,
}

/// The result for one resource.
#[derive(Debug, Default)]
pub struct SearchHits {
    /// The first rows.
    pub rows: Vec<FoundRow>,
    /// Whether there are more rows.
    pub has_more: bool,
    /// The number of rows, if counted.
    pub count: Option<Count>,
}

/// A row.
#[derive(Debug)]
pub struct FoundRow {
    /// Its key, as in addresses.
    pub key: Option<String>,
    /// Its label.
    pub label: String,
    /// The text where the word was found, if not in the label.
    pub hint: Option<String>,
}

impl ResourceSearch {
    /// Searches for every resource that the person may view, the audit log last. A resource that
    /// cannot contain the words is skipped.
    pub fn all(entered: &Entered, q: &str) -> Vec<Self> {
        let catalog = entered.policy().catalog();
        let mut searches: Vec<Self> = catalog
            .iter()
            .filter_map(|resource| Self::of(entered, &resource.name, q))
            .collect();
        searches.sort_by_key(|search| search.resource().is_audit());
        searches
    }

    fn of(entered: &Entered, name: &str, q: &str) -> Option<Self> {
        let permit = entered.view(name)?;
        let resource = permit.resource();
        let around = entered.around();
        let paths = resource.search_paths.iter();
        let searched: Vec<Path> = paths
            .filter_map(|name| around.path(&permit, name))
            .collect();
        let columns: Vec<usize> = page::searched(&permit).collect();
        if columns.is_empty() && searched.is_empty() {
            return None;
        }
        let found = page::search(&permit, q, &searched);
        if found.is_nothing() || found.is_everything() {
            return None;
        }
        let named: Vec<usize> = resource.display.columns().collect();
        let relations = Relations::of(entered, resource, &named);
        let mut columns = [named, columns].concat();
        columns.sort_unstable();
        columns.dedup();
        Some(Self {
            query: PageQuery {
                sort: Vec::new(),
                filter: Filter::everything(),
                search: q.to_owned(),
                paths: Vec::new(),
                searched,
                size: MOST,
                position: Position::First,
            },
            columns,
            relations,
            word: first_word(q),
            permit,
        })
    }

    /// The resource.
    pub fn resource(&self) -> &Arc<Resource> {
        self.permit.resource()
    }

    /// The resource's label.
    pub fn label(&self) -> &str {
        &self.resource().label
    }

    fn run(&mut self, conn: &mut AnyConnection, left: Duration) -> Result<SearchHits, DataError> {
        let (permit, query, columns) = (&self.permit, &self.query, &self.columns);
        let relations = &mut self.relations;
        let found = conn.within(left, |conn| {
            let found = page::read(conn, permit, query, columns)?;
            relations.fetch(conn, &found.rows, &[])?;
            Ok::<_, DataError>(found)
        })?;
        let has_more = found.next.is_some();
        // If the count times out, only the count is left out.
        let count = has_more.then(|| {
            conn.within(left, |conn| count::up_to(conn, permit, query, COUNTED))
                .ok()
        });
        let rows = found.rows.iter().map(|row| self.hit(row));
        Ok(SearchHits {
            rows: rows.collect(),
            has_more,
            count: count.flatten(),
        })
    }

    fn hit(&self, row: &Row) -> FoundRow {
        let resource = self.resource();
        let label = self.relations.row_label(resource, row);
        let has_word = |text: &str| text.to_lowercase().contains(&self.word);
        let hint = if has_word(&label) {
            None
        } else {
            page::searched(&self.permit).find_map(|column| {
                let field = resource.fields.get(column)?;
                let text = row.get(column)?.to_text(field.kind);
                has_word(&text).then(|| format!("{}: {}", field.label, around(&text, &self.word)))
            })
        };
        FoundRow {
            key: row.key(resource).map(|key| key.encode(resource)),
            label,
            hint,
        }
    }
}

/// Searches one resource after another; `None` for those that timed out or failed.
pub fn run(
    conn: &mut AnyConnection,
    searches: Vec<ResourceSearch>,
) -> Vec<(ResourceSearch, Option<SearchHits>)> {
    let began = Instant::now();
    let searched = searches.into_iter().map(|mut search| {
        let left = IN_ALL.checked_sub(began.elapsed());
        let hits = left.map(|left| search.run(conn, left.min(EACH)));
        let hits = match hits {
            Some(Ok(hits)) => Some(hits),
            Some(Err(error)) => {
                tracing::debug!(resource = %search.resource().name, %error, "not searched");
                None
            }
            None => None,
        };
        (search, hits)
    });
    searched.collect()
}

/// The first word without its sign, in lower case.
fn first_word(q: &str) -> String {
    let word = q.split_whitespace().next().unwrap_or_default();
    word.trim_matches(['=', '^', '"']).to_lowercase()
}

/// The part of a text around a word.
fn around(text: &str, word: &str) -> String {
    let letters: Vec<char> = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .collect();
    let small: String = letters.iter().collect::<String>().to_lowercase();
    let before = small.find(word).and_then(|at| small.get(..at));
    let at = before.map_or(0, |before| before.chars().count());
    let start = at.saturating_sub(MOST_OF_A_VALUE / 4).min(letters.len());
    let end = (start + MOST_OF_A_VALUE).min(letters.len());
    let piece: String = letters.get(start..end).unwrap_or_default().iter().collect();
    let (left, right) = (start > 0, end < letters.len());
    format!(
        "{}{}{}",
        if left { "\u{2026}" } else { "" },
        piece.trim(),
        if right { "\u{2026}" } else { "" }
    )
}
