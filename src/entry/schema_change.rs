//! Decides when to check the schema: at intervals, and at once when a statement fails on a changed
//! table.

use super::Site;
use crate::web::Failure;
use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use std::time::Duration;

/// The interval of schema checks.
pub const LOOK_EVERY: Duration = Duration::from_secs(15);
/// The minimum interval of checks after errors that may have other causes.
const SUSPECT_EVERY: Duration = Duration::from_secs(5);

/// Checks the schema at intervals, as long as the panel runs.
pub(crate) async fn keep_looking(site: Data<Site>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if let Err(error) = site.look_at_schema(Duration::ZERO).await {
            tracing::debug!(error = %error, "the schema could not be read again");
        }
    }
}

/// If a response failed because a table has changed, reads the schema and redirects the reader to
/// the same page.
pub(super) async fn follow(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let failure = response.response().error();
    let failure = failure.and_then(|error| error.as_error::<Failure>());
    let wait = match failure {
        Some(Failure::Changed) => Duration::ZERO,
        Some(Failure::Failed(_)) => SUSPECT_EVERY,
        _ => return response,
    };
    let request = response.request().clone();
    let Some(site) = request.app_data::<Data<Site>>().cloned() else {
        return response;
    };
    match site.look_at_schema(wait).await {
        Ok(true) if request.method() == Method::GET => {
            let here = site.urls.as_seen(request.uri());
            let again = HttpResponse::TemporaryRedirect()
                .insert_header((LOCATION, here))
                .finish();
            ServiceResponse::new(request, again)
        }
        Ok(_) => response,
        Err(error) => {
            tracing::debug!(error = %error, "the schema could not be read again");
            response
        }
    }
}
