//! Rows of a file, in one transaction: each makes a row or changes one that is there, and goes the
//! way of every other write. A row that cannot be written leaves nothing behind, and the others go
//! on; whether they are kept is for the caller to say.

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

/// How often rows are tried again that may point at later rows of the file.
const ROUNDS: usize = 16;

/// What may be done with the rows of a file.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Leave to make rows.
    pub create: Option<Permit<Create>>,
    /// Leave to change rows.
    pub edit: Option<Permit<Edit>>,
    /// The columns by which rows that are there are known; they are unique. Without any, all rows
    /// are new.
    pub key: Vec<usize>,
}

/// The rows of a file, by their place in it.
pub trait Source {
    /// How many there are.
    fn count(&self) -> usize;

    /// The line where a row begins.
    fn line(&self, at: usize) -> u64;

    /// The values of the columns by which the row is known; NULL among them knows none.
    ///
    /// # Errors
    /// What is wrong with them, or the database failed.
    fn key(&mut self, conn: &mut AnyConnection, at: usize) -> Result<Vec<Value>, Refusal>;

    /// The values of a row: a new one, or for this row that is there.
    ///
    /// # Errors
    /// What is wrong with them, or the database failed.
    fn values(
        &mut self,
        conn: &mut AnyConnection,
        at: usize,
        row: Option<&Row>,
    ) -> Result<Changes, Refusal>;
}

/// What an import did, or would do.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many rows were made.
    pub created: u64,
    /// How many rows were changed.
    pub updated: u64,
    /// How many rows are as in the file already.
    pub unchanged: u64,
    /// The rows of the file that were not written, by their place, and why.
    pub refused: Vec<(usize, Refusal)>,
    /// A digest of what was done to which rows as they were found. If it differs, rows have moved
    /// on.
    pub found: Vec<u8>,
}

/// Writes the rows. Must run inside [`AnyConnection::change`].
///
/// # Errors
/// A [`Refusal`] that is not of one row: the database failed. The transaction must be rolled back.
pub fn run(
    conn: &mut AnyConnection,
    plan: &Plan,
    source: &mut dyn Source,
    context: &Context<'_>,
) -> Result<Outcome, Refusal> {
    let mut outcome = Outcome::default();
    let mut found = Sha256::new();
    // The line that is about each row, by the row's key.
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

/// What became of a row of the file.
enum RowOutcome {
    Created,
    /// The row that was there had this digest.
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

/// The row that is known by these values, if the permit reaches it.
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
    /// What the rows are of.
    pub fn resource(&self) -> Option<Arc<Resource>> {
        let create = self.create.as_ref().map(Permit::resource);
        let resource = create.or_else(|| self.edit.as_ref().map(Permit::resource));
        resource.cloned()
    }
}
