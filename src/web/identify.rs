//! Who is asking, and by which policy they are answered.

use super::access::{Access, Caller};
use super::{Failure, Site};
use crate::session::{self, Unavailable};
use crate::sso::freshness::Present;
use actix_session::SessionExt;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};

/// Puts who is asking where the guard and the handlers look: whoever is [`Present`], with the
/// policy that is in force now.
///
/// # Errors
/// Passes on those of the handlers.
pub async fn identify(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Some(cause) = session::unavailable_for(&request.get_session()) {
        return Ok(request.error_response(match cause {
            Unavailable::Busy => Failure::Busy,
            Unavailable::Away => Failure::Unreachable("a session could not be loaded".into()),
        }));
    }
    let present = request.extensions().get::<Present>().cloned();
    if let (Some(Present(signed)), Some(site)) = (present, request.app_data::<web::Data<Site>>()) {
        let policy = site.policies.current();
        let admits = policy.admits(&signed.person);
        let caller = Caller { signed, policy };
        let access = match admits {
            true => Access::Admitted(caller),
            false => Access::Unmapped(caller),
        };
        request.extensions_mut().insert(access);
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}
