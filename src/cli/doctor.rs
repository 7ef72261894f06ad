//! `bailiwick doctor`: all checks, and the most likely reasons why somebody cannot sign in.

use super::check::{as_json, as_text};
use super::decision::shown;
use super::{ConfigFile, FAILED, Outcome};
use crate::check::doctor::{Diagnosis, diagnose};
use std::process::ExitCode;

/// Find out why somebody cannot sign in
///
/// Runs all of check and reads the sign-ins of the last seven days. Ends with the three most likely
/// causes and their remedies. Changes nothing. Ends with code 1 if anything failed.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    file: ConfigFile,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// When the checks cannot run.
pub fn run(args: Args) -> Outcome {
    let now = chrono::Utc::now().naive_utc();
    let runtime = actix_web::rt::System::new();
    let found = runtime.block_on(diagnose(&args.file.config, now));
    if args.json {
        let mut json = as_json(&found.report);
        if let Some(json) = json.as_object_mut() {
            json.insert("causes".to_owned(), serde_json::to_value(&found.causes)?);
        }
        super::print(format_args!("{json:#}\n"))?;
    } else {
        super::print(format_args!(
            "{}\n{}",
            shown_report(&found),
            shown(&causes(&found))
        ))?;
    }
    Ok(if found.report.has_failed() {
        FAILED.into()
    } else {
        ExitCode::SUCCESS
    })
}

fn shown_report(found: &Diagnosis) -> String {
    as_text(&found.report, super::is_colourful())
}

fn causes(found: &Diagnosis) -> String {
    if found.causes.is_empty() {
        return "Nothing here keeps people out. Somebody who cannot get in sees a reference on the \
                page:\nbailiwick explain --reference REFERENCE tells what happened.\n"
            .to_owned();
    }
    let mut text = "If somebody cannot get in, these are the likeliest causes:\n".to_owned();
    for (number, cause) in (1_usize..).zip(&found.causes) {
        let remedy = cause.remedy.as_deref().unwrap_or("see above");
        text.push_str(&format!(
            "  {number}. {}: {}\n     To do: {remedy}\n",
            cause.link, cause.text
        ));
    }
    text
}
