//! A hop: one unit of work on one connection, from taking it to returning it.
//!
//! # Who holds what
//!
//! | what | held by | from | until |
//! | --- | --- | --- | --- |
//! | a place ([`Shares`](super::database::Shares)) | the task on the blocking thread | before the connection is taken | the hop has ended |
//! | a connection | the blocking thread | the place is there | the hop has ended |
//! | a [`Ticket`] | the waiting request and the blocking thread | the request asks | both are done with it |
//! | [`NOW`], the hop of this thread | the blocking thread | [`run`] begins | [`run`] ends, by a panic too |
//!
//! # Cancelling
//!
//! A request is dropped when its client has gone. Its half of the ticket is dropped with it, which
//! cancels the hop ([`cancel`]). A cancel must not hit the next user of the connection. So the
//! ticket holds the server process of the hop under a lock, until the hop ends. Whoever cancels
//! holds that lock until the server has answered.
//!
//! SQLite runs on the hop's own thread. There the statement itself checks, by calling [`tick`].
//! Every connection registers that function, and expensive statements call it once a row.
//!
//! # Poolers
//!
//! Behind a pooler in transaction mode, two transactions of a connection may run on two server
//! connections. Settings made once are then lost, or belong to somebody else. There, a hop opens a
//! transaction of its own with all settings (the *base*), in which plain statements run. A
//! transaction of the work itself ([`AnyConnection::change`], [`AnyConnection::snapshot`]) replaces
//! the base. The base is committed before it and reopened after it ([`apart`]). So work is
//! committed exactly when it would be without a pooler. One thing differs: after a plain statement
//! fails, later ones fail too, unless it was run with [`AnyConnection::attempt`].
//!
//! On PostgreSQL, no statement has a name, with or without a pooler. Two clients of a pooler could
//! use the same name, and get each other's rows.

#[cfg(feature = "postgres")]
mod base;
pub mod cancel;
pub mod tick;

#[cfg(feature = "postgres")]
pub(super) use base::backend;
pub use cancel::{Canceller, CutOnDrop, Ticket};

use super::connection::{AnyConnection, State};
use diesel::QueryResult;
use std::cell::RefCell;
use std::sync::Arc;

thread_local! {
    static NOW: RefCell<Option<Hop>> = const { RefCell::new(None) };
}

/// The hop that runs on this thread.
struct Hop {
    ticket: Arc<Ticket>,
    /// The settings for the start of every transaction; none if the connection keeps its state.
    state: Option<State>,
    /// Whether the open transaction is the base.
    is_at_base: bool,
}

/// Accesses the hop of this thread, if there is one.
fn with_now<T>(f: impl FnOnce(&mut Hop) -> T) -> Option<T> {
    NOW.with(|now| now.borrow_mut().as_mut().map(f))
}

/// Ends a hop when dropped, even on a panic: threads and connections are reused.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        let hop = NOW.with(|now| now.borrow_mut().take());
        if let Some(hop) = hop {
            hop.ticket.end();
        }
    }
}

/// Runs work as a hop, unless nobody waits for it any more.
///
/// `backend` is the server process behind the connection, if that never changes. Otherwise, `state`
/// holds the settings for the start of every transaction.
///
/// # Errors
/// The error of the work; [`DatabaseError::Cut`](super::DatabaseError::Cut) when nobody waits.
pub fn run<T, E>(
    conn: &mut AnyConnection,
    ticket: &Arc<Ticket>,
    backend: Option<i64>,
    state: Option<&State>,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E>
where
    E: From<super::DatabaseError>,
{
    let hop = Hop {
        ticket: Arc::clone(ticket),
        state: state.cloned(),
        is_at_base: false,
    };
    NOW.with(|now| now.borrow_mut().replace(hop));
    let _end = End;
    if !ticket.begin(backend) {
        return Err(super::DatabaseError::Cut.into());
    }
    open_base(conn).map_err(super::DatabaseError::from)?;
    let outcome = work(conn);
    // This rolls back after a failed statement; everything else is committed.
    let closed = close_base(conn).map_err(super::DatabaseError::from);
    let value = outcome?;
    closed?;
    Ok(value)
}

/// Makes the rest of this hop uncancellable, for example to record what was done.
pub fn settle() {
    with_now(|hop| hop.ticket.settle());
}

/// Whether nobody waits any more for the hop on this thread.
pub(super) fn is_cut() -> bool {
    with_now(|hop| hop.ticket.is_cut()).unwrap_or(false)
}

/// Whether plain statements run in a base, without a transaction of the work's own.
pub(super) fn is_at_base(conn: &mut AnyConnection) -> bool {
    match conn {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => base::is_alone(conn),
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => false,
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => false,
    }
}

/// Runs a transaction instead of the base; `begin` is the statement that begins it. Must be called
/// only while the base is open.
///
/// # Errors
/// The error of the work, after a rollback.
pub(super) fn apart<T, E>(
    conn: &mut AnyConnection,
    begin: &str,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E>
where
    E: From<diesel::result::Error>,
{
    close_base(conn)?;
    self::begin(conn, begin)?;
    let outcome = work(conn).and_then(|value| {
        commit(conn)?;
        Ok(value)
    });
    if outcome.is_err()
        && let Err(error) = roll_back(conn)
    {
        tracing::debug!(error = %error, "nothing was left to roll back");
    }
    // If this fails, the connection is lost, and all further work on it fails.
    if let Err(error) = open_base(conn) {
        tracing::warn!(error = %error, "a database connection was lost between two transactions");
    }
    outcome
}

fn open_base(conn: &mut AnyConnection) -> QueryResult<()> {
    if with_now(|hop| hop.state.is_some()) == Some(true) {
        begin(conn, "BEGIN")?;
        with_now(|hop| hop.is_at_base = true);
    }
    Ok(())
}

fn close_base(conn: &mut AnyConnection) -> QueryResult<()> {
    match with_now(|hop| std::mem::take(&mut hop.is_at_base)) {
        Some(true) => commit(conn),
        _ => Ok(()),
    }
}

/// Begins a transaction with the settings in one message, and notes the server process.
fn begin(conn: &mut AnyConnection, begin: &str) -> QueryResult<()> {
    match conn {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => base::begin(conn, begin),
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => Ok(()),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => Ok(()),
    }
}

fn commit(conn: &mut AnyConnection) -> QueryResult<()> {
    match conn {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => base::commit(conn),
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => Ok(()),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => Ok(()),
    }
}

fn roll_back(conn: &mut AnyConnection) -> QueryResult<()> {
    match conn {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => base::roll_back(conn),
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => Ok(()),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => Ok(()),
    }
}
