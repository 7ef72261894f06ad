//! A pool of database connections behind async semaphores.
//!
//! Diesel is blocking. A request takes one connection, runs all its statements and commits in one
//! [`hop`] to a blocking thread. If no connection becomes free in time, the request fails instead
//! of hanging. [`Shares`] limits the connections of each person. [`party`] tells who a connection
//! is for.

mod shares;

pub use shares::Shares;

use super::connection::{AnyConnection, State};
use super::hop::{self, Canceller, CutOnDrop, Ticket};
use super::pooler::PoolerState;
use super::{DatabaseError, Target, party};
use crate::config::{DatabaseConfig, Pooler};
use crate::texts::Language;
use diesel::connection::{SimpleConnection, TransactionManager};
use std::sync::Arc;
use std::time::Duration;

/// How long a request waits for a connection before it is answered with 503.
const PATIENCE: Duration = Duration::from_secs(5);

/// A pool of connections.
#[derive(Clone)]
pub struct Database {
    pool: r2d2::Pool<Manager>,
    shares: Arc<Shares>,
    canceller: Canceller,
    way: Arc<PoolerState>,
    state: State,
    patience: Duration,
}

/// Settings of the pool.
#[derive(Debug, Clone)]
pub struct Tuning {
    /// The maximum number of connections.
    pub size: u32,
    /// The statement timeout.
    pub statement_timeout: Duration,
    /// How long a request waits for a connection.
    pub patience: Duration,
    /// The pooler between the panel and PostgreSQL; detected if left out.
    pub pooler: Option<Pooler>,
}

impl From<&DatabaseConfig> for Tuning {
    fn from(config: &DatabaseConfig) -> Self {
        Self {
            size: config.pool_size,
            statement_timeout: Duration::from_secs(config.statement_timeout_s.into()),
            patience: PATIENCE,
            pooler: config.pooler,
        }
    }
}

struct Manager {
    target: Target,
    state: State,
    way: Arc<PoolerState>,
}

/// A pooled connection.
struct Pooled {
    conn: AnyConnection,
    /// The server process behind it, if that never changes.
    backend: Option<i64>,
    /// A mark in the session state, to detect a changed server connection.
    mark: String,
}

impl Database {
    /// A pool of at most `size` connections, opened when first needed. If the database is down at
    /// the start, the first request reports it.
    #[cfg(any(test, feature = "testing"))]
    pub fn new(target: Target, size: u32, statement_timeout: Duration) -> Self {
        Self::with_patience(target, size, statement_timeout, PATIENCE)
    }

    /// Like [`Database::new`], with a limit on how long a request waits for a connection.
    #[cfg(any(test, feature = "testing"))]
    pub fn with_patience(
        target: Target,
        size: u32,
        statement_timeout: Duration,
        patience: Duration,
    ) -> Self {
        let tuning = Tuning {
            size,
            statement_timeout,
            patience,
            pooler: None,
        };
        Self::tuned(target, &tuning)
    }

    /// A pool with the settings of the configuration.
    pub fn configured(target: Target, config: &DatabaseConfig) -> Self {
        Self::tuned(target, &config.into())
    }

    /// Like [`Database::new`], with all settings.
    pub fn tuned(target: Target, tuning: &Tuning) -> Self {
        let size = tuning.size.max(1);
        let way = Arc::new(PoolerState::configured(&target, tuning.pooler));
        let state = State::new(tuning.statement_timeout);
        let canceller = Canceller::new(target.clone());
        let pool = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .test_on_check_out(target.is_server())
            .connection_timeout(tuning.patience)
            .error_handler(Box::new(DiscardErrors))
            .build_unchecked(Manager {
                target,
                state: state.clone(),
                way: Arc::clone(&way),
            });
        Self {
            pool,
            shares: Arc::new(Shares::new(size)),
            canceller,
            way,
            state,
            patience: tuning.patience,
        }
    }

