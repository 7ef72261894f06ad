//! `bailiwick init`: a commented configuration for a database.

mod large;
mod starter;

use super::Outcome;
use crate::app;
use crate::catalog::Catalog;
use crate::config::{DatabaseConfig, DatabaseTarget, OidcConfig, ServerConfig};
use anyhow::Context;
use starter::{Starter, starter_config};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Write a commented configuration for a database
///
/// The database is only read. The file contains its URL with the password, so only its owner can
/// read the file. An existing file is never overwritten.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The database: postgres://..., or the path of a SQLite file
    #[arg(long, value_name = "URL")]
    database: String,
    /// The issuer of the identity provider, such as https://id.example.com/realms/staff
    #[arg(long, value_name = "URL", value_parser = issuer)]
    issuer: Option<String>,
    /// How browsers will reach the panel, such as https://panel.example.com
    #[arg(long, value_name = "URL", value_parser = ServerConfig::reached_at)]
    public_url: Option<ServerConfig>,
    /// A schema to show (PostgreSQL; may be given several times); public, if left out
    #[arg(long, value_name = "NAME")]
    schema: Vec<String>,
    /// The file to write; standard output if left out
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// When the database cannot be read, or the file cannot be written.
pub fn run(args: Args) -> Outcome {
    if let Some(out) = args.out.as_deref().filter(|out| out.exists()) {
        return Err(is_there(out));
    }
    let mut database = DatabaseConfig::new(&args.database);
    if !args.schema.is_empty() {
        database.schemas.clone_from(&args.schema);
    }
    let told = |error: app::StartError| {
        let said = database.redact(&error.to_string());
        anyhow::anyhow!("{}", said.replace("database.url", "--database"))
    };
    let runtime = actix_web::rt::System::new();
    let catalog = runtime
        .block_on(app::survey(&database))
        .map_err(told)
        .with_context(|| format!("--database {}", database.redacted_url()))?;
    if catalog.iter().all(|found| found.is_audit()) {
        let elsewhere = runtime.block_on(app::elsewhere(&database)).map_err(told)?;
        if !elsewhere.is_empty() {
            return Err(nothing_here(&database.schemas, &elsewhere));
        }
    }
    let server = args.public_url.clone().unwrap_or_default();
    let text = starter_config(&Starter {
        database: &url_for(&args, &database),
        schemas: &args.schema,
        issuer: args.issuer.as_deref(),
        server: &server,
        catalog: &catalog,
    });
    match &args.out {
        Some(out) => write(out, &text)?,
        None => super::print(format_args!("{text}"))?,
    }
    eprint!("{}", next(&args, &server, &catalog));
    Ok(ExitCode::SUCCESS)
}

fn issuer(text: &str) -> Result<String, String> {
    match OidcConfig::wrong_issuer(text) {
        Some(wrong) => Err(wrong),
        None => Ok(text.to_owned()),
    }
}

/// The error if tables exist, but not in the schemas that were read.
fn nothing_here(looked: &[String], elsewhere: &[(String, i64)]) -> anyhow::Error {
    let counted = |(schema, tables): &(String, i64)| match tables {
        1 => format!("{schema} (1 table)"),
        tables => format!("{schema} ({tables} tables)"),
    };
    let all: Vec<String> = elsewhere.iter().map(counted).collect();
    let options: Vec<String> = elsewhere
        .iter()
        .map(|(schema, _)| format!("--schema {schema}"))
        .collect();
    anyhow::anyhow!(
        "there is no table that this user may read in the schema {}, but in {}: run init again with \
         {}",
        looked.join(", "),
        all.join(", "),
        options.join(" ")
    )
}

/// The URL as written to the file: relative paths start at the file's folder.
fn url_for(args: &Args, database: &DatabaseConfig) -> String {
    let folder = args.out.as_deref().and_then(Path::parent);
    let is_here = folder.is_none_or(|folder| folder.as_os_str().is_empty());
    match database.target() {
        #[cfg(feature = "sqlite")]
        Ok(DatabaseTarget::Sqlite(path)) if !is_here && path.is_relative() => {
            let path = std::path::absolute(&path).unwrap_or(path);
            path.to_string_lossy().into_owned()
        }
        Ok(_) | Err(_) => args.database.clone(),
    }
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

/// The next steps, for standard error.
fn next(args: &Args, server: &ServerConfig, catalog: &Catalog) -> String {
    let public_url = server.public_url();
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
                                 (if your provider supports it, and can reach the panel)
     {follow}
  2. Fill in {issuer}client_id and client_secret under [oidc], and a group under [roles.admin].
  3. bailiwick check --config {file}
  4. bailiwick serve --config {file}
",
        follow = match args.public_url {
            Some(_) => "(they follow public_url)",
            None =>
                "(they follow public_url, which is this machine only: change it, or use --public-url)",
        },
        redirect = OidcConfig::redirect_uri(&public_url),
        signed_out = OidcConfig::post_logout_uri(&public_url),
        backchannel = OidcConfig::backchannel_logout_uri(&public_url),
    )
}
