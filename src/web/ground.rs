//! What the HTTP base layer must know of the panel.

use super::{Failure, FailureReport, Urls};
use actix_web::{HttpRequest, HttpResponse, web};

/// Needed by every request. It is app data, as `web::Data<Ground>`; rooms above `web` fill it in.
pub struct Ground {
    /// Addresses of the panel.
    pub urls: Urls,
    /// Writes the page of an error.
    pub error_page: fn(&HttpRequest, &FailureReport) -> Result<HttpResponse, Failure>,
}

impl Ground {
    /// The value for a request.
    pub fn of(request: &HttpRequest) -> Option<&Self> {
        let ground = request.app_data::<web::Data<Self>>()?;
        Some(ground.as_ref())
    }
}
