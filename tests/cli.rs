//! The command line: the real binary, run as a person would, with a SQLite file and the development
//! provider.

mod audit;
mod break_glass;
mod check;
mod check_login;
mod check_provider;
mod check_several;
mod check_tls;
mod check_warnings;
mod commands;
mod demo;
mod docs;
mod explain;
mod explain_last;
mod fake;
mod init;
mod migrate;
mod postgres;
mod rig;
mod serve;
mod sessions;
mod start;
