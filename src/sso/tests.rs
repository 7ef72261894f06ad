//! Sign-in from outside: real HTTP, a provider of our own that can be wrong in one way at a time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions
)]

mod callbacks;
mod fuzz;
mod logs;
mod outage;
mod over_http;
mod provider;
mod rig;
mod sessions;
mod sign_in;
mod tokens;
