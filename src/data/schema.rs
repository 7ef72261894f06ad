//! Reads the live schema of a database into the catalog's plain structs.
//!
//! A fixed number of statements, however many tables there are. Names and texts are bound, never
//! pasted. What cannot be understood becomes [`Kind::Other`](crate::catalog::Kind), not an error.

mod check;
pub mod declared;
mod postgres;
mod sqlite;

pub use postgres::read_postgres;
pub use sqlite::read_sqlite;
