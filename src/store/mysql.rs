//! A synchronous connection to MySQL or MariaDB over a client in pure Rust. It works with
//! `derive(MultiConnection)` like Diesel's own connections.
//!
//! Errors have the kind and names that PostgreSQL would report, see [`error`].

mod error;

use diesel::connection::{
    AnsiTransactionManager, CacheSize, Connection, DefaultLoadingMode, Instrumentation,
    LoadConnection, SimpleConnection, TransactionManager,
};
use diesel::expression::QueryMetadata;
use diesel::internal::derives::multiconnection::{ConnectionSealed, MultiConnectionHelper};
use diesel::migration::{CREATE_MIGRATIONS_TABLE, MigrationConnection};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::r2d2::R2D2Connection;
use diesel_async::AsyncMysqlConnection;
use diesel_async::async_connection_wrapper::{AsyncConnectionWrapper, BlockOn};
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};

/// How long the server waits for a client that reads an export slowly, in seconds.
const EXPORT_WAIT_S: u32 = 3_600;

/// The runtime that drives the sockets for all threads. The server's own runtimes have one thread
/// each, which would deadlock waiting for itself.
pub struct Driver(Handle);

impl BlockOn for Driver {
    /// Tokio's `block_on` panics on a thread that drives tasks of another runtime.
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        let _entered = self.0.enter();
        let waker = Waker::from(Arc::new(ThreadWaker(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        // The cooperative budget of such a task would never be refilled here.
        let mut future = pin!(tokio::task::unconstrained(future));
        loop {
            match future.as_mut().poll(&mut context) {
                Poll::Ready(value) => return value,
                Poll::Pending => std::thread::park(),
            }
        }
    }

    fn get_runtime() -> Self {
        static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
        let made = RUNTIME.get_or_init(|| {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(1).thread_name("mysql").enable_all();
            builder.build().ok()
        });
        match made {
            Some(runtime) => Self(runtime.handle().clone()),
            // No thread could be started: the caller's own runtime is used, which is slower.
            None => Self(Handle::current()),
        }
    }
}

/// Unparks a thread that waits for the sockets.
struct ThreadWaker(Thread);

impl Wake for ThreadWaker {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

type Inner = AsyncConnectionWrapper<AsyncMysqlConnection, Driver>;

/// The server's family: MySQL and MariaDB differ in details that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerFamily {
    /// MySQL 8 or later.
    Mysql,
    /// MariaDB 10.6 or later.
    MariaDb,
}

/// A connection to MySQL or MariaDB.
pub struct MysqlConnection {
    inner: Inner,
    transactions: AnsiTransactionManager,
    family: ServerFamily,
    lost: bool,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

impl MysqlConnection {
    /// Connects without applying any settings.
    ///
    /// # Errors
    /// When the server cannot be reached in that time.
    pub fn connect(url: &str, within: Duration) -> ConnectionResult<Self> {
        use diesel_async::AsyncConnection;
        let url = over_tcp(url);
        let attempt = Driver::get_runtime().block_on(async {
            tokio::time::timeout(within, AsyncMysqlConnection::establish(&url)).await
        });
        let inner = attempt.map_err(|_| {
            ConnectionError::BadConnection("connection timeout: the server does not answer".into())
        })??;
        let mut conn = Self {
            inner: Inner::from(inner),
            transactions: AnsiTransactionManager::default(),
            family: ServerFamily::Mysql,
            lost: false,
        };
        let found: Version = diesel::sql_query("SELECT VERSION() AS version")
            .get_result(&mut conn)
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
        if found.version.contains("MariaDB") {
            conn.family = ServerFamily::MariaDb;
        }
        Ok(conn)
    }

    /// Applies the settings every statement relies on, whatever the server's defaults. Values are
    /// never truncated silently. Statements see committed data, waits are limited, and errors are
    /// in English.
    ///
    /// # Errors
    /// When a statement fails.
    pub fn settle(&mut self, statement_timeout: Duration, lock: Duration) -> QueryResult<()> {
        let lock = lock.as_secs().max(1);
        // NO_BACKSLASH_ESCAPES and ANSI_QUOTES are left out. So is NO_ZERO_DATE, so that rows with
        // zero dates can be saved.
        self.batch_execute(&format!(
            "SET SESSION sql_mode = \
             'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO', \
             SESSION innodb_lock_wait_timeout = {lock}, SESSION lock_wait_timeout = {lock}, \
             SESSION lc_messages = 'en_US', SESSION time_zone = '+00:00'; \
             SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
             SET NAMES utf8mb4 COLLATE utf8mb4_general_ci"
        ))?;
        self.limit_statements(statement_timeout)
    }

    /// Sets the statement timeout until [`MysqlConnection::limit_as_before`].
    ///
    /// # Errors
    /// When the statement fails.
    pub fn limit_for_now(&mut self, limit: Duration) -> QueryResult<()> {
        let name = self.limit_name();
        self.batch_execute(&format!("SET @bailiwick_before = @@SESSION.{name}"))?;
        self.limit_statements(limit)
    }

    /// Restores the statement timeout.
    ///
    /// # Errors
    /// When the statement fails.
    pub fn limit_as_before(&mut self) -> QueryResult<()> {
        let name = self.limit_name();
        let restored = self.batch_execute(&format!("SET SESSION {name} = @bailiwick_before"));
        // A connection with wrong settings must not be reused.
        self.lost |= restored.is_err();
        restored
    }

    fn limit_statements(&mut self, timeout: Duration) -> QueryResult<()> {
        match self.family {
            // Limits only SELECT, in milliseconds.
            ServerFamily::Mysql => self.batch_execute(&format!(
                "SET SESSION max_execution_time = {}",
                timeout.as_millis()
            )),
            ServerFamily::MariaDb => self.batch_execute(&format!(
                "SET SESSION max_statement_time = {}",
                timeout.as_secs_f64()
            )),
        }
    }

    /// The connection id, by which another connection can end its statement.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn number(&mut self) -> QueryResult<i64> {
        #[derive(QueryableByName)]
        struct Number {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            number: i64,
        }
        let asked = diesel::sql_query("SELECT CAST(CONNECTION_ID() AS SIGNED) AS number");
        Ok(asked.get_result::<Number>(self)?.number)
    }

    /// The server's family.
    pub fn family(&self) -> ServerFamily {
        self.family
    }

    /// Acts as if the server were of the other family, as far as they are alike.
    #[cfg(test)]
    pub(crate) fn pretend(&mut self, family: ServerFamily) {
        self.family = family;
    }

    /// The variable with the statement timeout.
    fn limit_name(&self) -> &'static str {
        match self.family {
            ServerFamily::Mysql => "max_execution_time",
            ServerFamily::MariaDb => "max_statement_time",
        }
    }

    /// Whether the connection is lost.
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    /// Runs `f`, whose rows may be read slowly. The statement timeout includes the client's time,
    /// so it is turned off.
    ///
    /// # Errors
    /// The error of `f`, or when the settings cannot be changed.
    pub fn unhurried<T>(&mut self, f: impl FnOnce(&mut Self) -> QueryResult<T>) -> QueryResult<T> {
        let limit = self.limit_name();
        self.batch_execute(&format!(
            "SET @bailiwick_limit = @@SESSION.{limit}, @bailiwick_wait = @@SESSION.net_write_timeout; \
             SET SESSION {limit} = 0, SESSION net_write_timeout = {EXPORT_WAIT_S}"
        ))?;
        let outcome = f(self);
        let restored = self.batch_execute(&format!(
            "SET SESSION {limit} = @bailiwick_limit, SESSION net_write_timeout = @bailiwick_wait"
        ));
        // A connection with wrong settings must not be reused.
        self.lost |= restored.is_err();
        outcome
    }

    /// Ends a statement whose rows are no longer wanted. Its remaining messages are discarded, as
    /// the next statement would receive them.
    pub fn abandon(&mut self) {
        let token = self.inner.cancel_token();
        let ended = Driver::get_runtime().block_on(async { token.cancel_query().await });
        if let Err(error) = ended {
            tracing::debug!(error = %error, "a statement could not be ended early");
        }
        if let Err(error) = self.inner.batch_execute("DO 1") {
            tracing::debug!(error = %error, "a statement was ended early");
        }
    }

    fn noting<T>(&mut self, outcome: QueryResult<T>) -> QueryResult<T> {
        let outcome = outcome.map_err(error::translate);
        self.lost |= outcome.as_ref().is_err_and(error::is_lost);
        outcome
    }
}

/// The client would switch to the server's socket file, where other accounts may apply.
fn over_tcp(url: &str) -> String {
    if url.contains("socket=") {
        return url.to_owned();
    }
    let sign = if url.contains('?') { '&' } else { '?' };
    format!("{url}{sign}prefer_socket=false")
}

/// Rows as the server sends them.
pub struct Rows<'c, 'q>(<Inner as LoadConnection>::Cursor<'c, 'q>);

impl<'c, 'q> Iterator for Rows<'c, 'q> {
    type Item = QueryResult<<Inner as LoadConnection>::Row<'c, 'q>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|row| row.map_err(error::translate))
    }
}

