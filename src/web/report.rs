//! A failure in the words of its page.

use super::Failure;
use crate::texts::text;
use actix_web::ResponseError;
use actix_web::http::StatusCode;

/// The page content of a failure, and what goes to the log.
pub struct FailureReport {
    /// The heading.
    pub title: String,
    /// What the person can do.
    pub advice: String,
    /// The missing right ("edit on orders").
    pub missing: Option<String>,
    /// The status of the response.
    pub status: StatusCode,
    /// Whether a change may have been made despite the failure, because its result was lost.
    pub is_unsure: bool,
    pub(super) retry_after_s: Option<u64>,
    pub(super) cause: Option<String>,
}

impl FailureReport {
    pub(super) fn of(failure: &Failure) -> Self {
        Self {
            title: failure.title(),
            advice: failure.advice(),
            missing: match failure {
                Failure::Forbidden(denied) => Some(denied.on()),
                Failure::Unmanaged(what) => Some(text!("right-manage", what = what.name())),
                _ => None,
            },
            status: failure.status_code(),
            is_unsure: matches!(failure, Failure::Unreachable(_) | Failure::Internal(_)),
            retry_after_s: failure.retry_after_s(),
            cause: match failure {
                Failure::Internal(_)
                | Failure::Unreachable(_)
                | Failure::Failed(_)
                | Failure::Full(_) => Some(failure.to_string()),
                _ => None,
            },
        }
    }
}
