//! What the handlers know of a request from the middleware before them.

use actix_web::HttpRequest;

/// The request's number, as in the log, in the audit and on error pages.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Where the request came from.
pub fn client_address(request: &HttpRequest) -> Option<String> {
    request.peer_addr().map(|address| address.ip().to_string())
}
