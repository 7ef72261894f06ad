//! Pages of a list, by keyset: a page deep inside a large table costs what the first one costs.

use super::DataError;
use super::cursor::{Cursor, CursorError};
use super::predicate;
use super::row::Row;
use super::select::Selection;
use super::sql::{self, Piece, Sql};
use crate::access::{Cover, Permit, Verb};
use crate::catalog::{Condition, Field, Filter, FilterError, Kind, Op, Resource, Sort, Value};
use crate::store::AnyConnection;
use std::borrow::Cow;

/// The most rows that are skipped to reach a page by its number.
pub const MAX_SKIPPED: u64 = 10_000;

/// The most words of a search that are looked for.
const MAX_WORDS: usize = 8;

/// What a list shows.
#[derive(Debug, Clone, PartialEq)]
pub struct PageQuery {
    /// The order; the key is added behind it.
    pub sort: Vec<Sort>,
    /// The person's filter.
    pub filter: Filter,
    /// Words searched for; empty: none.
    pub search: String,
    /// Rows on a page.
    pub size: u32,
    /// Which page.
    pub position: Position,
}

/// Which page of a list.
#[derive(Debug, Clone, PartialEq)]
pub enum Position {
    /// The first.
    First,
    /// The one behind this place.
    After(Cursor),
    /// The one before this place.
    Before(Cursor),
    /// The one of this number, from 1.
    Number(u64),
}

/// A page that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Its rows.
    pub rows: Vec<Row>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
    /// Where the page before ends, if there is one.
    pub previous: Option<Cursor>,
    /// How many rows lie before it, where that is known.
    pub skipped: Option<u64>,
}

/// Reads a page of these columns (and the key and sort columns).
///
/// # Errors
/// A [`DataError`] that says what of the query cannot be used, or that the database failed.
pub fn read<V: Verb>(
    conn: &mut AnyConnection,
    permit: &Permit<V>,
    query: &PageQuery,
    columns: &[usize],
) -> Result<Page, DataError> {
    let resource = permit.resource();
    let order = order(permit, &query.sort)?;
    let plan = Plan::new(conn, resource, &order, &query.position, query.size)?;
    let mut parts = vec![rows(permit, query)?];
    parts.extend(plan.beyond.clone());
    let reach = Filter::All(parts);

    let mut wanted = columns.to_vec();
    wanted.extend(order.iter().map(|sort| sort.column));
    let selection = Selection::of(permit, &wanted);
    let mut statement = selection.select(resource, &reach);
    write_order(&mut statement, resource, &order, plan.backwards);
    statement
        .text(" LIMIT ")
        .push(Piece::Number(i64::from(query.size) + 1));
    if let Some(skip) = plan.skip.filter(|skip| *skip > 0) {
        statement
            .text(" OFFSET ")
            .push(Piece::Number(i64::try_from(skip).unwrap_or(i64::MAX)));
    }
    let found = sql::rows(conn, statement)?;
    let rows = found
        .into_iter()
        .map(|values| selection.row(resource, values))
        .collect();
    Ok(plan.page(rows, query.size, |row| place(row, &order)))
}

/// Every row the query covers: the permit's rows, the filter and the search, each cut to what may
/// be read.
pub(super) fn rows<V: Verb>(permit: &Permit<V>, query: &PageQuery) -> Result<Filter, FilterError> {
    let mut parts = vec![permit.rows()];
    if !query.filter.is_everything() {
        parts.push(predicate::cut(permit, &query.filter)?);
    }
    if !query.search.trim().is_empty() {
        parts.push(predicate::cut(permit, &search(permit, &query.search))?);
    }
    for sort in &query.sort {
        match permit.reads(sort.column) {
            Cover::Everywhere => {}
            Cover::Where(rows) => parts.push(rows),
            Cover::Nowhere => return Err(predicate::unknown(permit.resource(), sort.column)),
        }
    }
    Ok(Filter::All(parts))
}

/// The test of a search: every word occurs in one of the searched columns. `=word` must be the
/// whole value, `^word` its beginning; `"two words"` belong together.
pub fn search<V: Verb>(permit: &Permit<V>, text: &str) -> Filter {
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
        let tests = columns.iter().filter_map(|column| {
            let field = resource.fields.get(*column)?;
            match op.fits(field.kind) {
                true => Filter::build(*column, field, op, &[word.to_owned()]).ok(),
                false => None,
            }
        });
        // A number is looked for as the key, too.
        let key = match resource.key.as_slice() {
            [column] => resource
                .fields
                .get(*column)
                .filter(|field| field.kind == Kind::Int)
                .and_then(|field| Filter::build(*column, field, Op::Eq, &[word.to_owned()]).ok()),
            _ => None,
        };
        Filter::Any(tests.chain(key).collect())
    });
    Filter::All(words.collect())
}

