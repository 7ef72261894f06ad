//! The harness: a company, a provider, a panel, and clients that behave like browsers.

mod app;
mod client;
mod company;
mod database;
mod driver;
mod embedding;
mod form;
mod host;
mod page;
mod statements;

pub use app::TestApp;
pub use client::{Answer, Client, with_fields};
pub use database::{Database, pooler};
pub use driver::{Browser, DOWN, ENTER};
pub use form::Form;
pub use page::Page;

/// A stored text that would show up if it were not escaped.
pub const CANARY: &str = "\"><svg onload=alert(1)>'&amp;";

/// Whether a test must fail, instead of being skipped, when a service is missing.
pub fn is_demanding() -> bool {
    std::env::var("BAILIWICK_TEST_DEMAND").is_ok_and(|value| value == "1")
}
