//! Changes under a permit, with an audit event in the same transaction.
//!
//! These functions are the only way to change a managed table. Each writes its audit event itself,
//! so that no change is without one. They must run inside [`AnyConnection::change`].

mod asked;
mod attempt;
mod beside;
pub mod bulk;
mod check;
pub mod import;
pub mod lines;
mod refusal;
mod returning;
mod trace;
pub mod undo;

pub use check::no_such_row;
pub use refusal::Refusal;

use super::effects::{self, Effects, Rights, covered};
use crate::texts::text;
use attempt::Attempt;

use super::DataError;
use super::dialect::traits;
use super::find::{self, key_filter, whole};
use super::page::bind_owned;
use super::row::Row;
use super::run;
use super::sql::{Piece, Sql};
use crate::access::{Action as Asked, Create, Delete, Edit, Permit, Verb};
use crate::catalog::{Filter, Key, Resource, Value};
use crate::store::AnyConnection;
use crate::store::audit::{Action, Actor};
use chrono::NaiveDateTime;
use std::collections::BTreeMap;

/// New values by column, as an index into the resource's fields.
pub type Changes = BTreeMap<usize, Value>;

/// The actor of a change, the time, and further rights.
pub struct Context<'c> {
    /// The actor.
    pub actor: &'c Actor,
    /// The time, in UTC.
    pub now: NaiveDateTime,
    /// Further rights of the actor. Foreign keys may only be set to visible rows, and side effects
    /// on other rows need rights of their own.
    pub rights: &'c dyn Rights,
    /// The number of the bulk change's event in the audit log, if this change belongs to one.
    pub parent: Option<i64>,
}

