//! Read-only access for a command that runs beside a panel, over one connection.

use super::connection::{self, AnyConnection, State};
use super::hop::{self, Ticket};
use super::pooler::PoolerState;
use super::{DatabaseError, Target, Tuning};
use std::sync::Arc;

/// Reads the database as one hop, and creates nothing there. Must be called on a blocking thread.
/// `f` is told whether a pooler in transaction mode is in front of it.
///
/// # Errors
/// When the database cannot be reached, and any error of `f`.
pub fn look<T, E: From<DatabaseError>>(
    target: &Target,
    tuning: &Tuning,
    f: impl FnOnce(&mut AnyConnection, bool) -> Result<T, E>,
) -> Result<T, E> {
    let state = State::new(tuning.statement_timeout);
    let way = PoolerState::configured(target, tuning.pooler);
    let target = connection::patient(target);
    match &target {
        #[cfg(feature = "postgres")]
        Target::Postgres(url) => {
            let explored = way.explore(url);
            explored.map_err(|error| connection::unreachable(&target, &error))?;
        }
        #[cfg(feature = "sqlite")]
        Target::Sqlite(_) => {}
        #[cfg(feature = "mysql")]
        Target::Mysql(_) => {}
    }
    let mut conn = AnyConnection::inspect(&target, &state)?;
    let is_pooled = way.is_pooled();
    if !is_pooled && target.is_server() {
        conn.keep(&state)?;
    }
    let ticket = Arc::new(Ticket::default());
    let state = is_pooled.then_some(&state);
    hop::run(&mut conn, &ticket, None, state, |conn| f(conn, is_pooled))
}
