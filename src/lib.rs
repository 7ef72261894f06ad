//! Bailiwick

pub mod demo;
