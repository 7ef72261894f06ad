//! Tests of the panel from outside: real HTTP, the development provider, and a separate database
//! for each test that writes.
//!
//! One folder or file for each area. `support` is the harness and the only entrance. The tests run
//! on SQLite and, with `BAILIWICK_TEST_POSTGRES` set, on PostgreSQL.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions
)]

mod audit;
mod browser;
mod bulk;
mod cli;
mod deletes;
mod embed;
mod emergency;
mod events;
mod exports;
mod faults;
mod forms;
mod freshness;
mod imports;
mod limits;
mod lists;
mod lost;
mod messages;
mod once;
mod overload;
mod permits;
mod prefix;
mod refusals;
mod retention;
mod roles;
mod rooms;
mod routes;
mod search;
mod sessions;
mod signing;
mod step_up;
mod support;
mod undo;
mod upgrade;
mod views;
