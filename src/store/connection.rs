//! One connection to the managed database, whichever database that is.

use super::DatabaseError;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use std::path::PathBuf;
use std::time::Duration;

/// How long SQLite waits for another writer, in milliseconds.
const SQLITE_BUSY_MS: u32 = 5_000;

/// A connection to the managed database.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// To a SQLite file.
    Sqlite(SqliteConnection),
    /// To a PostgreSQL server.
    Postgres(PgConnection),
}

/// Which database to connect to.
#[derive(Debug, Clone)]
pub enum Target {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server, by URL.
    Postgres(crate::secret::Secret),
}

impl AnyConnection {
    /// Connects and makes the settings every statement relies on.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub fn open(target: &Target, statement_timeout: Duration) -> Result<Self, DatabaseError> {
        let unreachable = |error: ConnectionError| DatabaseError::Unreachable(error.to_string());
        match target {
            Target::Sqlite(path) => {
                let path = path.to_string_lossy();
                let mut conn = SqliteConnection::establish(&path).map_err(unreachable)?;
                // WAL lets readers go on beside a writer; NORMAL is safe with it.
                conn.batch_execute(&format!(
                    "PRAGMA busy_timeout = {SQLITE_BUSY_MS}; PRAGMA journal_mode = WAL; \
                     PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; \
                     PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY;"
                ))?;
                Ok(Self::Sqlite(conn))
            }
            Target::Postgres(url) => {
                let mut conn = PgConnection::establish(url.reveal()).map_err(unreachable)?;
                // Values are read as text in places: their form must not hang on server settings.
                conn.batch_execute(&format!(
                    "SET TIME ZONE 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; \
                     SET statement_timeout = {}; SET client_encoding = 'UTF8'; \
                     SET standard_conforming_strings = on; SET bytea_output = 'hex'",
                    statement_timeout.as_millis()
                ))?;
                Ok(Self::Postgres(conn))
            }
        }
    }

    /// Runs a change: all of it or nothing.
    ///
    /// On SQLite the write lock is taken at once, so that a transaction that reads before it
    /// writes cannot fail half-way because another writer came between.
    ///
    /// # Errors
    /// Whatever the closure returns, after everything was rolled back.
    pub fn change<T, E>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<diesel::result::Error>,
    {
        if let Self::Postgres(_) = self {
            return self.transaction(f);
        }
        self.batch_execute("BEGIN IMMEDIATE")?;
        let outcome = f(self).and_then(|value| {
            self.batch_execute("COMMIT")?;
            Ok(value)
        });
        if outcome.is_err() {
            // SQLite ends the transaction itself on some errors; then there is nothing to undo.
            if let Err(error) = self.batch_execute("ROLLBACK") {
                tracing::debug!(error = %error, "nothing was left to roll back");
            }
        }
        outcome
    }

    /// Runs statements that must all see the same state of the database.
    ///
    /// # Errors
    /// Whatever the closure returns.
    pub fn snapshot<T, E>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<diesel::result::Error>,
    {
        match self {
            Self::Sqlite(_) => self.transaction(f),
            Self::Postgres(_) => {
                self.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
                let outcome = f(self);
                self.batch_execute("ROLLBACK")?;
                outcome
            }
        }
    }
}
