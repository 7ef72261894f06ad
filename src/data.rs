//! The engine over managed tables.

pub mod schema;
