//! One connection to the managed database, whichever database that is, and its state: the settings
//! that every statement relies on.
//!
//! [`opening`](super::opening) makes these settings, [`transaction`](super::transaction) runs
//! transactions, and [`hop`](super::hop) tells what a connection does for one piece of work.

use super::DatabaseError;
#[cfg(feature = "mysql")]
use super::mysql::{Family, MysqlConnection};
use crate::config::redact_in;
use crate::secret::Secret;
#[cfg(feature = "postgres")]
use diesel::connection::CacheSize;
use diesel::prelude::*;
use std::path::PathBuf;
use std::time::Duration;

/// How long a look at a server waits for the connection, in seconds.
pub(super) const CONNECT_WITHIN_S: u32 = 5;

/// How long a server of MySQL or MariaDB may take to let a connection in.
#[cfg(feature = "mysql")]
const SERVER_WITHIN: Duration = Duration::from_secs(30);

/// How long a statement waits for a lock, in milliseconds: a table that is locked by a migration
/// holds up whoever asks for it, and nobody else.
pub(super) const LOCK_MS: u32 = 3_000;

/// A connection to the managed database.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// To a SQLite file.
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteConnection),
    /// To a PostgreSQL server.
    #[cfg(feature = "postgres")]
    Postgres(PgConnection),
    /// To a MySQL or MariaDB server.
    #[cfg(feature = "mysql")]
    Mysql(MysqlConnection),
}

/// Which database to connect to.
#[derive(Debug, Clone)]
pub enum Target {
    /// A SQLite file.
    #[cfg(feature = "sqlite")]
    Sqlite(PathBuf),
    /// A PostgreSQL server, by URL.
    #[cfg(feature = "postgres")]
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

/// The settings that every statement relies on.
#[derive(Debug, Clone)]
pub struct State {
    /// How long a statement may take.
    pub(super) statement_timeout: Duration,
}

impl State {
    /// With how long a statement may take.
    pub fn new(statement_timeout: Duration) -> Self {
        Self { statement_timeout }
    }

    /// Values are read as text in places: their form must not hang on server settings.
    #[cfg(feature = "postgres")]
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
    #[cfg(feature = "postgres")]
    pub(super) fn in_a_transaction(&self) -> String {
        self.statements("SET LOCAL")
    }

    #[cfg(feature = "postgres")]
    pub(super) fn statements(&self, set: &str) -> String {
        let settings = self.settings();
        let settings = settings.map(|(name, value)| format!("{set} {name} = {value}"));
        settings.join("; ")
    }
}

/// Why there is no connection, without the password: libpq quotes what it cannot read of a URL.
pub(super) fn unreachable(target: &Target, error: &ConnectionError) -> DatabaseError {
    let reason = error.to_string();
    DatabaseError::Unreachable(match target {
        #[cfg(feature = "sqlite")]
        Target::Sqlite(_) => reason,
        #[cfg(feature = "postgres")]
        Target::Postgres(url) => redact_in(url.reveal(), &reason),
        #[cfg(feature = "mysql")]
        Target::Mysql(url) => redact_in(url.reveal(), &reason),
    })
}

#[cfg(feature = "postgres")]
#[derive(diesel::QueryableByName)]
struct One {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    #[diesel(column_name = "one")]
    _one: i32,
}

/// Whether a connection has the mark that it was given.
#[cfg(feature = "postgres")]
pub(super) fn has_mark(conn: &mut PgConnection, mark: &str) -> QueryResult<bool> {
    let asked = "SELECT 1 AS one WHERE current_setting('bailiwick.mark', true) = $1";
    let asked = diesel::sql_query(asked).bind::<diesel::sql_types::Text, _>(mark);
    Ok(asked.get_result::<One>(conn).optional()?.is_some())
}

impl Target {
    /// Whether connections go to a server, which may end them while they lie in the pool.
    pub fn is_server(&self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => true,
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => true,
        }
    }
}

impl AnyConnection {
    /// Connects, and makes no setting.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub fn bare(target: &Target) -> Result<Self, DatabaseError> {
        let unreachable = |error| unreachable(target, &error);
        match target {
            #[cfg(feature = "sqlite")]
            Target::Sqlite(path) => {
                let conn = SqliteConnection::establish(&path.to_string_lossy());
                Ok(Self::Sqlite(conn.map_err(unreachable)?))
            }
            #[cfg(feature = "postgres")]
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

    /// Which changes give back the rows they made.
    pub fn returning(&self) -> Returning {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Returning::Always,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Returning::Always,
            #[cfg(feature = "mysql")]
            Self::Mysql(conn) => match conn.family() {
                Family::MariaDb => Returning::Inserts,
                Family::Mysql => Returning::Never,
            },
        }
    }
}

/// The same, with a limit on how long it takes to connect.
pub(super) fn patient(target: &Target) -> Target {
    match target {
        #[cfg(feature = "postgres")]
        Target::Postgres(url) if !url.reveal().contains("connect_timeout=") => {
            let url = url.reveal();
            let sign = if url.contains('?') { '&' } else { '?' };
            let url = format!("{url}{sign}connect_timeout={CONNECT_WITHIN_S}");
            Target::Postgres(Secret::new(url))
        }
        #[cfg(feature = "postgres")]
        Target::Postgres(_) => target.clone(),
        #[cfg(feature = "sqlite")]
        Target::Sqlite(_) => target.clone(),
        // It has no word for that in its URL.
        #[cfg(feature = "mysql")]
        Target::Mysql(_) => target.clone(),
    }
}
