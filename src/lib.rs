//! Bailiwick: an admin panel over your database, behind your own single sign-on.

pub mod access;
pub mod app;
pub mod catalog;
pub mod check;
pub mod clock;
pub mod config;
pub mod data;
pub mod demo;
pub mod panel;
pub mod secret;
pub mod server;
pub mod session;
pub mod sso;
pub mod store;
pub mod suggest;
pub mod web;
