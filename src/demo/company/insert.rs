//! Writes rows in batches: one prepared `INSERT` of many rows, with every value bound.

use std::borrow::Cow;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Double, Nullable, Text};
use diesel::sqlite::Sqlite;

/// The number of rows in an `INSERT`; even the widest table stays well below SQLite's 32,766
/// parameters.
const BATCH: usize = 200;

/// A value to be bound.
#[derive(Debug)]
pub(super) enum Cell {
    Null,
    Int(i64),
    Real(f64),
    Text(Cow<'static, str>),
    Bytes(Vec<u8>),
}

impl Cell {
    /// Hundredths as a decimal; bound as text, to avoid binary fractions.
    pub(super) fn money(cents: i64) -> Self {
        Self::Text(Cow::Owned(format!("{}.{:02}", cents / 100, cents % 100)))
    }
}

impl From<i64> for Cell {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Cell {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<&'static str> for Cell {
    fn from(value: &'static str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl From<String> for Cell {
    fn from(value: String) -> Self {
        Self::Text(Cow::Owned(value))
    }
}

impl From<Vec<u8>> for Cell {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A row of [`Cell`]s from values of different types.
macro_rules! row {
    ($($value:expr),+ $(,)?) => { vec![$($crate::demo::company::insert::Cell::from($value)),+] };
}
pub(super) use row;

/// Collects the rows of one table and writes them in batches. Must be ended by
/// [`Inserter::finish`].
#[derive(Debug)]
pub(super) struct Inserter {
    target: &'static str,
    rows: Vec<Vec<Cell>>,
}

impl Inserter {
    /// `target` is the table with its columns, such as `tags (id, name)`; it is never user input.
    pub(super) fn new(target: &'static str) -> Self {
        Self {
            target,
            rows: Vec::with_capacity(BATCH),
        }
    }

    /// Adds a row.
    pub(super) fn push(&mut self, conn: &mut SqliteConnection, row: Vec<Cell>) -> QueryResult<()> {
        self.rows.push(row);
        if self.rows.len() >= BATCH {
            self.flush(conn)
        } else {
            Ok(())
        }
    }

    /// Writes the remaining rows.
    pub(super) fn finish(mut self, conn: &mut SqliteConnection) -> QueryResult<()> {
        self.flush(conn)
    }

    fn flush(&mut self, conn: &mut SqliteConnection) -> QueryResult<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let rows = std::mem::replace(&mut self.rows, Vec::with_capacity(BATCH));
        Batch {
            target: self.target,
            rows,
        }
        .execute(conn)?;
        Ok(())
    }
}

#[derive(Debug)]
struct Batch {
    target: &'static str,
    rows: Vec<Vec<Cell>>,
}

impl QueryId for Batch {
    type QueryId = ();
    // The SQL depends on the table and the number of rows, so it is cached by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<SqliteConnection> for Batch {}

impl QueryFragment<Sqlite> for Batch {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("INSERT INTO ");
        out.push_sql(self.target);
        out.push_sql(" VALUES ");
        for (index, row) in self.rows.iter().enumerate() {
            out.push_sql(if index == 0 { "(" } else { ", (" });
            for (index, cell) in row.iter().enumerate() {
                if index > 0 {
                    out.push_sql(", ");
                }
                push_cell(cell, &mut out)?;
            }
            out.push_sql(")");
        }
        Ok(())
    }
}

fn push_cell<'b>(cell: &'b Cell, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
    match cell {
        Cell::Null => out.push_bind_param::<Nullable<Text>, Option<String>>(&None),
        Cell::Int(value) => out.push_bind_param::<BigInt, _>(value),
        Cell::Real(value) => out.push_bind_param::<Double, _>(value),
        Cell::Text(value) => out.push_bind_param::<Text, str>(value),
        Cell::Bytes(value) => out.push_bind_param::<Binary, [u8]>(value),
    }
}
