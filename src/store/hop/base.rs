//! The base on PostgreSQL: the transaction for plain statements behind a pooler.

use super::with_now;
use crate::store::connection::State;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use diesel::sql_types::Integer;

/// Whether the base is open, without a nested transaction.
pub(super) fn is_alone(conn: &mut PgConnection) -> bool {
    with_now(|hop| hop.is_at_base) == Some(true) && depth(conn).is_ok_and(|depth| depth == 1)
}

/// The depth of nested transactions, as Diesel counts them.
fn depth(conn: &mut PgConnection) -> QueryResult<u32> {
    let status = AnsiTransactionManager::transaction_manager_status_mut(conn);
    Ok(status.transaction_depth()?.map_or(0, u32::from))
}

/// Begins a transaction with the settings in one message, and notes the server process.
pub(super) fn begin(conn: &mut PgConnection, begin: &str) -> QueryResult<()> {
    let settings = with_now(|hop| hop.state.as_ref().map(State::in_a_transaction));
    let settings = settings.flatten().unwrap_or_default();
    AnsiTransactionManager::begin_transaction_sql(conn, &format!("{begin}; {settings}"))?;
    let backend = backend(conn)?;
    with_now(|hop| hop.ticket.moved(backend));
    Ok(())
}

pub(super) fn commit(conn: &mut PgConnection) -> QueryResult<()> {
    // Once the transaction has ended, the server process may serve somebody else.
    with_now(|hop| hop.ticket.is_between());
    AnsiTransactionManager::commit_transaction(conn)
}

pub(super) fn roll_back(conn: &mut PgConnection) -> QueryResult<()> {
    with_now(|hop| hop.ticket.is_between());
    match depth(conn)? {
        // A failed commit has ended the transaction.
        0 => Ok(()),
        _ => AnsiTransactionManager::rollback_transaction(conn),
    }
}

#[derive(QueryableByName)]
struct Backend {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

/// The server process of this connection now.
pub(in crate::store) fn backend(conn: &mut PgConnection) -> QueryResult<i64> {
    let asked = diesel::sql_query("SELECT 1 AS one, pg_backend_pid() AS pid");
    Ok(asked.get_result::<Backend>(conn)?.pid.into())
}
