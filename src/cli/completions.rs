//! `bailiwick completions`: shell completions for commands and options.

use super::{Cli, Outcome};
use clap::CommandFactory;
use clap_complete::Shell;
use std::process::ExitCode;

/// Print the completions for a shell
///
/// Bash: bailiwick completions bash > /etc/bash_completion.d/bailiwick
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs the command.
///
/// # Errors
/// When standard output cannot be written to.
pub fn run(args: Args) -> Outcome {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "bailiwick", &mut text);
    super::print(format_args!("{}", String::from_utf8_lossy(&text)))?;
    Ok(ExitCode::SUCCESS)
}