    /// Runs `f` with a connection on a blocking thread, for the current [`party`]. Work for a
    /// person is cancelled when nobody waits for it any more.
    ///
    /// # Errors
    /// The error of `f`, or a [`DatabaseError`] when there is no connection.
    pub async fn run<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        let party = party::current();
        let waiting = self.shares.place(&party);
        let Ok(place) = tokio::time::timeout(self.patience, waiting).await else {
            return Err(DatabaseError::Busy.into());
        };
        let ticket = Arc::new(Ticket::default());
        let cut = party
            .is_cut_short()
            .then(|| CutOnDrop::new(&ticket, &self.canceller));
        let (pool, way, state) = (self.pool.clone(), Arc::clone(&self.way), self.state.clone());
        let language = Language::current();
        let work = move || {
            let outcome = match pool.get() {
                Ok(mut pooled) => {
                    let Pooled { conn, backend, .. } = &mut *pooled;
                    let state = way.is_pooled().then_some(&state);
                    hop::run(conn, &ticket, *backend, state, f)
                }
                Err(error) => Err(DatabaseError::Unreachable(error.to_string()).into()),
            };
            drop(place);
            outcome
        };
        let task = tokio::task::spawn_blocking(move || language.scope_thread(work));
        let outcome = task.await;
        if let Some(cut) = cut {
            cut.arrived();
        }
        outcome.unwrap_or_else(|_| Err(DatabaseError::Cut.into()))
    }

    /// Runs `f` to its end even if nobody waits for it any more; used to record what was tried.
    ///
    /// # Errors
    /// As [`Database::run`].
    pub async fn run_to_its_end<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        let database = self.clone();
        let language = Language::current();
        let task = tokio::spawn(language.scope(async move { database.run(f).await }));
        task.await
            .unwrap_or_else(|_| Err(DatabaseError::Cut.into()))
    }

    /// The number of connections in use, and the maximum.
    pub fn load(&self) -> (u32, u32) {
        let state = self.pool.state();
        (
            state.connections.saturating_sub(state.idle_connections),
            self.pool.max_size(),
        )
    }

    /// Whether a pooler in transaction mode is in front of the database, as far as is known.
    #[cfg(any(test, feature = "testing"))]
    pub fn is_pooled(&self) -> bool {
        self.way.is_pooled()
    }
}

impl r2d2::ManageConnection for Manager {
    type Connection = Pooled;
    type Error = DatabaseError;

    fn connect(&self) -> Result<Pooled, DatabaseError> {
        match &self.target {
            #[cfg(feature = "postgres")]
            Target::Postgres(url) => {
                let explored = self.way.explore(url);
                explored.map_err(|error| super::connection::unreachable(&self.target, &error))?;
            }
            #[cfg(feature = "sqlite")]
            Target::Sqlite(_) => {}
            #[cfg(feature = "mysql")]
            Target::Mysql(_) => {}
        }
        let mut conn = AnyConnection::bare(&self.target)?;
        let mark = format!("{:016x}", rand::random::<u64>());
        let mut backend = None;
        if !self.way.is_pooled() {
            conn.keep(&self.state)?;
            match &mut conn {
                #[cfg(feature = "postgres")]
                AnyConnection::Postgres(conn) => {
                    conn.batch_execute(&format!("SET bailiwick.mark = '{mark}'"))?;
                    backend = Some(hop::backend(conn)?);
                }
                #[cfg(feature = "sqlite")]
                AnyConnection::Sqlite(_) => {}
                #[cfg(feature = "mysql")]
                AnyConnection::Mysql(conn) => backend = Some(conn.number()?),
            }
        }
        Ok(Pooled {
            conn,
            backend,
            mark,
        })
    }

    /// Checks that the connection answers, and that its session state is still there. If the state
    /// is another one's, a pooler shares server connections between clients.
    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), DatabaseError> {
        match &mut pooled.conn {
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(conn) if self.way.is_pooled() => {
                conn.batch_execute("SELECT 1")?;
            }
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(conn) => {
                if !super::connection::has_mark(conn, &pooled.mark)? {
                    self.way.notice();
                }
            }
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(conn) => conn.batch_execute("SELECT 1")?,
            #[cfg(feature = "mysql")]
            AnyConnection::Mysql(conn) => conn.batch_execute("DO 1")?,
        }
        Ok(())
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        if std::thread::panicking() {
            return true;
        }
        match &mut pooled.conn {
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(conn) => is_broken(conn),
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(conn) => is_broken(conn),
            #[cfg(feature = "mysql")]
            AnyConnection::Mysql(conn) => conn.is_lost() || is_broken(conn),
        }
    }
}

fn is_broken<C: diesel::Connection>(conn: &mut C) -> bool {
    C::TransactionManager::is_broken_transaction_manager(conn)
}

/// Discards pool errors: the request that needed the connection reports them.
#[derive(Debug)]
struct DiscardErrors;

impl r2d2::HandleError<DatabaseError> for DiscardErrors {
    fn handle_error(&self, error: DatabaseError) {
        tracing::debug!(error = %error, "a database connection could not be made");
    }
}
