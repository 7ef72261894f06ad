//! A hop: what one connection does for one piece of work, from being taken to being given back.
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
//! A request whose client has gone is dropped, and with it its half of the ticket, which asks for
//! the hop to be cut short ([`cancel`]). A cancel must not hit the next user of the connection.
//! Therefore the server's process that works for the hop stands in the ticket under a lock, from the
//! hop's begin to its end, and whoever cancels holds that lock until the server has answered.
//!
//! SQLite works on the hop's own thread. There the statement asks itself, by [`tick`], a function
//! that every connection knows and that costly statements call once a row.
//!
//! # Poolers
//!
//! Behind a pooler in transaction mode, two transactions of a connection may run on two connections
//! of the server: settings made once are gone, or somebody else's. There a hop opens a transaction
//! of its own with all settings in it (the *base*), in which plain statements run. A transaction of
//! the work itself ([`AnyConnection::change`], [`AnyConnection::snapshot`]) takes the base's place:
//! the base is committed before it and opened again behind it ([`apart`]). So work is committed when
//! it would be without a pooler. One thing differs: after a plain statement has failed, further ones
//! fail too, unless it was tried with [`AnyConnection::attempt`].
//!
//! No statement of ours has a name on PostgreSQL, pooler or not: two clients of a pooler could give
//! one name to two statements, and get each other's rows.

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

/// The hop that this thread is at.
struct Hop {
    ticket: Arc<Ticket>,
    /// What every transaction has to begin with; none where the connection keeps its state.
    state: Option<State>,
    /// Whether the transaction that is open is the base.
    is_at_base: bool,
}

/// Reads or writes the hop of this thread, if it is at one.
fn with_now<T>(f: impl FnOnce(&mut Hop) -> T) -> Option<T> {
    NOW.with(|now| now.borrow_mut().as_mut().map(f))
}

/// Ends a hop, by a panic too: threads and connections are used again.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        let hop = NOW.with(|now| now.borrow_mut().take());
        if let Some(hop) = hop {
            hop.ticket.end();
        }
    }
}

/// Runs a piece of work as a hop, unless nobody waits for it any more.
///
/// `backend` is the server's process behind the connection, where that stays the same; `state` is
/// what every transaction has to begin with where it does not.
///
/// # Errors
/// What the work returns; [`QueryError::BrokenTransactionManager`] when nobody waits.
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
    // What a failed statement has spoilt is rolled back by this; all else was meant to stay.
    let closed = close_base(conn).map_err(super::DatabaseError::from);
    let value = outcome?;
    closed?;
    Ok(value)
}

/// Says that what follows in this hop is to be done to its end, whoever has gone: the trace of what
/// was done, for one.
pub fn settle() {
    with_now(|hop| hop.ticket.settle());
}

/// Whether this thread is at a hop that nobody waits for any more.
pub(super) fn is_cut() -> bool {
    with_now(|hop| hop.ticket.is_cut()).unwrap_or(false)
}

/// Whether plain statements run in a base, and no transaction of the work's own is open.
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

/// Runs a transaction in place of the base; `begin` is how it begins. To be called at a base only.
///
/// # Errors
/// Whatever the work returns, after it was rolled back.
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
    // Where this fails the connection is lost, and so is whatever the work goes on with.
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

/// Begins a transaction with the settings, all in one message, and learns who works for it.
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
