//! `bailiwick migrate`: the panel's own tables.

use super::{ConfigFile, Outcome};
use bailiwick::app;
use std::process::ExitCode;

/// Create or update the panel's own tables
///
/// `serve` does the same when it starts; this is for doing it beforehand, as another user perhaps.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    file: ConfigFile,
}

/// Runs the command.
///
/// # Errors
/// When it cannot do its work.
pub fn run(args: Args) -> Outcome {
    let config = args.file.load()?;
    let ran = actix_web::rt::System::new().block_on(app::migrate(&config))?;
    for version in &ran {
        super::print(format_args!("ran migration {version}\n"))?;
    }
    super::print(match ran.is_empty() {
        true => format_args!("the panel's own tables were up to date: nothing to do\n"),
        false => format_args!("the panel's own tables are up to date\n"),
    })?;
    Ok(ExitCode::SUCCESS)
}
