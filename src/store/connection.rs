//! One connection to the managed database, whichever database that is, and its state: the settings
//! that every statement relies on. What a connection does for one piece of work is told in
//! [`hop`].

use super::DatabaseError;
use super::hop::{self, tick};
#[cfg(feature = "mysql")]
use super::mysql::{Family, MysqlConnection};
use crate::config::redact_in;
use crate::secret::Secret;
use diesel::connection::{AnsiTransactionManager, CacheSize, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use std::path::PathBuf;
use std::time::Duration;

/// How long SQLite waits for another writer, in milliseconds.
const SQLITE_BUSY_MS: u32 = 5_000;

/// How long a look at a server waits for the connection, in seconds.
const CONNECT_WITHIN_S: u32 = 5;

/// How long a server of MySQL or MariaDB may take to let a connection in.
#[cfg(feature = "mysql")]
const SERVER_WITHIN: Duration = Duration::from_secs(30);

/// How long a statement waits for a lock, in milliseconds: a table that is locked by a migration
/// holds up whoever asks for it, and nobody else.
const LOCK_MS: u32 = 3_000;

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
#[cfg_attr(not(feature = "mysql"), allow(dead_code))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returning {
    /// All of them.
    Always,
    /// INSERT alone.
    Inserts,
    /// None.
    Never,
}

/// The settings that every statement relies on.
#[derive(Debug, Clone)]
pub struct State {
    statement_timeout: Duration,
}

impl State {
    /// With how long a statement may take.
    pub fn new(statement_timeout: Duration) -> Self {
        Self { statement_timeout }
    }

    /// Values are read as text in places: their form must not hang on server settings.
    fn settings(&self) -> [(&'static str, String); 8] {
        [
            ("timezone", "'UTC'".into()),
            ("datestyle", "'ISO, YMD'".into()),
            ("intervalstyle", "'postgres'".into()),
            ("client_encoding", "'UTF8'".into()),
            ("standard_conforming_strings", "on".into()),
            ("bytea_output", "'hex'".into()),
            (
                "statement_timeout",
                self.statement_timeout.as_millis().to_string(),
            ),
            ("lock_timeout", LOCK_MS.to_string()),
        ]
    }

    /// Statements of PostgreSQL that make these settings for one transaction.
    pub(super) fn in_a_transaction(&self) -> String {
        self.statements("SET LOCAL")
    }

    fn statements(&self, set: &str) -> String {
        let settings = self.settings();
        let settings = settings.map(|(name, value)| format!("{set} {name} = {value}"));
        settings.join("; ")
    }
}

/// Why there is no connection, without the password: libpq quotes what it cannot read of a URL.
pub(super) fn unreachable(target: &Target, error: &ConnectionError) -> DatabaseError {
    let reason = error.to_string();
    DatabaseError::Unreachable(match target {
        Target::Sqlite(_) => reason,
        Target::Postgres(url) => redact_in(url.reveal(), &reason),
        #[cfg(feature = "mysql")]
        Target::Mysql(url) => redact_in(url.reveal(), &reason),
    })
}

#[derive(diesel::QueryableByName)]
struct One {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    #[diesel(column_name = "one")]
    _one: i32,
}

/// Whether a connection has the mark that it was given.
pub(super) fn has_mark(conn: &mut PgConnection, mark: &str) -> QueryResult<bool> {
    let asked = "SELECT 1 AS one WHERE current_setting('bailiwick.mark', true) = $1";
    let asked = diesel::sql_query(asked).bind::<diesel::sql_types::Text, _>(mark);
    Ok(asked.get_result::<One>(conn).optional()?.is_some())
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
    #[cfg(any(test, feature = "testing"))]
    pub fn open(target: &Target, statement_timeout: Duration) -> Result<Self, DatabaseError> {
        let mut conn = Self::bare(target)?;
        conn.keep(&State::new(statement_timeout))?;
        Ok(conn)
    }

    /// Connects, and makes no setting.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub fn bare(target: &Target) -> Result<Self, DatabaseError> {
        let unreachable = |error| unreachable(target, &error);
        match target {
            Target::Sqlite(path) => {
                let conn = SqliteConnection::establish(&path.to_string_lossy());
                Ok(Self::Sqlite(conn.map_err(unreachable)?))
            }
            Target::Postgres(url) => {
                let conn = PgConnection::establish(url.reveal());
                let mut conn = conn.map_err(unreachable)?;
                // Behind a pooler two clients could give one name to two statements, and get each
                // other's rows.
                conn.set_prepared_statement_cache_size(CacheSize::Disabled);
                Ok(Self::Postgres(conn))
            }
            #[cfg(feature = "mysql")]
            Target::Mysql(url) => {
                let conn = MysqlConnection::connect(url.reveal(), SERVER_WITHIN);
                Ok(Self::Mysql(conn.map_err(unreachable)?))
            }
        }
    }

