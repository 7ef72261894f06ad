//! Statements with a shorter timeout, for parts that a page can do without.

use super::connection::AnyConnection;
use super::hop;
#[cfg(feature = "sqlite")]
use super::hop::tick;
#[cfg(feature = "postgres")]
use diesel::connection::AnsiTransactionManager;
use diesel::connection::SimpleConnection;
use diesel::result::Error as QueryError;
use std::time::Duration;

const READ_ONLY: &str = "BEGIN READ ONLY";

impl AnyConnection {
    /// Reads with a limit on each statement, if it is lower than the normal timeout. Afterwards the
    /// connection is as before, whatever happened inside.
    ///
    /// # Errors
    /// The error of the closure. A statement that took too long fails with its usual error.
    pub fn within<T, E>(
        &mut self,
        limit: Duration,
        f: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<QueryError>,
    {
        // Zero would mean no limit to the servers.
        let limit = limit.max(Duration::from_millis(1));
        let limited = format!("SET LOCAL statement_timeout = {}", limit.as_millis());
        if hop::is_at_base(self) {
            return hop::apart(self, READ_ONLY, |conn| {
                conn.batch_execute(&limited)?;
                f(conn)
            });
        }
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => tick::within(limit, || f(self)),
            #[cfg(feature = "postgres")]
            Self::Postgres(conn) => {
                AnsiTransactionManager::begin_transaction_sql(conn, READ_ONLY)?;
                let outcome = match conn.batch_execute(&limited) {
                    Ok(()) => f(self),
                    Err(error) => Err(error.into()),
                };
                self.roll_back()?;
                outcome
            }
            #[cfg(feature = "mysql")]
            Self::Mysql(conn) => {
                conn.limit_for_now(limit)?;
                let outcome = f(self);
                match self {
                    Self::Mysql(conn) => conn.limit_as_before()?,
                    #[cfg(feature = "sqlite")]
                    Self::Sqlite(_) => {}
                    #[cfg(feature = "postgres")]
                    Self::Postgres(_) => {}
                }
                outcome
            }
        }
    }
}
