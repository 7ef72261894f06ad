//! Changes: made under a permit, traced in the same transaction.
//!
//! These functions are the only way to change a managed table, and each writes its audit event
//! itself, so that there is no change without its trace. They must run inside
//! [`AnyConnection::change`].

mod asked;
mod attempt;
mod check;
mod refusal;
mod returning;
mod trace;

pub use refusal::Refusal;

use attempt::Attempt;

use super::page::bind_owned;
use super::row::{self, Row, find_locked, key_filter, whole};
use super::sql::{self, Piece, Sql};
use super::{DataError, predicate};
use crate::access::{Action, Cover, Create, Delete, Edit, Permit, Verb, View};
use crate::catalog::{Filter, Key, Resource, Value};
use crate::store::AnyConnection;
use crate::store::audit::Actor;
use chrono::NaiveDateTime;
use std::collections::BTreeMap;

/// New values by column, as an index into the resource's fields.
pub type Changes = BTreeMap<usize, Value>;

/// Who makes a change, when, and what else they may see.
pub struct Context<'c> {
    /// Who makes it.
    pub actor: &'c Actor,
    /// When, in UTC.
    pub now: NaiveDateTime,
    /// Leave to view a resource, if the person has it: foreign keys may only be set to rows
    /// within reach.
    pub views: &'c dyn Fn(&str) -> Option<Permit<View>>,
}

/// Makes a row; returns its key, if the table has one.
///
/// # Errors
/// A [`Refusal`] that says which field is at fault; nothing is written then.
pub fn create(
    conn: &mut AnyConnection,
    permit: &Permit<Create>,
    changes: &Changes,
    context: &Context<'_>,
) -> Result<Option<Key>, Refusal> {
    let resource = permit.resource();
    check::columns(permit, changes)?;
    check::values(resource, changes)?;
    check::relations(conn, resource, changes, None, context)?;
    let tests = reach_tests(permit, changes);
    let statement = insert(resource, changes);
    let attempt = Attempt {
        resource,
        action: Action::Create,
        changes,
    };
    let made = returning::inserted(conn, &attempt, statement)?;
    let Some(row) = made else {
        return Err(Refusal::undone());
    };
    if check::is_open(resource, changes) {
        check::relations(conn, resource, changes, Some(&row), context)?;
    }
    let key = row.key(resource);
    if let Some(key) = &key {
        check_reach(conn, resource, key, &tests)?;
    } else if !permit.reaches_everything() {
        return Err(Refusal::OutOfReach);
    }
    trace::created(conn, resource, &row, context)?;
    Ok(key)
}

/// Changes a row, if it is still as it was when it was read; returns its key, which may be new,
/// and whether anything was written.
///
/// # Errors
/// A [`Refusal`]; nothing is written then.
pub fn update(
    conn: &mut AnyConnection,
    permit: &Permit<Edit>,
    key: &Key,
    digest: &str,
    changes: &Changes,
    context: &Context<'_>,
) -> Result<(Key, bool), Refusal> {
    let resource = permit.resource();
    let columns: Vec<usize> = changes.keys().copied().collect();
    let tests: Vec<Filter> = columns
        .iter()
        .map(|column| rows_of(permit.writes(*column)))
        .collect();
    let row = match find_locked(conn, permit, key, &tests, true) {
        // Row-level security may show a row and not let it be changed: it cannot be locked then.
        Err(DataError::Missing) => {
            row::find(conn, permit, key, &tests)?;
            return Err(Refusal::secured());
        }
        found => found?,
    };
    if row.digest() != digest {
        return Err(Refusal::Stale(Box::new(row)));
    }
    let mut changed = Changes::new();
    for (number, (column, value)) in changes.iter().enumerate() {
        let field = resource.fields.get(*column);
        let kept = row.get(*column);
        if let (Some(kept), Some(field)) = (kept, field)
            && kept.is_same(value, field.kind)
        {
            continue;
        }
        if !row.flag(number) {
            return Err(Refusal::column(resource, *column));
        }
        changed.insert(*column, value.clone());
    }
    if changed.is_empty() {
        return Ok((key.clone(), false));
    }
    check::values(resource, &changed)?;
    let before = whole(conn, resource, key)?;
    check::relations(conn, resource, &changed, Some(&before), context)?;
    let reach = key_filter(resource, key);
    let statement = update_statement(resource, &changed, &reach);
    let attempt = Attempt {
        resource,
        action: Action::Edit,
        changes: &changed,
    };
    let key = returning::updated(conn, &attempt, key, statement)?.and_then(|row| row.key(resource));
    // The database may have rounded or folded a new key.
    let Some(key) = key else {
        return Err(Refusal::undone());
    };
    check_reach(conn, resource, &key, &reach_tests(permit, &changed))?;
    let after = whole(conn, resource, &key)?;
    trace::updated(conn, resource, (&before, &after), &changed, context)?;
    Ok((key, true))
}

