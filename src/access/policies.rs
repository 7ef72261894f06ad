//! The current policy, which may be replaced while the panel runs.

use super::Policy;
use std::sync::{Arc, PoisonError, RwLock};

/// The current policy. One request uses the same policy from start to end.
#[derive(Clone)]
pub struct Policies(Arc<RwLock<Arc<Policy>>>);

impl Policies {
    /// Starts with this policy.
    pub fn new(policy: Policy) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(policy))))
    }

    /// The current policy.
    pub fn current(&self) -> Arc<Policy> {
        let policy = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&policy)
    }

    /// Replaces the policy, for requests from now on.
    pub fn replace(&self, policy: Policy) {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(policy);
    }
}
