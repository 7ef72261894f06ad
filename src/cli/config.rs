//! `bailiwick config show`: every effective value and its source.

use super::{ConfigFile, FAILED, Outcome};
use crate::config::Config;
use std::process::ExitCode;

/// Show the effective configuration
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: ConfigCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ConfigCommand {
    /// Print every value with its origin: the file, an environment variable or the default
    ///
    /// Secrets are masked. Ends with code 1 if the configuration is invalid.
    Show(Show),
}

#[derive(Debug, clap::Args)]
struct Show {
    #[command(flatten)]
    file: ConfigFile,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// When the configuration cannot be read.
pub fn run(args: Args) -> Outcome {
    let ConfigCommand::Show(show) = args.what;
    let examined = Config::examine(&show.file.config)?;
    if show.json {
        let json = serde_json::to_string_pretty(&examined.shown)?;
        super::print(format_args!("{json}\n"))?;
    } else {
        for one in &examined.shown {
            super::print(format_args!(
                "{} = {}  # {}\n",
                one.key, one.value, one.origin
            ))?;
        }
    }
    for fault in &examined.faults {
        eprintln!("error: {fault}");
    }
    Ok(if examined.faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        FAILED.into()
    })
}
