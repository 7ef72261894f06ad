//! Checks the identity provider: that it is up, has the configured issuer, and supports what the
//! panel needs.

mod client;
mod clock;
mod document;
mod features;
mod step_up;
mod wire;

use super::database::KnownDatabase;
use super::{Report, is_below};
use crate::clock::Clock;
use crate::config::{Config, Fault, OidcConfig};
use crate::sso::exchange::probe::Answer;
use crate::sso::provider::metadata::{is_of_all_tenants, of_all_tenants};
use crate::sso::{Metadata, Provider, Settings};
use serde_json::{Map, Value};
use std::borrow::Cow;
use url::Url;

/// The keys that must be valid to reach a provider at all.
const WAY: [&str; 4] = ["issuer", "ca_file", "proxy", "internal_url"];

/// A provider that is checked, with its names in messages.
struct CheckedProvider<'c> {
    /// Its name in configuration; none for `[oidc]`.
    name: Option<&'c str>,
    oidc: &'c OidcConfig,
    /// Whether all its settings are valid, and not only the issuer.
    is_whole: bool,
}

impl<'c> CheckedProvider<'c> {
    /// The providers of a configuration: `[oidc]` first.
    fn all(config: &'c Config, faults: &[Fault]) -> Vec<Self> {
        let all = config.identity_providers().map(|oidc| {
            let asked = Self {
                name: oidc.name.as_deref(),
                oidc,
                is_whole: true,
            };
            let table = asked.table();
            Self {
                is_whole: faults.iter().all(|fault| !is_below(fault, &table, None)),
                ..asked
            }
        });
        all.collect()
    }

    /// Whether all settings needed to reach it are valid.
    fn is_reachable(&self, faults: &[Fault]) -> bool {
        let table = self.table();
        let is_wrong = |key: &&str| {
            faults
                .iter()
                .any(|fault| is_below(fault, &table, Some(key)))
        };
        !WAY.iter().any(is_wrong)
    }

    /// The name of a check of this provider.
    fn link(&self, link: &'static str) -> Cow<'static, str> {
        match self.name {
            None => link.into(),
            Some(name) => format!("{link} {name}").into(),
        }
    }

    /// The name of the check of the provider itself.
    fn provider(&self) -> Cow<'static, str> {
        self.link("provider")
    }

    /// The name of the check of its registered client.
    fn client(&self) -> Cow<'static, str> {
        self.link("client")
    }

    /// Its table in the file.
    fn table(&self) -> String {
        self.name
            .map_or_else(|| "oidc".to_owned(), |name| format!("providers.{name}"))
    }

    /// Whether an endpoint, which only the panel itself calls, is at the internal address. That
    /// address is trusted, because the operator set it.
    fn is_inside(&self, endpoint: &str, url: &str) -> bool {
        let origin = |url: &str| Url::parse(url).ok().map(|url| url.origin());
        let inside = self.oidc.internal_url.as_deref().and_then(origin);
        let of_ours = ["token_endpoint", "jwks_uri", "userinfo_endpoint"];
        of_ours.contains(&endpoint) && inside.is_some() && inside == origin(url)
    }

    /// The address to which a request is actually sent, and the key that sets it.
    fn way_to(&self, url: &str) -> (String, &'static str) {
        let origin = |url: &str| Url::parse(url).ok().map(|url| url.origin());
        let inside = self.oidc.internal_url.as_deref();
        match (&self.oidc.proxy, inside) {
            (Some(proxy), _) => (proxy.reveal().to_owned(), "proxy"),
            (None, Some(inside)) if origin(url) == origin(&self.oidc.issuer) => {
                (inside.to_owned(), "internal_url")
            }
            _ => (url.to_owned(), "issuer"),
        }
    }

    /// A key of that table.
    fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.table())
    }
}

