//! What `bailiwick demo` runs on: a sample company and a development identity provider.
//!
//! Neither has a door of its own into the panel: the company is a SQLite file like any other, the
//! provider speaks OpenID Connect over HTTP like any other.

pub mod company;
pub mod config;
pub mod provider;
