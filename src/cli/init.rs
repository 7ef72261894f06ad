//! `bailiwick init`: a commented configuration for a database.

mod starter;

use super::Outcome;
use anyhow::Context;
use bailiwick::app;
use bailiwick::catalog::Catalog;
use bailiwick::config::{DatabaseConfig, OidcConfig, ServerConfig};
use starter::{Starter, starter_config};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Write a commented configuration for a database
///
/// The database is only read. The file holds its URL, password and all: it is made for its owner's
/// eyes only, and never written over another.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The database: postgres://..., or the path of a SQLite file
    #[arg(long, value_name = "URL")]
    database: String,
    /// The address of the identity provider
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// The file to write; standard output if left out
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// When it cannot do its work.
pub fn run(args: Args) -> Outcome {
    if let Some(out) = args.out.as_deref().filter(|out| out.exists()) {
        return Err(is_there(out));
    }
    let database = DatabaseConfig::new(&args.database);
    let catalog = actix_web::rt::System::new()
        .block_on(app::survey(&database))
        .map_err(|error| anyhow::anyhow!("{}", database.redact(&error.to_string())))
        .with_context(|| format!("--database {}", database.redacted_url()))?;
    let text = starter_config(&Starter {
        database: &args.database,
        issuer: args.issuer.as_deref(),
        catalog: &catalog,
    });
    match &args.out {
        Some(out) => write(out, &text)?,
        None => super::print(format_args!("{text}"))?,
    }
    eprint!("{}", next(&args, &catalog));
    Ok(ExitCode::SUCCESS)
}

fn is_there(out: &Path) -> anyhow::Error {
    anyhow::anyhow!(
        "{} is there already and is left as it is: choose another name with --out, or move it away",
        out.display()
    )
}

/// Writes a new file that only its owner can read.
fn write(out: &Path, text: &str) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = match options.open(out) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(is_there(out)),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot write {}", out.display()));
        }
    };
    file.write_all(text.as_bytes())
        .with_context(|| format!("cannot write {}", out.display()))
}

/// What is left to do, for standard error.
fn next(args: &Args, catalog: &Catalog) -> String {
    let public_url = ServerConfig::default().public_url();
    let file = args.out.as_deref().unwrap_or(Path::new("bailiwick.toml"));
    let file = file.display();
    let resources = catalog.iter().filter(|found| !found.is_audit()).count();
    let (verb, issuer) = match (&args.out, &args.issuer) {
        (Some(_), None) => ("Wrote", "issuer, "),
        (Some(_), Some(_)) => ("Wrote", ""),
        (None, None) => ("Save this as", "issuer, "),
        (None, Some(_)) => ("Save this as", ""),
    };
    format!(
        "{verb} {file}, for {resources} tables and views. It holds secrets: keep it to yourself.

Next:
  1. Register a confidential client at your identity provider, with
       redirect URI              {redirect}
       post-logout redirect URI  {signed_out}
       back-channel logout URI   {backchannel}
                                 (if your provider knows such a thing, and can reach the panel)
     (they follow public_url, if you change it)
  2. Fill in {issuer}client_id and client_secret under [oidc], and a group under [roles.admin].
  3. bailiwick check --config {file}
  4. bailiwick serve --config {file}
",
        redirect = OidcConfig::redirect_uri(&public_url),
        signed_out = OidcConfig::post_logout_uri(&public_url),
        backchannel = OidcConfig::backchannel_logout_uri(&public_url),
    )
}