/// Checks every provider in turn.
pub(super) async fn check(
    config: &Config,
    looked: &KnownDatabase,
    faults: &[Fault],
    report: &mut Report,
) {
    let all = CheckedProvider::all(config, faults);
    if all.is_empty() {
        return report.fail(
            "provider",
            "there is no [oidc] section, and the panel does not start without a provider",
            "add [oidc] with issuer, client_id and client_secret; \u{201c}bailiwick init\u{201d} \
             writes one with comments",
        );
    }
    for asked in &all {
        if asked.is_reachable(faults) {
            check_one(asked, config, looked, report).await
        } else {
            report.not_checked(asked.provider(), &asked.table())
        }
    }
}

async fn check_one(
    asked: &CheckedProvider<'_>,
    config: &Config,
    looked: &KnownDatabase,
    report: &mut Report,
) {
    let root = format!("{}{}", config.server.origin(), config.server.base_path());
    let settings = Settings::new(asked.oidc, asked.oidc.secret().ok(), &root);
    let provider = match Provider::new(settings, Clock::system()) {
        Ok(provider) => provider,
        Err(error) => {
            // The message always names the issuer of [oidc].
            let text = error.to_string();
            let text = text.replace("oidc.issuer", &asked.key("issuer"));
            let remedy = format!("correct {}", asked.key("issuer"));
            return report.fail(asked.provider(), text, remedy);
        }
    };
    let mut document = None;
    if let Some((answer, said)) = discover(asked, &provider, report).await {
        let before = report.count(super::Outcome::Fail);
        document::check(&said, asked, report);
        step_up::check(&said, asked, config, looked, report);
        clock::check(asked, &answer, &provider, report);
        match provider.take(&answer) {
            Ok(metadata) => look_further(asked, &provider, &metadata, report).await,
            Err(reason) if report.count(super::Outcome::Fail) == before => {
                let remedy = "correct it at the provider, or set another issuer";
                report.fail(
                    asked.provider(),
                    format!("its metadata cannot be used: {reason}"),
                    remedy,
                );
            }
            // The reason was reported before.
            Err(_) => {}
        }
        document = Some(said);
    }
    client::tell_addresses(asked, &provider, &root, document.as_ref(), report);
}

async fn look_further(
    asked: &CheckedProvider<'_>,
    provider: &Provider,
    metadata: &Metadata,
    report: &mut Report,
) {
    client::check_keys(asked, provider, metadata, report).await;
    client::check_sign_in(asked, provider, metadata, report).await;
}

/// The provider's metadata, if it is available and has the configured issuer.
async fn discover(
    asked: &CheckedProvider<'_>,
    provider: &Provider,
    report: &mut Report,
) -> Option<(Answer, Map<String, Value>)> {
    let url = provider.discovery_url();
    let answer = match provider.look(&url, "application/json").await {
        Ok(answer) => answer,
        Err(error) => {
            let reason = error.to_string();
            let (layer, remedy) = wire::diagnose(asked, &url, &reason).await;
            report.fail(
                asked.provider(),
                format!("{url}: {layer}: {reason}"),
                remedy,
            );
            return None;
        }
    };
    if answer.status != 200 {
        let status = answer.status;
        let remedy = wire::remedy_for_status(asked, &answer);
        report.fail(
            asked.provider(),
            format!("{url} answers with status {status}"),
            remedy,
        );
        return None;
    }
    let document = match answer.object() {
        Ok(document) => document,
        Err(reason) => {
            let remedy = format!(
                "correct {}: this is a web page, not the metadata of a provider",
                asked.key("issuer")
            );
            report.fail(asked.provider(), format!("{url}: {reason}"), remedy);
            return None;
        }
    };
    check_issuer(asked, &document, provider.issuer(), report).then_some((answer, document))
}

