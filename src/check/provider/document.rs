//! Checks the provider metadata (OpenID Connect Discovery, section 3), one member at a time.

use super::{CheckedProvider, features, list, scopes};
use crate::check::{Report, hints};
use crate::config::ALGORITHMS;
use crate::sso::exchange::probe::{common_algorithms, is_safe};
use serde_json::{Map, Value};
use url::Url;

const ENDPOINTS: [&str; 5] = [
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "end_session_endpoint",
];

/// The number of [`ENDPOINTS`] that are required.
const REQUIRED: usize = 3;

pub(super) fn check(
    document: &Map<String, Value>,
    asked: &CheckedProvider<'_>,
    report: &mut Report,
) {
    check_endpoints(document, asked, report);
    check_hosts(document, asked, report);
    check_algorithms(document, asked, report);
    features::check(document, asked, report);
    check_scopes(document, asked, report);
    check_claims(document, asked, report);
}

fn check_endpoints(
    document: &Map<String, Value>,
    asked: &CheckedProvider<'_>,
    report: &mut Report,
) {
    let mut all_well = true;
    for (index, name) in ENDPOINTS.iter().enumerate() {
        let url = document.get(*name).and_then(Value::as_str);
        let (text, remedy) = match url {
            Some(url) if is_safe(url) || asked.is_inside(name, url) => continue,
            Some(url) => (
                format!("its {name} is {url}, which does not use https"),
                "configure the provider's public https address: behind a proxy it cannot know it \
                 by itself",
            ),
            None if index >= REQUIRED => continue,
            None => (
                format!("it has no {name}"),
                "turn on the authorization code flow at the provider",
            ),
        };
        all_well = false;
        report.fail(asked.provider(), text, remedy);
    }
    if all_well {
        report.ok(asked.provider(), "its endpoints are safe to use");
    }
}

/// Endpoints on a host other than the issuer's are allowed, and some providers have them. They may
/// also mean that a provider does not know its own address.
fn check_hosts(document: &Map<String, Value>, asked: &CheckedProvider<'_>, report: &mut Report) {
    let host = |url: &str| Url::parse(url).ok()?.host_str().map(str::to_owned);
    let own = host(&asked.oidc.issuer);
    for name in ENDPOINTS {
        let there = document.get(name).and_then(Value::as_str).and_then(host);
        let inside = asked.oidc.internal_url.as_deref().and_then(host);
        if let Some(other) = there.filter(|there| own.is_some() && inside.as_ref() != Some(there))
            && Some(&other) != own.as_ref()
        {
            report.note(
                asked.provider(),
                format!(
                    "its {name} is on another host, {other}: fine for some providers, such as \
                     Google; otherwise configure its public address"
                ),
            );
        }
    }
}

fn check_algorithms(
    document: &Map<String, Value>,
    asked: &CheckedProvider<'_>,
    report: &mut Report,
) {
    let common = common_algorithms(document);
    let configured = asked.oidc.algorithms.as_deref();
    let is_taken = |name: &&String| configured.is_none_or(|names| names.contains(name));
    let taken: Vec<&str> = common.iter().filter(is_taken).map(String::as_str).collect();
    if !taken.is_empty() {
        let taken = taken.join(", ");
        return report.ok(
            asked.provider(),
            format!("its ID tokens may be signed with {taken}"),
        );
    }
    let listed = list(document, "id_token_signing_alg_values_supported").unwrap_or_default();
    let listed = listed.join(", ");
    match configured.filter(|_| !common.is_empty()) {
        None => report.fail(
            asked.provider(),
            format!("it signs ID tokens with none that is accepted (it lists: {listed})"),
            format!(
                "configure it to sign this client's ID tokens with one of {}",
                ALGORITHMS.join(", ")
            ),
        ),
        Some(configured) => report.fail(
            asked.provider(),
            format!(
                "it signs ID tokens with none of {}, the value of {} (it lists: {listed})",
                asked.key("algorithms"),
                configured.join(", ")
            ),
            format!(
                "add the algorithm of this client's ID tokens to {}, one of {}; or remove the key",
                asked.key("algorithms"),
                common.join(", ")
            ),
        ),
    }
}

fn check_scopes(document: &Map<String, Value>, asked: &CheckedProvider<'_>, report: &mut Report) {
    let known = list(document, "scopes_supported");
    let is_asked = |scope: &str| {
        let is_listed = known.as_ref().is_some_and(|known| known.contains(&scope));
        is_listed || !asked.oidc.scopes.if_listed().contains(&scope)
    };
    let (ours, left): (Vec<&str>, Vec<&str>) = scopes(asked.oidc)
        .into_iter()
        .partition(|scope| is_asked(scope));
    let wanted = ours.join(", ");
    if !left.is_empty() {
        report.note(
            asked.provider(),
            format!(
                "it does not list the scope {}, so the panel does not ask for it; to ask for it \
                 anyway, write {}",
                left.join(", "),
                asked.key("scopes")
            ),
        );
    }
    let Some(known) = known else {
        return report.ok(
            asked.provider(),
            format!("it does not list its scopes; {wanted} will be asked for"),
        );
    };
    let (fine, unknown): (Vec<&str>, Vec<&str>) =
        ours.iter().partition(|scope| known.contains(scope));
    if unknown.is_empty() {
        return report.ok(
            asked.provider(),
            format!("it knows the scopes asked for: {wanted}"),
        );
    }
    report.warn(
        asked.provider(),
        format!(
            "it does not list these of the scopes asked for: {}",
            unknown.join(", ")
        ),
        format!(
            "if it refuses sign-ins for that, write in [{}]: scopes = {fine:?}",
            asked.table()
        ),
    );
}

fn check_claims(document: &Map<String, Value>, asked: &CheckedProvider<'_>, report: &mut Report) {
    let claim = &asked.oidc.groups_claim;
    let hint = hints::for_groups(&asked.oidc.issuer, document);
    let Some(known) = list(document, "claims_supported") else {
        let text = format!("it does not list its claims; groups are looked for in {claim:?}");
        return match hint {
            Some(hint) => report.warn(asked.provider(), text, hint),
            None => report.ok(asked.provider(), text),
        };
    };
    let first = claim.split('.').next().unwrap_or(claim);
    if known.iter().any(|name| name == claim || *name == first) {
        return report.ok(asked.provider(), format!("it lists the claim {claim:?}"));
    }
    report.warn(
        asked.provider(),
        format!("it does not list the claim {claim:?}, in which groups are looked for"),
        hint.map_or_else(
            || {
                format!(
                    "if no groups come, configure it to send them to this client, or set {} to \
                     their claim; \u{201c}bailiwick explain\u{201d} shows what claims give",
                    asked.key("groups_claim")
                )
            },
            str::to_owned,
        ),
    );
}
