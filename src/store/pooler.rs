//! Whether a pooler in transaction mode stands before PostgreSQL (PgBouncer with
//! `pool_mode = transaction`), which nothing in the protocol tells.

use super::{Target, hop};
use crate::config::Pooler;
use crate::secret::Secret;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use std::sync::atomic::{AtomicU8, Ordering};

/// Connections that hold a transaction open while another one is asked who works for it.
const HOLDERS: usize = 3;

/// What is known of the way to the server.
#[derive(Debug, Default)]
pub struct Way(AtomicU8);

const UNKNOWN: u8 = 0;
const DIRECT: u8 = 1;
const POOLED: u8 = 2;

impl Way {
    /// To a database, as configuration has it. Only before PostgreSQL a pooler is looked for.
    pub fn configured(target: &Target, pooler: Option<Pooler>) -> Self {
        let is_postgres = match target {
            Target::Postgres(_) => true,
            Target::Sqlite(_) => false,
            #[cfg(feature = "mysql")]
            Target::Mysql(_) => false,
        };
        Self(AtomicU8::new(match pooler {
            _ if !is_postgres => DIRECT,
            None => UNKNOWN,
            Some(Pooler::None) => DIRECT,
            Some(Pooler::Transaction) => POOLED,
        }))
    }

    /// Whether each transaction may run on another connection of the server.
    pub fn is_pooled(&self) -> bool {
        self.0.load(Ordering::Acquire) == POOLED
    }

    /// Finds out, once.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub fn explore(&self, url: &Secret) -> ConnectionResult<()> {
        if self.0.load(Ordering::Acquire) != UNKNOWN {
            return Ok(());
        }
        let pooled = is_pooled(url)?;
        if pooled {
            tracing::info!(
                "a pooler in transaction mode stands before the database: settings go with each \
                 transaction"
            );
        }
        let found = if pooled { POOLED } else { DIRECT };
        // What was noticed meanwhile is no less true.
        let _ = self
            .0
            .compare_exchange(UNKNOWN, found, Ordering::AcqRel, Ordering::Acquire);
        Ok(())
    }

    /// A connection was found to be shared.
    pub fn notice(&self) {
        if self.0.swap(POOLED, Ordering::AcqRel) != POOLED {
            tracing::warn!(
                "a pooler in transaction mode stands before the database, which was not noticed at \
                 the start: write pooler = \"transaction\" under [database]"
            );
        }
    }
}

/// Looks whether other transactions push a connection to another process of the server.
///
/// # Errors
/// When the server cannot be reached.
pub fn is_pooled(url: &Secret) -> ConnectionResult<bool> {
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
