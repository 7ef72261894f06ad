//! `bailiwick explain`: what a set of claims would give.

use super::{ConfigFile, Outcome};
use anyhow::{Context, bail};
use bailiwick::access::{Policy, explain};
use bailiwick::app;
use bailiwick::config::Config;
use bailiwick::sso::groups::Claims;
use bailiwick::sso::{Groups, GroupsNote, of_claims};
use std::fmt::Write;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The longest claims that are read, in bytes.
const MAX_LEN: u64 = 1024 * 1024;

/// Say what a person with these claims could do, and which rule gives it
///
/// The claims are those of an ID token or of userinfo. The provider is not asked; the database is,
/// for its schema only.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    file: ConfigFile,
    /// A file with the claims as a JSON object; - reads standard input
    #[arg(long, value_name = "FILE")]
    claims: PathBuf,
    /// Only this resource
    #[arg(long, value_name = "RESOURCE")]
    resource: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// When it cannot do its work.
pub fn run(args: Args) -> Outcome {
    let config = args.file.load()?;
    let claims = read_claims(&args.claims)?;
    let catalog = actix_web::rt::System::new().block_on(app::catalog(&config))?;
    let policy = Policy::new(catalog, &config.roles).map_err(app::StartError::Roles)?;
    let resource = args.resource.as_deref();
    let (person, groups) = of_claims(config.oidc.as_ref(), &claims);
    let explanation = explain::explain(&policy, &person, resource);
    if let Some(unknown) = explanation.unknown_resource {
        bail!("--resource: {unknown}");
    }
    let mut text = heading(&config, &claims, &person.name, &groups);
    write!(text, "{explanation}")?;
    if !policy.admits(&person) {
        text.push_str("\nThese claims give nothing: this person would be turned away.\n");
    }
    super::print(format_args!("{text}"))?;
    Ok(ExitCode::SUCCESS)
}

/// Who it is, how the groups came, and what about the claims is odd.
fn heading(config: &Config, claims: &Claims, name: &str, groups: &Groups) -> String {
    let claim = config
        .oidc
        .as_ref()
        .map_or("groups", |oidc| &oidc.groups_claim);
    let mut lines = vec![
        format!("Person: {name}"),
        format!("Claim:  {}", came(groups, claims, claim)),
    ];
    if groups.cut > 0 {
        lines.push(format!("        {} groups more were left out", groups.cut));
    }
    let issuer = claims.get("iss").and_then(|issuer| issuer.as_str());
    if let (Some(oidc), Some(issuer)) = (&config.oidc, issuer)
        && oidc.issuer != issuer
    {
        lines.push(format!(
            "Note:   these claims are of {issuer}, and {} is configured: a sign-in would be refused",
            oidc.issuer
        ));
    }
    if !claims.contains_key("sub") {
        lines.push("Note:   there is no claim sub, without which a sign-in is refused".to_owned());
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Which groups came, or why none did.
fn came(groups: &Groups, claims: &Claims, claim: &str) -> String {
    match &groups.note {
        GroupsNote::Found => match groups.names.len() {
            1 => format!("{claim} came, with one group"),
            count => format!("{claim} came, with {count} groups"),
        },
        GroupsNote::Empty => format!("{claim} came, with no groups in it"),
        GroupsNote::Absent => {
            let names: Vec<&str> = claims.keys().map(String::as_str).collect();
            format!(
                "{claim} did not come (oidc.groups_claim); these did: {}",
                names.join(", ")
            )
        }
        GroupsNote::WrongShape(shape) => format!(
            "{claim} came as {shape}; a list of texts, one text or an object with the groups as its \
             keys can be read"
        ),
        GroupsNote::Overage => format!(
            "{claim} did not come, as there are too many groups to send; have the provider send \
             only those assigned to this application, or application roles"
        ),
    }
}

fn read_claims(path: &Path) -> anyhow::Result<Claims> {
    let is_input = path == Path::new("-");
    let from = match is_input {
        true => "standard input".to_owned(),
        false => path.display().to_string(),
    };
    let mut text = String::new();
    let read = match is_input {
        true => std::io::stdin().take(MAX_LEN).read_to_string(&mut text),
        false => {
            std::fs::File::open(path).and_then(|file| file.take(MAX_LEN).read_to_string(&mut text))
        }
    };
    read.with_context(|| format!("--claims: {from} cannot be read"))?;
    let text = text.trim();
    if !text.starts_with('{') && text.split('.').count() == 3 {
        bail!(
            "--claims: {from} holds a token; write its payload, decoded, as a JSON object (a token \
             is a secret, and is not read unverified)"
        );
    }
    // Only the place of a mistake is told, not what stands there.
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(claims)) => Ok(claims),
        Ok(_) => bail!(
            "--claims: {from} must hold a JSON object, such as {{\"sub\": \"7\", \"groups\": [\"staff\"]}}"
        ),
        Err(error) => bail!(
            "--claims: {from} is not JSON (line {}, column {})",
            error.line(),
            error.column()
        ),
    }
}
