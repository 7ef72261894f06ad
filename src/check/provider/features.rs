//! Checks optional features of the provider that the panel uses.

use super::{CheckedProvider, list, scopes};
use crate::check::Report;
use crate::config::ResponseMode;
use serde_json::{Map, Value};

/// The scope for refresh tokens (OpenID Connect Core, section 11).
const OFFLINE: &str = "offline_access";

pub(super) fn check(
    document: &Map<String, Value>,
    asked: &CheckedProvider<'_>,
    report: &mut Report,
) {
    let says = |name: &str| document.get(name) == Some(&Value::Bool(true));
    if says("require_pushed_authorization_requests") {
        report.fail(
            asked.provider(),
            "it requires pushed authorization requests, which are not supported",
            "turn that off for this client at the provider",
        );
    }
    let lists = |name: &str, value: &str| list(document, name).map(|list| list.contains(&value));
    match lists("code_challenge_methods_supported", "S256") {
        Some(true) => report.ok(asked.provider(), "it supports PKCE with S256"),
        Some(false) => report.warn(
            asked.provider(),
            "it lists PKCE, but not with S256, which the panel always uses",
            "turn S256 on at the provider if sign-in fails",
        ),
        None => report.ok(
            asked.provider(),
            "it does not say whether it supports PKCE; S256 is sent anyway",
        ),
    }
    report.ok(
        asked.provider(),
        if says("authorization_response_iss_parameter_supported") {
            "its answers carry its issuer (iss, RFC 9207), which the panel requires"
        } else {
            "its answers do not carry its issuer (iss, RFC 9207); with one provider that is fine"
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
            "turn on RP-initiated logout at the provider; if it has none, tell people to sign out \
             there too",
        ),
    }
    report.note(
        asked.provider(),
        match (
            says("backchannel_logout_supported"),
            says("backchannel_logout_session_supported"),
        ) {
            (true, true) => {
                "it can report sign-outs there, session by session (back-channel logout)"
            }
            (true, false) => {
                "it can report sign-outs there, but not of which session: all sessions of the \
                 person end (back-channel logout)"
            }
            (false, _) => {
                "it does not list back-channel logout: a sign-out there takes effect here when \
                 groups are read again"
            }
        },
    );
    check_refresh(document, asked, report);
    check_response_mode(document, asked, report);
}

/// How groups are re-checked.
fn check_refresh(document: &Map<String, Value>, asked: &CheckedProvider<'_>, report: &mut Report) {
    let lists = |name: &str, value: &str| list(document, name).is_some_and(|l| l.contains(&value));
    report.note(
        asked.provider(),
        if lists("grant_types_supported", "refresh_token") {
            "it gives refresh tokens"
        } else {
            "it does not list refresh tokens"
        },
    );
    let asks = scopes(asked.oidc).contains(&OFFLINE);
    if lists("scopes_supported", OFFLINE) && !asks {
        report.note(
            asked.provider(),
            format!(
                "it lists the scope {OFFLINE}, which {} does not ask for: without it, groups are \
                 read again through the browser",
                asked.key("scopes")
            ),
        );
    }
}

/// A provider that lists none supports query and fragment (Discovery, section 3).
fn check_response_mode(
    document: &Map<String, Value>,
    asked: &CheckedProvider<'_>,
    report: &mut Report,
) {
    if asked.oidc.response_mode != ResponseMode::FormPost {
        return;
    }
    let key = asked.key("response_mode");
    match list(document, "response_modes_supported") {
        Some(modes) if modes.contains(&"form_post") => report.ok(
            asked.provider(),
            format!("it supports the response mode form_post, which {key} asks for"),
        ),
        modes => report.warn(
            asked.provider(),
            format!(
                "it does not list the response mode form_post, which {key} asks for (it lists: {})",
                modes.map_or_else(|| "none".to_owned(), |modes| modes.join(", "))
            ),
            format!("leave {key} out, unless a sign-in with a browser works"),
        ),
    }
}
