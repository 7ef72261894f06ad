//! `bailiwick audit`: the audit log on the command line.

use super::{ConfigFile, Outcome};
use crate::app::retention::prune;
use crate::clock::Clock;
use std::process::ExitCode;

/// Look after the audit log
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: AuditCommand,
}

#[derive(Debug, clap::Subcommand)]
enum AuditCommand {
    /// Remove the entries that are older than [audit] keep
    ///
    /// A running panel does this by itself, once an hour. An entry in the log records how many were
    /// removed.
    Prune(Prune),
}

#[derive(Debug, clap::Args)]
struct Prune {
    #[command(flatten)]
    file: ConfigFile,
    /// Only count them
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command.
///
/// # Errors
/// When no retention is configured, or a statement fails.
pub fn run(args: Args) -> Outcome {
    let AuditCommand::Prune(args) = args.what;
    let config = args.file.load()?;
    let runtime = actix_web::rt::System::new();
    let actor = super::sessions::actor();
    let pruned = runtime.block_on(prune(&config, actor, args.dry_run, &Clock::system()))?;
    let count = match pruned.entries {
        1 => "one entry".to_owned(),
        count => format!("{count} entries"),
    };
    let text = match (args.dry_run, pruned.until) {
        (true, _) => format!("{count} would be removed"),
        (false, Some(until)) => {
            format!(
                "removed {count}, up to {}",
                until.format("%Y-%m-%d %H:%M UTC")
            )
        }
        (false, None) => "there is nothing to remove".to_owned(),
    };
    super::print(format_args!("{text}\n"))?;
    Ok(ExitCode::SUCCESS)
}
