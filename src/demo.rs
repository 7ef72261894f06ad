//! The parts of `bailiwick demo`: a sample company and a development identity provider.
//!
//! Neither has special access to the panel. The company is an ordinary SQLite file, and the
//! provider speaks OpenID Connect over HTTP.

pub mod company;
pub mod config;
pub mod provider;
