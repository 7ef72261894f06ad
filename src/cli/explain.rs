//! `bailiwick explain`: what a set of claims would give, or what somebody's last sign-in gave.

mod last;
mod reference;

use super::decision::{self, came, shown};
use super::{ConfigFile, FAILED, Outcome};
use crate::access::{Person, Policy, explain};
use crate::config::{Config, OidcConfig};
use crate::sso::token::groups::{Claims, Reading};
use crate::sso::token::{evidence, verify};
use crate::sso::{Groups, of_claims};
use anyhow::{Context, bail};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The maximum size of the claims, in bytes.
const MAX_LEN: u64 = 1024 * 1024;

/// Explain what a person could do, and which rule gives it
///
/// The person is given by claims, of an ID token or of userinfo, or is somebody who has signed in.
/// The provider is not contacted, and the database is not changed. Ends with code 1 if the person
/// would be denied.
#[derive(Debug, clap::Args)]
#[group(id = "who", required = true, multiple = false, args = ["claims", "last_login", "reference"])]
pub struct Args {
    #[command(flatten)]
    file: ConfigFile,
    /// A file with the claims as a JSON object; - reads standard input
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    /// Explain the last sign-in of this person: a subject, an e-mail address, a user name
    /// (preferred_username) or a name
    #[arg(long, value_name = "SUBJECT", allow_hyphen_values = true)]
    last_login: Option<String>,
    /// Explain the request with this id, which error pages show
    #[arg(long, value_name = "REFERENCE", conflicts_with = "resource")]
    reference: Option<String>,
    /// Only this resource
    #[arg(long, value_name = "RESOURCE")]
    resource: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// When the database or the claims cannot be read.
pub fn run(args: Args) -> Outcome {
    let config = args.file.load()?;
    let runtime = actix_web::rt::System::new();
    let resource = args.resource.as_deref();
    if let Some(reference) = &args.reference {
        let text = runtime.block_on(reference::told(&config, reference))?;
        super::print(format_args!("{text}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let (text, is_let_in) = match (&args.claims, &args.last_login) {
        (Some(file), _) => {
            let claims = read_claims(file)?;
            let policy = runtime.block_on(decision::policy(&config))?;
            of(&config, &claims, &policy, resource)?
        }
        (None, Some(text)) => {
            let policy = runtime.block_on(decision::policy(&config))?;
            let last = runtime.block_on(last::find(&config, text))?;
            (
                last.told(&config, &policy, resource)?,
                last.is_let_in(&policy),
            )
        }
        (None, None) => bail!("name the claims with --claims, or somebody with --last-login"),
    };
    super::print(format_args!("{text}"))?;
    Ok(if is_let_in {
        ExitCode::SUCCESS
    } else {
        FAILED.into()
    })
}

/// The first line: whether the person would be admitted.
fn decision_line(policy: &Policy, person: &Person) -> String {
    let roles = decision::roles(policy, person);
    if roles.is_empty() {
        "Decision: turned away, as nothing gives a role\n".to_owned()
    } else {
        format!("Decision: let in, as {}\n", shown(&roles.join(", ")))
    }
}

/// What the claims would give.
fn of(
    config: &Config,
    claims: &Claims,
    policy: &Policy,
    resource: Option<&str>,
) -> anyhow::Result<(String, bool)> {
    let issuer = claims.get("iss").and_then(|issuer| issuer.as_str());
    let oidc = decision::provider_of(config, issuer);
    let (person, groups) = of_claims(oidc, claims);
    let objection = oidc.and_then(|oidc| {
        let trusted = &oidc.trusted_audiences;
        verify::objection(claims, &oidc.issuer, &oidc.client_id, trusted)
    });
    let mut text = match &objection {
        Some(error) => format!(
            "Decision: refused at sign-in: {}\n",
            shown(&error.to_string())
        ),
        None => decision_line(policy, &person),
    };
    text.push_str(&heading(config, oidc, claims, &person.name, &groups));
    text.push_str(&given(policy, &person, resource)?);
    let gives_a_role = policy.admits(&person);
    if !gives_a_role {
        text.push_str("\nThese claims give nothing: this person would be turned away.\n");
        text.push_str(&lead(oidc, &[claims], policy));
    }
    Ok((text, gives_a_role && objection.is_none()))
}

/// The nearest setting that would make the claims give a role.
pub fn lead(oidc: Option<&OidcConfig>, sources: &[&Claims], policy: &Policy) -> String {
    let reading = oidc.map(Reading::of).unwrap_or_default();
    let name = oidc.and_then(|oidc| oidc.name.as_deref());
    let wanted = policy.named_groups(name);
    let table = name.map_or_else(|| "oidc".to_owned(), |name| format!("providers.{name}"));
    let lead = evidence::nearest(&reading, sources, &wanted);
    lead.map_or_else(String::new, |lead| {
        shown(&format!("Remedy: {lead} in [{table}]\n"))
    })
}

/// What a policy gives a person, and why.
pub fn given(policy: &Policy, person: &Person, resource: Option<&str>) -> anyhow::Result<String> {
    let explanation = explain::explain(policy, person, resource);
    if let Some(unknown) = explanation.unknown_resource {
        bail!("--resource: {unknown}");
    }
    Ok(shown(&explanation.to_string()))
}

/// Who the person is, how the groups came, and what is unusual about the claims.
fn heading(
    config: &Config,
    oidc: Option<&OidcConfig>,
    claims: &Claims,
    name: &str,
    groups: &Groups,
) -> String {
    let others: Vec<&str> = claims.keys().map(String::as_str).collect();
    let mut lines = vec![
        format!("Person: {name}"),
        format!(
            "Claim:  {}",
            came(&groups.note, groups.names.len(), oidc, &others)
        ),
    ];
    if groups.cut > 0 {
        lines.push(format!("        {} groups more were left out", groups.cut));
    }
    let issuer = claims.get("iss").and_then(|issuer| issuer.as_str());
    if let Some(name) = oidc.and_then(|oidc| oidc.name.as_deref()) {
        lines.push(format!("From:   [providers.{name}], as their issuer says"));
    }
    if let (Some(oidc), Some(issuer)) = (oidc, issuer)
        && oidc.issuer != issuer
    {
        lines.push(format!(
            "Note:   these claims are of {issuer}, and {}: a sign-in would be refused",
            decision::configured(config)
        ));
    }
    if !claims.contains_key("sub") {
        lines.push("Note:   there is no claim sub, without which a sign-in is refused".to_owned());
    }
    lines.push(String::new());
    shown(&lines.join("\n"))
}

fn read_claims(path: &Path) -> anyhow::Result<Claims> {
    let is_input = path == Path::new("-");
    let from = if is_input {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    };
    let mut text = String::new();
    let read = if is_input {
        std::io::stdin().take(MAX_LEN).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(MAX_LEN).read_to_string(&mut text))
    };
    read.with_context(|| format!("--claims: {from} cannot be read"))?;
    let text = text.trim();
    if !text.starts_with('{') && text.split('.').count() == 3 {
        bail!(
            "--claims: {from} holds a token; write its payload, decoded, as a JSON object (a token \
             is a secret, and is not read unverified)"
        );
    }
    // Reports only the position of an error, not the text there.
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
