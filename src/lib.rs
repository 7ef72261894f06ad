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
//! # Layers
//!
//! | module | owns |
//! | --- | --- |
//! | [`config`] | what an operator writes |
//! | [`catalog`] | what can be administered: resources, fields, relations, the filter grammar |
//! | [`access`] | who may do what: roles, grants, permits; pure functions |
//! | [`data`] | the engine over managed tables; every function takes a permit |
//! | [`store`] | the panel's own tables, and the connections everything runs on |
//! | [`session`], [`sso`] | sessions in the panel's own tables; sign-in by OpenID Connect |
//! | [`web`] | the ground of HTTP: requests, headers, errors, limits |
//! | [`entry`] | the door of the panel: who is asking, and the permits of handlers |
//! | [`panel`] | one file for each screen |
//! | [`app`], [`server`] | all of it put together, and served |
//! | [`demo`] | a sample company and a development identity provider |
//!
//! Arrows go one way: `config` uses none of the others, `catalog` only that, `access` only these
//! two. None of the three knows HTTP or SQL, and only `web`, `panel`, `sso` and `session` know
//! Actix. The HTTP edge is one piece: `web` has its errors written as pages by `panel`, and asks
//! `sso` for the way to the provider.

pub mod access;
pub mod app;
pub mod catalog;
pub mod check;
pub mod clock;
pub mod config;
pub mod data;
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
