//! Labels of referenced rows, and the pick lists to choose them.
//!
//! The labels of a page are read in one statement for each relation. A row that the person may not
//! see has no label: its key is shown instead.

use super::DataError;
use super::page;
use super::predicate;
use super::read;
use super::row::{MOST_OF_A_LABEL, Row};
use super::select::Selection;
use super::sql::Piece;
use crate::access::{Permit, View};
use crate::catalog::{Condition, DisplayPart, Filter, Key, Kind, Op, Value};
use crate::store::AnyConnection;
use std::collections::HashMap;

/// The maximum number of keys in one statement.
const MAX_KEYS: usize = 512;

/// The maximum number of words of a label used for a search.
const MOST_WORDS: usize = 5;

/// The maximum number of rows examined for one with a given label.
const MOST_NAMED: i64 = 200;

/// The maximum number of value sets in one statement.
const MAX_SETS: usize = 100;

/// A row's label.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// The value of the referenced column.
    pub value: Value,
    /// The row's key.
    pub key: Key,
    /// The label.
    pub text: String,
}

/// Labels, by the value that references them.
#[derive(Debug, Clone, Default)]
pub struct Labels(HashMap<Pointer, Label>);

/// A foreign key value as a lookup key. Whole numbers, as most keys are, need no conversion to
/// text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Pointer {
    Int(i64),
    Text(String),
}

impl Pointer {
    fn of(kind: Kind, value: &Value) -> Self {
        match value {
            Value::Int(number) => Self::Int(*number),
            value => Self::Text(value.to_text(kind)),
        }
    }
}

impl Labels {
    /// The label of the row that a value of this kind references.
    pub fn get(&self, kind: Kind, value: &Value) -> Option<&Label> {
        self.0.get(&Pointer::of(kind, value))
    }

    /// The number of labels.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

/// The labels of rows whose `column` has one of these values.
///
/// # Errors
/// When the database fails.
pub fn of_values(
    conn: &mut AnyConnection,
    permit: &Permit<View>,
    column: usize,
    values: impl IntoIterator<Item = Value>,
) -> Result<Labels, DataError> {
    let resource = permit.resource();
    let Some(field) = resource.fields.get(column) else {
        return Ok(Labels::default());
    };
    let mut wanted: Vec<Value> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for value in values {
        if !value.is_null() && seen.insert(Pointer::of(field.kind, &value)) {
            wanted.push(value);
        }
    }
    let selection = selection(permit, column);
    let reach = permit.rows();
    let mut labels = HashMap::new();
    for chunk in wanted.chunks(MAX_KEYS) {
        let mut statement = selection.select(resource, &reach);
        statement.text(" AND ");
        statement.push(Piece::AmongPadded(field, chunk));
        let found = match read::rows(conn, (resource, &reach), statement) {
            Ok(found) => found,
            // The referencing rows can be shown without labels.
            Err(error @ (DataError::Closed | DataError::Changed | DataError::Failed(_))) => {
                tracing::warn!(resource = %resource.name, error = %error, "rows have no names");
                break;
            }
            Err(error) => return Err(error),
        };
        for values in found {
            let row = selection.row(resource, values);
            if let Some(label) = label(permit, column, &row) {
                labels.insert(Pointer::of(field.kind, &label.value), label);
            }
        }
    }
    Ok(Labels(labels))
}

/// The rows that a pick list offers for a search: those whose label or searched columns contain it.
///
/// # Errors
/// When the database fails.
pub fn lookup(
    conn: &mut AnyConnection,
    permit: &Permit<View>,
    column: usize,
    text: &str,
    limit: u32,
) -> Result<Vec<Label>, DataError> {
    let resource = permit.resource();
    let mut parts = vec![permit.rows()];
    if !text.trim().is_empty() {
        parts.push(predicate::cut(permit, &page::search(permit, text, &[]))?);
    }
    let reach = Filter::All(parts);
    let selection = selection(permit, column);
    let mut statement = selection.select(resource, &reach);
    let mut first = true;
    for key in resource.key_fields() {
        statement.text(if first { " ORDER BY " } else { ", " });
        first = false;
        statement.push(Piece::Sorted(&resource.table, key));
    }
    statement
        .text(" LIMIT ")
        .push(Piece::Number(i64::from(limit)));
    let rows = read::rows(conn, (resource, &reach), statement)?;
    Ok(rows
        .into_iter()
        .filter_map(|values| label(permit, column, &selection.row(resource, values)))
        .collect())
}

/// Rows with exactly that label, with their referenced column. Returns at most two, because an
/// ambiguous label identifies no row. Case matters.
///
/// # Errors
/// When the database fails.
pub fn named(
    conn: &mut AnyConnection,
    permit: &Permit<View>,
    column: usize,
    text: &str,
) -> Result<Vec<Label>, DataError> {
    let resource = permit.resource();
    let mut tests = vec![permit.rows()];
    if let [DisplayPart::Column(name)] = resource.display.0.as_slice() {
        let Some(field) = resource.fields.get(*name) else {
            return Ok(Vec::new());
        };
        let Ok(test) = Filter::build(*name, field, Op::Eq, &[text.to_owned()]) else {
            return Ok(Vec::new());
        };
        match predicate::cut(permit, &test) {
            Ok(test) => tests.push(test),
            Err(_) => return Ok(Vec::new()),
        }
    } else {
        // A label of several parts: each word must occur in the row's searched columns.
        for part in text.split_whitespace().take(MOST_WORDS) {
            let quoted = format!("\"{}\"", part.replace('"', ""));
            tests.push(predicate::cut(permit, &page::search(permit, &quoted, &[]))?);
        }
    }
    let reach = Filter::All(tests);
    let selection = selection(permit, column);
    let mut statement = selection.select(resource, &reach);
    let limit = Piece::Number(MOST_NAMED);
    statement.text(" LIMIT ").push(limit);
    let rows = match read::rows(conn, (resource, &reach), statement) {
        Err(DataError::Value | DataError::Unfit(_)) => Vec::new(),
        rows => rows?,
    };
    let is_cut = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= MOST_NAMED;
    let labels = rows
        .into_iter()
        .filter_map(|values| label(permit, column, &selection.row(resource, values)));
    let named: Vec<Label> = labels.filter(|label| label.text == text).take(2).collect();
    // There may be more rows with this label beyond the limit.
    Ok(if is_cut { Vec::new() } else { named })
}

/// A row referenced by several columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The values of the referenced columns, in the order of the foreign key.
    pub values: Vec<Value>,
    /// The row; the `value` in it is not used.
    pub label: Label,
}

