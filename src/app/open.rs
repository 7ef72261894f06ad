//! The configured database, looked at, migrated or opened for good.

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

/// The database and its catalog, as configuration has them.
pub struct OpenDatabase {
    /// The connections.
    pub database: Database,
    /// What can be administered there.
    pub catalog: Arc<Catalog>,
    /// What was read of it.
    pub schema: Schema,
}

/// Makes the panel's own tables or brings them up to date; returns the versions that ran.
///
/// # Errors
/// When the database cannot be reached, or refuses.
pub async fn migrate(config: &Config) -> Result<Vec<String>, StartError> {
    look(&config.database, |conn| Ok(migrations::run(conn)?)).await
}

/// The statements with which the owner of the panel's own tables lets an account use them.
///
/// # Errors
/// When the database cannot be reached or read.
pub async fn grants(config: &Config, account: String) -> Result<Vec<String>, StartError> {
    let statements = look(&config.database, move |conn| {
        Ok(grants::statements(conn, &account).map_err(DatabaseError::from)?)
    });
    statements.await
}

/// What can be administered in a database, as it is without any configuration. Only looks: nothing
/// in the database is changed.
///
/// # Errors
/// When the database cannot be reached or read.
pub async fn survey(config: &DatabaseConfig) -> Result<Catalog, StartError> {
    let schema = inspect(config).await?;
    Catalog::of(&schema, &BTreeMap::new()).map_err(StartError::Resources)
}

/// The schemas beside the configured ones that hold tables, and how many: for a database that
/// seems to be empty.
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

/// What can be administered in the configured database, overlaid by configuration. Only looks, as
/// [`survey`].
///
/// # Errors
/// When the database cannot be reached or read, or the configuration does not fit it.
pub async fn catalog(config: &Config) -> Result<Arc<Catalog>, StartError> {
    let schema = inspect(&config.database).await?;
    let catalog =
        Catalog::of(&schema, &config.resources).map_err(|errors| misfits(config, errors))?;
    Ok(Arc::new(catalog))
}

/// What the roles of the configuration give over a catalog.
///
/// # Errors
/// When they do not fit it: all that is wrong, with the lines to change.
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

/// Connects to the configured database, and reads what can be administered there.
///
/// The panel's own tables are made or brought up to date when `migrate` is set.
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
                "the SQLite file is switched to write-ahead logging (WAL), which stays; the files \
                 NAME-wal and NAME-shm beside it belong to it from now on"
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

/// What does not fit, with the lines to change.
fn misfits(config: &Config, mut errors: Vec<OverlayError>) -> StartError {
    for error in &mut errors {
        error.setting = config.places.put_before(&error.setting);
    }
    StartError::Resources(errors)
}

/// The same of roles.
fn misgrants(config: &Config, mut errors: Vec<PolicyError>) -> StartError {
    for error in &mut errors {
        error.path = config.places.put_before(&error.path);
    }
    StartError::Roles(errors)
}
