//! Detects a pooler in transaction mode before PostgreSQL (PgBouncer with `pool_mode =
//! transaction`). The protocol does not reveal it.

#[cfg(feature = "postgres")]
mod probe;

use super::Target;
use crate::config::Pooler;
use std::sync::atomic::{AtomicU8, Ordering};

/// What is known about a pooler.
#[derive(Debug, Default)]
pub struct PoolerState(AtomicU8);

const UNKNOWN: u8 = 0;
const DIRECT: u8 = 1;
const POOLED: u8 = 2;

impl PoolerState {
    /// The initial state for a configured database. Detection is only needed for PostgreSQL.
    pub fn configured(target: &Target, pooler: Option<Pooler>) -> Self {
        let is_postgres = match target {
            #[cfg(feature = "postgres")]
            Target::Postgres(_) => true,
            #[cfg(feature = "sqlite")]
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

    /// Whether each transaction may run on another server connection.
    pub fn is_pooled(&self) -> bool {
        self.0.load(Ordering::Acquire) == POOLED
    }

    /// Detects a pooler, once.
    ///
    /// # Errors
    /// When the server cannot be reached.
    #[cfg(feature = "postgres")]
    pub fn explore(&self, url: &crate::secret::Secret) -> diesel::ConnectionResult<()> {
        if self.0.load(Ordering::Acquire) != UNKNOWN {
            return Ok(());
        }
        let pooled = probe::is_pooled(url)?;
        if pooled {
            tracing::info!(
                "the database is behind a pooler in transaction mode: settings are sent with each \
                 transaction"
            );
        }
        let found = if pooled { POOLED } else { DIRECT };
        // A pooler that was noticed in the meantime stays noticed.
        let _ = self
            .0
            .compare_exchange(UNKNOWN, found, Ordering::AcqRel, Ordering::Acquire);
        Ok(())
    }

    /// Notes that a server connection was found to be shared.
    #[cfg(feature = "postgres")]
    pub fn notice(&self) {
        if self.0.swap(POOLED, Ordering::AcqRel) != POOLED {
            tracing::warn!(
                "the database is behind a pooler in transaction mode, which was not detected at \
                 the start: write pooler = \"transaction\" under [database]"
            );
        }
    }
}
