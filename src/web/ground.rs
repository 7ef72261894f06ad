//! What the ground of HTTP has to know of the panel that stands on it.

use super::{Failure, FailureReport, Urls};
use actix_web::{HttpRequest, HttpResponse, web};

/// What every request needs; app data, as `web::Data<Ground>`. Rooms above `web` fill it in.
pub struct Ground {
    /// Where everything is.
    pub urls: Urls,
    /// Writes the page of an error.
    pub error_page: fn(&HttpRequest, &FailureReport) -> Result<HttpResponse, Failure>,
}

impl Ground {
    /// The ground that a request stands on.
    pub fn of(request: &HttpRequest) -> Option<&Self> {
        let ground = request.app_data::<web::Data<Self>>()?;
        Some(ground.as_ref())
    }
}
