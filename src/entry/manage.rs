//! Rights to manage parts of the panel itself. They come with a handler's arguments, like permits
//! on resources.

use super::access::Entered;
use crate::config::Manage;
use crate::store::sessions::SessionOwner;
use crate::web::Failure;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

/// A part of the panel itself, as a type: the right to one is not the right to another.
pub trait Managed: 'static {
    /// The part.
    const WHAT: Manage;
}

/// Roles, and viewing the panel as somebody else.
pub struct Roles;

impl Managed for Roles {
    const WHAT: Manage = Manage::Roles;
}

/// Everybody's sessions.
pub struct Sessions;

impl Managed for Sessions {
    const WHAT: Manage = Manage::Sessions;
}

/// A person with the right to manage `M`.
pub struct Manages<M> {
    /// The person.
    pub entered: Entered,
    what: PhantomData<M>,
}

impl<M: Managed> FromRequest for Manages<M> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let entered = Entered::from_request(request, payload);
        Box::pin(async move {
            let entered = entered.await?;
            entered.manage(M::WHAT).await?;
            Ok(Self {
                entered,
                what: PhantomData,
            })
        })
    }
}

impl Entered {
    /// Their own sessions.
    pub fn own_sessions(&self) -> SessionOwner<'_> {
        SessionOwner::Of {
            issuer: &self.person().issuer,
            subject: &self.person().subject,
        }
    }
}