/// Creates a row; returns its key, if the table has one.
///
/// # Errors
/// A [`Refusal`] that names the faulty field; nothing is written then.
pub fn create(
    conn: &mut AnyConnection,
    permit: &Permit<Create>,
    changes: &Changes,
    context: &Context<'_>,
) -> Result<Option<Key>, Refusal> {
    let resource = permit.resource();
    check::columns(permit, changes)?;
    check::values(traits(conn), resource, changes)?;
    check::relations(conn, resource, changes, None, context)?;
    let tests = reach_tests(permit, changes);
    let statement = insert(resource, changes);
    let attempt = Attempt {
        resource,
        action: Asked::Create,
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

/// Changes a row, if it is unchanged since it was read. Returns its key, which may be new, and
/// whether anything was written.
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
    update_as_shown(conn, permit, key, (digest, None), changes, context)
}

/// The same, if the side effects are still those that were shown: `confirmed` is their digest.
///
/// # Errors
/// A [`Refusal`]; nothing is written then.
pub fn update_as_shown(
    conn: &mut AnyConnection,
    permit: &Permit<Edit>,
    key: &Key,
    (digest, confirmed): (&str, Option<&str>),
    changes: &Changes,
    context: &Context<'_>,
) -> Result<(Key, bool), Refusal> {
    let resource = permit.resource();
    let columns: Vec<usize> = changes.keys().copied().collect();
    let tests: Vec<Filter> = columns
        .iter()
        .map(|column| covered(permit.writes(*column)))
        .collect();
    let row = match find::locked(conn, permit, key, &tests, true) {
        // Row-level security may show a row but not let it be changed; then it cannot be locked.
        Err(DataError::Missing) => {
            find::by_key(conn, permit, key, &tests)?;
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
    check::values(traits(conn), resource, &changed)?;
    // The stored spelling of the key, which may differ from the requested one.
    let key = &row.key(resource).ok_or(DataError::Missing)?;
    let before = whole(conn, resource, key)?;
    check::relations(conn, resource, &changed, Some(&before), context)?;
    let columns = changed.keys().copied().collect();
    let effects = effects::of_update(conn, context.rights, (resource, &before), columns, true)?;
    beside::check(&effects)?;
    if confirmed.is_some_and(|confirmed| effects.digest().as_deref() != Some(confirmed)) {
        return Err(Refusal::Whole(text!("change-moved-on")));
    }
    let rows = Filter::All(reach_tests(permit, &changed));
    let key = update_one(conn, resource, key, &rows, &changed)?;
    check_reach(conn, resource, &key, &reach_tests(permit, &changed))?;
    let after = whole(conn, resource, &key)?;
    trace::updated(conn, resource, (&before, &after), &changed, context)?;
    let main = beside::Main {
        action: Action::Update,
        table: resource,
        before: &before,
        after: Some(&after),
    };
    beside::trace(conn, &main, &effects, context)?;
    Ok((key, true))
}

/// The side effects of changing a row, to be confirmed; empty if the change is impossible anyway.
///
/// # Errors
/// [`DataError::Missing`] when the row is not visible; otherwise when the database fails.
pub fn effects_of_update(
    conn: &mut AnyConnection,
    permit: &Permit<Edit>,
    key: &Key,
    changes: &Changes,
    rights: &dyn Rights,
) -> Result<Effects, DataError> {
    let resource = permit.resource();
    let row = find::by_key(conn, permit, key, &[])?;
    let key = row.key(resource).ok_or(DataError::Missing)?;
    let before = whole(conn, resource, &key)?;
    let is_new = |(column, value): &(&usize, &Value)| {
        let field = resource.fields.get(**column);
        let kept = before.get(**column).zip(field);
        !kept.is_some_and(|(kept, field)| kept.is_same(value, field.kind))
    };
    let columns = changes.iter().filter(is_new).map(|(column, _)| *column);
    let columns = columns.collect();
    effects::of_update(conn, rights, (resource, &before), columns, false)
}

/// Deletes a row, and whatever the database deletes and changes with it. Returns how many rows of
/// each table were deleted, and how many changed.
///
/// `expected` is the digest that the confirmation page showed, if any. It covers the row alone, or
/// the row and its side effects ([`confirmed`]).
///
/// # Errors
/// A [`Refusal`]; nothing is deleted then.
pub fn delete(
    conn: &mut AnyConnection,
    permit: &Permit<Delete>,
    key: &Key,
    expected: Option<&str>,
    context: &Context<'_>,
) -> Result<(effects::Counts, effects::Counts), Refusal> {
    let resource = permit.resource();
    let row = match find::locked(conn, permit, key, &[], true) {
        // A row may be deletable but not editable, so it cannot be locked.
        Err(DataError::Missing) => find::by_key(conn, permit, key, &[])?,
        found => found?,
    };
    let key = &row.key(resource).ok_or(DataError::Missing)?;
    let before = whole(conn, resource, key)?;
    let effects = effects::of_delete(conn, context.rights, (resource, &before), true)?;
    if expected.is_some_and(|digest| digest != row.digest() && digest != confirmed(&row, &effects))
    {
        return Err(Refusal::Stale(Box::new(row)));
    }
    beside::check(&effects)?;
    delete_one(conn, resource, key, &permit.rows())?;
    trace::deleted(conn, resource, &before, &effects, context)?;
    let main = beside::Main {
        action: Action::Delete,
        table: resource,
        before: &before,
        after: None,
    };
    beside::trace(conn, &main, &effects, context)?;
    Ok(effects.tally())
}

/// The side effects of deleting a row, to be confirmed.
///
/// # Errors
/// [`DataError::Missing`] when the row is not visible; otherwise as [`effects::of_delete`].
pub fn effects_of_delete(
    conn: &mut AnyConnection,
    permit: &Permit<Delete>,
    row: &Row,
    rights: &dyn Rights,
) -> Result<Effects, DataError> {
    let resource = permit.resource();
    let key = row.key(resource).ok_or(DataError::Missing)?;
    let before = whole(conn, resource, &key)?;
    effects::of_delete(conn, rights, (resource, &before), false)
}

/// The digest of a row and its side effects.
pub fn confirmed(row: &Row, effects: &Effects) -> String {
    match effects.digest() {
        Some(more) => format!("{}.{more}", row.digest()),
        None => row.digest(),
    }
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

/// Changes the row with that key if it is one of `rows`. Returns its key afterwards, which the
/// database may have rounded or folded.
fn update_one(
    conn: &mut AnyConnection,
    resource: &Resource,
    key: &Key,
    rows: &Filter,
    changes: &Changes,
) -> Result<Key, Refusal> {
    let reach = key_filter(resource, key);
    let mut statement = set(resource, changes);
    find::write_row(&mut statement, resource, (key, &reach), rows);
    let attempt = Attempt {
        resource,
        action: Asked::Edit,
        changes,
    };
    let (touched, row) = returning::updated(conn, &attempt, key, statement)?;
    check_one(touched)?;
    row.and_then(|row| row.key(resource))
        .ok_or_else(Refusal::undone)
}

/// Deletes the row with that key if it is one of `rows`.
fn delete_one(
    conn: &mut AnyConnection,
    resource: &Resource,
    key: &Key,
    rows: &Filter,
) -> Result<(), Refusal> {
    let reach = key_filter(resource, key);
    let mut statement = Sql::new("DELETE FROM ");
    statement.table(&resource.table).text(" WHERE ");
    find::write_row(&mut statement, resource, (key, &reach), rows);
    let attempt = Attempt {
        resource,
        action: Asked::Delete,
        changes: &Changes::new(),
    };
    let touched = attempt.execute(conn, statement)?;
    check_one(touched)
}

/// Checks that exactly one row was touched. The error rolls the change back.
fn check_one(touched: usize) -> Result<(), Refusal> {
    match touched {
        0 => Err(Refusal::undone()),
        1 => Ok(()),
        _ => Err(Refusal::Whole(text!("change-several-rows"))),
    }
}

/// `UPDATE ... SET ... WHERE `
fn set<'q>(resource: &'q Resource, changes: &'q Changes) -> Sql<'q> {
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
    statement
}

/// The conditions on a row after a change. It must still be covered by the permit, and so must
/// every written column, judged by the new row.
fn reach_tests<V: Verb>(permit: &Permit<V>, changes: &Changes) -> Vec<Filter> {
    let written = changes.keys().map(|column| covered(permit.writes(*column)));
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
    let (reach, rows) = (key_filter(resource, key), Filter::All(tests.to_vec()));
    let mut statement = Sql::new("SELECT 1 FROM ");
    statement.table(&resource.table).text(" WHERE ");
    find::write_row(&mut statement, resource, (key, &reach), &rows);
    if run::rows(conn, statement)
        .map_err(DataError::from)?
        .is_empty()
    {
        Err(Refusal::OutOfReach)
    } else {
        Ok(())
    }
}
