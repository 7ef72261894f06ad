//! What the provider says of itself (OpenID Connect Discovery, section 3), one thing at a time.

use super::{LINK, list, scopes};
use crate::check::{Report, hints};
use crate::config::OidcConfig;
use crate::sso::probe::{common_algorithms, is_safe, our_algorithms};
use serde_json::{Map, Value};

const ENDPOINTS: [&str; 5] = [
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "end_session_endpoint",
];

/// How many of [`ENDPOINTS`] must be there.
const REQUIRED: usize = 3;

pub(super) fn check(document: &Map<String, Value>, oidc: &OidcConfig, report: &mut Report) {
    check_endpoints(document, report);
    check_algorithms(document, report);
    check_features(document, report);
    check_scopes(document, oidc, report);
    check_claims(document, oidc, report);
}

fn check_endpoints(document: &Map<String, Value>, report: &mut Report) {
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
        report.fail(LINK, text, remedy);
    }
    if all_well {
        report.ok(LINK, "its endpoints are safe to use");
    }
}

fn check_algorithms(document: &Map<String, Value>, report: &mut Report) {
    let common = common_algorithms(document);
    if !common.is_empty() {
        let common = common.join(", ");
        return report.ok(LINK, format!("its ID tokens may be signed with {common}"));
    }
    let listed = list(document, "id_token_signing_alg_values_supported").unwrap_or_default();
    report.fail(
        LINK,
        format!(
            "it signs ID tokens with none that is accepted (it lists: {})",
            listed.join(", ")
        ),
        format!(
            "have it sign the ID tokens of this client with one of {}",
            our_algorithms().join(", ")
        ),
    );
}

fn check_features(document: &Map<String, Value>, report: &mut Report) {
    let says = |name: &str| document.get(name) == Some(&Value::Bool(true));
    if says("require_pushed_authorization_requests") {
        report.fail(
            LINK,
            "it demands pushed authorization requests, which are not supported",
            "turn that off for this client at the provider",
        );
    }
    let lists = |name: &str, value: &str| list(document, name).map(|list| list.contains(&value));
    match lists("code_challenge_methods_supported", "S256") {
        Some(true) => report.ok(LINK, "it knows PKCE with S256"),
        Some(false) => report.warn(
            LINK,
            "it lists PKCE, but not with S256, which the panel always uses",
            "turn S256 on at the provider if sign-in fails",
        ),
        None => report.ok(
            LINK,
            "it does not say whether it knows PKCE; S256 is sent anyway",
        ),
    }
    report.ok(
        LINK,
        match says("authorization_response_iss_parameter_supported") {
            true => "its answers name it (iss, RFC 9207), which is demanded of each",
            false => "its answers do not name it (iss, RFC 9207); one provider does not need it",
        },
    );
    match document.get("end_session_endpoint").and_then(Value::as_str) {
        Some(_) => report.ok(LINK, "signing out of the panel signs out there too"),
        None => report.warn(
            LINK,
            "it has no end_session_endpoint, so signing out ends the session here only",
            "turn on RP-initiated logout at the provider if it has it; else tell your people",
        ),
    }
    let refreshes = lists("grant_types_supported", "refresh_token") == Some(true);
    report.ok(
        LINK,
        match refreshes {
            true => "it gives refresh tokens",
            false => "it does not say that it gives refresh tokens",
        },
    );
}

fn check_scopes(document: &Map<String, Value>, oidc: &OidcConfig, report: &mut Report) {
    let ours = scopes(oidc);
    let asked = ours.join(", ");
    let Some(known) = list(document, "scopes_supported") else {
        return report.ok(
            LINK,
            format!("it does not list its scopes; {asked} will be asked for"),
        );
    };
    let (fine, unknown): (Vec<&str>, Vec<&str>) =
        ours.iter().partition(|scope| known.contains(scope));
    if unknown.is_empty() {
        return report.ok(LINK, format!("it knows the scopes asked for: {asked}"));
    }
    report.warn(
        LINK,
        format!(
            "it does not list these of the scopes asked for: {}",
            unknown.join(", ")
        ),
        format!("if it refuses sign-ins for that, write in [oidc]: scopes = {fine:?}"),
    );
}

fn check_claims(document: &Map<String, Value>, oidc: &OidcConfig, report: &mut Report) {
    let claim = &oidc.groups_claim;
    let hint = hints::for_groups(&oidc.issuer, document);
    let Some(known) = list(document, "claims_supported") else {
        let text = format!("it does not list its claims; groups are looked for in {claim:?}");
        return match hint {
            Some(hint) => report.warn(LINK, text, hint),
            None => report.ok(LINK, text),
        };
    };
    let first = claim.split('.').next().unwrap_or(claim);
    if known.iter().any(|name| name == claim || *name == first) {
        return report.ok(LINK, format!("it lists the claim {claim:?}"));
    }
    report.warn(
        LINK,
        format!("it does not list the claim {claim:?}, in which groups are looked for"),
        hint.unwrap_or(
            "if no groups come, have it send them to this client, or name their claim as \
             oidc.groups_claim; \u{201c}bailiwick explain\u{201d} shows what comes of claims",
        ),
    );
}
