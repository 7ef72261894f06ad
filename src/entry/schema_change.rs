//! When the schema of the managed database is looked at: now and then, and at once when a statement
//! fails on a table that has changed.

use super::Site;
use crate::web::Failure;
use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use std::time::Duration;

/// How often the schema is looked at.
pub const LOOK_EVERY: Duration = Duration::from_secs(15);
/// An error that need not come of a change leads to a look no more often than this.
const SUSPECT_EVERY: Duration = Duration::from_secs(5);

/// Looks at the schema now and then, for as long as the panel runs.
pub(crate) async fn keep_looking(site: Data<Site>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if let Err(error) = site.look_at_schema(Duration::ZERO).await {
            tracing::debug!(error = %error, "the schema could not be read again");
        }
    }
}

/// Where an answer failed because a table has changed: reads the schema, and leads a reader to the
/// same page as it is now.
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
