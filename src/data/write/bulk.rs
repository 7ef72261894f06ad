//! Changes many rows in one transaction. Each row is changed independently: if one cannot be
//! changed, it stays, and the others continue.

use super::{Changes, Context, Refusal, delete, update};
use crate::access::{Delete, Edit, Permit, Verb};
use crate::catalog::{Key, Resource};
use crate::data::find;
use crate::data::row::Row;
use crate::data::{DataError, row::key_label};
use crate::store::AnyConnection;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// How many changed rows are kept as a sample.
const SAMPLE: usize = 5;

/// The result of a bulk change, or of its preview.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many rows were changed.
    pub changed: u64,
    /// How many rows had the new values already.
    pub unchanged: u64,
    /// How many rows of each table were deleted with them.
    pub also_deleted: BTreeMap<String, u64>,
    /// How many rows of each table were changed with them.
    pub also_changed: BTreeMap<String, u64>,
    /// The first changed rows, before and after; a deleted row has no after.
    pub sample: Vec<(Row, Option<Row>)>,
    /// The rows that stay unchanged.
    pub refused: Vec<RefusedRow>,
    /// A digest of all rows as found. If it differs, rows have changed in the meantime.
    pub found: String,
}

/// A row that stays unchanged.
#[derive(Debug)]
pub struct RefusedRow {
    /// Its key.
    pub key: Key,
    /// Its label, as far as the person may see it.
    pub label: String,
    /// The reason.
    pub why: Refusal,
}

/// Makes the same changes to each row. Must run inside [`AnyConnection::change`].
///
/// # Errors
/// A [`Refusal`] that is not about one row: the database failed. The transaction must be rolled
/// back.
pub fn update_each(
    conn: &mut AnyConnection,
    permit: &Permit<Edit>,
    keys: &[Key],
    changes: &Changes,
    context: &Context<'_>,
) -> Result<Outcome, Refusal> {
    each(conn, permit, keys, |conn, key, digest| {
        let (key, written) = update(conn, permit, key, digest, changes, context)?;
        Ok(if written {
            Effect::Changed(key)
        } else {
            Effect::Unchanged
        })
    })
}

/// Deletes each row. Must run inside [`AnyConnection::change`].
///
/// # Errors
/// As [`update_each`].
pub fn delete_each(
    conn: &mut AnyConnection,
    permit: &Permit<Delete>,
    keys: &[Key],
    context: &Context<'_>,
) -> Result<Outcome, Refusal> {
    each(conn, permit, keys, |conn, key, digest| {
        let (gone, changed) = delete(conn, permit, key, Some(digest), context)?;
        Ok(Effect::Deleted { gone, changed })
    })
}

/// The result for one row.
enum Effect {
    Unchanged,
    Changed(Key),
    Deleted {
        gone: BTreeMap<String, u64>,
        changed: BTreeMap<String, u64>,
    },
}

fn each<V: Verb>(
    conn: &mut AnyConnection,
    permit: &Permit<V>,
    keys: &[Key],
    mut act: impl FnMut(&mut AnyConnection, &Key, &str) -> Result<Effect, Refusal>,
) -> Result<Outcome, Refusal> {
    let resource = permit.resource();
    let mut outcome = Outcome::default();
    let mut found = Sha256::new();
    for key in keys {
        let before = match find::by_key(conn, permit, key, &[]) {
            Ok(row) => row,
            Err(DataError::Missing) => {
                found.update(mark(resource, key, ""));
                let refused = out_of_reach(resource, key);
                outcome.refused.push(refused);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let digest = before.digest();
        found.update(mark(resource, key, &digest));
        match conn.part(|conn| act(conn, key, &digest)) {
            Ok(Effect::Unchanged) => outcome.unchanged += 1,
            Ok(effect) => {
                outcome.changed += 1;
                if let Effect::Deleted { gone, changed } = &effect {
                    add(&mut outcome.also_deleted, gone);
                    add(&mut outcome.also_changed, changed);
                }
                if outcome.sample.len() < SAMPLE {
                    let after = after(conn, permit, effect)?;
                    outcome.sample.push((before, after));
                }
            }
            Err(why) if why.is_of_row() => outcome.refused.push(RefusedRow {
                key: key.clone(),
                label: before.label(resource),
                why,
            }),
            Err(error) => return Err(error),
        }
    }
    outcome.found = BASE64.encode(found.finalize());
    Ok(outcome)
}

fn add(all: &mut BTreeMap<String, u64>, more: &BTreeMap<String, u64>) {
    for (table, count) in more {
        *all.entry(table.clone()).or_default() += count;
    }
}

/// The new state of the row. `None` if it was deleted, or the permit does not make it visible any
/// more.
fn after<V: Verb>(
    conn: &mut AnyConnection,
    permit: &Permit<V>,
    effect: Effect,
) -> Result<Option<Row>, DataError> {
    let Effect::Changed(key) = effect else {
        return Ok(None);
    };
    match find::by_key(conn, permit, &key, &[]) {
        Ok(row) => Ok(Some(row)),
        Err(DataError::Missing) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a row does not exist or may not be changed, the answer is the same.
fn out_of_reach(resource: &Resource, key: &Key) -> RefusedRow {
    RefusedRow {
        key: key.clone(),
        label: key_label(resource, key),
        why: Refusal::Data(DataError::Missing),
    }
}

/// A row's digest with lengths, so that different rows never give the same input.
fn mark(resource: &Resource, key: &Key, digest: &str) -> String {
    let key = key.encode(resource);
    format!("{}:{key}:{digest}\n", key.len())
}
