//! Cutting a hop short, without hitting whoever has the connection next.

use crate::store::{AnyConnection, Target};
use diesel::connection::SimpleConnection;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A cancel that comes between two statements hits neither: it is sent again after this, until the
/// hop has ended.
const AGAIN_AFTER: Duration = Duration::from_millis(50);

/// How long a cancel itself may take.
const CANCEL_WITHIN: Duration = Duration::from_secs(5);

/// Where a hop is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// It has not begun.
    Waiting,
    /// In a process or thread of the server.
    Backend(i64),
    /// On its own thread (SQLite), or between two transactions.
    Here,
    /// It is not to be cut short any more, or has ended.
    Over,
}

/// One hop, as those see it who wait for it and those who work at it.
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

    /// The hop begins; false if nobody waits for it any more.
    pub(super) fn begin(&self, backend: Option<i64>) -> bool {
        *self.at() = backend.map_or(At::Here, At::Backend);
        !self.is_cut.load(Ordering::Acquire)
    }

    /// The hop goes on in that process.
    pub(super) fn moved(&self, backend: i64) {
        self.go(At::Backend(backend));
    }

    /// The hop has no process for a moment.
    pub(super) fn is_between(&self) {
        self.go(At::Here);
    }

    fn go(&self, to: At) {
        let mut at = self.at();
        if *at != At::Over {
            *at = to;
        }
    }

    /// The hop is not to be cut short any more.
    pub(super) fn settle(&self) {
        *self.at() = At::Over;
    }

    /// The hop has ended; a cancel that is under way is waited for.
    pub(super) fn end(&self) {
        *self.at() = At::Over;
    }

    /// Whether the hop is to end now.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut.load(Ordering::Acquire) && *self.at() != At::Over
    }
}

/// Cuts hops short, over a connection of its own: the others may all be busy.
#[derive(Clone)]
pub struct Canceller(Arc<Spare>);

struct Spare {
    target: Target,
    conn: Mutex<Option<AnyConnection>>,
}

impl Canceller {
    /// For hops over connections to that database. It connects when it is first needed.
    pub fn new(target: Target) -> Self {
        Self(Arc::new(Spare {
            target,
            conn: Mutex::new(None),
        }))
    }

    /// Asks for a hop to end, and returns at once.
    pub fn cut(&self, ticket: Arc<Ticket>) {
        ticket.is_cut.store(true, Ordering::Release);
        // A hop that has not begun will not; one on SQLite asks by itself.
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

impl Spare {
    /// Cancels whatever the hop is at until it has ended.
    fn pursue(&self, ticket: &Ticket) {
        loop {
            {
                let at = ticket.at();
                match *at {
                    At::Waiting | At::Over => return,
                    At::Here => {}
                    // The lock is held until the server has answered: see the head of `hop`.
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
        // It has no process of its own.
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

/// Cuts a hop short when it is dropped before [`CutOnDrop::arrived`].
pub struct CutOnDrop {
    ticket: Option<Arc<Ticket>>,
    canceller: Canceller,
}

impl CutOnDrop {
    /// For a hop that is waited for.
    pub fn new(ticket: &Arc<Ticket>, canceller: &Canceller) -> Self {
        Self {
            ticket: Some(Arc::clone(ticket)),
            canceller: canceller.clone(),
        }
    }

    /// The hop has ended by itself.
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
