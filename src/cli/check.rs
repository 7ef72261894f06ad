//! `bailiwick check`: walks the whole chain and says what is wrong.

use super::{FAILED, Outcome};
use bailiwick::check::{self, Outcome as Found};
use std::process::ExitCode;

/// Check every link of the chain, and say for each failure how to mend it
///
/// Ends with code 1 if anything failed. Nothing is changed: what writing needs is rehearsed and
/// rolled back.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    file: super::ConfigFile,
}

/// Runs the command.
///
/// # Errors
/// When it cannot do its work.
pub fn run(args: Args) -> Outcome {
    let report = actix_web::rt::System::new().block_on(check::run(&args.file.config));
    super::print(format_args!("{report}"))?;
    eprintln!(
        "{} ok, {} to look at, {} failed",
        report.count(Found::Ok),
        report.count(Found::Warn),
        report.count(Found::Fail)
    );
    Ok(match report.has_failed() {
        true => FAILED.into(),
        false => ExitCode::SUCCESS,
    })
}
