//! The rows that reference others by one foreign key, matched as the database matches them.
//!
//! The database compares them with the referenced rows itself. It uses the collation and type of
//! the referenced column, not the panel's form of the value.

use super::Ident;
use super::find::ident;
use crate::catalog::{Condition, Filter, Op, Reference, Resource, Value};
use crate::data::count::Count;
use crate::data::find::key_filter;
use crate::data::row::Row;
use crate::data::run;
use crate::data::select::Selection;
use crate::data::sql::{Piece, Sql};
use crate::data::{DataError, predicate};
use crate::store::AnyConnection;

/// Rows of a table that others reference.
pub(super) struct Parents<'p> {
    reference: &'p Reference,
    source: &'p Resource,
    target: &'p Resource,
    rows: Filter,
    first: Ident,
}

impl<'p> Parents<'p> {
    pub(super) fn new(
        reference: &'p Reference,
        source: &'p Resource,
        target: &'p Resource,
        rows: &[Row],
    ) -> Self {
        let first = rows.first().map(|row| ident(target, row));
        Self {
            reference,
            source,
            target,
            rows: these(reference, target, rows),
            first: first.unwrap_or_default(),
        }
    }

    /// The first of them.
    pub(super) fn first(&self) -> Ident {
        self.first.clone()
    }

    /// The referencing rows, as a derived table, so that columns need no qualifier.
    fn pointing<'q>(&'q self, sql: &mut Sql<'q>, lock: bool) {
        let (source, matching) = (self.source, &self.reference.matching);
        sql.text(" FROM (SELECT ");
        for (index, field) in source.fields.iter().enumerate() {
            sql.text(if index == 0 { "" } else { ", " });
            sql.name(&source.table.name).text(".").name(&field.name);
        }
        sql.text(" FROM (SELECT ");
        for (index, field) in self.target_fields().enumerate() {
            sql.text(if index == 0 { "" } else { ", " })
                .name(&field.name);
        }
        sql.text(" FROM ").table(&self.target.table).text(" WHERE ");
        predicate::write(sql, self.target, &self.rows);
        sql.text(") AS bailiwick_parent JOIN ");
        if matching.only {
            sql.text("ONLY ");
        }
        sql.table(&source.table).text(" ON ");
        let columns = self.reference.columns.iter();
        let columns = columns.filter_map(|column| source.fields.get(*column));
        for (index, (field, target)) in columns.zip(self.target_fields()).enumerate() {
            sql.text(if index == 0 { "" } else { " AND " });
            sql.text("bailiwick_parent.").name(&target.name).text(" = ");
            sql.text("(")
                .name(&source.table.name)
                .text(".")
                .name(&field.name);
            if let Some(Some(collation)) = matching.collations.get(index) {
                sql.text(" COLLATE ").table(collation);
            }
            sql.text(")");
        }
        if lock {
            sql.push(Piece::LockWithin);
        }
        sql.text(") AS bailiwick_child");
    }

    fn target_fields(&self) -> impl Iterator<Item = &'p crate::catalog::Field> {
        let columns = self.reference.target_columns.iter();
        columns.filter_map(|column| self.target.fields.get(*column))
    }
}

/// The complete referencing rows, with the results of the tests.
pub(super) fn rows(
    conn: &mut AnyConnection,
    parents: &Parents<'_>,
    tests: &[Filter],
    limit: usize,
    lock: bool,
) -> Result<Vec<Row>, DataError> {
    read(conn, parents, (tests, &Filter::everything()), limit, lock)
}

/// The first referencing rows that pass the last of the tests.
pub(super) fn seen(
    conn: &mut AnyConnection,
    parents: &Parents<'_>,
    tests: &[Filter],
    limit: usize,
) -> Result<Vec<Row>, DataError> {
    let Some(seen) = tests.last() else {
        return Ok(Vec::new());
    };
    read(conn, parents, (tests, seen), limit, false)
}

fn read(
    conn: &mut AnyConnection,
    parents: &Parents<'_>,
    (tests, only): (&[Filter], &Filter),
    limit: usize,
    lock: bool,
) -> Result<Vec<Row>, DataError> {
    let selection = Selection::whole_with(parents.source, tests);
    let mut statement = Sql::new("SELECT ");
    selection.columns(&mut statement, parents.source);
    parents.pointing(&mut statement, lock);
    if !only.is_everything() {
        statement.text(" WHERE ");
        predicate::write(&mut statement, parents.source, only);
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    statement.text(" LIMIT ").push(Piece::Number(limit));
    if lock {
        statement.push(Piece::Lock);
    }
    let found = run::rows(conn, statement)?;
    let rows = found.into_iter();
    Ok(rows
        .map(|values| selection.row(parents.source, values))
        .collect())
}

/// The number of referencing rows that pass a test, up to a cap.
pub(super) fn count(
    conn: &mut AnyConnection,
    parents: &Parents<'_>,
    only: &Filter,
    cap: u64,
) -> Result<Count, DataError> {
    let mut statement = Sql::new("SELECT count(*) FROM (SELECT 1 AS one");
    parents.pointing(&mut statement, false);
    statement.text(" WHERE ");
    predicate::write(&mut statement, parents.source, only);
    let most = i64::try_from(cap).unwrap_or(i64::MAX).saturating_add(1);
    statement
        .text(" LIMIT ")
        .push(Piece::Number(most))
        .text(") AS counted");
    let found = run::rows(conn, statement)?;
    let number = match found.first().and_then(|row| row.first()) {
        Some(Value::Int(number)) => u64::try_from(*number).unwrap_or(0),
        _ => 0,
    };
    Ok(if number > cap {
        Count::AtLeast(cap)
    } else {
        Count::Exact(number)
    })
}

/// The filter for exactly these rows: by their keys, or by the referenced columns.
fn these(reference: &Reference, target: &Resource, rows: &[Row]) -> Filter {
    let keys: Option<Vec<_>> = rows.iter().map(|row| row.key(target)).collect();
    let (Some(keys), false) = (keys, target.key.is_empty()) else {
        return Filter::Any(rows.iter().map(|row| values(reference, row)).collect());
    };
    match target.key.as_slice() {
        [column] => Filter::Test(Condition {
            column: *column,
            op: Op::In,
            values: keys.into_iter().flat_map(|key| key.0).collect(),
        }),
        _ => Filter::Any(keys.iter().map(|key| key_filter(target, key)).collect()),
    }
}

fn values(reference: &Reference, row: &Row) -> Filter {
    let tests = reference.target_columns.iter().map(|column| {
        Filter::Test(Condition {
            column: *column,
            op: Op::Eq,
            values: vec![row.get(*column).cloned().unwrap_or_default()],
        })
    });
    Filter::All(tests.collect())
}
