//! `bailiwick check --login`: a real sign-in on loopback, shown in detail and recorded nowhere.

use crate::access::Policy;
use crate::cli::decision::{self, came, shown};
use crate::cli::explain::{given, lead};
use crate::cli::{ConfigFile, FAILED, Outcome, print};
use crate::clock::Clock;
use crate::config::{Config, MAIN_PROVIDER, OidcConfig};
use crate::sso::flow::trial::{self, TrialError, TrialResult};
use crate::sso::token::groups::{self, Claims};
use crate::sso::{Provider, Settings};
use anyhow::anyhow;
use serde_json::Value;
use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;
use std::time::Duration;
use url::{Host, Url};

/// The port if that of the public URL cannot be used. It is fixed, because it is part of the
/// redirect URI registered at the provider.
const USUAL_PORT: u16 = 8976;

/// Waits for somebody to sign in, and reports the result.
pub async fn run(
    file: &ConfigFile,
    provider: Option<&str>,
    port: Option<u16>,
    within: Duration,
) -> Outcome {
    let config = file.load()?;
    let oidc = chosen(&config, provider)?;
    let policy = decision::policy(&config).await?;
    let (root, listener) = root(&config, port)?;
    let settings = Settings::new(oidc, Some(oidc.secret()?), &root);
    let redirect_uri = settings.redirect_uri.clone();
    let provider = Provider::new(settings, Clock::system())?;
    // Checked before anybody is asked to do something.
    provider.metadata().await?;
    print(format_args!(
        "Open this address in a browser on this machine, and sign in:\n\n  {}\n\nAt the provider, \
         exactly this redirect URI must be registered for the client {:?}:\n\n  \
         {redirect_uri}\n\nWaiting for {} s. Nothing is recorded, and no session starts.\n\n",
        trial::begins_at(&provider)?,
        oidc.client_id,
        within.as_secs(),
    ))?;
    match trial::wait(provider, listener, within).await {
        Ok(tried) => tell(&tried, oidc, &policy),
        Err(TrialError::Refused(error)) => {
            let text = format!("Decision: refused. {error}\n\n{}\n", error.public_text());
            print(format_args!("{}", shown(&text)))?;
            Ok(FAILED.into())
        }
        Err(error @ TrialError::TooLate(_)) => Err(anyhow!(
            "{error}: if the provider showed an error, it may not know the redirect URI \
             {redirect_uri}"
        )),
        Err(error) => Err(error.into()),
    }
}

/// The provider with that name; that of `[oidc]` if `name` is missing.
fn chosen<'c>(config: &'c Config, name: Option<&str>) -> anyhow::Result<&'c OidcConfig> {
    let Some(name) = name.filter(|name| *name != MAIN_PROVIDER) else {
        let oidc = config.oidc.as_ref();
        return oidc.ok_or_else(|| anyhow!("there is no [oidc] section to sign in with"));
    };
    config.providers.get(name).ok_or_else(|| {
        let names = config.providers.keys().map(String::as_str);
        let names: Vec<&str> = std::iter::once(MAIN_PROVIDER).chain(names).collect();
        anyhow!(
            "--provider: there is no [providers.{name}]; there are {}",
            names.join(", ")
        )
    })
}

/// The address that browsers return to, and its listener.
fn root(config: &Config, port: Option<u16>) -> anyhow::Result<(String, TcpListener)> {
    if port.is_none()
        && let Some(listener) = listen_at(&config.server.public_url())
    {
        let root = format!("{}{}", config.server.origin(), config.server.base_path());
        return Ok((root, listener));
    }
    let address = (Ipv4Addr::LOCALHOST, port.unwrap_or(USUAL_PORT));
    let listener = crate::cli::listen(address.into(), "--port")?;
    Ok((format!("http://{}", listener.local_addr()?), listener))
}

/// A listener for a public URL on this machine, if the port is free.
fn listen_at(public_url: &Url) -> Option<TcpListener> {
    let port = public_url.port_or_known_default()?;
    if public_url.scheme() != "http" {
        return None;
    }
    match public_url.host()? {
        Host::Ipv4(address) if address.is_loopback() => TcpListener::bind((address, port)).ok(),
        Host::Ipv6(address) if address.is_loopback() => TcpListener::bind((address, port)).ok(),
        Host::Domain(name) if name == "localhost" || name.ends_with(".localhost") => {
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()
        }
        _ => None,
    }
}

