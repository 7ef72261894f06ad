//! Names of the rows that foreign keys point at, and the pick lists that choose them.
//!
//! Labels of a page are fetched in one statement per relation. A row out of the person's reach
//! has no label: the bare key is shown.

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

/// The most keys asked for in one statement.
const MAX_KEYS: usize = 512;

/// The most words of a name by which rows are looked for.
const MOST_WORDS: usize = 5;

/// The most rows that are looked at for one of a name.
const MOST_NAMED: i64 = 200;

/// The most sets of values asked for in one statement.
const MAX_SETS: usize = 100;

/// A row by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// The value of the column that foreign keys point at.
    pub value: Value,
    /// The row's key.
    pub key: Key,
    /// The row's name.
    pub text: String,
}

/// Labels by the value that points at them.
#[derive(Debug, Clone, Default)]
pub struct Labels(HashMap<Pointer, Label>);

/// A value of a foreign key, to look up: whole numbers, as most keys are, without making text.
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
    /// The label of the row that a value of this kind points at.
    pub fn get(&self, kind: Kind, value: &Value) -> Option<&Label> {
        self.0.get(&Pointer::of(kind, value))
    }

    /// How many there are.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

/// The labels of the rows whose `column` has one of these values.
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
            // The rows that point there can be read all the same.
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

/// The rows that a pick list offers for a search text: those whose name or searched columns
/// hold it.
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

/// The rows of that name, with the values of the column that foreign keys point at; at most two, as
/// a name that several rows have names none. Letters of either case are told apart.
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
        // Of several parts: each word of it is somewhere in the row, as far as columns are searched.
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
    // Whether there is another one beyond these is not known.
    Ok(if is_cut { Vec::new() } else { named })
}

/// A row by the values of several columns that point at it.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The values of the columns pointed at, in the order of the foreign key.
    pub values: Vec<Value>,
    /// The row; its own value says nothing.
    pub label: Label,
}

/// The names of the rows whose `columns` have one of these sets of values.
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

/// The rows that a pick list of a foreign key of several columns offers, as by [`lookup`].
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

/// Whether these values of these columns name a row within the person's reach: a foreign key may
/// only be set to such a one. A column that may not be read names none.
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
    // One more, so that the name shows that it was cut.
    Selection::cut_to(permit, &columns, &[column], most.saturating_add(1))
}

fn label(permit: &Permit<View>, column: usize, row: &Row) -> Option<Label> {
    let resource = permit.resource();
    // What has no value there cannot be pointed at.
    let value = row.get(column).filter(|value| !value.is_null())?;
    Some(Label {
        value: value.clone(),
        key: row.key(resource)?,
        text: row.label(resource),
    })
}
