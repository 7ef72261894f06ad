//! `[oidc]` and each `[providers.NAME]`: an identity provider.

mod claim;
mod extras;
mod network;
mod scopes;

pub use claim::ClaimPath;
pub use extras::ALGORITHMS;
pub use scopes::Scopes;

use super::address::{is_loopback, not_plain};
use super::{ConfigError, Fault, KeyPath, ServerConfig, report::Report};
use crate::secret::Secret;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// Where providers publish what they are (OpenID Connect Discovery 1.0, section 4).
const WELL_KNOWN: &str = "/.well-known/openid-configuration";
/// The path of the redirect URI of `[oidc]`; those of the others lie below it.
const CALLBACK: &str = "/auth/callback";

/// `[oidc]`, or one of `[providers.NAME]`, which take the same keys.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    /// The NAME of `[providers.NAME]`; none for `[oidc]`.
    #[serde(skip)]
    pub name: Option<String>,
    /// What it is called where people choose between several; the issuer's host if left out.
    pub label: Option<String>,
    /// The issuer, byte for byte as the provider writes it.
    pub issuer: String,
    /// The client registered at the provider.
    pub client_id: String,
    /// The client's secret; or `client_secret_file`.
    pub client_secret: Option<Secret>,
    /// A file that holds the client's secret; a relative path starts at the current directory.
    pub client_secret_file: Option<PathBuf>,
    /// How the client proves at the token endpoint who it is; as the metadata says if left out.
    pub auth_method: Option<AuthMethod>,
    /// The scopes asked for; `openid` is always among them.
    #[serde(default)]
    pub scopes: Scopes,
    /// Further parameters of the authorization request.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// How the provider's answer reaches the callback.
    #[serde(default)]
    pub response_mode: ResponseMode,
    /// The claim that holds the groups: a key as it stands, a path with `.` between its steps, or
    /// the steps as a list.
    #[serde(default)]
    pub groups_claim: ClaimPath,
    /// What stands between the groups where they come as one text; not split if left out.
    pub groups_separator: Option<String>,
    /// Whether `groups_separator` stands inside the items of a list too.
    #[serde(default)]
    pub groups_split_items: bool,
    /// Whether the claim is a text that holds the groups as JSON, such as `"[\"editors\"]"`.
    #[serde(default)]
    pub groups_json: bool,
    /// Whether numbers are taken as the names of groups.
    #[serde(default)]
    pub groups_numbers: bool,
    /// The member that holds the group where groups come as objects.
    pub groups_object_field: Option<String>,
    /// Text cut off the front of each group (such as the `/` of Keycloak's full paths).
    #[serde(default)]
    pub strip_prefix: String,
    /// Audiences that may stand beside ours in an ID token.
    #[serde(default)]
    pub trusted_audiences: Vec<String>,
    /// The algorithms taken of this provider; all of the panel's if left out.
    pub algorithms: Option<Vec<String>>,
    /// How far the provider's clock may be from ours.
    #[serde(
        default = "default_skew",
        deserialize_with = "super::duration::deserialize"
    )]
    pub skew: Duration,
    /// A file of certificates (PEM) that are trusted for this provider beside the system's.
    pub ca_file: Option<PathBuf>,
    /// The HTTP proxy on the way to the provider; it may hold a password.
    pub proxy: Option<Secret>,
    /// Where the panel itself reaches the provider, if not at the issuer's own host.
    pub internal_url: Option<String>,
    /// Where people are sent to sign out of the provider, in place of the address that it publishes;
    /// `{client_id}` and `{post_logout_redirect_uri}` stand for those of the panel.
    pub sign_out_url: Option<String>,
    /// Whether logout tokens must have the type `logout+jwt`, which not every provider gives them.
    #[serde(default)]
    pub strict_logout_typ: bool,
}

/// How the client proves at the token endpoint who it is (OpenID Connect Core, section 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// In the header.
    ClientSecretBasic,
    /// In the body.
    ClientSecretPost,
}

/// How the provider's answer reaches the callback.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of a redirect.
    #[default]
    Query,
    /// In a form that the provider has the browser post (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

