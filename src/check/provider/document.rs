//! What the provider says of itself (OpenID Connect Discovery, section 3), one thing at a time.

use super::{Asked, list, scopes};
use crate::check::{Report, hints};
use crate::config::ALGORITHMS;
use crate::sso::probe::{common_algorithms, is_safe};
use serde_json::{Map, Value};
use url::Url;

const ENDPOINTS: [&str; 5] = [
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "end_session_endpoint",
];

/// How many of [`ENDPOINTS`] must be there.
const REQUIRED: usize = 3;

pub(super) fn check(document: &Map<String, Value>, asked: &Asked<'_>, report: &mut Report) {
    check_endpoints(document, asked, report);
    check_hosts(document, asked, report);
    check_algorithms(document, asked, report);
    check_features(document, asked, report);
    check_scopes(document, asked, report);
    check_claims(document, asked, report);
}

fn check_endpoints(document: &Map<String, Value>, asked: &Asked<'_>, report: &mut Report) {
    let mut all_well = true;
    for (index, name) in ENDPOINTS.iter().enumerate() {
        let url = document.get(*name).and_then(Value::as_str);
        let (text, remedy) = match url {
            Some(url) if is_safe(url) => continue,
            Some(url) => (
                format!("its {name} is {url}, which does not use https"),
                "have the provider say https addresses: behind a proxy it must be told its public \
                 address",
            ),
            None if index >= REQUIRED => continue,
            None => (
                format!("it has no {name}"),
                "have the authorization code flow turned on at the provider",
            ),
        };
        all_well = false;
        report.fail(asked.provider(), text, remedy);
    }
    if all_well {
        report.ok(asked.provider(), "its endpoints are safe to use");
    }
}

/// Addresses on another host than the issuer's are allowed, and some providers have them; they may
/// also be the mark of a provider that does not know its own address.
fn check_hosts(document: &Map<String, Value>, asked: &Asked<'_>, report: &mut Report) {
    let host = |url: &str| Url::parse(url).ok()?.host_str().map(str::to_owned);
    let own = host(&asked.oidc.issuer);
    for name in ENDPOINTS {
        let there = document.get(name).and_then(Value::as_str).and_then(host);
        if let Some(other) = there.filter(|_| own.is_some())
            && Some(&other) != own.as_ref()
        {
            report.note(
                asked.provider(),
                format!(
                    "its {name} is on another host, {other}: right for some providers, such as \
                     Google; else have it told its public address"
                ),
            );
        }
    }
}

fn check_algorithms(document: &Map<String, Value>, asked: &Asked<'_>, report: &mut Report) {
    let common = common_algorithms(document);
    if !common.is_empty() {
        let common = common.join(", ");
        return report.ok(
            asked.provider(),
            format!("its ID tokens may be signed with {common}"),
        );
    }
    let listed = list(document, "id_token_signing_alg_values_supported").unwrap_or_default();
    report.fail(
        asked.provider(),
        format!(
            "it signs ID tokens with none that is accepted (it lists: {})",
            listed.join(", ")
        ),
        format!(
            "have it sign the ID tokens of this client with one of {}",
            ALGORITHMS.join(", ")
        ),
    );
}

fn check_features(document: &Map<String, Value>, asked: &Asked<'_>, report: &mut Report) {
    let says = |name: &str| document.get(name) == Some(&Value::Bool(true));
    if says("require_pushed_authorization_requests") {
        report.fail(
            asked.provider(),
            "it demands pushed authorization requests, which are not supported",
            "turn that off for this client at the provider",
        );
    }
    let lists = |name: &str, value: &str| list(document, name).map(|list| list.contains(&value));
    match lists("code_challenge_methods_supported", "S256") {
        Some(true) => report.ok(asked.provider(), "it knows PKCE with S256"),
        Some(false) => report.warn(
            asked.provider(),
            "it lists PKCE, but not with S256, which the panel always uses",
            "turn S256 on at the provider if sign-in fails",
        ),
        None => report.ok(
            asked.provider(),
            "it does not say whether it knows PKCE; S256 is sent anyway",
        ),
    }
    report.ok(
        asked.provider(),
        match says("authorization_response_iss_parameter_supported") {
            true => "its answers name it (iss, RFC 9207), which is demanded of each",
            false => "its answers do not name it (iss, RFC 9207); one provider does not need it",
        },
    );
    match document.get("end_session_endpoint").and_then(Value::as_str) {
        Some(_) => report.ok(
            asked.provider(),
            "signing out of the panel signs out there too",
        ),
        None => report.warn(
            asked.provider(),
            "it has no end_session_endpoint, so signing out ends the session here only",
            "turn on RP-initiated logout at the provider if it has it; else tell your people",
        ),
    }
    report.note(
        asked.provider(),
        match (
            says("backchannel_logout_supported"),
            says("backchannel_logout_session_supported"),
        ) {
            (true, true) => {
                "it can tell of sign-outs there, of one session each (back-channel logout)"
            }
            (true, false) => {
                "it can tell of sign-outs there, but not of which session: all of a person's end \
                 (back-channel logout)"
            }
            (false, _) => {
                "it does not say that it tells of sign-outs there (back-channel logout): who signs \
                 out there is noticed here when groups are read again"
            }
        },
    );
    let refreshes = lists("grant_types_supported", "refresh_token") == Some(true);
    report.note(
        asked.provider(),
        match refreshes {
            true => "it gives refresh tokens",
            false => "it does not say that it gives refresh tokens",
        },
    );
}

fn check_scopes(document: &Map<String, Value>, asked: &Asked<'_>, report: &mut Report) {
    let ours = scopes(asked.oidc);
    let wanted = ours.join(", ");
    let Some(known) = list(document, "scopes_supported") else {
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

fn check_claims(document: &Map<String, Value>, asked: &Asked<'_>, report: &mut Report) {
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
        hint.unwrap_or(
            "if no groups come, have it send them to this client, or name their claim as \
             oidc.groups_claim; \u{201c}bailiwick explain\u{201d} shows what comes of claims",
        ),
    );
}
