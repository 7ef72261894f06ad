//! A connection to the managed database, of any kind, and its state: the settings that every
//! statement relies on.
//!
//! [`opening`](super::opening) applies these settings, and [`transaction`](super::transaction) runs
//! transactions. [`hop`](super::hop) describes how a connection is used for one unit of work.

use super::DatabaseError;
#[cfg(feature = "mysql")]
use super::mysql::{MysqlConnection, ServerFamily};
use crate::config::redact_in;
use crate::secret::Secret;
#[cfg(feature = "postgres")]
use diesel::connection::CacheSize;
use diesel::prelude::*;
use std::path::PathBuf;
use std::time::Duration;

/// How long an inspection waits for its connection, in seconds.
pub(super) const CONNECT_WITHIN_S: u32 = 5;

/// How long a MySQL or MariaDB server may take to accept a connection.
#[cfg(feature = "mysql")]
const SERVER_WITHIN: Duration = Duration::from_secs(30);

/// How long a statement waits for a lock, in milliseconds. A table locked by a migration then
/// delays only requests for that table.
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

/// The database to connect to.
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

/// The statements that can return the rows they wrote (`RETURNING`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returning {
    /// INSERT, UPDATE and DELETE.
    Always,
    /// Only INSERT.
    Inserts,
    /// None.
    Never,
}

/// The session settings that every statement relies on.
#[derive(Debug, Clone)]
pub struct State {
    /// The statement timeout.
    pub(super) statement_timeout: Duration,
}

impl State {
    /// The settings with this statement timeout.
    pub fn new(statement_timeout: Duration) -> Self {
        Self { statement_timeout }
    }

    /// Some values are read as text, so their format must not depend on server settings.
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

    /// PostgreSQL statements that apply these settings to one transaction.
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

/// The connection error without the password: libpq quotes the parts of a URL that it cannot parse.
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
struct OneRow {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    #[diesel(column_name = "one")]
    _one: i32,
}

/// Whether a connection still has its mark.
#[cfg(feature = "postgres")]
pub(super) fn has_mark(conn: &mut PgConnection, mark: &str) -> QueryResult<bool> {
    let asked = "SELECT 1 AS one WHERE current_setting('bailiwick.mark', true) = $1";
    let asked = diesel::sql_query(asked).bind::<diesel::sql_types::Text, _>(mark);
    Ok(asked.get_result::<OneRow>(conn).optional()?.is_some())
}

impl Target {
    /// Whether it is a connection to a server, which may close it while it is idle in the pool.
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
    /// Connects without applying any settings.
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
                // Behind a pooler, two clients could give two statements the same name, and get
                // each other's rows.
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

    /// The statements that can return the rows they wrote.
    pub fn returning(&self) -> Returning {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Returning::Always,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Returning::Always,
            #[cfg(feature = "mysql")]
            Self::Mysql(conn) => match conn.family() {
                ServerFamily::MariaDb => Returning::Inserts,
                ServerFamily::Mysql => Returning::Never,
            },
        }
    }
}

/// The target with a limit on the time to connect.
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
        // MySQL URLs have no such parameter.
        #[cfg(feature = "mysql")]
        Target::Mysql(_) => target.clone(),
    }
}
