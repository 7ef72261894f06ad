//! The connections everything runs on: a pool behind an async semaphore.
//!
//! Diesel is blocking. A request takes a connection once, runs all its statements and commits in
//! one hop to a blocking thread; when no connection is free in time it is told so, and never
//! hangs.

use super::{AnyConnection, Target};
use diesel::connection::{SimpleConnection, TransactionManager};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long a request waits for a connection before it is answered 503.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why there is no connection, or no answer from it.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Every connection was busy for as long as a request may wait.
    #[error("all database connections are busy")]
    Busy,
    /// No connection can be made.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// A statement failed.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
    /// The blocking thread died.
    #[error("a database task was cut short")]
    Cut,
}

/// A pool of connections.
#[derive(Clone)]
pub struct Database {
    pool: r2d2::Pool<Manager>,
    free: Arc<Semaphore>,
    patience: Duration,
}

struct Manager {
    target: Target,
    statement_timeout: Duration,
}

impl Database {
    /// A pool of at most `size` connections, made when they are first needed: a database that is
    /// away at start is told at the first request, not here.
    pub fn new(target: Target, size: u32, statement_timeout: Duration) -> Self {
        Self::with_patience(target, size, statement_timeout, PATIENCE)
    }

    /// Like [`Database::new`], with how long a request waits for a connection.
    pub fn with_patience(
        target: Target,
        size: u32,
        statement_timeout: Duration,
        patience: Duration,
    ) -> Self {
        let size = size.max(1);
        let pool = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .test_on_check_out(target.is_server())
            .connection_timeout(patience)
            .error_handler(Box::new(Quiet))
            .build_unchecked(Manager {
                target,
                statement_timeout,
            });
        let permits = usize::try_from(size).unwrap_or(1);
        Self {
            pool,
            free: Arc::new(Semaphore::new(permits)),
            patience,
        }
    }

    /// Runs `f` with a connection on a blocking thread.
    ///
    /// # Errors
    /// What `f` returns, or a [`DatabaseError`] when there is no connection.
    pub async fn run<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        let waiting = Arc::clone(&self.free).acquire_owned();
        let place = match tokio::time::timeout(self.patience, waiting).await {
            Ok(Ok(place)) => place,
            _ => return Err(DatabaseError::Busy.into()),
        };
        let pool = self.pool.clone();
        let task = tokio::task::spawn_blocking(move || {
            let outcome = match pool.get() {
                Ok(mut conn) => f(&mut conn),
                Err(error) => Err(DatabaseError::Unreachable(error.to_string()).into()),
            };
            drop(place);
            outcome
        });
        task.await
            .unwrap_or_else(|_| Err(DatabaseError::Cut.into()))
    }

    /// Connections in use and the most there may be.
    pub fn load(&self) -> (u32, u32) {
        let state = self.pool.state();
        (
            state.connections.saturating_sub(state.idle_connections),
            self.pool.max_size(),
        )
    }
}

impl r2d2::ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = DatabaseError;

    fn connect(&self) -> Result<AnyConnection, DatabaseError> {
        AnyConnection::open(&self.target, self.statement_timeout)
    }

    fn is_valid(&self, conn: &mut AnyConnection) -> Result<(), DatabaseError> {
        Ok(conn.batch_execute("SELECT 1")?)
    }

    fn has_broken(&self, conn: &mut AnyConnection) -> bool {
        if std::thread::panicking() {
            return true;
        }
        match conn {
            AnyConnection::Sqlite(conn) => is_broken(conn),
            AnyConnection::Postgres(conn) => is_broken(conn),
            #[cfg(feature = "mysql")]
            AnyConnection::Mysql(conn) => conn.is_lost() || is_broken(conn),
        }
    }
}

fn is_broken<C: diesel::Connection>(conn: &mut C) -> bool {
    C::TransactionManager::is_broken_transaction_manager(conn)
}

/// Failures to connect are reported by the request that needed the connection.
#[derive(Debug)]
struct Quiet;

impl r2d2::HandleError<DatabaseError> for Quiet {
    fn handle_error(&self, error: DatabaseError) {
        tracing::debug!(error = %error, "a database connection could not be made");
    }
}
