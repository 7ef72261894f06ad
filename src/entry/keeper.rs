//! Applies stored roles, here and after changes by other processes.

use crate::access::kept::StoredRoles;
use crate::access::{Policies, Policy};
use crate::config::RoleConfig;
use crate::store::{Database, DatabaseError, roles};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Mutex;

/// The interval of checks for changes by other processes. Two processes on one database can differ
/// for at most this long.
pub const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The roles of the configuration, to which the stored roles are added.
pub struct Keeper {
    roles: Arc<BTreeMap<String, RoleConfig>>,
    configured: RwLock<Arc<Policy>>,
    /// Ensures that a newer version is never replaced by an older one: only one task reads at a
    /// time.
    turn: Mutex<()>,
}

impl Keeper {
    /// Starts with the roles of the configuration, and the policy of those alone.
    pub fn new(roles: &BTreeMap<String, RoleConfig>, configured: Policy) -> Self {
        Self {
            roles: Arc::new(roles.clone()),
            configured: RwLock::new(Arc::new(configured)),
            turn: Mutex::new(()),
        }
    }

    /// The policy of the configuration alone.
    pub fn configured(&self) -> Arc<Policy> {
        let configured = self.configured.read();
        Arc::clone(&configured.unwrap_or_else(PoisonError::into_inner))
    }

    /// Applies another policy of the configuration, with the stored roles added.
    ///
    /// # Errors
    /// When the stored roles cannot be read; the current policy then stays.
    pub async fn reconfigure(
        &self,
        policy: Policy,
        database: &Database,
        policies: &Policies,
    ) -> Result<(), DatabaseError> {
        let _turn = self.turn.lock().await;
        let kept = database
            .run(|conn| Ok::<_, DatabaseError>(conn.snapshot(roles::load)?))
            .await?;
        let configured = self.configured.write();
        *configured.unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
        self.put(&kept, policies);
        Ok(())
    }

    /// The roles of the configuration.
    pub fn roles(&self) -> &Arc<BTreeMap<String, RoleConfig>> {
        &self.roles
    }

    /// Reads the stored roles, and applies them if they have changed.
    ///
    /// # Errors
    /// When the database cannot be read; the current policy then stays.
    pub async fn reload(
        &self,
        database: &Database,
        policies: &Policies,
    ) -> Result<(), DatabaseError> {
        let _turn = self.turn.lock().await;
        let known = policies.current().version();
        let kept = database
            .run(move |conn| {
                if roles::version(conn)? == known {
                    return Ok::<_, DatabaseError>(None);
                }
                Ok(Some(conn.snapshot(roles::load)?))
            })
            .await?;
        if let Some(kept) = kept {
            self.put(&kept, policies);
        }
        Ok(())
    }

    fn put(&self, kept: &StoredRoles, policies: &Policies) {
        let policy = Policy::clone(&self.configured()).with_kept(kept);
        for fault in policy.faults() {
            tracing::warn!(
                role = %fault.role,
                error = %fault,
                "a part of a stored role cannot be used, and gives nothing"
            );
        }
        tracing::info!(
            roles.version = kept.version,
            roles.kept = kept.roles.len(),
            roles.rules = kept.rules.len(),
            "the stored roles are in effect"
        );
        policies.replace(policy);
    }
}
