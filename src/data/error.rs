//! Errors of queries under a permit.

use crate::catalog::FilterError;
use crate::data::CursorError;
use crate::store::DatabaseError;
use crate::store::hop::tick;
use crate::texts::text;
use diesel::result::{DatabaseErrorKind, Error as QueryError};

/// Why a query failed.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The row does not exist, or is not visible to this person.
    #[error("there is no such row")]
    Missing,
    /// The filter or order is invalid.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// The cursor does not belong to this list.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// The page is too deep to be reached by its number.
    #[error("{}", text!("page-too-far", page = .0.to_string()))]
    TooDeep(u64),
    /// The database does not accept a value.
    #[error("{}", text!("refused-values"))]
    Value,
    /// The column cannot be compared with a value.
    #[error("{}", text!("filter-value", column = .0, reason = text!("refused-value")))]
    Unfit(String),
    /// The table or one of its columns has been removed or replaced.
    #[error("the table has changed")]
    Changed,
    /// The panel's account may not read the table.
    #[error("the database does not let the panel read this table")]
    Closed,
    /// The database failed while computing the rows, as for a broken view. For the log.
    #[error("the database cannot compute these rows: {0}")]
    Failed(String),
    /// The statement timed out.
    #[error("the database took too long")]
    Slow,
    /// Somebody else holds a lock that the statement waits for.
    #[error("somebody else is changing this table or row")]
    Locked,
    /// A deadlock: two changes waited for each other, and this one was rolled back.
    #[error("two changes waited for each other")]
    Deadlock,
    /// The database is full; for the log.
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
            // A PostgreSQL domain checks a value on every cast.
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
            // Messages of SQLite, and of the operating system as PostgreSQL passes them on.
            const FULL: [&str; 3] = ["or disk is full", "No space left", "Disk quota exceeded"];
            if FULL.iter().any(|known| message.contains(known)) {
                return Self::Full(message.to_owned());
            }
            // PostgreSQL's data exceptions (SQLSTATE class 22). Diesel does not distinguish them.
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
                // SQLite's limits on searches.
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
