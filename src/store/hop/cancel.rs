//! Cancels a hop without hitting the next user of its connection.

use crate::store::{AnyConnection, Target};
use diesel::connection::SimpleConnection;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The interval between cancels. A cancel between two statements has no effect, so it is repeated
/// until the hop has ended.
const AGAIN_AFTER: Duration = Duration::from_millis(50);

/// How long a cancel itself may take.
const CANCEL_WITHIN: Duration = Duration::from_secs(5);

/// Where a hop runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// It has not begun.
    Waiting,
    /// In a process or thread of the server.
    Backend(i64),
    /// On its own thread (SQLite), or between two transactions.
    Here,
    /// It cannot be cancelled any more, or has ended.
    Over,
}

/// The state of one hop, shared by those who wait for it and those who run it.
#[derive(Debug)]
pub struct Ticket {
    is_cut: AtomicBool,
    at: Mutex<At>,
}

impl Default for Ticket {
    fn default() -> Self {
        Self {
            is_cut: AtomicBool::new(false),
            at: Mutex::new(At::Waiting),
        }
    }
}

impl Ticket {
    fn at(&self) -> MutexGuard<'_, At> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins the hop; false if nobody waits for it any more.
    pub(super) fn begin(&self, backend: Option<i64>) -> bool {
        *self.at() = backend.map_or(At::Here, At::Backend);
        !self.is_cut.load(Ordering::Acquire)
    }

    /// The hop continues in that server process.
    pub(super) fn moved(&self, backend: i64) {
        self.go(At::Backend(backend));
    }

    /// The hop has no server process for the moment.
    pub(super) fn is_between(&self) {
        self.go(At::Here);
    }

    fn go(&self, to: At) {
        let mut at = self.at();
        if *at != At::Over {
            *at = to;
        }
    }

    /// Makes the hop uncancellable.
    pub(super) fn settle(&self) {
        *self.at() = At::Over;
    }

    /// Ends the hop; waits for a cancel in progress.
    pub(super) fn end(&self) {
        *self.at() = At::Over;
    }

    /// Whether the hop must end now.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut.load(Ordering::Acquire) && *self.at() != At::Over
    }
}

/// Cancels hops over a connection of its own, as all others may be busy.
#[derive(Clone)]
pub struct Canceller(Arc<SpareConnection>);

struct SpareConnection {
    target: Target,
    conn: Mutex<Option<AnyConnection>>,
}

impl Canceller {
    /// For hops on connections to that database. It connects when first needed.
    pub fn new(target: Target) -> Self {
        Self(Arc::new(SpareConnection {
            target,
            conn: Mutex::new(None),
        }))
    }

    /// Requests the end of a hop, and returns at once.
    pub fn cut(&self, ticket: Arc<Ticket>) {
        ticket.is_cut.store(true, Ordering::Release);
        // A hop that has not begun never will; on SQLite, the hop checks by itself.
        if matches!(*ticket.at(), At::Waiting | At::Over) || !self.0.target.is_server() {
            return;
        }
        let spare = Arc::clone(&self.0);
        let thread = std::thread::Builder::new().name("cancel".into());
        if let Err(error) = thread.spawn(move || spare.pursue(&ticket)) {
            tracing::warn!(error = %error, "a statement that nobody waits for could not be cancelled");
        }
    }
}

impl SpareConnection {
    /// Sends cancels until the hop has ended.
    fn pursue(&self, ticket: &Ticket) {
        loop {
            {
                let at = ticket.at();
                match *at {
                    At::Waiting | At::Over => return,
                    At::Here => {}
                    // The lock is held until the server has answered: see the documentation of
                    // `hop`.
                    At::Backend(backend) => self.cancel(backend),
                }
            }
            std::thread::sleep(AGAIN_AFTER);
        }
    }

    fn cancel(&self, backend: i64) {
        let mut spare = self.conn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = cancel_over(&mut spare, &self.target, backend) {
            tracing::warn!(error = %error, "a statement that nobody waits for could not be cancelled");
            *spare = None;
        }
    }
}

fn cancel_over(
    spare: &mut Option<AnyConnection>,
    target: &Target,
    backend: i64,
) -> Result<(), crate::store::DatabaseError> {
    let conn = match spare {
        Some(conn) => conn,
        None => spare.insert(AnyConnection::bare(target)?),
    };
    match conn {
        // SQLite has no server process.
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => {}
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => conn.batch_execute(&format!(
            "SET statement_timeout = {}; SELECT pg_cancel_backend({backend})",
            CANCEL_WITHIN.as_millis()
        ))?,
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(conn) => conn.batch_execute(&format!("KILL QUERY {backend}"))?,
    }
    Ok(())
}

/// Cancels a hop if it is dropped before [`CutOnDrop::arrived`].
pub struct CutOnDrop {
    ticket: Option<Arc<Ticket>>,
    canceller: Canceller,
}

impl CutOnDrop {
    /// For a hop that somebody waits for.
    pub fn new(ticket: &Arc<Ticket>, canceller: &Canceller) -> Self {
        Self {
            ticket: Some(Arc::clone(ticket)),
            canceller: canceller.clone(),
        }
    }

    /// The hop has ended normally.
    pub fn arrived(mut self) {
        self.ticket = None;
    }
}

impl Drop for CutOnDrop {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.canceller.cut(ticket);
        }
    }
}
