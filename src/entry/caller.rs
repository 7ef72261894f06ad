//! The person who makes a request, and the guard of the admin scope.

use crate::access::Policy;
use crate::session::Signed;
use actix_web::guard::GuardContext;
use std::sync::Arc;

/// The person who makes a request, as the middleware found them in the session.
#[derive(Clone)]
pub enum Access {
    /// Someone with a role.
    Admitted(Caller),
    /// Someone without a role.
    Unmapped(Caller),
}

/// A signed-in person, and the policy for their whole request.
#[derive(Clone)]
pub struct Caller {
    /// Their session.
    pub signed: Arc<Signed>,
    /// The policy at the time of the request.
    pub policy: Arc<Policy>,
}

impl Access {
    /// The person, with or without a role.
    pub fn caller(&self) -> &Caller {
        match self {
            Self::Admitted(caller) | Self::Unmapped(caller) => caller,
        }
    }
}

/// The guard of the admin scope: passes signed-in people with a role.
pub fn admitted(context: &GuardContext<'_>) -> bool {
    matches!(
        context.req_data().get::<Access>(),
        Some(Access::Admitted(_))
    )
}
