//! A session that goes on under another id, because what its person may do has changed.
//!
//! Several requests at the same time may each find that the roles are others. A request notes what is
//! to change. Once it is answered, one statement makes the change and gives the session its new id.
//! That succeeds for one of the requests. The answers to the others set no cookie: they would put a
//! dead id back over the new one.

use super::{DieselStore, Signed, columns};
use crate::access::Look;
use crate::store::DatabaseError;
use crate::store::session_columns::to_json;
use crate::store::sessions::{RenewalOutcome, SessionChange};
use actix_web::{HttpMessage, HttpRequest};

/// The change that a request asks for, among its extensions until it is answered.
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

/// Gives the session another id because its person has these roles now. Whatever requests at the
/// same time change in it stays.
pub fn for_roles(request: &HttpRequest, reference: &str, roles: &[String]) {
    request_change(request, reference, |change| {
        change.roles = Some(to_json(&roles));
    });
}

/// Gives the session another id because its person begins or ends a look at the panel as somebody
/// else.
pub fn for_look(request: &HttpRequest, reference: &str, look: Option<&Look>) {
    request_change(request, reference, |change| {
        change.look = Some(look.map(to_json));
    });
}

/// Gives the session another id because its person has proved again who they are: what somebody
/// knows of the old one must be worth nothing (ASVS 7.2.4).
pub fn for_proof(request: &HttpRequest, signed: &Signed) {
    request_change(request, &signed.reference, |change| {
        change.identity = Some(columns::identity(signed));
        change.roles = Some(to_json(&signed.roles));
    });
}

/// What the answer to a request does with the session's cookie.
pub(super) enum CookieChange {
    /// The request asked for no other id.
    None,
    /// The session has this id now.
    NewId(String),
    /// The id is another by now, or the session is gone: the browser's cookie is left as it is.
    Leave,
}

/// Makes the change that a request asked for, in the session of this id.
///
/// # Errors
/// When the database fails and the answer depends on the change. A change of roles only is tried
/// again by the next request: this one was answered by the new roles already.
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
