//! Leave to manage something of the panel itself, as an extractor: a handler that takes it cannot
//! forget the check.

use super::{Entered, Failure};
use crate::config::Manage;
use crate::store::DatabaseError;
use crate::store::audit::{self, Action, Event};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

/// Something of the panel that is managed, as a type.
pub trait Managed: Send + Sync + 'static {
    /// What it is.
    const WHAT: Manage;
}

/// Roles, and the groups that have them.
pub struct Roles;

impl Managed for Roles {
    const WHAT: Manage = Manage::Roles;
}

/// Someone with leave to manage `M`.
pub struct Manages<M> {
    /// Who.
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
            if !entered.policy().manages(entered.person(), M::WHAT) {
                return Err(refuse(&entered, M::WHAT).await);
            }
            Ok(Self {
                entered,
                what: PhantomData,
            })
        })
    }
}

/// Puts a refusal into the audit log and makes it an answer.
async fn refuse(entered: &Entered, what: Manage) -> Failure {
    let actor = Arc::clone(entered.actor());
    let now = entered.site().clock.now().naive_utc();
    let missing = format!("manage {}", what.name());
    let event = Event::new(Action::Denied).with_details(serde_json::json!({ "missing": missing }));
    let recorded = entered
        .site()
        .database
        .run(move |conn| audit::record(conn, &actor, &event, now).map_err(DatabaseError::from))
        .await;
    match recorded {
        Ok(()) => Failure::Unmanaged(what),
        Err(error) => error.into(),
    }
}
