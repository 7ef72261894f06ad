//! The privileges that the account that serves needs on the panel's own tables, where another
//! account made them. It never needs the right to create tables.

#[cfg(feature = "postgres")]
mod postgres;

use super::AnyConnection;
use diesel::QueryResult;

/// The statements that give an account what it needs, for the owner of the tables. None where the
/// database knows no privileges.
///
/// # Errors
/// When the database refuses.
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

/// The same for the account of this connection, for what it lacks.
///
/// # Errors
/// When the database refuses.
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
