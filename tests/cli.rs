//! The command line: the real binary, run as a person would run it, against a file of SQLite and
//! the development provider.

mod break_glass;
mod check;
mod check_provider;
mod demo;
mod explain;
mod init;
mod migrate;
mod postgres;
mod rig;
mod sessions;
mod start;