/// The columns that a search looks in, for this person.
pub fn searched<V: Verb>(permit: &Permit<V>) -> impl Iterator<Item = usize> + '_ {
    let columns = permit.resource().search.iter().copied();
    columns.filter(|column| permit.reads(*column) != Cover::Nowhere)
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

/// Whether a list can be sorted by columns of this kind.
pub fn is_sortable(kind: Kind) -> bool {
    !matches!(kind, Kind::Json | Kind::Bytes)
}

/// The whole order: what was asked for, and the key as tie-break.
pub(super) fn order<V: Verb>(permit: &Permit<V>, asked: &[Sort]) -> Result<Vec<Sort>, FilterError> {
    let resource = permit.resource();
    let mut order: Vec<Sort> = Vec::new();
    let chosen = match asked.is_empty() {
        true => resource.sort.as_slice(),
        false => asked,
    };
    for sort in chosen {
        let sortable = resource
            .fields
            .get(sort.column)
            .is_some_and(|field| is_sortable(field.kind));
        let readable = permit.reads(sort.column);
        if !sortable || readable == Cover::Nowhere {
            // A default order by a column that this person may not read is left out.
            if asked.is_empty() {
                continue;
            }
            return Err(predicate::unknown(resource, sort.column));
        }
        if asked.is_empty() && readable != Cover::Everywhere {
            continue;
        }
        if !order.iter().any(|known| known.column == sort.column) {
            order.push(*sort);
        }
    }
    // The key follows the direction of the last column: one index then serves the whole order.
    let descending = order.last().is_some_and(|sort| sort.descending);
    for column in &resource.key {
        if !order.iter().any(|known| known.column == *column) {
            order.push(Sort {
                column: *column,
                descending,
            });
        }
    }
    Ok(order)
}

pub(super) fn write_order<'q>(
    sql: &mut Sql<'q>,
    resource: &'q Resource,
    order: &[Sort],
    backwards: bool,
) {
    let mut first = true;
    for sort in order {
        let Some(field) = resource.fields.get(sort.column) else {
            continue;
        };
        sql.text(if first { " ORDER BY " } else { ", " });
        first = false;
        sql.push(Piece::Column(field));
        sql.text(match sort.descending != backwards {
            true => " DESC",
            false => " ASC",
        });
    }
}

/// How a page is reached.
struct Plan {
    beyond: Option<Filter>,
    backwards: bool,
    skip: Option<u64>,
    keyed: bool,
}

impl Plan {
    fn new(
        conn: &AnyConnection,
        resource: &Resource,
        order: &[Sort],
        position: &Position,
        size: u32,
    ) -> Result<Self, DataError> {
        let keyed = !resource.key.is_empty();
        let by_offset = |skip: u64| match skip > MAX_SKIPPED {
            true => Err(DataError::TooDeep(skip / u64::from(size.max(1)) + 1)),
            false => Ok(Self {
                beyond: None,
                backwards: false,
                skip: Some(skip),
                keyed,
            }),
        };
        let nulls_first = matches!(conn, AnyConnection::Sqlite(_));
        let by_row = |values: &[Value], backwards: bool| {
            if !keyed || values.len() != order.len() {
                return Err(CursorError.into());
            }
            let steps: Vec<Step<'_>> = order
                .iter()
                .zip(values)
                .filter_map(|(sort, value)| {
                    let field = resource.fields.get(sort.column)?;
                    Some(Step::new(*sort, field, value, backwards, nulls_first))
                })
                .collect();
            Ok(Self {
                beyond: Some(beyond(&steps)),
                backwards,
                skip: None,
                keyed,
            })
        };
        match position {
            Position::First => by_offset(0),
            Position::Number(number) => {
                by_offset(number.saturating_sub(1).saturating_mul(u64::from(size)))
            }
            Position::After(Cursor::Row(values)) => by_row(values, false),
            Position::Before(Cursor::Row(values)) => by_row(values, true),
            Position::After(Cursor::Offset(rows)) if !keyed => by_offset(*rows),
            Position::Before(Cursor::Offset(rows)) if !keyed => {
                by_offset(rows.saturating_sub(u64::from(size)))
            }
            Position::After(_) | Position::Before(_) => Err(CursorError.into()),
        }
    }

