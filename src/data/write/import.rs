//! Imports the rows of a file in one transaction. Each creates or changes a row, with the checks of
//! every other write. A row that cannot be written has no effect, and the others continue. The
//! caller decides whether to keep the result.

use super::{Changes, Context, Refusal, create, update};
use crate::access::{Create, Edit, Permit};
use crate::catalog::{Key, Resource, Value};
use crate::data::DataError;
use crate::data::find;
use crate::data::row::Row;
use crate::store::AnyConnection;
use crate::texts::text;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

/// How many times rows are retried that may reference later rows of the file.
const ROUNDS: usize = 16;

/// The rights and the key of an import.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The permit to create rows.
    pub create: Option<Permit<Create>>,
    /// The permit to change rows.
    pub edit: Option<Permit<Edit>>,
    /// The unique columns that identify existing rows. If empty, all rows are new.
    pub key: Vec<usize>,
}

/// The rows of a file, by position.
pub trait Source {
    /// The number of rows.
    fn count(&self) -> usize;

    /// The line where a row starts.
    fn line(&self, at: usize) -> u64;

    /// The values that identify the row; with a NULL among them, no row is found.
    ///
    /// # Errors
    /// A faulty value, or a database failure.
    fn key(&mut self, conn: &mut AnyConnection, at: usize) -> Result<Vec<Value>, Refusal>;

    /// The values of a row: for a new row, or for this existing one.
    ///
    /// # Errors
    /// A faulty value, or a database failure.
    fn values(
        &mut self,
        conn: &mut AnyConnection,
        at: usize,
        row: Option<&Row>,
    ) -> Result<Changes, Refusal>;
}

/// The result of an import, or of its preview.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many rows were created.
    pub created: u64,
    /// How many rows were changed.
    pub updated: u64,
    /// How many rows had these values already.
    pub unchanged: u64,
    /// The rows of the file that were not written, by position, and why.
    pub refused: Vec<(usize, Refusal)>,
    /// A digest of the changes and the rows as found. If it differs, rows have changed in the
    /// meantime.
    pub found: Vec<u8>,
}

/// Writes the rows. Must run inside [`AnyConnection::change`].
///
/// # Errors
/// A [`Refusal`] that is not about one row: the database failed. The transaction must be rolled
/// back.
pub fn run(
    conn: &mut AnyConnection,
    plan: &Plan,
    source: &mut dyn Source,
    context: &Context<'_>,
) -> Result<Outcome, Refusal> {
    let mut outcome = Outcome::default();
    let mut found = Sha256::new();
    // For each row key, the line of the file that wrote it.
    let mut taken: HashMap<String, u64> = HashMap::new();
    let resource = plan.resource();
    let rounds = if resource.as_ref().is_some_and(|it| points_at_itself(it)) {
        ROUNDS
    } else {
        1
    };
    let mut open: Vec<usize> = (0..source.count()).collect();
    for _ in 0..rounds {
        let before = open.len();
        outcome.refused.clear();
        for at in std::mem::take(&mut open) {
            let done = conn.part(|conn| one(conn, plan, (&mut *source, at), &taken, context));
            match done {
                Ok((done, key)) => {
                    if let (Some(key), Some(resource)) = (key, &resource) {
                        taken.insert(key.encode(resource), source.line(at));
                    }
                    let (count, told) = match &done {
                        RowOutcome::Created => (&mut outcome.created, "new"),
                        RowOutcome::Updated(digest) => (&mut outcome.updated, digest.as_str()),
                        RowOutcome::Unchanged => (&mut outcome.unchanged, "same"),
                    };
                    *count += 1;
                    found.update(format!("{at}:{told}\n"));
                }
                Err(why) if why.is_of_row() => {
                    outcome.refused.push((at, why));
                    open.push(at);
                }
                Err(why) => return Err(why),
            }
        }
        if open.is_empty() || open.len() == before {
            break;
        }
    }
    for (at, _) in &outcome.refused {
        found.update(format!("{at}:left\n"));
    }
    outcome.found = found.finalize().to_vec();
    Ok(outcome)
}

/// The result for a row of the file.
enum RowOutcome {
    Created,
    /// The existing row had this digest.
    Updated(String),
    Unchanged,
}

fn one(
    conn: &mut AnyConnection,
    plan: &Plan,
    (source, at): (&mut dyn Source, usize),
    taken: &HashMap<String, u64>,
    context: &Context<'_>,
) -> Result<(RowOutcome, Option<Key>), Refusal> {
    if let Some(permit) = plan.edit.as_ref().filter(|_| !plan.key.is_empty()) {
        let wanted = source.key(conn, at)?;
        if let Some(row) = known(conn, permit, &plan.key, &wanted)? {
            let resource = permit.resource();
            let key = row.key(resource).ok_or(DataError::Missing)?;
            if let Some(line) = taken.get(&key.encode(resource)) {
                return Err(Refusal::Whole(text!(
                    "change-line-twice",
                    line = line.to_string()
                )));
            }
            let changes = source.values(conn, at, Some(&row))?;
            let digest = row.digest();
            let (key, written) = update(conn, permit, &key, &digest, &changes, context)?;
            let done = if written {
                RowOutcome::Updated(digest)
            } else {
                RowOutcome::Unchanged
            };
            return Ok((done, Some(key)));
        }
    }
    let Some(permit) = &plan.create else {
        let columns = plan.key.iter();
        let told = columns.map(|column| (*column, text!("change-unknown-row")));
        return Err(Refusal::Fields(told.collect()));
    };
    let changes = source.values(conn, at, None)?;
    let key = create(conn, permit, &changes, context)?;
    Ok((RowOutcome::Created, key))
}

/// The row identified by these values, if the permit covers it.
fn known(
    conn: &mut AnyConnection,
    permit: &Permit<Edit>,
    columns: &[usize],
    values: &[Value],
) -> Result<Option<Row>, DataError> {
    if values.iter().any(Value::is_null) {
        return Ok(None);
    }
    let resource = permit.resource();
    let parts = resource.key.iter().map(|column| {
        let place = columns.iter().position(|given| given == column)?;
        values.get(place).cloned()
    });
    let key = parts.collect::<Option<Vec<Value>>>().map(Key);
    match key.filter(|key| !key.0.is_empty() && key.0.len() == columns.len()) {
        Some(key) => match find::by_key(conn, permit, &key, &[]) {
            Ok(row) => Ok(Some(row)),
            Err(DataError::Missing) => Ok(None),
            Err(error) => Err(error),
        },
        None => find::by_values(conn, permit, columns, values),
    }
}

fn points_at_itself(resource: &Resource) -> bool {
    let mut relations = resource.relations.iter();
    relations.any(|relation| relation.target == resource.name)
}

impl Plan {
    /// The resource of the rows.
    pub fn resource(&self) -> Option<Arc<Resource>> {
        let create = self.create.as_ref().map(Permit::resource);
        let resource = create.or_else(|| self.edit.as_ref().map(Permit::resource));
        resource.cloned()
    }
}
