//! One connection to the managed database, whichever database that is.

use super::DatabaseError;
#[cfg(feature = "mysql")]
use super::mysql::{Family, MysqlConnection};
use crate::config::redact_in;
use crate::secret::Secret;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use std::path::PathBuf;
use std::time::Duration;

/// How long SQLite waits for another writer, in milliseconds.
const SQLITE_BUSY_MS: u32 = 5_000;

/// How long a look at a server waits for the connection, in seconds.
const CONNECT_WITHIN_S: u32 = 5;

/// What stands for itself in the path of a `file:` URI (<https://www.sqlite.org/uri.html>).
const PATH: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#');

/// A connection to the managed database.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// To a SQLite file.
    Sqlite(SqliteConnection),
    /// To a PostgreSQL server.
    Postgres(PgConnection),
    /// To a MySQL or MariaDB server.
    #[cfg(feature = "mysql")]
    Mysql(MysqlConnection),
}

/// Which database to connect to.
#[derive(Debug, Clone)]
pub enum Target {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server, by URL.
    Postgres(Secret),
    /// A MySQL or MariaDB server, by URL.
    #[cfg(feature = "mysql")]
    Mysql(Secret),
}

/// Which changes give back the rows they made (`RETURNING`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returning {
    /// All of them.
    Always,
    /// INSERT alone.
    Inserts,
    /// None.
    Never,
}

impl Target {
    /// Whether connections go to a server, which may end them while they lie in the pool.
    pub fn is_server(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(_) => true,
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => true,
        }
    }
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
                     PRAGMA temp_store = MEMORY;"
                ))?;
                Ok(Self::Sqlite(conn))
            }
            Target::Postgres(url) => {
                // libpq quotes what it cannot read of a URL, and that may be the password.
                let unreachable = |error: ConnectionError| {
                    let reason = redact_in(url.reveal(), &error.to_string());
                    DatabaseError::Unreachable(reason)
                };
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
            #[cfg(feature = "mysql")]
            Target::Mysql(url) => {
                let within = Duration::from_secs(30);
                let conn = MysqlConnection::open(url.reveal(), within, statement_timeout)?;
                Ok(Self::Mysql(conn))
            }
        }
    }

    /// Connects to look only: nothing is created, and no setting that lasts is made, where
    /// [`AnyConnection::open`] would make a missing SQLite file and turn on its WAL.
    ///
    /// Changes are possible all the same, so that they can be rehearsed and rolled back.
    ///
    /// # Errors
    /// When the database is not there or cannot be reached.
    pub fn inspect(target: &Target, statement_timeout: Duration) -> Result<Self, DatabaseError> {
        match target {
            Target::Sqlite(path) => {
                let path = path.to_string_lossy();
                let opened = inspect_file(&path, "mode=rw").or_else(|error| {
                    // A file in WAL mode that may not be written to can only be read as one that
                    // nobody writes to; then its log must hold nothing.
                    let log = std::fs::metadata(format!("{path}-wal"));
                    let said = error.to_string();
                    let is_shut = said.contains("unable to open") || said.contains("readonly");
                    match log.map_or(0, |log| log.len()) {
                        0 if is_shut => {
                            inspect_file(&path, "mode=ro&immutable=1").map_err(|_| error)
                        }
                        _ => Err(error),
                    }
                });
                Ok(Self::Sqlite(opened?))
            }
            Target::Postgres(url) => {
                let url = url.reveal();
                let patient = match url.contains("connect_timeout=") {
                    true => url.to_owned(),
                    false => {
                        let sign = if url.contains('?') { '&' } else { '?' };
                        format!("{url}{sign}connect_timeout={CONNECT_WITHIN_S}")
                    }
                };
                Self::open(&Target::Postgres(Secret::new(patient)), statement_timeout)
            }
            #[cfg(feature = "mysql")]
            Target::Mysql(url) => {
                let within = Duration::from_secs(CONNECT_WITHIN_S.into());
                let conn = MysqlConnection::open(url.reveal(), within, statement_timeout)?;
                Ok(Self::Mysql(conn))
            }
        }
    }

    /// Whether this is a SQLite file that is not in WAL mode yet: [`AnyConnection::open`] switches
    /// it, and that stays.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn journal_is_rollback(&mut self) -> QueryResult<bool> {
        #[derive(QueryableByName)]
        struct Journal {
            #[diesel(sql_type = diesel::sql_types::Text)]
            journal_mode: String,
        }
        match self {
            Self::Sqlite(conn) => {
                let journal: Journal = diesel::sql_query("PRAGMA journal_mode").get_result(conn)?;
                Ok(journal.journal_mode != "wal")
            }
            Self::Postgres(_) => Ok(false),
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => Ok(false),
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
        match self {
            Self::Postgres(_) => self.transaction(f),
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => self.transaction(f),
            Self::Sqlite(_) => self.change_at_once(f),
        }
    }

    /// A change on SQLite, which takes the write lock first.
    fn change_at_once<T, E>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<diesel::result::Error>,
    {
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
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => {
                self.batch_execute(
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; \
                     START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
                )?;
                let outcome = f(self);
                self.batch_execute("ROLLBACK")?;
                outcome
            }
        }
    }

    /// Which changes give back the rows they made.
    pub fn returning(&self) -> Returning {
        match self {
            Self::Sqlite(_) | Self::Postgres(_) => Returning::Always,
            #[cfg(feature = "mysql")]
            Self::Mysql(conn) => match conn.family() {
                Family::MariaDb => Returning::Inserts,
                Family::Mysql => Returning::Never,
            },
        }
    }
}

fn inspect_file(path: &str, mode: &str) -> Result<SqliteConnection, DatabaseError> {
    let unreachable = |error: ConnectionError| DatabaseError::Unreachable(error.to_string());
    let mut conn = SqliteConnection::establish(&existing_file(path, mode)).map_err(unreachable)?;
    conn.batch_execute(&format!("PRAGMA busy_timeout = {SQLITE_BUSY_MS};"))?;
    // SQLite opens a file without reading it.
    conn.batch_execute("SELECT count(*) FROM sqlite_master")?;
    Ok(conn)
}

/// The URI of a SQLite file that is not to be created.
fn existing_file(path: &str, mode: &str) -> String {
    format!("file:{}?{mode}", utf8_percent_encode(path, PATH))
}

#[cfg(test)]
mod tests {
    use super::existing_file;

    #[test]
    fn a_file_is_named_so_that_it_is_not_created() {
        for (path, uri) in [
            ("data.db", "file:data.db?mode=rw"),
            ("/x/100% #1?.db", "file:/x/100%25 %231%3F.db?mode=rw"),
        ] {
            assert_eq!(existing_file(path, "mode=rw"), uri);
        }
    }
}
