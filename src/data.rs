//! Reads and writes managed tables, which are known only at run time.
//!
//! Every function that touches a managed table takes a [`Permit`](crate::access::Permit). The
//! permit decides the columns and rows in its SQL. Identifiers come only from the catalog, and
//! values are always bound.

mod dialect;
mod error;
mod predicate;
mod read;
mod run;
mod select;
mod sql;

pub mod count;
pub mod cursor;
pub mod dependents;
pub mod effects;
pub mod export;
pub mod facets;
pub mod find;
pub mod history;
pub mod labels;
pub mod page;
pub mod past;
pub mod path;
pub mod related;
pub mod row;
pub mod schema;
pub mod write;

pub use count::Count;
pub use cursor::{Cursor, CursorError};
pub use error::DataError;
pub use labels::{Label, Labels};
pub use page::{Page, PageQuery, Position};
pub use path::Path;
pub use row::Row;
pub use write::{Changes, Refusal};

#[cfg(test)]
mod tests;
