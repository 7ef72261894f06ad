//! The language of a response.

use crate::texts::Language;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::ACCEPT_LANGUAGE;
use actix_web::middleware::Next;

/// Responds in the language that the browser requests.
///
/// # Errors
/// The errors of the handlers.
pub async fn choose<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let accept = request.headers().get(ACCEPT_LANGUAGE);
    let language = Language::asked(accept.and_then(|accept| accept.to_str().ok()));
    language.scope(next.call(request)).await
}
