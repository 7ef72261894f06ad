//! The policy that is in force, which may be replaced while the panel runs.

use super::Policy;
use std::sync::{Arc, PoisonError, RwLock};

/// The policy in force. A request is answered by one policy from its beginning to its end.
#[derive(Clone)]
pub struct Policies(Arc<RwLock<Arc<Policy>>>);

impl Policies {
    /// Begins with this one.
    pub fn new(policy: Policy) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(policy))))
    }

    /// The policy in force now.
    pub fn current(&self) -> Arc<Policy> {
        let policy = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&policy)
    }

    /// Puts another policy in force, for requests from now on.
    pub fn replace(&self, policy: Policy) {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(policy);
    }
}
