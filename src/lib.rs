//! Bailiwick: an admin panel over your database, behind your own single sign-on.

pub mod catalog;
pub mod config;
pub mod data;
pub mod secret;
pub mod suggest;