/// Reports what was received, and what it gives.
fn tell(tried: &TrialResult, oidc: &OidcConfig, policy: &Policy) -> Outcome {
    let told = &tried.told;
    let mut text = format!("The ID token, checked:\n{}\n\n", pretty(&told.id_token));
    text.push_str(&match &told.userinfo {
        Some(claims) => format!("Userinfo, asked for the groups:\n{}\n\n", pretty(claims)),
        None => "Userinfo was not asked.\n\n".to_owned(),
    });
    let person = &tried.person;
    text.push_str(&format!(
        "Person: {}\nClaim:  {}\n",
        person.name,
        found(tried, oidc)
    ));
    text = shown(&text);
    text.push_str(&given(policy, person, None)?);
    let roles = decision::roles(policy, person);
    let is_admitted = policy.admits(person);
    if !is_admitted {
        let told = &tried.told;
        let sources: Vec<&Claims> = std::iter::once(&told.id_token)
            .chain(&told.userinfo)
            .collect();
        text.push_str(&lead(Some(oidc), &sources, policy));
    }
    text.push_str(&if is_admitted {
        format!("\nDecision: let in, as {}.\n", roles.join(", "))
    } else {
        "\nDecision: turned away. The sign-in works, but nothing gives this person a role; the \
         panel would show the denied page.\n"
            .to_owned()
    });
    print(format_args!("{text}"))?;
    Ok(if is_admitted {
        ExitCode::SUCCESS
    } else {
        FAILED.into()
    })
}

/// How the groups came, and from which source.
fn found(tried: &TrialResult, oidc: &OidcConfig) -> String {
    let reading = groups::Reading::of(oidc);
    let told = &tried.told;
    let place = match &told.userinfo {
        _ if reading.find(&told.id_token).is_some() => "in the ID token: ",
        Some(claims) if reading.find(claims).is_some() => "from userinfo: ",
        Some(_) => "neither in the ID token nor from userinfo: ",
        None => "not in the ID token, and the provider has no userinfo: ",
    };
    let all = told
        .id_token
        .keys()
        .chain(told.userinfo.iter().flat_map(Claims::keys));
    let names: Vec<&str> = all.map(String::as_str).collect();
    let came = came(
        &tried.groups_note,
        tried.person.groups.len(),
        Some(oidc),
        &names,
    );
    format!("{place}{came}")
}

fn pretty(claims: &Claims) -> String {
    let mut claims = claims.clone();
    claims.values_mut().for_each(hide_tokens);
    serde_json::to_string_pretty(&claims).unwrap_or_default()
}

/// A claim that is itself a token is secret.
fn hide_tokens(value: &mut Value) {
    match value {
        Value::String(text) if text.starts_with("eyJ") && text.matches('.').count() >= 2 => {
            "(a token, not shown)".clone_into(text);
        }
        Value::Array(items) => items.iter_mut().for_each(hide_tokens),
        Value::Object(members) => members.values_mut().for_each(hide_tokens),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_in_claims_are_not_shown() {
        let mut value = serde_json::json!({"a": ["eyJh.eyJz.c2ln"], "b": "eyJust a text", "c": 1});
        hide_tokens(&mut value);
        let shown =
            serde_json::json!({"a": ["(a token, not shown)"], "b": "eyJust a text", "c": 1});
        assert_eq!(value, shown);
    }

    #[test]
    fn only_a_public_url_on_this_machine_is_listened_at() {
        let at = |url: &str| Url::parse(url).ok().and_then(|url| listen_at(&url));
        let free = at("http://127.0.0.1:0").and_then(|listener| listener.local_addr().ok());
        let taken = free.map(|address| format!("http://{address}"));
        for url in [
            "https://127.0.0.1:0",
            "http://10.0.0.1:0",
            "https://panel.example.com",
            "http://localhost.example.com:0",
        ] {
            assert!(at(url).is_none(), "{url}");
        }
        let held = taken.as_deref().and_then(at);
        assert!(held.is_some() && taken.as_deref().and_then(at).is_none());
    }
}
