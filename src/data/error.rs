//! What can go wrong between a permit and its rows.

use crate::catalog::FilterError;
use crate::data::CursorError;
use crate::store::DatabaseError;
use crate::store::hop::tick;
use crate::texts::text;
use diesel::result::{DatabaseErrorKind, Error as QueryError};

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
    #[error("{}", text!("page-too-far", page = .0.to_string()))]
    TooDeep(u64),
    /// A value that the database does not take.
    #[error("{}", text!("refused-values"))]
    Value,
    /// A value that its column cannot be compared with.
    #[error("{}", text!("filter-value", column = .0, reason = text!("refused-value")))]
    Unfit(String),
    /// The table, or a column of it, is not there any more, or is another.
    #[error("the table has changed")]
    Changed,
    /// The account of the panel may not read the table.
    #[error("the database does not let the panel read this table")]
    Closed,
    /// The database reports an error while it works the rows out: a view that fails. For the log.
    #[error("the database cannot work these rows out: {0}")]
    Failed(String),
    /// The statement ran into its time limit.
    #[error("the database took too long")]
    Slow,
    /// Somebody else holds what the statement waits for.
    #[error("somebody else is changing this table or row")]
    Locked,
    /// Two changes waited for each other, and this one was undone.
    #[error("two changes waited for each other")]
    Deadlock,
    /// The database has no room left; for the log.
    #[error("the database has no room left: {0}")]
    Full(String),
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
        if let QueryError::DatabaseError(kind, info) = &error {
            if matches!(
                kind,
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand
            ) {
                let cause = info.message().to_owned();
                return Self::Database(DatabaseError::Unreachable(cause));
            }
            // A domain of PostgreSQL checks a value wherever it is cast.
            if matches!(kind, DatabaseErrorKind::CheckViolation) {
                return Self::Value;
            }
            let message = info.message();
            const SLOW: [&str; 3] = [
                "statement timeout",
                "max_statement_time exceeded",
                "maximum statement execution time exceeded",
            ];
            if message == tick::NAME || SLOW.iter().any(|known| message.contains(known)) {
                return Self::Slow;
            }
            if message.contains("lock timeout") || message.contains("Lock wait timeout exceeded") {
                return Self::Locked;
            }
            if message.contains("database is locked") {
                return Self::Locked;
            }
            if message.contains("deadlock detected") || message.contains("Deadlock found") {
                return Self::Deadlock;
            }
            // SQLite's words, and those of the operating system that PostgreSQL passes on.
            const FULL: [&str; 3] = ["or disk is full", "No space left", "Disk quota exceeded"];
            if FULL.iter().any(|known| message.contains(known)) {
                return Self::Full(message.to_owned());
            }
            // PostgreSQL's data exceptions (SQLSTATE class 22), which Diesel does not tell apart.
            const DATA: [&str; 25] = [
                "invalid input syntax",
                "invalid input value",
                "out of range",
                "invalid byte sequence",
                "value too long",
                "overflow",
                "unsupported Unicode escape sequence",
                "malformed ",
                "syntax error in ts",
                "invalid cidr value",
                "not a valid binary digit",
                "bit string",
                "invalid XML",
                "cannot store ",
                "nondeterministic collations",
                // MySQL and MariaDB.
                "Incorrect ",
                "Data too long for column",
                "Out of range value",
                "Data truncated for column",
                "Illegal mix of collations",
                "Invalid JSON text",
                "Cannot get geometry object",
                "Got error 'pcre2",
                // SQLite's limits on what is searched for.
                "pattern too complex",
                "Expression tree is too large",
            ];
            if DATA.iter().any(|known| message.contains(known)) {
                return Self::Value;
            }
        }
        Self::Database(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_errors() {
        for (message, is_full) in [
            ("database or disk is full", true),
            (
                "could not extend file \"base/1/2\": No space left on device",
                true,
            ),
            ("disk I/O error", false),
        ] {
            let info = Box::new(message.to_owned());
            let error = QueryError::DatabaseError(DatabaseErrorKind::Unknown, info);
            let is = matches!(DataError::from(error), DataError::Full(_));
            assert_eq!(is, is_full, "{message}");
        }
    }
}
