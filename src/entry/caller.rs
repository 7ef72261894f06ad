//! Who is asking, and the guard of the admin scope.

use crate::access::Policy;
use crate::session::Signed;
use actix_web::guard::GuardContext;
use std::sync::Arc;

/// Who is asking, as the middleware found it in the session.
#[derive(Clone)]
pub enum Access {
    /// Someone with a role.
    Admitted(Caller),
    /// Someone without one.
    Unmapped(Caller),
}

/// Someone who is signed in, and the policy that their whole request is answered by.
#[derive(Clone)]
pub struct Caller {
    /// What the session holds of them.
    pub signed: Arc<Signed>,
    /// Who may do what, as it was when the request came.
    pub policy: Arc<Policy>,
}

impl Access {
    /// Who it is, with a role or without one.
    pub fn caller(&self) -> &Caller {
        match self {
            Self::Admitted(caller) | Self::Unmapped(caller) => caller,
        }
    }
}

/// The guard of the admin scope: passes those who are signed in and have a role.
pub fn admitted(context: &GuardContext<'_>) -> bool {
    matches!(
        context.req_data().get::<Access>(),
        Some(Access::Admitted(_))
    )
}
