//! What lies in schemas that are not shown: often the reason why nothing is found.

#[cfg(feature = "postgres")]
mod postgres;

use crate::store::AnyConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

/// Schemas of the application that hold tables or views, beside those named, and how many each.
/// None where the database has no schemas.
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

/// A table or view that is there and cannot be administered.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Unseen {
    /// Its schema.
    #[diesel(sql_type = Text)]
    pub schema: String,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub table: String,
    /// Whether the schema is among those shown; then the account may not read the table.
    #[diesel(sql_type = Bool)]
    pub is_shown: bool,
}

/// Tables that the account may not read, or that lie in schemas that are not shown: "does not
/// exist" is not said of them. None where the database has no schemas.
///
/// # Errors
/// When the database's own catalog cannot be read.
pub fn unseen(conn: &mut AnyConnection, shown: &[String]) -> QueryResult<Vec<Unseen>> {
    match conn {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => postgres::unseen(conn, shown),
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => Ok(Vec::new()),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => Ok(Vec::new()),
    }
}

/// The schemas among these that do not exist.
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
