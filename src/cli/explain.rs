//! `bailiwick explain`: what a set of claims would give.

use super::{ConfigFile, Outcome};
use std::path::PathBuf;

/// Say what a person with these claims could do, and which rule gives it
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    file: ConfigFile,
    /// A file with the claims as a JSON object; - reads standard input
    #[arg(long, value_name = "FILE")]
    claims: PathBuf,
    /// Only this resource
    #[arg(long, value_name = "RESOURCE")]
    resource: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// When it cannot do its work.
pub fn run(_args: Args) -> Outcome {
    anyhow::bail!("not wired yet")
}
