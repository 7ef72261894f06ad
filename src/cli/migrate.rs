//! `bailiwick migrate`: the panel's own tables.

use super::{ConfigFile, Outcome};
use crate::app;
use std::process::ExitCode;

/// Create or update the panel's own tables
///
/// `serve` does the same at its start. If the account that serves may not create tables, run this
/// first as the owner of the database. It prints what to grant to that account.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    file: ConfigFile,
    /// The database account that serves, for the printed GRANT statements
    #[arg(long, value_name = "NAME", default_value = "panel")]
    account: String,
}

/// Runs the command.
///
/// # Errors
/// When the migration fails.
pub fn run(args: Args) -> Outcome {
    let config = args.file.load()?;
    let runtime = actix_web::rt::System::new();
    let ran = runtime.block_on(app::migrate(&config))?;
    for version in &ran {
        super::print(format_args!("ran migration {version}\n"))?;
    }
    super::print(if ran.is_empty() {
        format_args!("the panel's own tables were up to date: nothing to do\n")
    } else {
        format_args!("the panel's own tables are up to date\n")
    })?;
    let grants = runtime.block_on(app::grants(&config, args.account))?;
    if !grants.is_empty() {
        super::print(format_args!(
            "\nIf another account serves, run this as the owner of these tables (--account sets \
             its name):\n  {}\n",
            grants.join("\n  ")
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
