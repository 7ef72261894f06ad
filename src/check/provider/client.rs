//! Checks the panel's registration at the provider, and whether a sign-in could start and finish.

use super::CheckedProvider;
use crate::check::Report;
use crate::sso::exchange::probe::Answer;
use crate::sso::{ExchangeError, Metadata, Provider};
use serde_json::{Map, Value};
use url::Url;

pub(super) async fn check_keys(
    asked: &CheckedProvider<'_>,
    provider: &Provider,
    metadata: &Metadata,
    report: &mut Report,
) {
    let url = metadata.jwks_uri();
    let remedy = "have the provider publish the public keys that it signs ID tokens with";
    let counted = match provider.look(url, "application/json").await {
        Ok(answer) if answer.status == 200 => match answer.object() {
            Ok(_) => provider.count_keys(&answer, metadata),
            Err(reason) => Err(reason),
        },
        Ok(answer) => Err(format!("it answers with status {}", answer.status)),
        Err(error) => Err(error.to_string()),
    };
    match counted {
        Err(reason) => report.fail(
            asked.provider(),
            format!("its keys, {url}: {reason}"),
            remedy,
        ),
        Ok(keys) if keys.usable == 0 => report.fail(
            asked.provider(),
            format!("none of its {} keys can check an ID token", keys.all),
            remedy,
        ),
        Ok(keys) if keys.unnamed > 1 => report.warn(
            asked.provider(),
            format!("{} of its keys have no name (kid)", keys.unnamed),
            "have it name its keys, so that it can replace one without sign-ins failing",
        ),
        Ok(keys) => {
            let (usable, all) = (keys.usable, keys.all);
            report.ok(
                asked.provider(),
                format!("{usable} of its {all} keys can check ID tokens"),
            );
            if keys.unnamed > 0 {
                report.note(
                    asked.provider(),
                    "its key has no name (kid): with several keys, the panel has to try each",
                );
            }
        }
    }
}

/// Starts a sign-in, without a person to finish it.
pub(super) async fn check_sign_in(
    asked: &CheckedProvider<'_>,
    provider: &Provider,
    metadata: &Metadata,
    report: &mut Report,
) {
    if !asked.is_whole {
        return report.not_checked(asked.client(), &asked.table());
    }
    match provider.begin(metadata).await {
        Ok(answer) => tell_begun(asked, (provider, metadata), &answer, report),
        Err(error) => report.fail(
            asked.client(),
            error.to_string(),
            "let this machine reach the provider's authorization_endpoint",
        ),
    }
    tell_secret(asked, provider.redeem_nothing(metadata).await, report);
}

fn tell_begun(
    asked: &CheckedProvider<'_>,
    (provider, metadata): (&Provider, &Metadata),
    answer: &Answer,
    report: &mut Report,
) {
    let settings = provider.settings();
    let id = &settings.client_id;
    if let Some(code) = sent_back(answer, &settings.redirect_uri) {
        let remedy = match code.as_str() {
            "invalid_scope" => match provider.scopes_by_listing(Some(metadata)) {
                (listed, others) if !others.is_empty() => format!(
                    "remove {} from {}, as the provider does not list it; write in [{}]: scopes = \
                     {listed:?}",
                    others.join(", "),
                    asked.key("scopes"),
                    asked.table()
                ),
                (asked_for, _) => format!(
                    "remove the scopes that it does not know from {} (asked for: {})",
                    asked.key("scopes"),
                    asked_for.join(", ")
                ),
            },
            "unauthorized_client" | "unsupported_response_type" => {
                "allow this client the authorization code flow at the provider".to_owned()
            }
            _ => "look at the provider's log for the reason".to_owned(),
        };
        return report.fail(
            asked.client(),
            format!("the provider refuses to start a sign-in for the client {id:?}: {code}"),
            remedy,
        );
    }
    match answer.status {
        200..=399 => report.ok(
            asked.client(),
            format!("the provider starts a sign-in for the client {id:?}"),
        ),
        status @ (400 | 401 | 404 | 422) => report.fail(
            asked.client(),
            format!("the provider refuses to start a sign-in for the client {id:?}: status \
                     {status}"),
            format!(
                "register exactly the redirect URI {} for this client at the provider, and \
                 compare {}",
                settings.redirect_uri,
                asked.key("client_id")
            ),
        ),
        status => report.warn(
            asked.client(),
            format!(
                "it is not known whether the provider starts a sign-in for the client {id:?}: status \
                 {status}"
            ),
            "try it with a browser",
        ),
    }
}

/// The error with which the provider redirects the browser back at once.
fn sent_back(answer: &Answer, redirect_uri: &str) -> Option<String> {
    let location = answer.location.as_deref()?;
    if !location.starts_with(redirect_uri) {
        return None;
    }
    let location = Url::parse(location).ok()?;
    let mut pairs = location.query_pairs();
    pairs
        .find(|(name, _)| name == "error")
        .map(|(_, code)| code.chars().filter(|c| !c.is_control()).take(60).collect())
}

fn tell_secret(asked: &CheckedProvider<'_>, error: ExchangeError, report: &mut Report) {
    match error {
        ExchangeError::Refused(code) if code == "invalid_grant" => {
            report.ok(asked.client(), "the provider accepts its secret");
        }
        ExchangeError::Refused(code) if code == "invalid_client" => report.fail(
            asked.client(),
            "the provider does not accept its name and secret (invalid_client)",
            format!(
                "correct {} and {}; a secret may have expired",
                asked.key("client_id"),
                asked.key("client_secret")
            ),
        ),
        ExchangeError::Refused(code) if code == "unauthorized_client" => report.fail(
            asked.client(),
            "the provider does not let it redeem codes (unauthorized_client)",
            "allow this client the authorization code flow at the provider",
        ),
        other => report.warn(
            asked.client(),
            format!("it is not known whether the provider accepts its secret: {other}"),
            "try it with a browser; if sign-in fails, look at the provider's log",
        ),
    }
}

/// Reports the values to register at the provider; `root` is the panel's public root.
pub(super) fn tell_addresses(
    asked: &CheckedProvider<'_>,
    provider: &Provider,
    root: &str,
    document: Option<&Map<String, Value>>,
    report: &mut Report,
) {
    let settings = provider.settings();
    let redirect = format!("redirect URI to register: {}", settings.redirect_uri);
    report.ok(asked.client(), redirect);
    report.ok(
        asked.client(),
        format!(
            "post-logout redirect URI to register: {}",
            settings.post_logout_redirect_uri
        ),
    );
    let tells = document.and_then(|said| said.get("backchannel_logout_supported"));
    if tells == Some(&Value::Bool(true)) {
        report.ok(
            asked.client(),
            format!(
                "back-channel logout URI to register: {root}/auth/backchannel-logout (the provider \
                 itself must reach it)"
            ),
        );
    }
}
