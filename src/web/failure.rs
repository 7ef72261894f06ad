//! The one error type of the HTTP edge. Its mapping to a status is the one `match` below; what
//! the client reads are our own sentences, and causes go to the log.

use crate::access::{Demanded, Denied, Unmanaged};
use crate::catalog::FilterError;
use crate::config::Manage;
use crate::data::{DataError, Refusal};
use crate::store::DatabaseError;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use std::fmt;

/// When to try again while something is away or busy, in seconds.
const RETRY_AFTER_S: u64 = 5;
/// The heading where a person must prove first who they are.
pub const STEP_UP: &str = "Confirm who you are first";

/// Why a request was not answered with what it asked for.
#[derive(Debug)]
pub enum Failure {
    /// Nobody is signed in.
    SignedOut,
    /// The session cannot be gone by any more; a sentence says what to do about what was sent.
    Lapsed(&'static str),
    /// The right is missing.
    Forbidden(Denied),
    /// The right to manage something of the panel itself is missing.
    Unmanaged(Manage),
    /// It is not to be done while looking at the panel as somebody else, who is named here.
    OnlyLooking(String),
    /// The right is there, and the person must prove first who they are.
    StepUp(Box<Demanded>),
    /// It was asked for too often.
    TooOften {
        /// What was, in the plural.
        what: &'static str,
        /// After how many seconds it may be asked for again.
        wait_s: u64,
    },
    /// The address is longer than is read.
    LongAddress,
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
    /// The body took too long to arrive.
    Slowly,
    /// The method is not one of this address.
    Method,
    /// Every connection is in use.
    Busy,
    /// As many exports are running as may at a time.
    Exports,
    /// The statement ran into its time limit.
    Slow,
    /// Somebody else holds what the statement waits for.
    Locked,
    /// Two changes waited for each other, and this one was undone.
    Deadlock,
    /// A change ran into the time limit of its statements.
    SlowChange,
    /// The database has no room left; the text is for the log.
    Full(String),
    /// The table is not as it was when its schema was read.
    Changed,
    /// The account of the panel may not read the table.
    Closed,
    /// The database reports an error in what it was asked for; the text is for the log.
    Failed(String),
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

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status_code()
    }

    /// After how many seconds it makes sense to try again.
    pub fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::TooOften { wait_s, .. } => Some(*wait_s),
            _ if self.status() == StatusCode::SERVICE_UNAVAILABLE => Some(RETRY_AFTER_S),
            _ => None,
        }
    }

    /// The heading of the error page.
    pub fn title(&self) -> &'static str {
        match self {
            Self::SignedOut => "You are not signed in",
            Self::Lapsed(_) => "You have to be signed in again first",
            Self::Forbidden(_) | Self::Unmanaged(_) | Self::Beyond(_) => {
                "Your roles do not allow this"
            }
            Self::OnlyLooking(_) => "You are only looking",
            Self::StepUp(_) => STEP_UP,
            Self::TooOften { .. } => "This came too often",
            Self::LongAddress => "This address is too long",
            Self::Forged(_) => "This request was not sent from the panel",
            Self::Missing => "There is nothing here",
            Self::Invalid(_) => "This request cannot be understood",
            Self::Slowly => "This took too long to arrive",
            Self::TooLarge => "This is too much at once",
            Self::Method => "This address does not take that",
            Self::Locked | Self::Deadlock => "Somebody else is at this",
            Self::Busy | Self::Exports | Self::Unreachable(_) => {
                "The panel cannot answer right now"
            }
            Self::Slow | Self::SlowChange => "This took too long",
            Self::Full(_) => "The database is full",
            Self::Changed => "This table has just changed",
            Self::Closed => "The database does not allow this",
            Self::Failed(_) => "The database reports an error",
            Self::Internal(_) => "Something went wrong on our side",
        }
    }

    /// What the person can do about it.
    pub fn advice(&self) -> String {
        match self {
            Self::SignedOut => "Sign in and try again.".into(),
            Self::Forbidden(denied) => format!(
                "None of your roles gives \u{201c}{}\u{201d} on \u{201c}{}\u{201d}.",
                denied.what(),
                denied.resource
            ),
            Self::Unmanaged(what) => format!(
                "None of your roles lets you manage {} of this panel. A role does with \
                 manage = [\"{0}\"] in its configuration.",
                what.name()
            ),
            Self::OnlyLooking(seen) => format!(
                "You look at the panel as {seen}. Until you end that, nothing can be changed or \
                 exported, and nothing was."
            ),
            Self::StepUp(demanded) => demanded.advice(),
            Self::TooOften { what, wait_s } => format!(
                "There were too many {what} within a minute. Nothing was done. Try again in \
                 {wait_s} second{}.",
                if *wait_s == 1 { "" } else { "s" }
            ),
            Self::LongAddress => "Ask for less at once: fewer filters, or shorter ones.".into(),
            Self::Beyond(text) | Self::Invalid(text) => text.clone(),
            Self::Forged(text) | Self::Lapsed(text) => (*text).into(),
            Self::Missing => {
                "The row or page does not exist, or it is not one that your roles show you.".into()
            }
            Self::Slowly => "Nothing was saved. Send it again over a better connection.".into(),
            Self::TooLarge => {
                "A form holds at most 2 MB, and 16 MB with its files. Send less at once.".into()
            }
            Self::Method => "Go back and use the links and buttons of the panel.".into(),
            Self::Busy => {
                "Every database connection is in use, or your share of them. Try again in a moment."
                    .into()
            }
            Self::Exports => {
                "As many exports are running as may at a time. Try again in a moment.".into()
            }
            Self::Unreachable(_) => "The database does not answer. Try again in a moment.".into(),
            Self::Locked => {
                "The table or the row is being changed by somebody else, or by a migration. \
                 Nothing was done. Try again in a moment."
                    .into()
            }
            Self::Deadlock => {
                "Somebody else changed the same rows at the same moment, and the database undid \
                 your change. Send it again."
                    .into()
            }
            Self::SlowChange => {
                "The database did not finish within its time limit, and nothing was saved. Try \
                 again in a moment."
                    .into()
            }
            Self::Full(_) => {
                "The database has no room left, and nothing was saved. Tell whoever runs it, and \
                 try again later."
                    .into()
            }
            Self::Slow => "Narrow the list with a filter, or sort by another column.".into(),
            Self::Changed => {
                "Its columns are not those that this page was made for. Open the list again.".into()
            }
            Self::Closed => {
                "The account that the panel connects with may not read this table. Tell \
                             whoever runs the database."
                    .into()
            }
            Self::Failed(_) => "It cannot work out these rows, as happens with a view over values \
                                that do not fit. A filter that leaves them out may help. The \
                                reference below leads to the reason in the server\u{2019}s log."
                .into(),
            Self::Internal(_) => {
                "Nothing was changed. Tell whoever runs this panel the reference below.".into()
            }
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
            other => write!(f, "{}: {}", other.title(), other.advice()),
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
            Self::Changed => StatusCode::CONFLICT,
            // Not a fault of the panel, nor of a server in between.
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

    /// Without a body: the middleware that knows the request writes the page.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        match denied.demand.clone() {
            Some(demand) => Self::StepUp(Box::new(Demanded {
                demand,
                what: format!("{} on {}", denied.what(), denied.resource),
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
                what: format!("manage {}", what.name()),
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
