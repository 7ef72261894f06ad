//! Reads the live schema of a database into the catalog's plain structs.
//!
//! The number of statements does not depend on the number of tables. Names and texts are bound,
//! never inserted into SQL. What cannot be parsed becomes [`Kind::Other`](crate::catalog::Kind),
//! not an error.

mod check;
pub mod declared;
mod elsewhere;
mod look;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use elsewhere::{UnlistedTable, absent, elsewhere, unseen};
pub use look::{TableState, look};
#[cfg(feature = "mysql")]
pub use mysql::read_mysql;
#[cfg(feature = "postgres")]
pub use postgres::read_postgres;
#[cfg(feature = "sqlite")]
pub use sqlite::read_sqlite;

/// Reads the schema behind a connection; `schemas` lists those to show on PostgreSQL and MySQL.
///
/// # Errors
/// When the database's own catalog cannot be read.
pub fn read(
    conn: &mut crate::store::AnyConnection,
    schemas: &[String],
) -> diesel::QueryResult<crate::catalog::schema::Schema> {
    match conn {
        #[cfg(feature = "sqlite")]
        crate::store::AnyConnection::Sqlite(conn) => read_sqlite(conn),
        #[cfg(feature = "postgres")]
        crate::store::AnyConnection::Postgres(conn) => read_postgres(conn, schemas),
        #[cfg(feature = "mysql")]
        crate::store::AnyConnection::Mysql(conn) => read_mysql(conn, schemas),
    }
}
