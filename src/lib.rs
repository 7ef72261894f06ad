//! Bailiwick: an admin panel over your database, behind your own single sign-on.
//!
//! A [`Panel`](app::Panel) is put together from a [`Config`](config::Config) and mounted in an
//! Actix application:
//!
//! ```no_run
//! use actix_web::{App, HttpServer};
//! use bailiwick::{app::Panel, config::Config};
//!
//! # async fn run() -> anyhow::Result<()> {
//! let config = Config::load("bailiwick.toml".as_ref())?;
//! let panel = Panel::start(&config).await?;
//! panel.watch();
//! HttpServer::new(move || App::new().configure(panel.routes()))
//!     .bind("127.0.0.1:8080")?
//!     .run()
//!     .await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Rooms
//!
//! From top to bottom; each may use those below it (`docs/architecture.md`, checked by
//! `tests/rooms.rs`).
//!
//! | module | owns |
//! | --- | --- |
//! | [`check`] | `bailiwick check`: every link of the chain, each failure with its remedy |
//! | [`server`], [`app`] | all of it put together, and served |
//! | [`demo`] | a sample company and a development identity provider |
//! | [`panel`] | one file for each screen |
//! | [`entry`] | the door of the panel: who is asking, permits as extractors, forms and queries |
//! | [`sso`] | sign-in by OpenID Connect |
//! | [`session`] | sessions in the panel's own tables |
//! | [`web`] | the ground of HTTP: requests, headers, errors, limits, rendering |
//! | [`data`] | the engine over managed tables; every function takes a permit |
//! | [`store`] | the panel's own tables, and the connections everything runs on |
//! | [`access`] | who may do what: roles, grants, permits; pure functions |
//! | [`catalog`] | what can be administered: resources, fields, relations, the filter grammar |
//! | [`config`] | what an operator writes |
//!
//! [`config`], [`catalog`] and [`access`] know neither HTTP nor SQL. Actix is known to [`web`] and
//! the rooms above it only.

// What only the commands use stands in the rooms that it is about; the linker leaves it out.
#![cfg_attr(not(feature = "cli"), allow(dead_code))]

pub mod access;
pub mod app;
pub mod catalog;
#[cfg(feature = "cli")]
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod clock;
pub mod config;
pub mod data;
#[cfg(feature = "demo")]
pub mod demo;
pub mod entry;
pub mod panel;
pub mod secret;
pub mod server;
pub mod session;
pub mod sso;
pub mod store;
pub mod suggest;
pub mod web;

#[cfg(test)]
mod fuzz;

/// Compiles what README.md shows of Rust.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
