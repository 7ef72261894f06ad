//! Lines: rows that are written together with their parent row, each under its own permit.

use super::{Changes, Context, Refusal, create, delete};
use crate::access::{Create, Delete, Edit, Permit, Verb};
use crate::catalog::field::Storage;
use crate::catalog::{Child, Generated, Key, Resource, Value};
use crate::data::find::{self, whole};
use crate::data::row::Row;
use crate::data::run;
use crate::data::sql::{Piece, Sql};
use crate::data::{DataError, dependents, predicate};
use crate::store::AnyConnection;
use crate::texts::text;

/// The parent row. It reveals nothing about the row, but lets others reference it.
pub struct Parent(Row);

impl Parent {
    /// The row with that key, locked until the transaction ends. Two people who add lines to it
    /// wait for each other, so each line gets its own number.
    ///
    /// # Errors
    /// [`DataError::Missing`] when it is not visible; otherwise when the database fails.
    pub fn find<V: Verb>(
        conn: &mut AnyConnection,
        permit: &Permit<V>,
        key: &Key,
    ) -> Result<Self, DataError> {
        let resource = permit.resource();
        let row = match find::locked(conn, permit, key, &[], true) {
            // Row-level security may show a row that cannot be locked.
            Err(DataError::Missing) => find::by_key(conn, permit, key, &[])?,
            found => found?,
        };
        let key = row.key(resource).ok_or(DataError::Missing)?;
        Ok(Self(whole(conn, resource, &key)?))
    }

    /// Whether a row references this one.
    fn has(&self, child: &Child, resource: &Resource, line: &Row) -> bool {
        let mut columns = child.columns.iter().zip(&child.parent_columns);
        columns.all(|(column, parent)| {
            let kind = resource.fields.get(*column).map(|field| field.kind);
            let (line, here) = (line.get(*column), self.0.get(*parent));
            matches!((line, here, kind), (Some(line), Some(here), Some(kind)) if line.is_same(here, kind))
        })
    }
}

/// Creates a row that references the parent. A missing number in its key becomes the next one.
///
/// # Errors
/// As [`create`].
pub fn add(
    conn: &mut AnyConnection,
    permit: &Permit<Create>,
    (parent, child): (&Parent, &Child),
    changes: &Changes,
    context: &Context<'_>,
) -> Result<Option<Key>, Refusal> {
    let resource = permit.resource();
    let mut changes = changes.clone();
    for (column, of_parent) in child.columns.iter().zip(&child.parent_columns) {
        let value = parent.0.get(*of_parent).filter(|value| !value.is_null());
        let value = value.ok_or_else(|| Refusal::Whole(text!("change-no-parent-value")))?;
        changes.insert(*column, value.clone());
    }
    if let Some(column) = numbered(resource, child)
        && !changes.contains_key(&column)
    {
        let next = next(conn, resource, column, child, parent)?;
        changes.insert(column, Value::Int(next));
    }
    create(conn, permit, &changes, context)
}

/// The column that numbers the lines of a parent, if there is one. It is a whole number that forms
/// the key together with the foreign key, and has no default.
pub fn numbered(resource: &Resource, child: &Child) -> Option<usize> {
    let mut rest = resource.key.iter().filter(|it| !child.columns.contains(it));
    let (column, more) = (*rest.next()?, rest.next());
    let field = resource.fields.get(column)?;
    let is_free = field.generated == Generated::No && field.default.is_none();
    let points = resource.relations.iter();
    let points = points.into_iter().any(|it| it.columns.contains(&column));
    let is_line = more.is_none() && child.columns.iter().all(|it| resource.key.contains(it));
    (is_line && is_free && !points && field.kind.storage() == Storage::Int).then_some(column)
}

/// The highest number of any line of the parent plus one. Invisible lines count too, because
/// numbers must be unique.
fn next(
    conn: &mut AnyConnection,
    resource: &Resource,
    column: usize,
    child: &Child,
    parent: &Parent,
) -> Result<i64, DataError> {
    let Some(field) = resource.fields.get(column) else {
        return Ok(1);
    };
    let pointing = dependents::pointing_at(child, &parent.0);
    let pointing = pointing.ok_or(DataError::Missing)?;
    let mut statement = Sql::new("SELECT ");
    statement.push(Piece::Read(field)).text(" FROM ");
    statement.table(&resource.table).text(" WHERE ");
    predicate::write(&mut statement, resource, &pointing);
    statement.text(" ORDER BY ");
    statement
        .push(Piece::Sorted(&resource.table, field))
        .text(" DESC LIMIT 1");
    let rows = run::rows(conn, statement)?;
    let last = rows.into_iter().flatten().next();
    Ok(match last {
        Some(Value::Int(number)) => number.saturating_add(1),
        _ => 1,
    })
}

/// Changes a line of the parent, like [`update`](super::update).
///
/// # Errors
/// [`DataError::Missing`] when it references another row; otherwise as [`update`](super::update).
pub fn change(
    conn: &mut AnyConnection,
    permit: &Permit<Edit>,
    (parent, child): (&Parent, &Child),
    (key, digest): (&Key, &str),
    changes: &Changes,
    context: &Context<'_>,
) -> Result<bool, Refusal> {
    let line = find::by_key(conn, permit, key, &[])?;
    if !parent.has(child, permit.resource(), &line) {
        return Err(DataError::Missing.into());
    }
    let (_, written) = super::update(conn, permit, key, digest, changes, context)?;
    Ok(written)
}

/// Deletes a line of the parent, if there are no side effects: those must be confirmed first.
///
/// # Errors
/// [`DataError::Missing`] when it references another row; otherwise as [`delete`].
pub fn remove(
    conn: &mut AnyConnection,
    permit: &Permit<Delete>,
    (parent, child): (&Parent, &Child),
    (key, digest): (&Key, &str),
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let line = find::by_key(conn, permit, key, &[])?;
    if !parent.has(child, permit.resource(), &line) {
        return Err(DataError::Missing.into());
    }
    let (gone, changed) = delete(conn, permit, key, Some(digest), context)?;
    if gone.is_empty() && changed.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Whole(text!("change-not-alone")))
    }
}
