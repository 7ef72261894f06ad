//! Rules for optional protocol settings, and for how groups are read.

use super::{MAX_SKEW, OidcConfig, ResponseMode};
use crate::config::address::is_loopback;
use crate::config::{ServerConfig, report::Report};
use url::Url;

/// The signature algorithms supported, by name (RFC 7518, section 3.1; RFC 8037).
pub const ALGORITHMS: [&str; 5] = ["RS256", "PS256", "ES256", "ES384", "EdDSA"];

/// Authorization request parameters that only the panel itself sets.
const OWN_PARAMS: [&str; 15] = [
    "client_id",
    "client_secret",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "id_token_hint",
    "nonce",
    "redirect_uri",
    "registration",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
];

/// Describes what is wrong with a sign-out address, if anything.
fn wrong_sign_out(template: &str) -> Option<&'static str> {
    let filled = template
        .replace("{client_id}", "x")
        .replace("{post_logout_redirect_uri}", "x");
    match Url::parse(&filled) {
        Ok(url) if filled.contains(['{', '}']) || url.host_str().is_none() => {
            Some("may hold {client_id} and {post_logout_redirect_uri}, and nothing else in braces")
        }
        Ok(url) if url.scheme() != "https" && !is_loopback(&url) => Some("must be https"),
        Ok(_) => None,
        Err(_) => Some("must be an address, such as \"https://id.example.com/logout\""),
    }
}

impl OidcConfig {
    pub(super) fn check_extras(&self, server: &ServerConfig, report: &mut Report<'_>) {
        if let Some(wrong) = self.groups_claim.wrong() {
            report.fault(self.key("groups_claim"), wrong);
        }
        let texts = [
            ("label", &self.label),
            ("groups_separator", &self.groups_separator),
            ("groups_object_field", &self.groups_object_field),
        ];
        for (key, text) in texts {
            if text.as_ref().is_some_and(String::is_empty) {
                report.fault(self.key(key), "is empty: write it, or leave the key out");
            }
        }
        if self.groups_split_items && self.groups_separator.is_none() {
            report.fault(
                self.key("groups_split_items"),
                "needs groups_separator: write what stands between the groups, such as \",\"",
            );
        }
        let trusted = self.key("trusted_audiences");
        for (index, audience) in self.trusted_audiences.iter().enumerate() {
            if audience.is_empty() || audience == "*" {
                report.fault(
                    trusted.index(index),
                    "must be an audience as the provider writes it; there is no wildcard",
                );
            }
        }
        if let Some(wrong) = self.sign_out_url.as_deref().and_then(wrong_sign_out) {
            report.fault(self.key("sign_out_url"), wrong);
        }
        if self.skew > MAX_SKEW {
            report.fault(
                self.key("skew"),
                "must be at most 300s: clocks that are further apart must be set right",
            );
        }
        self.check_algorithms(report);
        self.check_params(report);
        if self.response_mode == ResponseMode::FormPost && !server.secure() {
            report.fault(
                self.key("response_mode"),
                "\"form_post\" needs an https server.public_url: the answer comes in a request \
                 from the provider's site, to which browsers add the sign-in cookie over https \
                 only; use \"query\" here",
            );
        }
    }

    fn check_algorithms(&self, report: &mut Report<'_>) {
        let Some(algorithms) = &self.algorithms else {
            return;
        };
        let (key, ours) = (self.key("algorithms"), ALGORITHMS.join(", "));
        if algorithms.is_empty() {
            report.fault(key.clone(), format!("is empty: list {ours}"));
        }
        for (index, name) in algorithms.iter().enumerate() {
            if !ALGORITHMS.contains(&name.as_str()) {
                let why = match name.as_str() {
                    "none" => "it is no signature at all".to_owned(),
                    name if name.starts_with("HS") => {
                        "whoever can check its signatures can make them".to_owned()
                    }
                    _ => "it is not known here".to_owned(),
                };
                let message = format!("cannot be used, as {why}; use {ours}");
                report.fault(key.index(index), message);
            }
        }
    }

    fn check_params(&self, report: &mut Report<'_>) {
        for (name, value) in &self.params {
            let key = self.key("params").key(name);
            if OWN_PARAMS.contains(&name.as_str()) {
                let message = match name.as_str() {
                    "scope" => "is the panel's own parameter: use scopes",
                    "response_mode" => "is the panel's own parameter: use the key response_mode",
                    _ => "is the panel's own parameter and cannot be set",
                };
                report.fault(key, message);
            } else if name == "prompt" && value.split(' ').any(|prompt| prompt == "none") {
                report.fault(
                    key,
                    "must not be \"none\": people who are not yet signed in at the provider could \
                     not sign in",
                );
            } else if name == "max_age" && value.parse::<u32>().is_err() {
                report.fault(key, "must be a number of seconds, as text: \"3600\"");
            } else if name.is_empty() || value.is_empty() {
                report.fault(key, "is empty: write a value, or leave the key out");
            }
        }
    }
}