/// The largest difference of clocks that can be allowed.
const MAX_SKEW: Duration = Duration::from_secs(300);

pub(super) fn default_skew() -> Duration {
    Duration::from_secs(60)
}

impl OidcConfig {
    /// The client's secret, from the configuration or from its file, which is read anew each time.
    ///
    /// # Errors
    /// When there is none, or two, or the file cannot be read.
    pub(crate) fn secret(&self) -> Result<Secret, ConfigError> {
        Ok(self.find_secret()?)
    }

    fn find_secret(&self) -> Result<Secret, Fault> {
        let fault = |message: &str| Err(Fault::new(self.key("client_secret"), message));
        match (&self.client_secret, &self.client_secret_file) {
            (Some(secret), None) if secret.reveal().is_empty() => {
                fault("is empty: write the secret that the identity provider gave this client")
            }
            (Some(secret), None) => Ok(secret.clone()),
            (None, Some(path)) => read_secret(path, &self.key("client_secret_file")),
            (None, None) => fault("is missing: set it, or client_secret_file"),
            (Some(_), Some(_)) => fault("set either client_secret or client_secret_file, not both"),
        }
    }

    /// The address to register at the provider of `[oidc]` as the redirect URI: `/auth/callback`
    /// below the public URL.
    pub(crate) fn redirect_uri(public_url: &Url) -> Url {
        below(public_url, CALLBACK)
    }

    /// The path of this provider's own redirect URI, below the public URL.
    pub(crate) fn callback_path(&self) -> String {
        match &self.name {
            Some(name) => format!("{CALLBACK}/{name}"),
            None => CALLBACK.to_owned(),
        }
    }

    /// The address to register at the provider for the way back from its sign-out.
    pub(crate) fn post_logout_uri(public_url: &Url) -> Url {
        below(public_url, "/auth/signed-out")
    }

    /// What is wrong with an issuer, if something is.
    pub(crate) fn wrong_issuer(issuer: &str) -> Option<String> {
        wrong_issuer(issuer)
    }

    /// What people know this provider by.
    pub(crate) fn label(&self) -> String {
        let host = || Some(Url::parse(&self.issuer).ok()?.host_str()?.to_owned());
        let label = self.label.clone().or_else(host);
        label.unwrap_or_else(|| self.issuer.clone())
    }

    /// The way to one of its keys.
    pub(super) fn key(&self, key: &str) -> KeyPath {
        match &self.name {
            Some(name) => KeyPath::of("providers").key(name).key(key),
            None => KeyPath::of("oidc").key(key),
        }
    }

    /// The address to register at the provider as the back-channel logout URI.
    pub(crate) fn backchannel_logout_uri(public_url: &Url) -> Url {
        below(public_url, "/auth/backchannel-logout")
    }

    pub(super) fn settle(&mut self, server: &ServerConfig, report: &mut Report<'_>) {
        self.cut_well_known(report);
        if let Some(wrong) = wrong_issuer(&self.issuer) {
            report.fault(self.key("issuer"), wrong);
        }
        if self.client_id.trim().is_empty() {
            report.fault(
                self.key("client_id"),
                "is empty: write the client's name at the identity provider",
            );
        }
        if let Err(fault) = self.find_secret() {
            report.push(fault);
        }
        self.settle_scopes(report);
        self.check_extras(server, report);
        self.check_network(report);
    }

    fn cut_well_known(&mut self, report: &mut Report<'_>) {
        if let Some(issuer) = self.issuer.strip_suffix(WELL_KNOWN) {
            let message = format!(
                "the issuer is \u{201c}{issuer}\u{201d}; {WELL_KNOWN} is added by the panel and \
                 was cut off here"
            );
            self.issuer = issuer.to_owned();
            report.warn(self.key("issuer"), message);
        }
    }

    fn settle_scopes(&mut self, report: &mut Report<'_>) {
        let key = self.key("scopes");
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

fn read_secret(path: &Path, key: &KeyPath) -> Result<Secret, Fault> {
    let fault = |message| Fault::new(key.clone(), message);
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
