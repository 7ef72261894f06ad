//! `bailiwick check`: walks the whole chain and says what is wrong.

mod login;

use super::{FAILED, Outcome};
use bailiwick::check::{self, Outcome as Found};
use bailiwick::config::duration;
use std::process::ExitCode;
use std::time::Duration;

/// Check every link of the chain, and say for each failure how to mend it
///
/// Ends with code 1 if anything failed. Nothing is changed: what writing needs is rehearsed and
/// rolled back.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    file: super::ConfigFile,
    /// Sign in with a browser on this machine instead, and say what came of it; nothing is noted
    ///
    /// Ends with code 0 if the person would be let in, and with 1 if not.
    #[arg(long)]
    login: bool,
    /// The NAME of the [providers.NAME] to sign in at; that of [oidc] if left out
    #[arg(long, value_name = "NAME", requires = "login")]
    provider: Option<String>,
    /// The port of 127.0.0.1 to which the provider sends the browser back; the public URL's, if
    /// that is on this machine and free, or else 8976
    #[arg(long, value_name = "PORT", requires = "login")]
    port: Option<u16>,
    /// How long to wait for somebody to sign in
    #[arg(long, value_name = "DURATION", requires = "login", default_value = "3m", value_parser = duration::parse)]
    timeout: Duration,
}

/// Runs the command.
///
/// # Errors
/// When it cannot do its work.
pub fn run(args: Args) -> Outcome {
    let runtime = actix_web::rt::System::new();
    if args.login {
        return runtime.block_on(login::run(
            &args.file,
            args.provider.as_deref(),
            args.port,
            args.timeout,
        ));
    }
    let report = runtime.block_on(check::run(&args.file.config));
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
