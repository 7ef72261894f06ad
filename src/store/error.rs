//! Database errors.

/// Why there is no connection or no answer.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Every connection was busy for as long as a request may wait.
    #[error("all database connections are busy")]
    Busy,
    /// The connection failed.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// A statement failed.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
    /// The blocking thread died, or the work was cancelled.
    #[error("a database task was cut short")]
    Cut,
}
