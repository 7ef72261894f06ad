//! Bailiwick: an admin panel over your database, behind your own single sign-on.

pub mod access;
pub mod catalog;
pub mod config;
pub mod data;
pub mod demo;
pub mod secret;
pub mod store;
pub mod suggest;
