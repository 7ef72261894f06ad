//! The error type of the HTTP layer. One `match` below maps it to a status. Clients get the panel's
//! own messages, and causes go to the log.

use crate::access::{Demanded, Denied, Unmanaged};
use crate::catalog::FilterError;
use crate::config::Manage;
use crate::data::{DataError, Refusal};
use crate::store::DatabaseError;
use crate::texts::{Language, text};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use std::fmt;

/// The `Retry-After` value while something is down or busy, in seconds.
const RETRY_AFTER_S: u64 = 5;

/// Why a request failed.
#[derive(Debug)]
pub enum Failure {
    /// The person is not signed in.
    SignedOut,
    /// The session has expired; a sentence says what to do about what was sent.
    Lapsed(String),
    /// A right is missing.
    Forbidden(Denied),
    /// The right to manage a part of the panel itself is missing.
    Unmanaged(Manage),
    /// Not allowed while viewing as somebody else, who is named here.
    OnlyLooking(String),
    /// The right exists, but step-up is required first.
    StepUp(Box<Demanded>),
    /// Too many requests.
    TooOften {
        /// The kind of requests, in the plural.
        what: String,
        /// The number of seconds to wait.
        wait_s: u64,
    },
    /// The address is too long.
    LongAddress,
    /// The change would exceed the person's rights; a sentence says how.
    Beyond(String),
    /// The request may have been sent by another site.
    Forged(String),
    /// The page or row does not exist, or is not visible to this person.
    Missing,
    /// The request is invalid; a sentence names the parameter.
    Invalid(String),
    /// The body is too large.
    TooLarge,
    /// The body took too long to arrive.
    Slowly,
    /// The address does not support the method.
    Method,
    /// Every connection is in use.
    Busy,
    /// The maximum number of exports is running.
    Exports,
    /// The statement timed out.
    Slow,
    /// Somebody else holds a lock that the statement waits for.
    Locked,
    /// A deadlock: two changes waited for each other, and this one was rolled back.
    Deadlock,
    /// A change timed out.
    SlowChange,
    /// The database is full; the text is for the log.
    Full(String),
    /// The table differs from the schema that was read.
    Changed,
    /// Somebody else has changed in the meantime what a form was made for; a sentence says what.
    Outdated(String),
    /// The panel's account may not read the table.
    Closed,
    /// The database failed on the requested data; the text is for the log.
    Failed(String),
    /// The database is down.
    Unreachable(String),
    /// An internal error; the text is for the log.
    Internal(String),
}

