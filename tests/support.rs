//! The harness: a company, a provider and a panel, and clients that behave as browsers do.

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

/// What is stored to see whether it comes out as markup.
pub const CANARY: &str = "\"><svg onload=alert(1)>'&amp;";

/// Whether a test must fail, rather than be skipped, when what it needs is not there.
pub fn is_demanding() -> bool {
    std::env::var("BAILIWICK_TEST_DEMAND").is_ok_and(|value| value == "1")
}
