//! The person of a live session, for limits by person.

use actix_web::{HttpMessage, HttpRequest};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A person, as a hash of issuer and subject. It is in the request's extensions as soon as the
/// session is read. Limits then count that person instead of the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Asker(pub u64);

impl Asker {
    /// The person with that subject at that issuer.
    pub fn of(issuer: &str, subject: &str) -> Self {
        let mut hash = DefaultHasher::new();
        (issuer, subject).hash(&mut hash);
        Self(hash.finish())
    }

    /// The person of the request, if signed in.
    pub fn behind(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().copied()
    }
}
