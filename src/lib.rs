//! Bailiwick: an admin panel over your database, behind your own single sign-on.
//!
//! A [`Panel`](prelude::Panel) is built from a [`Config`](prelude::Config) and mounted in an Actix
//! application, beside its own pages:
//!
//! ```no_run
//! use actix_web::{App, HttpServer};
//! use bailiwick::prelude::*;
//!
//! # async fn run() -> anyhow::Result<()> {
//! let panel = Panel::builder(Config::load("bailiwick.toml")?).start().await?;
//! HttpServer::new(move || App::new().service(panel.scope()))
//!     .bind("127.0.0.1:8080")?
//!     .run()
//!     .await?;
//! # Ok(())
//! # }
//! ```
//!
//! See `docs/embedding.md` for more. The public items are in the [`prelude`].
//!
//! # Features
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `cli` (default) | the `bailiwick` command |
//! | `demo` (default) | a sample company and a development identity provider; with `cli` |
//! | `sqlite` (default) | SQLite, built from its C source |
//! | `postgres` (default) | PostgreSQL, by libpq, built from its C source |
//! | `mysql` (default) | MySQL and MariaDB, by a client in Rust |
//! | `postgres-tls` | TLS for connections to PostgreSQL; needs perl and make |
//!
//! At least one database feature is required.

// The rooms, from top to bottom, are described in docs/architecture.md. They are private to the
// crate. The feature `testing` makes them public, for the integration tests.

// Code for only the commands, or only one database, is in the room of its topic. The linker removes
// it if unused.
#![cfg_attr(
    not(all(
        feature = "cli",
        feature = "sqlite",
        feature = "postgres",
        feature = "mysql"
    )),
    allow(
        dead_code,
        unused_imports,
        unused_mut,
        unused_variables,
        clippy::infallible_destructuring_match
    )
)]

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
compile_error!("choose a database: one or more of the features sqlite, postgres and mysql");

#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod access;
#[cfg(not(feature = "testing"))]
mod access;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod app;
#[cfg(not(feature = "testing"))]
mod app;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod catalog;
#[cfg(not(feature = "testing"))]
mod catalog;
#[cfg(feature = "cli")]
mod check;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod clock;
#[cfg(not(feature = "testing"))]
mod clock;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod config;
#[cfg(not(feature = "testing"))]
mod config;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod data;
#[cfg(not(feature = "testing"))]
mod data;
#[cfg(all(feature = "demo", feature = "testing"))]
#[doc(hidden)]
pub mod demo;
#[cfg(all(feature = "demo", not(feature = "testing")))]
mod demo;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod entry;
#[cfg(not(feature = "testing"))]
mod entry;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod panel;
#[cfg(not(feature = "testing"))]
mod panel;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod secret;
#[cfg(not(feature = "testing"))]
mod secret;
#[cfg(all(any(feature = "cli", test), feature = "testing"))]
#[doc(hidden)]
pub mod server;
#[cfg(all(any(feature = "cli", test), not(feature = "testing")))]
mod server;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod session;
#[cfg(not(feature = "testing"))]
mod session;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod sso;
#[cfg(not(feature = "testing"))]
mod sso;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod store;
#[cfg(not(feature = "testing"))]
mod store;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod suggest;
#[cfg(not(feature = "testing"))]
mod suggest;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod texts;
#[cfg(not(feature = "testing"))]
mod texts;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod web;
#[cfg(not(feature = "testing"))]
mod web;

pub mod prelude {
    //! Everything that an application needs to embed the panel.
    //!
    //! ```
    //! use bailiwick::prelude::*;
    //! ```

    pub use crate::app::{Panel, PanelBuilder, StartError};
    pub use crate::config::{
        ActionConfig, AuditConfig, AuthMethod, BreakGlassConfig, ClaimPath, ColumnConfig, Config,
        ConfigError, DatabaseConfig, Fault, FormPart, FormRow, FormSection, GrantConfig,
        GroupMatch, GroupRule, LimitsConfig, Manage, Networks, OidcConfig, Pooler, ResourceConfig,
        ResponseMode, RoleConfig, Scopes, ServerConfig, SessionConfig, StepUpConfig,
    };
    pub use crate::secret::Secret;
}

#[cfg(test)]
mod fuzz;

/// Compiles the Rust examples in README.md.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Compiles those in the page about embedding.
#[cfg(doctest)]
#[doc = include_str!("../docs/embedding.md")]
struct Embedding;
