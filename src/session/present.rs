//! The signed-in person of a request.

use super::Signed;
use std::sync::Arc;

/// The signed-in person, with groups recent enough for access decisions. It is stored in the
/// request's extensions. No other code reads the session to decide what a person may do.
#[derive(Clone)]
pub struct Present(pub Arc<Signed>);