/// Discovery, section 4.3: equal, byte for byte.
fn check_issuer(
    asked: &CheckedProvider<'_>,
    document: &Map<String, Value>,
    configured: &str,
    report: &mut Report,
) -> bool {
    let Some(said) = document.get("issuer").and_then(Value::as_str) else {
        report.fail(
            asked.provider(),
            "its metadata names no issuer",
            format!(
                "correct {}: this is not an OpenID provider",
                asked.key("issuer")
            ),
        );
        return false;
    };
    if said == configured {
        report.ok(
            asked.provider(),
            format!("{configured} answers, and its issuer is the same"),
        );
        return true;
    }
    if is_of_all_tenants(said, configured) {
        report.fail(
            asked.provider(),
            format!("its issuer is {said:?}"),
            of_all_tenants(configured),
        );
        return false;
    }
    let differ = if said.trim_end_matches('/') == configured.trim_end_matches('/') {
        "they differ in the slash at the end"
    } else {
        "if that is the provider you mean"
    };
    report.fail(
        asked.provider(),
        format!("its issuer is {said:?}, but {configured:?} is configured"),
        format!("{differ}: write in [{}]: issuer = {said:?}", asked.table()),
    );
    false
}

/// The texts in a list of the metadata; `None` if it is not a list.
fn list<'d>(document: &'d Map<String, Value>, name: &str) -> Option<Vec<&'d str>> {
    let list = document.get(name)?.as_array()?;
    Some(list.iter().filter_map(Value::as_str).collect())
}

/// The requested scopes.
fn scopes(oidc: &OidcConfig) -> Vec<&str> {
    oidc.scopes.iter().map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    const FILE: &str = r#"
        [database]
        url = "x.sqlite"
        [oidc]
        issuer = "https://id.example"
        client_id = "c"
        client_secret = "s"
        internal_url = "http://inside:8080"
        [providers.partner]
        issuer = "https://partner.example"
        client_id = "c"
        client_secret = "s"
        [providers.proxied]
        issuer = "https://proxied.example"
        client_id = "c"
        client_secret = "s"
        proxy = "http://proxy:3128"
    "#;

    #[test]
    fn only_what_the_panel_asks_itself_is_at_the_way_inside() {
        let config = Config::parse(FILE, "test", std::iter::empty()).unwrap();
        let all = CheckedProvider::all(&config, &[]);
        for (provider, endpoint, url, is_inside) in [
            (0, "token_endpoint", "http://inside:8080/t", true),
            (0, "jwks_uri", "http://inside:8080/k", true),
            (0, "userinfo_endpoint", "http://inside:8080/u", true),
            (0, "authorization_endpoint", "http://inside:8080/a", false),
            (0, "end_session_endpoint", "http://inside:8080/e", false),
            (0, "token_endpoint", "http://inside:8081/t", false),
            (0, "token_endpoint", "http://id.example/t", false),
            (1, "token_endpoint", "http://inside:8080/t", false),
            (1, "token_endpoint", "no address", false),
        ] {
            let asked = &all[provider];
            assert_eq!(
                asked.is_inside(endpoint, url),
                is_inside,
                "{endpoint} {url}"
            );
        }
    }

    #[test]
    fn a_request_goes_the_way_that_is_configured() {
        let config = Config::parse(FILE, "test", std::iter::empty()).unwrap();
        let all = CheckedProvider::all(&config, &[]);
        for (provider, url, way, key) in [
            (
                0,
                "https://id.example/x",
                "http://inside:8080",
                "internal_url",
            ),
            (
                0,
                "https://other.example/x",
                "https://other.example/x",
                "issuer",
            ),
            (
                1,
                "https://partner.example/x",
                "https://partner.example/x",
                "issuer",
            ),
            (2, "https://proxied.example/x", "http://proxy:3128", "proxy"),
        ] {
            assert_eq!(all[provider].way_to(url), (way.to_owned(), key), "{url}");
        }
        let tables: Vec<String> = all.iter().map(CheckedProvider::table).collect();
        assert_eq!(tables, ["oidc", "providers.partner", "providers.proxied"]);
    }
}
