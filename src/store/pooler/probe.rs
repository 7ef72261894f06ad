//! Asks PostgreSQL who works for several transactions at once.

use crate::secret::Secret;
use crate::store::hop;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

/// Connections that hold a transaction open while another one is asked who works for it.
const HOLDERS: usize = 3;

/// Looks whether other transactions push a connection to another process of the server.
///
/// # Errors
/// When the server cannot be reached.
pub(super) fn is_pooled(url: &Secret) -> ConnectionResult<bool> {
    let mut asked = connect(url)?;
    let before = pid(&mut asked)?;
    let mut holders = Vec::new();
    for _ in 0..HOLDERS {
        let Ok(mut holder) = connect(url) else {
            // As many connections as there may be: no pooler gives fewer than it takes.
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
