//! Rows that are written with the row they belong to, each under its own permit.

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

/// The row that others belong to. It tells nothing of the row, but lets others point at it.
pub struct Parent(Row);

impl Parent {
    /// The row of that key, kept from others until the transaction ends: two people who add lines
    /// to it wait for each other, and each line gets a number of its own.
    ///
    /// # Errors
    /// [`DataError::Missing`] when it is out of reach; else when the database fails.
    pub fn find<V: Verb>(
        conn: &mut AnyConnection,
        permit: &Permit<V>,
        key: &Key,
    ) -> Result<Self, DataError> {
        let resource = permit.resource();
        let row = match find::locked(conn, permit, key, &[], true) {
            // Row-level security may show a row that it lets nobody lock.
            Err(DataError::Missing) => find::by_key(conn, permit, key, &[])?,
            found => found?,
        };
        let key = row.key(resource).ok_or(DataError::Missing)?;
        Ok(Self(whole(conn, resource, &key)?))
    }

    /// Whether a row points at this one.
    fn has(&self, child: &Child, resource: &Resource, line: &Row) -> bool {
        let mut columns = child.columns.iter().zip(&child.parent_columns);
        columns.all(|(column, parent)| {
            let kind = resource.fields.get(*column).map(|field| field.kind);
            let (line, here) = (line.get(*column), self.0.get(*parent));
            matches!((line, here, kind), (Some(line), Some(here), Some(kind)) if line.is_same(here, kind))
        })
    }
}

/// Makes a row that points at the parent. A number in its key that is not given is the next one.
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

/// The column that numbers the rows of one parent, if there is one: the whole number that makes the
/// key together with the foreign key, and that nobody else fills in.
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

/// One more than the largest number of any row of the parent, whoever may see it: two rows cannot
/// have one number.
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

/// Changes a row that points at the parent, as [`update`](super::update) does.
///
/// # Errors
/// [`DataError::Missing`] when it points at another row; else as [`update`](super::update).
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

/// Deletes a row that points at the parent, if nothing goes or changes with it: of that somebody
/// has to be told first.
///
/// # Errors
/// [`DataError::Missing`] when it points at another row; else as [`delete`].
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
