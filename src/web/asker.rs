//! The person behind a live session, as limits tell people apart.

use actix_web::{HttpMessage, HttpRequest};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A person, by a hash of issuer and subject. In the request's extensions, as soon as the session
/// is read: whoever has one is counted by themselves, and not with everybody at their address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Asker(pub u64);

impl Asker {
    /// The person of that name at that issuer.
    pub fn of(issuer: &str, subject: &str) -> Self {
        let mut hash = DefaultHasher::new();
        (issuer, subject).hash(&mut hash);
        Self(hash.finish())
    }

    /// Whoever sent the request, if they are signed in.
    pub fn behind(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().copied()
    }
}
