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

/// Path of the provider metadata (OpenID Connect Discovery 1.0, section 4).
const WELL_KNOWN: &str = "/.well-known/openid-configuration";
/// The path of the redirect URI of `[oidc]`; those of other providers are below it.
const CALLBACK: &str = "/auth/callback";

/// `[oidc]`, or one of `[providers.NAME]`, which take the same keys.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    /// The NAME of `[providers.NAME]`; none for `[oidc]`.
    #[serde(skip)]
    pub name: Option<String>,
    /// The name on the page where people choose a provider; defaults to the issuer's host.
    pub label: Option<String>,
    /// The issuer, exactly as the provider writes it.
    pub issuer: String,
    /// The client registered at the provider.
    pub client_id: String,
    /// A file that holds the client's secret. A relative path starts at the folder of the
    /// configuration file.
    pub client_secret: Option<Secret>,
    /// A file that holds the client's secret; a relative path starts at the current directory.
    pub client_secret_file: Option<PathBuf>,
    /// How the client authenticates at the token endpoint; by default as the metadata says.
    pub auth_method: Option<AuthMethod>,
    /// The scopes asked for; `openid` is always among them.
    #[serde(default)]
    pub scopes: Scopes,
    /// Further parameters of the authorization request.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// How the provider's response reaches the callback.
    #[serde(default)]
    pub response_mode: ResponseMode,
    /// The claim that holds the groups: a key, a path with `.` between its steps, or a list of
    /// steps.
    #[serde(default)]
    pub groups_claim: ClaimPath,
    /// The separator, if the groups come as one text; without it, the text is not split.
    pub groups_separator: Option<String>,
    /// Whether items of a list are split at `groups_separator` too.
    #[serde(default)]
    pub groups_split_items: bool,
    /// Whether the claim is a text that holds the groups as JSON, such as `"[\"editors\"]"`.
    #[serde(default)]
    pub groups_json: bool,
    /// Whether numbers are accepted as group names.
    #[serde(default)]
    pub groups_numbers: bool,
    /// The member that holds the group name, if groups come as objects.
    pub groups_object_field: Option<String>,
    /// A prefix removed from each group, such as the `/` of Keycloak's full paths.
    #[serde(default)]
    pub strip_prefix: String,
    /// Audiences accepted beside the panel's own in an ID token.
    #[serde(default)]
    pub trusted_audiences: Vec<String>,
    /// The algorithms accepted from this provider; by default all that the panel supports.
    pub algorithms: Option<Vec<String>>,
    /// The allowed difference between the provider's clock and ours.
    #[serde(
        default = "default_skew",
        deserialize_with = "super::duration::deserialize"
    )]
    pub skew: Duration,
    /// A file of certificates (PEM) trusted for this provider, beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// The HTTP proxy used to reach the provider; it may hold a password.
    pub proxy: Option<Secret>,
    /// The address at which the panel itself reaches the provider, if it is not the issuer's host.
    pub internal_url: Option<String>,
    /// The address that signs people out of the provider; replaces the one in the metadata. The
    /// panel fills in `{client_id}` and `{post_logout_redirect_uri}`.
    pub sign_out_url: Option<String>,
    /// Whether logout tokens must have the type `logout+jwt`. Not every provider sets it.
    #[serde(default)]
    pub strict_logout_typ: bool,
}

/// How the client authenticates at the token endpoint (OpenID Connect Core, section 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// In the `Authorization` header.
    ClientSecretBasic,
    /// In the request body.
    ClientSecretPost,
}

/// How the provider's response reaches the callback.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of a redirect.
    #[default]
    Query,
    /// In a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

/// The largest clock difference that can be configured.
const MAX_SKEW: Duration = Duration::from_secs(300);

pub(super) fn default_skew() -> Duration {
    Duration::from_secs(60)
}

impl OidcConfig {
    /// Returns the client's secret from the configuration, or from its file, which is read on each
    /// call.
    ///
    /// # Errors
    /// When there is none, when both keys are set, or when the file cannot be read.
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

    /// The redirect URI to register at the provider of `[oidc]`: `/auth/callback` below the public
    /// URL.
    pub(crate) fn redirect_uri(public_url: &Url) -> Url {
        below(public_url, CALLBACK)
    }

    /// The path of this provider's redirect URI, below the public URL.
    pub(crate) fn callback_path(&self) -> String {
        match &self.name {
            Some(name) => format!("{CALLBACK}/{name}"),
            None => CALLBACK.to_owned(),
        }
    }

    /// The post-logout redirect URI to register at the provider.
    pub(crate) fn post_logout_uri(public_url: &Url) -> Url {
        below(public_url, "/auth/signed-out")
    }

    /// Describes what is wrong with an issuer, if anything.
    pub(crate) fn wrong_issuer(issuer: &str) -> Option<String> {
        wrong_issuer(issuer)
    }

    /// The name that people see for this provider.
    pub(crate) fn label(&self) -> String {
        let host = || Some(Url::parse(&self.issuer).ok()?.host_str()?.to_owned());
        let label = self.label.clone().or_else(host);
        label.unwrap_or_else(|| self.issuer.clone())
    }

    /// The path of one of its keys.
    pub(super) fn key(&self, key: &str) -> KeyPath {
        match &self.name {
            Some(name) => KeyPath::of("providers").key(name).key(key),
            None => KeyPath::of("oidc").key(key),
        }
    }

    /// The back-channel logout URI to register at the provider.
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

/// The public address of a path of the panel.
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