impl SimpleConnection for MysqlConnection {
    fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        let outcome = self.inner.batch_execute(query);
        self.noting(outcome)
    }
}

impl ConnectionSealed for MysqlConnection {}

impl Connection for MysqlConnection {
    type Backend = Mysql;
    type TransactionManager = AnsiTransactionManager;

    fn establish(url: &str) -> ConnectionResult<Self> {
        Self::connect(url, Duration::from_secs(30))
    }

    fn execute_returning_count<T>(&mut self, source: &T) -> QueryResult<usize>
    where
        T: QueryFragment<Mysql> + QueryId,
    {
        let outcome = self.inner.execute_returning_count(source);
        self.noting(outcome)
    }

    fn transaction_state(&mut self) -> &mut AnsiTransactionManager {
        &mut self.transactions
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        self.inner.instrumentation()
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        Connection::set_instrumentation(&mut self.inner, instrumentation);
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        Connection::set_prepared_statement_cache_size(&mut self.inner, size);
    }
}

impl LoadConnection<DefaultLoadingMode> for MysqlConnection {
    type Cursor<'c, 'q> = Rows<'c, 'q>;
    type Row<'c, 'q> = <Inner as LoadConnection>::Row<'c, 'q>;

    fn load<'c, 'q, T>(&'c mut self, source: T) -> QueryResult<Rows<'c, 'q>>
    where
        T: Query + QueryFragment<Mysql> + QueryId + 'q,
        Mysql: QueryMetadata<T::SqlType>,
    {
        match LoadConnection::load(&mut self.inner, source) {
            Ok(cursor) => Ok(Rows(cursor)),
            Err(error) => Err(error::translate(error)),
        }
    }
}

impl MultiConnectionHelper for MysqlConnection {
    fn to_any<'a>(
        lookup: &mut <Mysql as diesel::sql_types::TypeMetadata>::MetadataLookup,
    ) -> &mut (dyn std::any::Any + 'a) {
        lookup
    }

    fn from_any(
        lookup: &mut dyn std::any::Any,
    ) -> Option<&mut <Mysql as diesel::sql_types::TypeMetadata>::MetadataLookup> {
        lookup.downcast_mut()
    }
}

impl R2D2Connection for MysqlConnection {
    fn ping(&mut self) -> QueryResult<()> {
        self.batch_execute("DO 1")
    }

    fn is_broken(&mut self) -> bool {
        self.lost || AnsiTransactionManager::is_broken_transaction_manager(self)
    }
}

impl MigrationConnection for MysqlConnection {
    fn setup(&mut self) -> QueryResult<usize> {
        self.batch_execute(CREATE_MIGRATIONS_TABLE).map(|()| 0)
    }
}

#[cfg(test)]
mod tests {
    use super::over_tcp;

    #[test]
    fn only_a_socket_that_is_named_is_used() {
        for (url, expected) in [
            ("mysql://u@h/d", "mysql://u@h/d?prefer_socket=false"),
            ("mysql://u@h/d?a=b", "mysql://u@h/d?a=b&prefer_socket=false"),
            ("mysql://u@h/d?socket=/run/x", "mysql://u@h/d?socket=/run/x"),
        ] {
            assert_eq!(over_tcp(url), expected);
        }
    }
}
