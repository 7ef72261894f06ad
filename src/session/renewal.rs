//! Changes of a session that come with a new id: to its roles, its look or its proof of identity.
//!
//! Several concurrent requests may each find that the roles have changed. A request only records
//! the change it needs. After the handler has responded, one statement makes the change and sets
//! the new id. This succeeds for one of the requests. The responses to the others set no cookie,
//! which would replace the new id with a dead one.

use super::{DieselStore, Signed, columns};
use crate::access::Look;
use crate::store::DatabaseError;
use crate::store::session_columns::to_json;
use crate::store::sessions::{RenewalOutcome, SessionChange};
use actix_web::{HttpMessage, HttpRequest};

/// The requested change, stored in the request's extensions until the handler has responded.
#[derive(Default)]
struct RequestedChange {
    reference: String,
    change: SessionChange,
}

fn request_change(request: &HttpRequest, reference: &str, add: impl FnOnce(&mut SessionChange)) {
    let mut extensions = request.extensions_mut();
    let mut requested = extensions.remove::<RequestedChange>().unwrap_or_default();
    requested.reference = reference.to_owned();
    add(&mut requested.change);
    extensions.insert(requested);
}

/// Requests a new id because the person's roles have changed to these. Changes by concurrent
/// requests are kept.
pub fn for_roles(request: &HttpRequest, reference: &str, roles: &[String]) {
    request_change(request, reference, |change| {
        change.roles = Some(to_json(&roles));
    });
}

/// Requests a new id because the person begins or ends viewing the panel as somebody else.
pub fn for_look(request: &HttpRequest, reference: &str, look: Option<&Look>) {
    request_change(request, reference, |change| {
        change.look = Some(look.map(to_json));
    });
}

/// Requests a new id because the person has completed step-up. The old id must become worthless to
/// anybody who knows it (ASVS 7.2.4).
pub fn for_proof(request: &HttpRequest, signed: &Signed) {
    request_change(request, &signed.reference, |change| {
        change.identity = Some(columns::identity(signed));
        change.roles = Some(to_json(&signed.roles));
    });
}

/// The effect of a response on the session cookie.
pub(super) enum CookieChange {
    /// No change was requested.
    None,
    /// The session has this new id.
    NewId(String),
    /// The browser keeps its cookie. Another request has changed the id, the session is gone, or
    /// new roles could not be stored.
    Leave,
}

/// Makes the requested change in the session with this id.
///
/// # Errors
/// When the database fails and the response depends on the change. A change of roles alone is no
/// error. This response already used the new roles, and the next request tries again.
pub(super) async fn apply(
    request: &HttpRequest,
    store: &DieselStore,
    id: Option<&str>,
) -> Result<CookieChange, DatabaseError> {
    let requested = request.extensions_mut().remove::<RequestedChange>();
    let (Some(RequestedChange { reference, change }), Some(id)) = (requested, id) else {
        return Ok(CookieChange::None);
    };
    let is_for_roles = change.look.is_none() && change.identity.is_none();
    match store.renew(id, reference, change).await {
        Ok((RenewalOutcome::Renewed, id)) => Ok(CookieChange::NewId(id)),
        Ok((RenewalOutcome::RenewedElsewhere, _)) => Ok(CookieChange::Leave),
        Ok((RenewalOutcome::Gone, _)) => {
            tracing::info!("a session ended while a request of it was answered");
            Ok(CookieChange::Leave)
        }
        Err(error) if is_for_roles => {
            tracing::error!(error = %error, "a session could not be given another id");
            Ok(CookieChange::Leave)
        }
        Err(error) => Err(error),
    }
}
