//! `bailiwick migrate`: the panel's own tables.

use super::{ConfigFile, Outcome};

/// Create or update the panel's own tables
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    file: ConfigFile,
}

/// Runs the command.
///
/// # Errors
/// When it cannot do its work.
pub fn run(_args: Args) -> Outcome {
    anyhow::bail!("not wired yet")
}