/// The labels of rows whose `columns` have one of these value sets.
///
/// # Errors
/// When the database fails.
pub fn of_sets(
    conn: &mut AnyConnection,
    permit: &Permit<View>,
    columns: &[usize],
    sets: &[Vec<Value>],
) -> Result<Vec<Pair>, DataError> {
    let mut pairs = Vec::new();
    for chunk in sets.chunks(MAX_SETS) {
        let one = |values: &Vec<Value>| {
            let tests = columns.iter().zip(values).map(|(column, value)| {
                Filter::Test(Condition {
                    column: *column,
                    op: Op::Eq,
                    values: vec![value.clone()],
                })
            });
            Filter::All(tests.collect())
        };
        let Ok(any) = predicate::cut(permit, &Filter::Any(chunk.iter().map(one).collect())) else {
            return Ok(Vec::new());
        };
        pairs.extend(pairs_of(
            conn,
            permit,
            columns,
            vec![permit.rows(), any],
            None,
        )?);
    }
    Ok(pairs)
}

/// The rows that a pick list of a multi-column foreign key offers, as by [`lookup`].
///
/// # Errors
/// When the database fails.
pub fn lookup_sets(
    conn: &mut AnyConnection,
    permit: &Permit<View>,
    columns: &[usize],
    text: &str,
    limit: u32,
) -> Result<Vec<Pair>, DataError> {
    let mut parts = vec![permit.rows()];
    if !text.trim().is_empty() {
        parts.push(predicate::cut(permit, &page::search(permit, text, &[]))?);
    }
    pairs_of(conn, permit, columns, parts, Some(limit))
}

fn pairs_of(
    conn: &mut AnyConnection,
    permit: &Permit<View>,
    columns: &[usize],
    parts: Vec<Filter>,
    limit: Option<u32>,
) -> Result<Vec<Pair>, DataError> {
    let resource = permit.resource();
    let reach = Filter::All(parts);
    let mut wanted: Vec<usize> = resource.display.columns().collect();
    wanted.extend(columns);
    let most = u32::try_from(MOST_OF_A_LABEL).unwrap_or(u32::MAX);
    let selection = Selection::cut_to(permit, &wanted, columns, most.saturating_add(1));
    let mut statement = selection.select(resource, &reach);
    if let Some(limit) = limit {
        let mut first = true;
        for key in resource.key_fields() {
            statement.text(if first { " ORDER BY " } else { ", " });
            first = false;
            statement.push(Piece::Sorted(&resource.table, key));
        }
        let limit = Piece::Number(i64::from(limit));
        statement.text(" LIMIT ").push(limit);
    }
    let rows = read::rows(conn, (resource, &reach), statement)?;
    let pairs = rows.into_iter().filter_map(|values| {
        let row = selection.row(resource, values);
        let values = columns.iter().map(|column| row.get(*column).cloned());
        let values: Vec<Value> = values.collect::<Option<_>>()?;
        Some(Pair {
            label: Label {
                value: Value::Null,
                key: row.key(resource)?,
                text: row.label(resource),
            },
            values,
        })
    });
    Ok(pairs.collect())
}

/// Whether a row with these values in these columns is visible to the person. A foreign key may
/// only be set to such a row. If a column is not visible, no row is.
///
/// # Errors
/// When the database fails.
pub fn is_reachable(
    conn: &mut AnyConnection,
    permit: &Permit<View>,
    target: &[(usize, Value)],
) -> Result<bool, DataError> {
    let resource = permit.resource();
    let tests = target.iter().map(|(column, value)| {
        Filter::Test(Condition {
            column: *column,
            op: Op::Eq,
            values: vec![value.clone()],
        })
    });
    let Ok(test) = predicate::cut(permit, &Filter::All(tests.collect())) else {
        return Ok(false);
    };
    let reach = Filter::All(vec![permit.rows(), test]);
    let selection = Selection::of(permit, &[]);
    let mut statement = selection.select(resource, &reach);
    statement.text(" LIMIT 1");
    Ok(!read::rows(conn, (resource, &reach), statement)?.is_empty())
}

fn selection(permit: &Permit<View>, column: usize) -> Selection {
    let mut columns: Vec<usize> = permit.resource().display.columns().collect();
    columns.push(column);
    let most = u32::try_from(MOST_OF_A_LABEL).unwrap_or(u32::MAX);
    // One character more than the limit, to show that the label was truncated.
    Selection::cut_to(permit, &columns, &[column], most.saturating_add(1))
}

fn label(permit: &Permit<View>, column: usize, row: &Row) -> Option<Label> {
    let resource = permit.resource();
    // A row with NULL in this column cannot be referenced.
    let value = row.get(column).filter(|value| !value.is_null())?;
    Some(Label {
        value: value.clone(),
        key: row.key(resource)?,
        text: row.label(resource),
    })
}
