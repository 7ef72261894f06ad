//! Tables in schemas that are not shown: often the reason why none are found.

#[cfg(feature = "postgres")]
mod postgres;

use crate::store::AnyConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

/// Other schemas of the application that hold tables or views, with their number. Empty for a
/// database without schemas.
///
/// # Errors
/// When the database's own catalog cannot be read.
pub fn elsewhere(conn: &mut AnyConnection, shown: &[String]) -> QueryResult<Vec<(String, i64)>> {
    match conn {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => postgres::elsewhere(conn, shown),
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => Ok(Vec::new()),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => Ok(Vec::new()),
    }
}

/// A table or view that exists, but is not a resource.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct UnlistedTable {
    /// Its schema.
    #[diesel(sql_type = Text)]
    pub schema: String,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub table: String,
    /// Whether its schema is shown; then the account may not read the table.
    #[diesel(sql_type = Bool)]
    pub is_shown: bool,
}

/// Tables that the account may not read, or in schemas that are not shown. Messages must not say of
/// them "does not exist". Empty for a database without schemas.
///
/// # Errors
/// When the database's own catalog cannot be read.
pub fn unseen(conn: &mut AnyConnection, shown: &[String]) -> QueryResult<Vec<UnlistedTable>> {
    match conn {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => postgres::unseen(conn, shown),
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => Ok(Vec::new()),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => Ok(Vec::new()),
    }
}

/// The schemas in `shown` that do not exist.
///
/// # Errors
/// When the database's own catalog cannot be read.
pub fn absent(conn: &mut AnyConnection, shown: &[String]) -> QueryResult<Vec<String>> {
    match conn {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => postgres::absent(conn, shown),
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => Ok(Vec::new()),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => Ok(Vec::new()),
    }
}
