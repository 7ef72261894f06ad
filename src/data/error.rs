//! What can go wrong between a permit and its rows.

use crate::catalog::FilterError;
use crate::data::CursorError;
use crate::store::DatabaseError;
use diesel::result::Error as QueryError;

/// Why there are no rows.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// No such row, or none that this person may see.
    #[error("there is no such row")]
    Missing,
    /// The filter or order cannot be used.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// The cursor was not made by this list.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// The page lies deeper than it can be reached by number.
    #[error(
        "page {0} is too far in: narrow the list with a filter, or use the links to the next page"
    )]
    TooDeep(u64),
    /// A value that the database does not take.
    #[error("the database does not take one of these values")]
    Value,
    /// The statement ran into its time limit.
    #[error("the database took too long")]
    Slow,
    /// The database failed; for the log only.
    #[error(transparent)]
    Database(DatabaseError),
}

impl From<DatabaseError> for DataError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Query(error) => error.into(),
            error => Self::Database(error),
        }
    }
}

impl From<QueryError> for DataError {
    fn from(error: QueryError) -> Self {
        if let QueryError::DatabaseError(_, info) = &error {
            let message = info.message();
            if message.contains("statement timeout") {
                return Self::Slow;
            }
            // PostgreSQL's data exceptions (SQLSTATE class 22), which Diesel does not tell apart.
            const DATA: [&str; 6] = [
                "invalid input syntax",
                "invalid input value",
                "out of range",
                "invalid byte sequence",
                "value too long",
                "overflow",
            ];
            if DATA.iter().any(|known| message.contains(known)) {
                return Self::Value;
            }
        }
        Self::Database(error.into())
    }
}
