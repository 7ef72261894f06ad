//! `[oidc]`: the identity provider.

use super::address::{is_loopback, not_plain};
use super::{ConfigError, Fault, KeyPath, load::Report};
use crate::secret::Secret;
use std::path::Path;
use url::Url;

/// Where providers publish what they are (OpenID Connect Discovery 1.0, section 4).
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// `[oidc]`
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    /// The issuer, byte for byte as the provider writes it.
    pub issuer: String,
    /// The client registered at the provider.
    pub client_id: String,
    /// The client's secret; or `client_secret_file`.
    pub client_secret: Option<Secret>,
    /// A file that holds the client's secret; a relative path starts at the current directory.
    pub client_secret_file: Option<std::path::PathBuf>,
    /// The scopes asked for; `openid` is always among them.
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
    /// The claim that holds the groups: a key as it stands, or a path with `.` between its steps.
    #[serde(default = "default_groups_claim")]
    pub groups_claim: String,
    /// Text cut off the front of each group (such as the `/` of Keycloak's full paths).
    #[serde(default)]
    pub strip_prefix: String,
    /// Whether logout tokens must have the type `logout+jwt`, which not every provider gives them.
    #[serde(default)]
    pub strict_logout_typ: bool,
}

fn default_scopes() -> Vec<String> {
    ["openid", "profile", "email", "groups"]
        .map(String::from)
        .into()
}

fn default_groups_claim() -> String {
    "groups".into()
}

impl OidcConfig {
    /// The client's secret, from the configuration or from its file, which is read anew each time.
    ///
    /// # Errors
    /// When there is none, or two, or the file cannot be read.
    pub fn secret(&self) -> Result<Secret, ConfigError> {
        Ok(self.find_secret()?)
    }

    fn find_secret(&self) -> Result<Secret, Fault> {
        let fault = |message: &str| Err(Fault::new(KeyPath::of("oidc.client_secret"), message));
        match (&self.client_secret, &self.client_secret_file) {
            (Some(secret), None) if secret.reveal().is_empty() => {
                fault("is empty: write the secret that the identity provider gave this client")
            }
            (Some(secret), None) => Ok(secret.clone()),
            (None, Some(path)) => read_secret(path),
            (None, None) => fault("is missing: set it, or client_secret_file"),
            (Some(_), Some(_)) => fault("set either client_secret or client_secret_file, not both"),
        }
    }

    /// The address to register at the provider as the redirect URI: `/auth/callback` below the
    /// public URL.
    pub fn redirect_uri(public_url: &Url) -> Url {
        below(public_url, "/auth/callback")
    }

    /// The address to register at the provider for the way back from its sign-out.
    pub fn post_logout_uri(public_url: &Url) -> Url {
        below(public_url, "/auth/signed-out")
    }

    /// The address to register at the provider as the back-channel logout URI.
    pub fn backchannel_logout_uri(public_url: &Url) -> Url {
        below(public_url, "/auth/backchannel-logout")
    }

    pub(super) fn settle(&mut self, report: &mut Report<'_>) {
        self.cut_well_known(report);
        if let Some(wrong) = wrong_issuer(&self.issuer) {
            report.fault(KeyPath::of("oidc.issuer"), wrong);
        }
        if self.client_id.trim().is_empty() {
            report.fault(
                KeyPath::of("oidc.client_id"),
                "is empty: write the client's name at the identity provider",
            );
        }
        if let Err(fault) = self.find_secret() {
            report.push(fault);
        }
        self.settle_scopes(report);
        if self.groups_claim.is_empty() {
            report.fault(
                KeyPath::of("oidc.groups_claim"),
                "is empty: write the claim that holds the groups, such as \"groups\"",
            );
        }
    }

    fn cut_well_known(&mut self, report: &mut Report<'_>) {
        if let Some(issuer) = self.issuer.strip_suffix(WELL_KNOWN) {
            let message = format!(
                "the issuer is \u{201c}{issuer}\u{201d}; {WELL_KNOWN} is added by the panel and \
                 was cut off here"
            );
            self.issuer = issuer.to_owned();
            report.warn(KeyPath::of("oidc.issuer"), message);
        }
    }

    fn settle_scopes(&mut self, report: &mut Report<'_>) {
        let key = KeyPath::of("oidc.scopes");
        for (index, scope) in self.scopes.iter().enumerate() {
            if scope.is_empty() || scope.contains(char::is_whitespace) {
                report.fault(
                    key.index(index),
                    "must be one word; list several scopes apart",
                );
            }
        }
        if !self.scopes.iter().any(|scope| scope == "openid") {
            self.scopes.insert(0, "openid".to_owned());
        }
    }
}

/// A path of the panel as an address.
fn below(public_url: &Url, path: &str) -> Url {
    let mut url = public_url.clone();
    url.set_path(&format!(
        "{}{path}",
        public_url.path().trim_end_matches('/')
    ));
    url
}

fn read_secret(path: &Path) -> Result<Secret, Fault> {
    let fault = |message| Fault::new(KeyPath::of("oidc.client_secret_file"), message);
    let text = std::fs::read_to_string(path)
        .map_err(|reason| fault(format!("{}: cannot be read: {reason}", path.display())))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(fault(format!("{}: is empty", path.display()))),
        secret => Ok(Secret::new(secret)),
    }
}

fn wrong_issuer(issuer: &str) -> Option<String> {
    if issuer.is_empty() {
        return Some("is empty: write the address of the identity provider".to_owned());
    }
    if issuer.trim() != issuer {
        return Some("must not start or end with a blank".to_owned());
    }
    let url = match Url::parse(issuer) {
        Ok(url) => url,
        Err(reason) => {
            return Some(format!(
                "must be an address such as \"https://id.example.com\": {reason}"
            ));
        }
    };
    if let Some(wrong) = not_plain(&url) {
        return Some(wrong.to_owned());
    }
    (url.scheme() != "https" && !is_loopback(&url)).then(|| {
        "must be https: over plain http anyone on the way could sign in as anyone (http is for \
         127.0.0.1, [::1] and localhost only)"
            .to_owned()
    })
}

#[cfg(test)]
mod tests;
