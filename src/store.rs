//! The panel's own tables, in typed Diesel, and the database connections.
//!
//! The tables are in the managed database and have the prefix `bailiwick_`. So a change and its
//! audit event share one transaction.

pub mod audit;
pub mod break_glass;
#[allow(missing_docs, reason = "the derived backend has none")]
pub mod connection;
pub mod database;
#[allow(missing_docs, reason = "what define_sql_function! makes has none")]
pub mod ended;
pub mod error;
pub mod grants;
pub mod hop;
pub mod language;
#[allow(missing_docs, reason = "what define_sql_function! makes has none")]
pub mod logouts;
mod look;
mod made;
pub mod migrations;
#[cfg(feature = "mysql")]
pub mod mysql;
mod opening;
pub mod party;
pub mod people;
pub mod pooler;
pub mod rechecks;
pub(crate) mod remedies;
pub mod retention;
pub mod roles;
#[allow(missing_docs, reason = "what define_sql_function! makes has none")]
mod search;
pub mod secrets;
pub mod session_columns;
pub mod sessions;
pub mod sign_ins;
#[allow(missing_docs, reason = "made by table!, named after the columns")]
pub mod tables;
mod transaction;
pub mod views;
mod within;

pub use audit::{Event, NewEntry};
pub use connection::{AnyConnection, Target};
pub use database::{Database, Tuning};
pub use error::DatabaseError;
pub use look::look;
