//! Opens the configured database: for inspection, for migrations, or for use.

use super::connect::{connect, look};
use super::error::StartError;
use crate::access::{Policy, PolicyError};
use crate::catalog::schema::Schema;
use crate::catalog::{Catalog, overlay::OverlayError};
use crate::config::{Config, DatabaseConfig};
use crate::data::schema;
use crate::store::{Database, DatabaseError, grants, migrations};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The database and its configured catalog.
pub struct OpenDatabase {
    /// The connections.
    pub database: Database,
    /// Its catalog.
    pub catalog: Arc<Catalog>,
    /// Its schema.
    pub schema: Schema,
}

/// Creates or migrates the panel's own tables; returns the versions that were applied.
///
/// # Errors
/// When the database cannot be reached, or a statement fails.
pub async fn migrate(config: &Config) -> Result<Vec<String>, StartError> {
    look(&config.database, |conn| Ok(migrations::run(conn)?)).await
}

/// Statements for the owner of the panel's own tables that grant an account access.
///
/// # Errors
/// When the database cannot be reached or read.
pub async fn grants(config: &Config, account: String) -> Result<Vec<String>, StartError> {
    let statements = look(&config.database, move |conn| {
        Ok(grants::statements(conn, &account).map_err(DatabaseError::from)?)
    });
    statements.await
}

/// The catalog of a database without any configuration. Only reads the database.
///
/// # Errors
/// When the database cannot be reached or read.
pub async fn survey(config: &DatabaseConfig) -> Result<Catalog, StartError> {
    let schema = inspect(config).await?;
    Catalog::of(&schema, &BTreeMap::new()).map_err(StartError::Resources)
}

/// Other schemas that hold tables, with their number: for a database that seems empty.
///
/// # Errors
/// When the database cannot be reached or read.
pub async fn elsewhere(config: &DatabaseConfig) -> Result<Vec<(String, i64)>, StartError> {
    let schemas = config.schemas.clone();
    look(config, move |conn| {
        Ok(schema::elsewhere(conn, &schemas).map_err(DatabaseError::from)?)
    })
    .await
}

/// The catalog of the configured database, overlaid by configuration. Only reads, like [`survey`].
///
/// # Errors
/// When the database cannot be reached or read, or the configuration does not fit it.
pub async fn catalog(config: &Config) -> Result<Arc<Catalog>, StartError> {
    let schema = inspect(&config.database).await?;
    let catalog =
        Catalog::of(&schema, &config.resources).map_err(|errors| misfits(config, errors))?;
    Ok(Arc::new(catalog))
}

/// Compiles the configured roles against a catalog.
///
/// # Errors
/// When they do not fit: all faults, with the lines to change.
pub fn policy(config: &Config, catalog: Arc<Catalog>) -> Result<Policy, StartError> {
    Policy::new(catalog, &config.roles).map_err(|errors| misgrants(config, errors))
}

async fn inspect(config: &DatabaseConfig) -> Result<Schema, StartError> {
    let schemas = config.schemas.clone();
    look(config, move |conn| {
        Ok(schema::read(conn, &schemas).map_err(DatabaseError::from)?)
    })
    .await
}

/// Connects to the configured database, and reads its catalog.
///
/// Creates or migrates the panel's own tables if `migrate` is set.
///
/// # Errors
/// When the database cannot be read, or the configuration does not fit it.
pub async fn open(config: &Config, migrate: bool) -> Result<OpenDatabase, StartError> {
    let schemas = config.database.schemas.clone();
    let schema = look(&config.database, move |conn| {
        let lacking = grants::lacking(conn).map_err(DatabaseError::from)?;
        if !lacking.is_empty() {
            return Err(StartError::Privileges(lacking));
        }
        if migrate {
            for version in migrations::run(conn)? {
                tracing::info!(migration = %version, "the panel's own tables were brought up to date");
            }
        }
        if conn.journal_is_rollback().map_err(DatabaseError::from)? {
            tracing::warn!(
                "the SQLite file now uses write-ahead logging (WAL) for good; from now on the \
                 files NAME-wal and NAME-shm beside it belong to it"
            );
        }
        Ok(schema::read(conn, &schemas).map_err(DatabaseError::from)?)
    })
    .await?;
    let database = connect(config)?;
    let catalog =
        Catalog::of(&schema, &config.resources).map_err(|errors| misfits(config, errors))?;
    Ok(OpenDatabase {
        database,
        catalog: Arc::new(catalog),
        schema,
    })
}

/// The error for settings that do not fit, with the lines to change.
fn misfits(config: &Config, mut errors: Vec<OverlayError>) -> StartError {
    for error in &mut errors {
        error.setting = config.places.put_before(&error.setting);
    }
    StartError::Resources(errors)
}

/// The same for roles.
fn misgrants(config: &Config, mut errors: Vec<PolicyError>) -> StartError {
    for error in &mut errors {
        error.path = config.places.put_before(&error.path);
    }
    StartError::Roles(errors)
}
