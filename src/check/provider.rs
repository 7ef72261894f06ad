//! The identity provider: that it is found and is the one that is meant, and what it offers.

mod client;
mod document;
mod wire;

use super::Report;
use crate::clock::Clock;
use crate::config::{Config, OidcConfig};
use crate::sso::probe::Answer;
use crate::sso::{Metadata, Provider, Settings};
use serde_json::{Map, Value};

const LINK: &str = "provider";

/// `is_whole` says whether all of `[oidc]` can be used, and not only the issuer.
pub(super) async fn check(config: &Config, is_whole: bool, report: &mut Report) {
    let Some(oidc) = &config.oidc else {
        return report.fail(
            LINK,
            "there is no [oidc] section, and the panel does not start without a provider",
            "add [oidc] with issuer, client_id and client_secret; \u{201c}bailiwick init\u{201d} \
             writes one with comments",
        );
    };
    let root = format!("{}{}", config.server.origin(), config.server.base_path());
    let settings = Settings::new(oidc, oidc.secret().ok(), &root);
    let provider = match Provider::new(settings, Clock::system()) {
        Ok(provider) => provider,
        Err(error) => return report.fail(LINK, error.to_string(), "correct oidc.issuer"),
    };
    if let Some((answer, document)) = discover(&provider, report).await {
        let before = report.count(super::Outcome::Fail);
        document::check(&document, oidc, report);
        check_clock(&answer, &provider, report);
        match provider.take(&answer) {
            Ok(metadata) => look_further(&provider, &metadata, is_whole, report).await,
            Err(reason) if report.count(super::Outcome::Fail) == before => {
                let remedy = "have it mended at the provider, or set another issuer";
                report.fail(
                    LINK,
                    format!("its metadata cannot be used: {reason}"),
                    remedy,
                );
            }
            // The reason was told already.
            Err(_) => {}
        }
    }
    client::tell_addresses(&provider, report);
}

async fn look_further(
    provider: &Provider,
    metadata: &Metadata,
    is_whole: bool,
    report: &mut Report,
) {
    client::check_keys(provider, metadata, report).await;
    client::check_sign_in(provider, metadata, is_whole, report).await;
}

/// The provider's metadata, if it is there and of the issuer that is configured.
async fn discover(
    provider: &Provider,
    report: &mut Report,
) -> Option<(Answer, Map<String, Value>)> {
    let url = provider.discovery_url();
    let answer = match provider.look(&url, "application/json").await {
        Ok(answer) => answer,
        Err(error) => {
            let reason = error.to_string();
            let (layer, remedy) = wire::diagnose(&url, &reason).await;
            report.fail(LINK, format!("{url}: {layer}: {reason}"), remedy);
            return None;
        }
    };
    if answer.status != 200 {
        let status = answer.status;
        let remedy = wire::remedy_for_status(&answer, provider.issuer());
        report.fail(LINK, format!("{url} answers with status {status}"), remedy);
        return None;
    }
    let document = match answer.object() {
        Ok(document) => document,
        Err(reason) => {
            let remedy = "correct oidc.issuer: this is a page, and not what a provider says of \
                          itself";
            report.fail(LINK, format!("{url}: {reason}"), remedy);
            return None;
        }
    };
    check_issuer(&document, provider.issuer(), report).then_some((answer, document))
}

/// Discovery, section 4.3: the same, byte for byte.
fn check_issuer(document: &Map<String, Value>, configured: &str, report: &mut Report) -> bool {
    let Some(said) = document.get("issuer").and_then(Value::as_str) else {
        report.fail(
            LINK,
            "its metadata names no issuer",
            "correct oidc.issuer: this is no OpenID provider",
        );
        return false;
    };
    if said == configured {
        report.ok(LINK, format!("{configured} is found, and names itself so"));
        return true;
    }
    let differ = match said.trim_end_matches('/') == configured.trim_end_matches('/') {
        true => "they differ in the slash at the end",
        false => "if that is the provider you mean",
    };
    report.fail(
        LINK,
        format!("it names itself {said:?}, and {configured:?} is configured"),
        format!("{differ}: write in [oidc]: issuer = {said:?}"),
    );
    false
}

fn check_clock(answer: &Answer, provider: &Provider, report: &mut Report) {
    let link = "clock";
    let allowed = provider.settings().skew;
    let Some(theirs) = answer.date else {
        return report.ok(
            link,
            "the provider does not tell its time, so it was not compared",
        );
    };
    let ahead = theirs.signed_duration_since(chrono::Utc::now());
    let text = match ahead.num_seconds() {
        seconds @ ..-1 => format!("the provider's clock is {} s behind", -seconds),
        seconds @ 2.. => format!("the provider's clock is {seconds} s ahead"),
        _ => return report.ok(link, "the provider's clock and ours agree"),
    };
    let remedy = "set this machine's clock by NTP, and have the provider's set too";
    let limit = allowed.num_seconds();
    if ahead.abs() > allowed {
        let text = format!("{text}, and tokens more than {limit} s off are refused");
        report.fail(link, text, remedy);
    } else if ahead.abs() > allowed / 2 {
        report.warn(
            link,
            format!("{text}, of the {limit} s that may be"),
            remedy,
        );
    } else {
        report.ok(link, text);
    }
}

/// The texts of a list in the metadata; `None` if there is no list.
fn list<'d>(document: &'d Map<String, Value>, name: &str) -> Option<Vec<&'d str>> {
    let list = document.get(name)?.as_array()?;
    Some(list.iter().filter_map(Value::as_str).collect())
}

/// The scopes that are asked for.
fn scopes(oidc: &OidcConfig) -> Vec<&str> {
    oidc.scopes.iter().map(String::as_str).collect()
}
