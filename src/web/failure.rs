//! The one error type of the HTTP edge. Its mapping to a status is the one `match` below; what
//! the client reads are our own sentences, and causes go to the log.

use crate::access::Denied;
use crate::catalog::FilterError;
use crate::data::{DataError, Refusal};
use crate::store::DatabaseError;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use std::fmt;

/// Why a request was not answered with what it asked for.
#[derive(Debug)]
pub enum Failure {
    /// Nobody is signed in.
    SignedOut,
    /// The session cannot be gone by any more; a sentence says what to do about what was sent.
    Lapsed(&'static str),
    /// The right is missing.
    Forbidden(Denied),
    /// The change would reach beyond the person's rights; a sentence says how.
    Beyond(String),
    /// The request cannot be told from one that another site sent.
    Forged(&'static str),
    /// No such page or row, or none that this person may see.
    Missing,
    /// The request makes no sense; a sentence names the parameter.
    Invalid(String),
    /// The body is larger than is taken.
    TooLarge,
    /// The method is not one of this address.
    Method,
    /// Every connection is in use.
    Busy,
    /// As many exports are running as may at a time.
    Exports,
    /// The statement ran into its time limit.
    Slow,
    /// The database is away.
    Unreachable(String),
    /// A fault of ours; the text is for the log.
    Internal(String),
}

impl Failure {
    /// A fault of ours.
    pub fn internal(error: impl fmt::Display + fmt::Debug) -> Self {
        // Tera and Diesel keep the cause out of Display.
        Self::Internal(format!("{error}: {error:?}"))
    }

    /// The heading of the error page.
    pub fn title(&self) -> &'static str {
        match self {
            Self::SignedOut => "You are not signed in",
            Self::Lapsed(_) => "You have to be signed in again first",
            Self::Forbidden(_) | Self::Beyond(_) => "Your roles do not allow this",
            Self::Forged(_) => "This request was not sent from the panel",
            Self::Missing => "There is nothing here",
            Self::Invalid(_) => "This request cannot be understood",
            Self::TooLarge => "This is too much at once",
            Self::Method => "This address does not take that",
            Self::Busy | Self::Exports | Self::Unreachable(_) => {
                "The panel cannot answer right now"
            }
            Self::Slow => "This took too long",
            Self::Internal(_) => "Something went wrong on our side",
        }
    }

    /// What the person can do about it.
    pub fn advice(&self) -> String {
        match self {
            Self::SignedOut => "Sign in and try again.".into(),
            Self::Forbidden(denied) => format!(
                "None of your roles gives \u{201c}{}\u{201d} on \u{201c}{}\u{201d}.",
                denied.action.name(),
                denied.resource
            ),
            Self::Beyond(text) | Self::Invalid(text) => text.clone(),
            Self::Forged(text) | Self::Lapsed(text) => (*text).into(),
            Self::Missing => {
                "The row or page does not exist, or it is not one that your roles show you.".into()
            }
            Self::TooLarge => "Send less at once.".into(),
            Self::Method => "Go back and use the links and buttons of the panel.".into(),
            Self::Busy => "Every database connection is in use. Try again in a moment.".into(),
            Self::Exports => {
                "As many exports are running as may at a time. Try again in a moment.".into()
            }
            Self::Unreachable(_) => "The database does not answer. Try again in a moment.".into(),
            Self::Slow => "Narrow the list with a filter, or sort by another column.".into(),
            Self::Internal(_) => {
                "Nothing was changed. Tell whoever runs this panel the reference below.".into()
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(cause) | Self::Internal(cause) => f.write_str(cause),
            other => write!(f, "{}: {}", other.title(), other.advice()),
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::SignedOut | Self::Lapsed(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) | Self::Beyond(_) | Self::Forged(_) => StatusCode::FORBIDDEN,
            Self::Missing => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Busy | Self::Exports | Self::Slow | Self::Unreachable(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Without a body: the middleware that knows the request writes the page.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        Self::Forbidden(denied)
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
            | DataError::Value => Self::Invalid(error.to_string()),
            DataError::Slow => Self::Slow,
            DataError::Database(DatabaseError::Busy) => Self::Busy,
            DataError::Database(DatabaseError::Unreachable(cause)) => Self::Unreachable(cause),
            DataError::Database(error) => Self::internal(error),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
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