/// Deletes a row.
///
/// `expected` is the digest that the confirmation showed, if it showed one.
///
/// # Errors
/// A [`Refusal`]; nothing is deleted then.
pub fn delete(
    conn: &mut AnyConnection,
    permit: &Permit<Delete>,
    key: &Key,
    expected: Option<&str>,
    cascades: &[(String, u64)],
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let resource = permit.resource();
    let row = match find_locked(conn, permit, key, &[], true) {
        // What may be deleted need not be what may be changed, and so locked.
        Err(DataError::Missing) => row::find(conn, permit, key, &[])?,
        found => found?,
    };
    if expected.is_some_and(|digest| digest != row.digest()) {
        return Err(Refusal::Stale(Box::new(row)));
    }
    let before = whole(conn, resource, key)?;
    let reach = key_filter(resource, key);
    let mut statement = Sql::new("DELETE FROM ");
    statement.table(&resource.table).text(" WHERE ");
    predicate::write(&mut statement, resource, &reach);
    let attempt = Attempt {
        resource,
        action: Action::Delete,
        changes: &Changes::new(),
    };
    let deleted = attempt.execute(conn, statement)?;
    if deleted == 0 {
        return Err(Refusal::undone());
    }
    trace::deleted(conn, resource, &before, cascades, context)?;
    Ok(())
}

fn insert<'q>(resource: &'q Resource, changes: &Changes) -> Sql<'q> {
    let mut statement = Sql::new("INSERT INTO ");
    statement.table(&resource.table);
    let given: Vec<_> = changes
        .iter()
        .filter_map(|(column, value)| resource.fields.get(*column).map(|field| (field, value)))
        .collect();
    if given.is_empty() {
        statement.push(Piece::NoValues);
    } else {
        for (index, (field, _)) in given.iter().enumerate() {
            statement
                .text(if index == 0 { " (" } else { ", " })
                .name(&field.name);
        }
        for (index, (field, value)) in given.into_iter().enumerate() {
            statement.text(if index == 0 { ") VALUES (" } else { ", " });
            bind_owned(&mut statement, field, value.clone());
        }
        statement.text(")");
    }
    statement
}

fn update_statement<'q>(
    resource: &'q Resource,
    changes: &'q Changes,
    reach: &'q Filter,
) -> Sql<'q> {
    let mut statement = Sql::new("UPDATE ");
    statement.table(&resource.table);
    for (index, (column, value)) in changes.iter().enumerate() {
        let Some(field) = resource.fields.get(*column) else {
            continue;
        };
        statement.text(if index == 0 { " SET " } else { ", " });
        statement.name(&field.name).text(" = ");
        statement.push(Piece::Bind(std::borrow::Cow::Borrowed(value), field));
    }
    statement.text(" WHERE ");
    predicate::write(&mut statement, resource, reach);
    statement
}

fn rows_of(cover: Cover) -> Filter {
    match cover {
        Cover::Everywhere => Filter::everything(),
        Cover::Where(rows) => rows,
        Cover::Nowhere => Filter::nothing(),
    }
}

/// What must hold of a row after a change: it is still within reach, and every column that was
/// written may be written in the row as it now is.
fn reach_tests<V: Verb>(permit: &Permit<V>, changes: &Changes) -> Vec<Filter> {
    let written = changes.keys().map(|column| rows_of(permit.writes(*column)));
    std::iter::once(permit.rows()).chain(written).collect()
}

fn check_reach(
    conn: &mut AnyConnection,
    resource: &Resource,
    key: &Key,
    tests: &[Filter],
) -> Result<(), Refusal> {
    if tests.iter().all(Filter::is_everything) {
        return Ok(());
    }
    let mut reach = vec![key_filter(resource, key)];
    reach.extend(tests.iter().cloned());
    let reach = Filter::All(reach);
    let mut statement = Sql::new("SELECT 1 FROM ");
    statement.table(&resource.table).text(" WHERE ");
    predicate::write(&mut statement, resource, &reach);
    match sql::rows(conn, statement)
        .map_err(DataError::from)?
        .is_empty()
    {
        true => Err(Refusal::OutOfReach),
        false => Ok(()),
    }
}

/// The row as the person sees it now, for the page that shows both versions.
///
/// # Errors
/// As [`row::find`].
pub fn current(
    conn: &mut AnyConnection,
    permit: &Permit<Edit>,
    key: &Key,
) -> Result<Row, DataError> {
    row::find(conn, permit, key, &[])
}
