//! The target of the configured database, and connections to it.

use super::error::StartError;
use crate::config::{Config, ConfigError, DatabaseConfig, DatabaseTarget};
use crate::store::{self, AnyConnection, Database, DatabaseError, Target, Tuning, remedies};

/// The configured database.
///
/// # Errors
/// When this build cannot open it.
pub fn target(config: &DatabaseConfig) -> Result<Target, ConfigError> {
    Ok(match config.target()? {
        #[cfg(feature = "sqlite")]
        DatabaseTarget::Sqlite(path) => Target::Sqlite(path),
        #[cfg(feature = "postgres")]
        DatabaseTarget::Postgres(url) => Target::Postgres(url),
        #[cfg(feature = "mysql")]
        DatabaseTarget::Mysql(url) => Target::Mysql(url),
    })
}

/// The same, but a missing SQLite file is an error, because SQLite would create it.
fn existing(config: &DatabaseConfig) -> Result<Target, StartError> {
    let target = target(config)?;
    match &target {
        #[cfg(feature = "sqlite")]
        Target::Sqlite(path) if !path.exists() => Err(StartError::NoFile(path.clone())),
        #[cfg(feature = "sqlite")]
        Target::Sqlite(_) => Ok(target),
        #[cfg(feature = "postgres")]
        Target::Postgres(_) => Ok(target),
        #[cfg(feature = "mysql")]
        Target::Mysql(_) => Ok(target),
    }
}

/// Connects to the configured database, for commands that work on the panel's own tables.
///
/// # Errors
/// When it cannot be reached.
pub async fn database(config: &Config) -> Result<Database, StartError> {
    look(&config.database, |_| Ok(())).await?;
    connect(config)
}

/// A pool for the configured database, without open connections yet.
pub(super) fn connect(config: &Config) -> Result<Database, StartError> {
    let target = existing(&config.database)?;
    Ok(Database::configured(target, &config.database))
}

/// Reads the configured database over a separate connection, without lasting settings. Fails at
/// once if the database is down.
///
/// # Errors
/// When the database cannot be reached, and any error of the closure.
pub async fn look<T: Send + 'static>(
    config: &DatabaseConfig,
    f: impl FnOnce(&mut AnyConnection) -> Result<T, StartError> + Send + 'static,
) -> Result<T, StartError> {
    let target = existing(config)?;
    let behind = target.clone();
    let tuning = Tuning::from(config);
    let looked =
        tokio::task::spawn_blocking(move || store::look(&behind, &tuning, |conn, _| f(conn)));
    let looked = looked.await.map_err(|_| DatabaseError::Cut)?;
    looked.map_err(|error| explained(error, config, &target))
}

/// A driver's message, with a remedy.
fn explained(error: StartError, config: &DatabaseConfig, target: &Target) -> StartError {
    let reason = error.to_string();
    let remedy = match &error {
        StartError::Database(DatabaseError::Query(_)) if reason.contains("permission denied") => {
            "bailiwick check names the GRANT that is missing".to_owned()
        }
        StartError::Database(DatabaseError::Unreachable(_) | DatabaseError::Query(_)) => {
            remedies::for_connection(target, &reason)
        }
        StartError::Migration(_) => remedies::for_own_tables(&reason).to_owned(),
        _ => return error,
    };
    let words: Vec<&str> = reason.split_whitespace().collect();
    StartError::Refused {
        database: config.redacted_url(),
        reason: config.redact(&words.join(" ")),
        remedy,
    }
}
