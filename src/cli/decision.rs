//! Explains what claims give under the current configuration; shared by several commands.

use crate::access::GroupsNote;
use crate::access::{Person, Policy};
use crate::app;
use crate::config::{Config, OidcConfig};
use crate::store::roles;
use std::sync::Arc;

/// The policy as `serve` would have it: configured and stored roles. Only reads the database.
pub async fn policy(config: &Config) -> anyhow::Result<Arc<Policy>> {
    let catalog = app::catalog(config).await?;
    let policy = app::policy(config, catalog)?;
    let kept = app::look(&config.database, |conn| Ok(roles::look(conn)?));
    let Some(kept) = kept.await? else {
        return Ok(Arc::new(policy));
    };
    let policy = policy.with_kept(&kept);
    for fault in policy.faults() {
        eprintln!(
            "This is stored in the panel, cannot be used and gives nothing: {}",
            shown(&fault.to_string())
        );
    }
    Ok(Arc::new(policy))
}

/// The provider with that issuer, whose settings apply to its claims; that of `[oidc]` if there is
/// none.
pub fn provider_of<'c>(config: &'c Config, issuer: Option<&str>) -> Option<&'c OidcConfig> {
    let named = issuer.and_then(|issuer| {
        let mut all = config.identity_providers();
        all.find(|oidc| oidc.issuer == issuer)
    });
    named.or(config.oidc.as_ref())
}

/// The configured issuers: "https://id.example.com is configured".
pub fn configured(config: &Config) -> String {
    let all = config.identity_providers();
    let all: Vec<&str> = all.map(|oidc| oidc.issuer.as_str()).collect();
    let verb = if all.len() == 1 { "is" } else { "are" };
    format!("{} {verb} configured", all.join(" and "))
}

/// The key of a provider's setting, as in the configuration.
fn key_of(oidc: Option<&OidcConfig>, key: &str) -> String {
    match oidc.and_then(|oidc| oidc.name.as_deref()) {
        Some(name) => format!("providers.{name}.{key}"),
        None => format!("oidc.{key}"),
    }
}

/// The groups received from a provider, or why there are none; `others` lists the names of other
/// claims.
pub fn came(
    note: &GroupsNote,
    groups: usize,
    oidc: Option<&OidcConfig>,
    others: &[&str],
) -> String {
    let claim = oidc.map_or("groups", |oidc| &oidc.groups_claim);
    let key = key_of(oidc, "groups_claim");
    match note {
        GroupsNote::Found => match groups {
            1 => format!("{claim} came, with one group"),
            count => format!("{claim} came, with {count} groups"),
        },
        GroupsNote::Empty => format!("{claim} came, with no groups in it"),
        GroupsNote::Absent if others.is_empty() => {
            format!("{claim} did not come ({key})")
        }
        GroupsNote::Absent => format!(
            "{claim} did not come ({key}); these did: {}",
            others.join(", ")
        ),
        GroupsNote::WrongShape(shape) => format!(
            "{claim} came as {shape}; a list of texts, one text or an object with the groups as its \
             keys can be read"
        ),
        GroupsNote::Unverified => format!(
            "{claim} came, but not with email_verified = true: the provider must say that it has \
             checked the address"
        ),
        GroupsNote::Overage => format!(
            "{claim} did not come, as there are too many groups to send; have the provider send \
             only those assigned to this application, or application roles"
        ),
    }
}

/// The names of a person's roles.
pub fn roles(policy: &Policy, person: &Person) -> Vec<String> {
    let roles = policy.roles(person).into_iter();
    roles.map(|role| role.name.clone()).collect()
}

/// A provider's text without terminal control characters.
pub fn shown(text: &str) -> String {
    let is_harmless = |c: char| c == '\n' || !(c.is_control() || is_invisible(c));
    let escape = |c: char| {
        if is_harmless(c) {
            c.to_string()
        } else {
            c.escape_unicode().to_string()
        }
    };
    text.chars().map(escape).collect()
}

/// Characters that change the text direction or are invisible.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn nothing_of_a_provider_steers_the_terminal() {
        assert_eq!(shown("Zoë\n\"x\""), "Zoë\n\"x\"");
        assert_eq!(
            shown("a\u{1b}[2J\u{9b}m\u{202e}b"),
            "a\\u{1b}[2J\\u{9b}m\\u{202e}b"
        );
    }
}