    /// Makes the settings, to last for as long as the connection does.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn keep(&mut self, state: &State) -> Result<(), DatabaseError> {
        match self {
            Self::Sqlite(conn) => {
                tick::register(conn, state.statement_timeout)?;
                // WAL lets readers go on beside a writer; NORMAL is safe with it.
                conn.batch_execute(&format!(
                    "PRAGMA busy_timeout = {SQLITE_BUSY_MS}; PRAGMA journal_mode = WAL; \
                     PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; \
                     PRAGMA temp_store = MEMORY;"
                ))?;
            }
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

    /// Connects to look only: nothing is created, and no setting that lasts is made, where
    /// [`AnyConnection::open`] would make a missing SQLite file and turn on its WAL.
    ///
    /// Changes are possible all the same, so that they can be rehearsed and rolled back.
    ///
    /// # Errors
    /// When the database is not there or cannot be reached.
    pub(super) fn inspect(target: &Target, state: &State) -> Result<Self, DatabaseError> {
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
                let mut conn = opened?;
                tick::register(&mut conn, state.statement_timeout)?;
                Ok(Self::Sqlite(conn))
            }
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
        if hop::is_at_base(self) {
            return hop::apart(self, "BEGIN", f);
        }
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

    /// Runs a part of a change: if it fails, only this part is undone. Must run inside
    /// [`AnyConnection::change`], and not inside another part.
    ///
    /// # Errors
    /// Whatever the closure returns, after its statements were undone.
    pub fn part<T, E>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<diesel::result::Error>,
    {
        match self {
            Self::Postgres(_) => self.transaction(f),
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => self.transaction(f),
            // Diesel does not know of the transaction that `change` began.
            Self::Sqlite(_) => self.savepoint(f),
        }
    }

    fn savepoint<T, E>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<diesel::result::Error>,
    {
        self.batch_execute("SAVEPOINT part")?;
        let outcome = f(self);
        if outcome.is_err() {
            self.batch_execute("ROLLBACK TO SAVEPOINT part")?;
        }
        self.batch_execute("RELEASE SAVEPOINT part")?;
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
        const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        if hop::is_at_base(self) {
            return hop::apart(self, BEGIN, f);
        }
        match self {
            Self::Sqlite(_) => self.transaction(f),
            Self::Postgres(conn) => {
                // By way of Diesel, which gives up a connection whose transaction does not end.
                AnsiTransactionManager::begin_transaction_sql(conn, BEGIN)?;
                let outcome = f(self);
                self.roll_back()?;
                outcome
            }
            #[cfg(feature = "mysql")]
            Self::Mysql(conn) => {
                const BEGIN: &str = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; \
                     START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
                AnsiTransactionManager::begin_transaction_sql(conn, BEGIN)?;
                let outcome = f(self);
                self.roll_back()?;
                outcome
            }
        }
    }

    pub(super) fn roll_back(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(conn) => AnsiTransactionManager::rollback_transaction(conn),
            Self::Postgres(conn) => AnsiTransactionManager::rollback_transaction(conn),
            #[cfg(feature = "mysql")]
            Self::Mysql(conn) => AnsiTransactionManager::rollback_transaction(conn),
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

    /// Tries plain statements that can as well be left out, without waiting for whoever holds a
    /// lock of SQLite.
    ///
    /// # Errors
    /// Whatever the closure returns.
    pub fn without_waiting<T>(
        &mut self,
        f: impl FnOnce(&mut Self) -> QueryResult<T>,
    ) -> QueryResult<T> {
        match self {
            Self::Sqlite(conn) => conn.batch_execute("PRAGMA busy_timeout = 0")?,
            Self::Postgres(_) => {}
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => {}
        }
        let outcome = self.attempt(f);
        match self {
            Self::Sqlite(conn) => {
                conn.batch_execute(&format!("PRAGMA busy_timeout = {SQLITE_BUSY_MS}"))?;
            }
            Self::Postgres(_) => {}
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => {}
        }
        outcome
    }

    /// Tries plain statements that may fail, where the work goes on all the same.
    ///
    /// # Errors
    /// Whatever the closure returns.
    pub fn attempt<T, E>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<diesel::result::Error>,
    {
        match hop::is_at_base(self) {
            // A savepoint: a failure would spoil the base.
            true => self.transaction(f),
            false => f(self),
        }
    }
}

/// The same, with a limit on how long it takes to connect.
pub(super) fn patient(target: &Target) -> Target {
    match target {
        Target::Postgres(url) if !url.reveal().contains("connect_timeout=") => {
            let url = url.reveal();
            let sign = if url.contains('?') { '&' } else { '?' };
            let url = format!("{url}{sign}connect_timeout={CONNECT_WITHIN_S}");
            Target::Postgres(Secret::new(url))
        }
        Target::Postgres(_) | Target::Sqlite(_) => target.clone(),
        // It has no word for that in its URL.
        #[cfg(feature = "mysql")]
        Target::Mysql(_) => target.clone(),
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
