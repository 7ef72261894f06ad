//! The command line. Each command has a file, which turns arguments into calls of the library.
//!
//! Exit codes: 0 for success, 1 for a failure, 2 for an invalid command.

mod audit;
mod break_glass;
mod check;
mod completions;
mod config;
mod decision;
#[cfg(feature = "demo")]
mod demo;
mod doctor;
mod explain;
mod init;
mod logging;
mod man;
mod migrate;
mod serve;
mod sessions;

use clap::{Args, Parser, Subcommand};
use std::io::{IsTerminal, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;

/// The result of a command: its exit code, or why it failed.
type Outcome = anyhow::Result<ExitCode>;

const FAILED: u8 = 1;
const MISUSED: u8 = 2;

const AFTER_HELP: &str = "\
Environment:
  BAILIWICK_LOG          the log level: off, error, warn, info (the default), debug or trace; or
                         targets with levels, such as warn,bailiwick=debug,actix_web=info
  BAILIWICK__TABLE__KEY  overrides a key of the configuration file

Exit codes: 0 all is well, 1 something failed, 2 the command was not understood.";

/// The version, and the commit it was built from, if known.
const VERSION: &str = env!("BAILIWICK_VERSION");

/// An admin panel over your database, behind your own single sign-on.
#[derive(Debug, Parser)]
#[command(name = "bailiwick", version = VERSION, after_help = AFTER_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// How to write the log; text on a terminal and JSON elsewhere, if left out
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    log: Option<logging::Format>,
}

#[derive(Debug, Subcommand)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one, read once at the start"
)]
enum Command {
    #[cfg(feature = "demo")]
    Demo(demo::Args),
    Serve(serve::Args),
    Init(init::Args),
    Check(check::Args),
    Doctor(doctor::Args),
    Explain(explain::Args),
    Migrate(migrate::Args),
    Sessions(sessions::Args),
    Audit(audit::Args),
    BreakGlass(break_glass::Args),
    Config(config::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// The option of every command that needs a configuration.
#[derive(Debug, Args)]
struct ConfigFile {
    /// The configuration file
    #[arg(long, value_name = "FILE", default_value = "bailiwick.toml")]
    config: PathBuf,
}

impl ConfigFile {
    /// Reads the file and logs its warnings.
    fn load(&self) -> Result<crate::config::Config, crate::config::ConfigError> {
        let config = crate::config::Config::load(&self.config)?;
        for warning in &config.warnings {
            tracing::warn!("{warning}");
        }
        Ok(config)
    }
}

/// The command is invalid.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Misuse(String);

/// Writes to standard output; a closed pipe is not an error.
fn print(text: std::fmt::Arguments<'_>) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_fmt(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// Whether standard output is a terminal that should get colours (<https://no-color.org>).
fn is_colourful() -> bool {
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stdout().is_terminal() && !is_plain
}

/// Listens on the address set by `key`; an error names the cause and the remedy.
fn listen(address: SocketAddr, key: &str) -> anyhow::Result<TcpListener> {
    crate::server::listen(address)
        .map_err(|error| anyhow::anyhow!("{error} \u{2014} {}", error.remedy(key)))
}

/// Runs the command of this process.
pub fn main() -> ExitCode {
    // Ends the process with code 2 if the arguments are invalid.
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            if error.is::<Misuse>() {
                MISUSED.into()
            } else {
                FAILED.into()
            }
        }
    }
}

fn run(cli: Cli) -> Outcome {
    logging::start(cli.log, cli.command.log_stream())?;
    match cli.command {
        #[cfg(feature = "demo")]
        Command::Demo(args) => demo::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Init(args) => init::run(args),
        Command::Check(args) => check::run(args),
        Command::Doctor(args) => doctor::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Migrate(args) => migrate::run(args),
        Command::Sessions(args) => sessions::run(args),
        Command::Audit(args) => audit::run(args),
        Command::BreakGlass(args) => break_glass::run(args),
        Command::Config(args) => config::run(args),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
    }
}

impl Command {
    /// Servers log to standard output. Other commands print their result there, so they log
    /// elsewhere.
    fn log_stream(&self) -> logging::Stream {
        match self {
            #[cfg(feature = "demo")]
            Self::Demo(_) => logging::Stream::Output,
            Self::Serve(_) => logging::Stream::Output,
            Self::Init(_)
            | Self::Check(_)
            | Self::Doctor(_)
            | Self::Explain(_)
            | Self::Migrate(_)
            | Self::Sessions(_)
            | Self::Audit(_)
            | Self::BreakGlass(_)
            | Self::Config(_)
            | Self::Completions(_)
            | Self::Man(_) => logging::Stream::Error,
        }
    }
}

#[cfg(test)]
mod tests;
