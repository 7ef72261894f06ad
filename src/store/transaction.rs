//! Transactions of the work itself, and plain statements that may fail.

use super::connection::AnyConnection;
use super::hop;
#[cfg(feature = "sqlite")]
use super::opening::SQLITE_BUSY_MS;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;

impl AnyConnection {
    /// Runs a change in one transaction.
    ///
    /// On SQLite it takes the write lock at once. Otherwise, a transaction that reads before it
    /// writes could fail because of another writer.
    ///
    /// # Errors
    /// The error of the closure, after a rollback.
    pub fn change<T, E>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<diesel::result::Error>,
    {
        if hop::is_at_base(self) {
            return hop::apart(self, "BEGIN", f);
        }
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => self.transaction(f),
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => self.transaction(f),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => self.change_at_once(f),
        }
    }

    /// A change on SQLite that takes the write lock first.
    #[cfg(feature = "sqlite")]
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
            // SQLite ends the transaction itself on some errors; then there is nothing to roll
            // back.
            if let Err(error) = self.batch_execute("ROLLBACK") {
                tracing::debug!(error = %error, "nothing was left to roll back");
            }
        }
        outcome
    }

    /// Runs a part of a change: if it fails, only this part is rolled back. Must run inside
    /// [`AnyConnection::change`], and not inside another part.
    ///
    /// # Errors
    /// The error of the closure, after its statements were rolled back.
    pub fn part<T, E>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<diesel::result::Error>,
    {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => self.transaction(f),
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => self.transaction(f),
            // Diesel does not know of the transaction that `change` began.
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => self.savepoint(f),
        }
    }

    #[cfg(feature = "sqlite")]
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
    /// The error of the closure.
    pub fn snapshot<T, E>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<diesel::result::Error>,
    {
        const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        if hop::is_at_base(self) {
            return hop::apart(self, BEGIN, f);
        }
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => self.transaction(f),
            #[cfg(feature = "postgres")]
            Self::Postgres(conn) => {
                // Goes through Diesel, which marks a connection as broken if its transaction does
                // not end.
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
            #[cfg(feature = "sqlite")]
            Self::Sqlite(conn) => AnsiTransactionManager::rollback_transaction(conn),
            #[cfg(feature = "postgres")]
            Self::Postgres(conn) => AnsiTransactionManager::rollback_transaction(conn),
            #[cfg(feature = "mysql")]
            Self::Mysql(conn) => AnsiTransactionManager::rollback_transaction(conn),
        }
    }

    /// Runs optional statements, without waiting for a lock on SQLite.
    ///
    /// # Errors
    /// The error of the closure.
    pub fn without_waiting<T>(
        &mut self,
        f: impl FnOnce(&mut Self) -> QueryResult<T>,
    ) -> QueryResult<T> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(conn) => conn.batch_execute("PRAGMA busy_timeout = 0")?,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => {}
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => {}
        }
        let outcome = self.attempt(f);
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(conn) => {
                conn.batch_execute(&format!("PRAGMA busy_timeout = {SQLITE_BUSY_MS}"))?;
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => {}
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => {}
        }
        outcome
    }

    /// Runs plain statements that may fail without affecting the rest of the work.
    ///
    /// # Errors
    /// The error of the closure.
    pub fn attempt<T, E>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<diesel::result::Error>,
    {
        if hop::is_at_base(self) {
            // Uses a savepoint: a failure would abort the base.
            self.transaction(f)
        } else {
            f(self)
        }
    }
}
