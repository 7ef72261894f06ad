//! Privileges on the panel's own tables for the account that serves, if another account created
//! them. It never needs the right to create tables.

#[cfg(feature = "postgres")]
mod postgres;

use super::AnyConnection;
use diesel::QueryResult;

/// Statements for the owner of the tables that grant an account what it needs. Empty for a database
/// without privileges.
///
/// # Errors
/// When a statement fails.
pub fn statements(conn: &mut AnyConnection, account: &str) -> QueryResult<Vec<String>> {
    match conn {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => postgres::statements(conn, account),
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => Ok(Vec::new()),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => Ok(Vec::new()),
    }
}

/// Statements that grant this connection's account what it lacks.
///
/// # Errors
/// When a statement fails.
pub fn lacking(conn: &mut AnyConnection) -> QueryResult<Vec<String>> {
    match conn {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => postgres::lacking(conn),
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => Ok(Vec::new()),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => Ok(Vec::new()),
    }
}