    fn page(
        &self,
        mut rows: Vec<Row>,
        size: u32,
        place: impl Fn(&Row) -> Option<Vec<Value>>,
    ) -> Page {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        if self.backwards {
            rows.reverse();
        }
        if !self.keyed {
            let start = self.skip.unwrap_or(0);
            let end = start.saturating_add(u64::try_from(rows.len()).unwrap_or(0));
            return Page {
                rows,
                next: (more && end <= MAX_SKIPPED).then_some(Cursor::Offset(end)),
                previous: (start > 0).then_some(Cursor::Offset(start)),
                skipped: self.skip,
            };
        }
        let reached = self.skip.is_none();
        let (has_next, has_previous) = match self.backwards {
            true => (true, more),
            false => (more, reached || self.skip.is_some_and(|skip| skip > 0)),
        };
        let first = rows.first().and_then(&place).map(Cursor::Row);
        let last = rows.last().and_then(&place).map(Cursor::Row);
        Page {
            next: last.filter(|_| has_next),
            previous: first.filter(|_| has_previous),
            skipped: match self.backwards && !more {
                true => Some(0),
                false => self.skip,
            },
            rows,
        }
    }
}

fn place(row: &Row, order: &[Sort]) -> Option<Vec<Value>> {
    order
        .iter()
        .map(|sort| row.get(sort.column).cloned())
        .collect()
}

/// One column of the order at a cursor, with the direction the page is read in.
struct Step<'c> {
    column: usize,
    nullable: bool,
    value: &'c Value,
    /// The operator for rows behind this value.
    op: Op,
    /// Whether NULL stands behind all values, in the direction the page is read in.
    nulls_last: bool,
}

impl<'c> Step<'c> {
    fn new(
        sort: Sort,
        field: &Field,
        value: &'c Value,
        backwards: bool,
        nulls_first: bool,
    ) -> Self {
        let descending = sort.descending != backwards;
        Self {
            column: sort.column,
            nullable: field.nullable,
            value,
            op: if descending { Op::Lt } else { Op::Gt },
            // SQLite takes NULL as smallest, PostgreSQL as largest.
            nulls_last: nulls_first == descending,
        }
    }

    fn test(&self, op: Op) -> Filter {
        let values = match op {
            Op::Null | Op::NotNull => Vec::new(),
            _ => vec![self.value.clone()],
        };
        Filter::Test(Condition {
            column: self.column,
            op,
            values,
        })
    }

    /// Rows strictly behind.
    fn behind(&self) -> Filter {
        match (self.value.is_null(), self.nulls_last) {
            (true, true) => Filter::nothing(),
            (true, false) => self.test(Op::NotNull),
            (false, true) if self.nullable => {
                Filter::Any(vec![self.test(self.op), self.test(Op::Null)])
            }
            (false, _) => self.test(self.op),
        }
    }

    /// Rows with the same value.
    fn level(&self) -> Filter {
        match self.value.is_null() {
            true => self.test(Op::Null),
            false => self.test(Op::Eq),
        }
    }

    /// Rows behind or level: a plain range, which an index can serve; `None` if it is no bound.
    fn bound(&self) -> Option<Filter> {
        let inclusive = if self.op == Op::Gt { Op::Ge } else { Op::Le };
        match (self.value.is_null(), self.nullable && self.nulls_last) {
            (false, false) => Some(self.test(inclusive)),
            _ => None,
        }
    }
}

/// Rows behind a place: behind in the first column, or level there and behind in the rest.
fn beyond(steps: &[Step<'_>]) -> Filter {
    match steps {
        [] => Filter::nothing(),
        [last] => last.behind(),
        [first, rest @ ..] => {
            let split = Filter::Any(vec![
                first.behind(),
                Filter::All(vec![first.level(), beyond(rest)]),
            ]);
            match first.bound() {
                Some(bound) => Filter::All(vec![bound, split]),
                None => split,
            }
        }
    }
}

/// Binds a value for use by other files of the engine.
pub(super) fn bind_owned<'q>(sql: &mut Sql<'q>, field: &'q Field, value: Value) {
    sql.push(Piece::Bind(Cow::Owned(value), field));
}
