//! Asks PostgreSQL which server process runs each of several concurrent transactions.

use crate::secret::Secret;
use crate::store::hop;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

/// The number of connections that hold a transaction open while another one is probed.
const HOLDERS: usize = 3;

/// Whether other transactions move a connection to another server process.
///
/// # Errors
/// When the server cannot be reached.
pub(super) fn is_pooled(url: &Secret) -> ConnectionResult<bool> {
    let mut asked = connect(url)?;
    let before = pid(&mut asked)?;
    let mut holders = Vec::new();
    for _ in 0..HOLDERS {
        let Ok(mut holder) = connect(url) else {
            // The connection limit is reached. A pooler would accept more clients than it has
            // server connections.
            break;
        };
        holder.batch_execute("BEGIN").map_err(failed)?;
        if pid(&mut holder)? == before {
            return Ok(true);
        }
        holders.push(holder);
    }
    Ok(pid(&mut asked)? != before)
}

fn connect(url: &Secret) -> ConnectionResult<PgConnection> {
    PgConnection::establish(url.reveal())
}

fn pid(conn: &mut PgConnection) -> ConnectionResult<i64> {
    hop::backend(conn).map_err(failed)
}

fn failed(error: diesel::result::Error) -> ConnectionError {
    ConnectionError::CouldntSetupConfiguration(error)
}