impl Failure {
    /// Makes an internal error.
    pub fn internal(error: impl fmt::Display + fmt::Debug) -> Self {
        // Tera and Diesel omit the cause in Display.
        Self::Internal(format!("{error}: {error:?}"))
    }

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        self.status_code()
    }

    /// The number of seconds before a retry makes sense.
    pub fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::TooOften { wait_s, .. } => Some(*wait_s),
            _ if self.status() == StatusCode::SERVICE_UNAVAILABLE => Some(RETRY_AFTER_S),
            _ => None,
        }
    }

    /// The heading of the error page.
    pub fn title(&self) -> String {
        match self {
            Self::SignedOut => text!("error-signed-out"),
            Self::Lapsed(_) => text!("error-lapsed"),
            Self::Forbidden(_) | Self::Unmanaged(_) | Self::Beyond(_) => text!("error-forbidden"),
            Self::OnlyLooking(_) => text!("error-only-looking"),
            Self::StepUp(_) => text!("step-up-title"),
            Self::TooOften { .. } => text!("error-too-often"),
            Self::LongAddress => text!("error-long-address"),
            Self::Forged(_) => text!("error-forged"),
            Self::Missing => text!("error-missing"),
            Self::Invalid(_) => text!("error-invalid"),
            Self::Slowly => text!("error-slowly"),
            Self::TooLarge => text!("error-too-large"),
            Self::Method => text!("error-method"),
            Self::Locked | Self::Deadlock => text!("error-locked"),
            Self::Busy | Self::Exports | Self::Unreachable(_) => text!("error-unavailable"),
            Self::Slow | Self::SlowChange => text!("error-slow"),
            Self::Full(_) => text!("error-full"),
            Self::Changed => text!("error-changed"),
            Self::Outdated(_) => text!("error-outdated"),
            Self::Closed => text!("error-closed"),
            Self::Failed(_) => text!("error-failed"),
            Self::Internal(_) => text!("error-internal"),
        }
    }

    /// What the person can do.
    pub fn advice(&self) -> String {
        match self {
            Self::SignedOut => text!("error-signed-out-advice"),
            Self::Forbidden(denied) => text!(
                "error-forbidden-advice",
                right = denied.what(),
                resource = denied.resource.as_str()
            ),
            Self::Unmanaged(what) => text!("error-unmanaged-advice", what = what.name()),
            Self::OnlyLooking(seen) => text!("error-only-looking-advice", seen = seen),
            Self::StepUp(demanded) => demanded.advice(),
            Self::TooOften { what, wait_s } => {
                text!("error-too-often-advice", what = what, count = *wait_s)
            }
            Self::LongAddress => text!("error-long-address-advice"),
            Self::Beyond(text)
            | Self::Invalid(text)
            | Self::Forged(text)
            | Self::Lapsed(text)
            | Self::Outdated(text) => text.clone(),
            Self::Missing => text!("error-missing-advice"),
            Self::Slowly => text!("error-slowly-advice"),
            Self::TooLarge => text!("error-too-large-advice"),
            Self::Method => text!("error-method-advice"),
            Self::Busy => text!("error-busy-advice"),
            Self::Exports => text!("error-exports-advice"),
            Self::Unreachable(_) => text!("error-unreachable-advice"),
            Self::Locked => text!("error-locked-advice"),
            Self::Deadlock => text!("error-deadlock-advice"),
            Self::SlowChange => text!("error-slow-change-advice"),
            Self::Full(_) => text!("error-full-advice"),
            Self::Slow => text!("error-slow-advice"),
            Self::Changed => text!("error-changed-advice"),
            Self::Closed => text!("error-closed-advice"),
            Self::Failed(_) => text!("error-failed-advice"),
            Self::Internal(_) => text!("error-internal-advice"),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(cause)
            | Self::Internal(cause)
            | Self::Failed(cause)
            | Self::Full(cause) => f.write_str(cause),
            // For the log, always in English.
            other => Language::English
                .scope_thread(|| write!(f, "{}: {}", other.title(), other.advice())),
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::SignedOut | Self::Lapsed(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_)
            | Self::Unmanaged(_)
            | Self::OnlyLooking(_)
            | Self::Beyond(_)
            | Self::StepUp(_)
            | Self::Forged(_) => StatusCode::FORBIDDEN,
            Self::TooOften { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::LongAddress => StatusCode::URI_TOO_LONG,
            Self::Missing => StatusCode::NOT_FOUND,
            Self::Closed => StatusCode::FORBIDDEN,
            Self::Changed | Self::Outdated(_) => StatusCode::CONFLICT,
            // Neither the panel nor a server in between is at fault.
            Self::Failed(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Slowly => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Busy
            | Self::Exports
            | Self::Slow
            | Self::Locked
            | Self::Deadlock
            | Self::Unreachable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::SlowChange => StatusCode::GATEWAY_TIMEOUT,
            Self::Full(_) => StatusCode::INSUFFICIENT_STORAGE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Has no body: the middleware, which knows the request, writes the page.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        match denied.demand.clone() {
            Some(demand) => Self::StepUp(Box::new(Demanded {
                demand,
                what: denied.on(),
                action: Some(denied.action),
            })),
            None => Self::Forbidden(denied),
        }
    }
}

impl From<Unmanaged> for Failure {
    fn from(unmanaged: Unmanaged) -> Self {
        match unmanaged {
            Unmanaged::NotGiven(what) => Self::Unmanaged(what),
            Unmanaged::Demand(what, demand) => Self::StepUp(Box::new(Demanded {
                demand,
                what: text!("right-manage", what = what.name()),
                action: None,
            })),
        }
    }
}

impl From<FilterError> for Failure {
    fn from(error: FilterError) -> Self {
        Self::Invalid(error.to_string())
    }
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Busy => Self::Busy,
            DatabaseError::Unreachable(cause) => Self::Unreachable(cause),
            DatabaseError::Query(error) => DataError::from(error).into(),
            DatabaseError::Cut => Self::internal(error),
        }
    }
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        match error {
            DataError::Missing => Self::Missing,
            DataError::Filter(_)
            | DataError::Cursor(_)
            | DataError::TooDeep(_)
            | DataError::Unfit(_)
            | DataError::Value => Self::Invalid(error.to_string()),
            DataError::Changed => Self::Changed,
            DataError::Closed => Self::Closed,
            DataError::Failed(cause) => Self::Failed(cause),
            DataError::Slow => Self::Slow,
            DataError::Locked => Self::Locked,
            DataError::Deadlock => Self::Deadlock,
            DataError::Full(cause) => Self::Full(cause),
            DataError::Database(DatabaseError::Busy) => Self::Busy,
            DataError::Database(DatabaseError::Unreachable(cause)) => Self::Unreachable(cause),
            DataError::Database(error) => Self::internal(error),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Data(DataError::Slow) => Self::SlowChange,
            Refusal::Data(error) => error.into(),
            Refusal::OutOfReach | Refusal::Column(_) => Self::Beyond(refusal.to_string()),
            other => Self::Invalid(other.to_string()),
        }
    }
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        DataError::from(error).into()
    }
}
