//! Checks where a form was sent from.

use super::{Failure, Urls};
use crate::texts::text;
use actix_web::HttpRequest;
use actix_web::http::header::ORIGIN;

/// Refuses requests that the browser marks as sent by another site, before the body is read.
///
/// # Errors
/// [`Failure::Forged`].
pub fn check_origin(request: &HttpRequest, urls: &Urls) -> Result<(), Failure> {
    let foreign = || Failure::Forged(text!("error-forged-site"));
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    if let Some(site) = header("sec-fetch-site")
        && !matches!(site, "same-origin" | "none")
    {
        return Err(foreign());
    }
    match header(ORIGIN.as_str()) {
        Some(origin) if origin != urls.origin() => Err(foreign()),
        _ => Ok(()),
    }
}
