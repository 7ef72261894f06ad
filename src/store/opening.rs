//! Opens connections, either for normal use with all settings, or only for inspection.

use super::DatabaseError;
use super::connection::{
    AnyConnection, CONNECT_WITHIN_S, LOCK_MS, State, Target, patient, unreachable,
};
#[cfg(feature = "sqlite")]
use super::hop::tick;
#[cfg(feature = "mysql")]
use super::mysql::MysqlConnection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
#[cfg(feature = "sqlite")]
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use std::time::Duration;

/// How long SQLite waits for another writer, in milliseconds.
#[cfg(feature = "sqlite")]
pub(super) const SQLITE_BUSY_MS: u32 = 5_000;

/// The characters to encode in the path of a `file:` URI (<https://www.sqlite.org/uri.html>).
#[cfg(feature = "sqlite")]
const PATH: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#');

impl AnyConnection {
    /// Connects and applies the settings every statement relies on.
    ///
    /// # Errors
    /// When the database cannot be reached.
    #[cfg(any(test, feature = "testing"))]
    pub fn open(target: &Target, statement_timeout: Duration) -> Result<Self, DatabaseError> {
        let mut conn = Self::bare(target)?;
        conn.keep(&State::new(statement_timeout))?;
        Ok(conn)
    }

    /// Applies the settings for the lifetime of the connection.
    ///
    /// # Errors
    /// When a statement fails.
    pub fn keep(&mut self, state: &State) -> Result<(), DatabaseError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(conn) => {
                tick::register(conn, state.statement_timeout)?;
                // WAL lets readers continue beside a writer; NORMAL is safe with it.
                conn.batch_execute(&format!(
                    "PRAGMA busy_timeout = {SQLITE_BUSY_MS}; PRAGMA journal_mode = WAL; \
                     PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; \
                     PRAGMA temp_store = MEMORY;"
                ))?;
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(conn) => conn.batch_execute(&state.statements("SET"))?,
            #[cfg(feature = "mysql")]
            Self::Mysql(conn) => {
                conn.settle(
                    state.statement_timeout,
                    Duration::from_millis(LOCK_MS.into()),
                )?;
            }
        }
        Ok(())
    }

    /// Connects for inspection. It creates nothing and makes no lasting setting.
    /// [`AnyConnection::open`] would create a missing SQLite file and turn on WAL.
    ///
    /// Writes are possible, so that changes can be rehearsed and rolled back.
    ///
    /// # Errors
    /// When the database does not exist or cannot be reached.
    pub(super) fn inspect(target: &Target, state: &State) -> Result<Self, DatabaseError> {
        match target {
            #[cfg(feature = "sqlite")]
            Target::Sqlite(path) => {
                let path = path.to_string_lossy();
                let opened = inspect_file(&path, "mode=rw").or_else(|error| {
                    // A WAL-mode file that cannot be written must be opened as immutable. That is
                    // only correct if its log is empty.
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
                let mut conn = opened?;
                tick::register(&mut conn, state.statement_timeout)?;
                Ok(Self::Sqlite(conn))
            }
            #[cfg(feature = "postgres")]
            Target::Postgres(_) => Self::bare(&patient(target)),
            #[cfg(feature = "mysql")]
            Target::Mysql(url) => {
                let within = Duration::from_secs(CONNECT_WITHIN_S.into());
                let conn = MysqlConnection::connect(url.reveal(), within);
                Ok(Self::Mysql(
                    conn.map_err(|error| unreachable(target, &error))?,
                ))
            }
        }
    }

    /// Whether this is a SQLite file not yet in WAL mode: [`AnyConnection::open`] switches it
    /// permanently.
    ///
    /// # Errors
    /// When a statement fails.
    pub fn journal_is_rollback(&mut self) -> QueryResult<bool> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(conn) => {
                #[derive(QueryableByName)]
                struct Journal {
                    #[diesel(sql_type = diesel::sql_types::Text)]
                    journal_mode: String,
                }
                let journal: Journal = diesel::sql_query("PRAGMA journal_mode").get_result(conn)?;
                Ok(journal.journal_mode != "wal")
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Ok(false),
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => Ok(false),
        }
    }
}

#[cfg(feature = "sqlite")]
fn inspect_file(path: &str, mode: &str) -> Result<SqliteConnection, DatabaseError> {
    let unreachable = |error: ConnectionError| DatabaseError::Unreachable(error.to_string());
    let mut conn = SqliteConnection::establish(&existing_file(path, mode)).map_err(unreachable)?;
    conn.batch_execute(&format!("PRAGMA busy_timeout = {SQLITE_BUSY_MS};"))?;
    // SQLite opens a file without reading it.
    conn.batch_execute("SELECT count(*) FROM sqlite_master")?;
    Ok(conn)
}

/// The URI of a SQLite file that must not be created.
#[cfg(feature = "sqlite")]
fn existing_file(path: &str, mode: &str) -> String {
    format!("file:{}?{mode}", utf8_percent_encode(path, PATH))
}

#[cfg(all(test, feature = "sqlite"))]
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
