//! Who is signed in, as a request goes by it.

use super::Signed;
use std::sync::Arc;

/// Who is signed in, with groups that are new enough to go by. In the request's extensions; nobody
/// else reads the session to decide what somebody may do.
#[derive(Clone)]
pub struct Present(pub Arc<Signed>);
