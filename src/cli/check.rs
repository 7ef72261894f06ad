//! `bailiwick check`: checks the whole chain and reports problems.

mod login;

use super::{FAILED, Outcome};
use crate::check::{self, Outcome as Found, Report};
use crate::config::duration;
use std::process::ExitCode;
use std::time::Duration;

/// Check the configuration, the database and the identity provider, and name a remedy for each
/// failure
///
/// Ends with code 1 if anything failed. Changes nothing: writes are rehearsed and rolled back.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    file: super::ConfigFile,
    /// Write the findings as JSON
    #[arg(long)]
    json: bool,
    /// Check only the file, without the database and the identity provider
    #[arg(long, conflicts_with = "login")]
    offline: bool,
    /// Sign in with a browser on this machine instead, and show the result; nothing is recorded
    ///
    /// Ends with code 0 if the person would be admitted, and with 1 if not.
    #[arg(long, conflicts_with = "json")]
    login: bool,
    /// The NAME of the [providers.NAME] to sign in at; that of [oidc] if left out
    #[arg(long, value_name = "NAME", requires = "login")]
    provider: Option<String>,
    /// The port of 127.0.0.1 to which the provider sends the browser back. By default that of the
    /// public URL, if it is on this machine and free; otherwise 8976
    #[arg(long, value_name = "PORT", requires = "login")]
    port: Option<u16>,
    /// How long to wait for somebody to sign in
    #[arg(long, value_name = "DURATION", requires = "login", default_value = "3m", value_parser = duration::parse)]
    timeout: Duration,
}

/// Runs the command.
///
/// # Errors
/// When the checks cannot run.
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
    let path = &args.file.config;
    let report = if args.offline {
        runtime.block_on(check::run_offline(path))
    } else {
        runtime.block_on(check::run(path))
    };
    if args.json {
        super::print(format_args!("{:#}\n", as_json(&report)))?
    } else {
        super::print(format_args!("{}", as_text(&report, super::is_colourful())))?
    }
    Ok(if report.has_failed() {
        FAILED.into()
    } else {
        ExitCode::SUCCESS
    })
}

/// One line for each finding, then a summary; with colours on a terminal.
pub fn as_text(report: &Report, is_colourful: bool) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        let line = finding.to_string();
        let colour = match finding.outcome {
            Found::Fail => "1;31",
            Found::Warn => "33",
            Found::Ok | Found::Note => "",
        };
        if is_colourful && !colour.is_empty() {
            text.push_str(&format!("\u{1b}[{colour}m{line}\u{1b}[0m\n"))
        } else {
            text.push_str(&format!("{line}\n"))
        }
    }
    text.push_str(&format!("{}\n", sum(report)));
    text
}

fn sum(report: &Report) -> String {
    format!(
        "{} ok, {} to look at, {} failed",
        report.count(Found::Ok),
        report.count(Found::Warn),
        report.count(Found::Fail)
    )
}

pub fn as_json(report: &Report) -> serde_json::Value {
    serde_json::json!({
        "ok": report.count(Found::Ok),
        "note": report.count(Found::Note),
        "warn": report.count(Found::Warn),
        "fail": report.count(Found::Fail),
        "findings": report.findings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Finding;

    fn finding(outcome: Found, text: &str) -> Finding {
        Finding {
            link: "file".into(),
            outcome,
            text: text.to_owned(),
            remedy: None,
        }
    }

    #[test]
    fn failures_stand_out_and_the_sum_comes_last() {
        let report = Report {
            findings: vec![finding(Found::Fail, "wrong"), finding(Found::Ok, "right")],
        };
        assert_eq!(
            as_text(&report, true),
            "\u{1b}[1;31mfail  file: wrong\u{1b}[0m\nok    file: right\n1 ok, 0 to look at, 1 failed\n"
        );
        assert_eq!(
            as_text(&report, false),
            "fail  file: wrong\nok    file: right\n1 ok, 0 to look at, 1 failed\n"
        );
    }
}
