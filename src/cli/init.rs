//! `bailiwick init`: a commented configuration for a database.

mod starter;

use super::Outcome;
use std::path::PathBuf;

/// Write a commented configuration for a database
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The database: postgres://..., or the path of a SQLite file
    #[arg(long, value_name = "URL")]
    database: String,
    /// The address of the identity provider
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// The file to write; standard output if left out
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// When it cannot do its work.
pub fn run(_args: Args) -> Outcome {
    anyhow::bail!("not wired yet")
}
