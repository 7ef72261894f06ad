//! `bailiwick check`: walks the whole chain and says what is wrong.

use super::{ConfigFile, Outcome};

/// Check every link of the chain, and say for each failure how to mend it
///
/// Ends with code 1 if anything failed.
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
