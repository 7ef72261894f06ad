//! Reloads the schema of the managed database while the panel runs.
//!
//! A deployment of an application may add or drop columns. A new schema is applied as a whole:
//! catalog and policy together. A setting that no longer fits has no effect.
//! [`super::schema_change`] decides when to check.

use super::keeper::Keeper;
use crate::access::{Policies, Policy};
use crate::catalog::Catalog;
use crate::catalog::schema::Schema;
use crate::config::ResourceConfig;
use crate::data::schema;
use crate::store::{Database, DatabaseError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// The current schema, and the settings applied to it.
pub struct Watch {
    schemas: Vec<String>,
    resources: BTreeMap<String, ResourceConfig>,
    known: Mutex<ReadSchema>,
}

/// Where a schema is read from, and what it is applied to.
pub struct SchemaUpdate<'a> {
    /// The managed database.
    pub database: &'a Database,
    /// The source of roles.
    pub keeper: &'a Keeper,
    /// The current policy.
    pub policies: &'a Policies,
}

struct ReadSchema {
    schema: Schema,
    looked: Option<Instant>,
}

impl Watch {
    /// Starts with the schema read at the start.
    pub fn new(
        schemas: &[String],
        resources: &BTreeMap<String, ResourceConfig>,
        schema: Schema,
    ) -> Self {
        Self {
            schemas: schemas.to_vec(),
            resources: resources.clone(),
            known: Mutex::new(ReadSchema {
                schema: settled(schema),
                looked: None,
            }),
        }
    }

    /// Reads the schema and applies it if it has changed; returns whether it has. Skips the check
    /// if another task made one within `since`.
    ///
    /// # Errors
    /// When the database cannot be read; the current schema then stays.
    pub async fn look(
        &self,
        force: SchemaUpdate<'_>,
        since: Duration,
    ) -> Result<bool, DatabaseError> {
        let mut known = self.known.lock().await;
        if known.looked.is_some_and(|looked| looked.elapsed() < since) {
            return Ok(false);
        }
        let schemas = self.schemas.clone();
        let read = move |conn: &mut _| schema::read(conn, &schemas).map_err(DatabaseError::from);
        let now = force.database.run(read).await?;
        known.looked = Some(Instant::now());
        let estimated = now.clone();
        let now = settled(now);
        if now == known.schema {
            return Ok(false);
        }
        tell(&known.schema, &now);
        let (catalog, misfits) = Catalog::that_fits(&estimated, &self.resources);
        for misfit in misfits {
            tracing::warn!(setting = %misfit.setting, error = %misfit.message, "a setting no \
                                                                                longer fits the \
                                                                                database, and has \
                                                                                no effect");
        }
        let (policy, misfits) = Policy::that_fits(Arc::new(catalog), force.keeper.roles());
        for misfit in misfits {
            tracing::warn!(setting = %misfit.path, error = %misfit.reason, "a grant no longer \
                                                                            fits the database, \
                                                                            and gives nothing");
        }
        force
            .keeper
            .reconfigure(policy, force.database, force.policies)
            .await?;
        known.schema = now;
        Ok(true)
    }
}

/// A schema without values that change on their own.
fn settled(mut schema: Schema) -> Schema {
    for table in &mut schema.tables {
        table.estimate = None;
    }
    schema
}

fn tell(before: &Schema, after: &Schema) {
    let names = |schema: &Schema| -> BTreeSet<String> {
        let tables = schema.tables.iter();
        tables
            .flat_map(|table| {
                let name = table.name.name.clone();
                let columns = table.columns.iter();
                let columns = columns.map(move |column| format!("{name}.{}", column.name));
                std::iter::once(table.name.name.clone()).chain(columns)
            })
            .collect()
    };
    let (before, after) = (names(before), names(after));
    let list = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
        let names: Vec<&str> = one.difference(other).map(String::as_str).collect();
        names.join(", ")
    };
    tracing::info!(
        schema.gone = list(&before, &after),
        schema.new = list(&after, &before),
        "the schema of the database has changed; the panel uses the new one"
    );
}
