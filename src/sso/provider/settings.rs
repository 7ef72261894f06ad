//! The panel's registration at a provider, and how to reach it.

use super::wire::WireError;
use crate::config::{AuthMethod, OidcConfig, ResponseMode};
use crate::secret::Secret;
use crate::sso::token::groups::Reading;
use crate::sso::token::jws::ALGORITHMS;
use crate::sso::token::verify::DEFAULT_SKEW;
use chrono::TimeDelta;
use openidconnect::core::CoreJwsSigningAlgorithm;
use std::path::PathBuf;
use url::Url;

/// The panel's registration at a provider.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its name in configuration (`[providers.NAME]`); none for `[oidc]`.
    pub name: Option<String>,
    /// Its label.
    pub label: String,
    /// The issuer, byte for byte.
    pub issuer: String,
    /// The client id.
    pub client_id: String,
    /// The client's secret; a public client has none.
    pub client_secret: Option<Secret>,
    /// How the client authenticates; by default as the metadata says.
    pub auth_method: Option<AuthMethod>,
    /// The scopes requested besides `openid`.
    pub scopes: Vec<String>,
    /// Those of them that are requested only if the provider lists them.
    pub scopes_if_listed: Vec<String>,
    /// The address that signs people out of the provider, instead of the one in the metadata.
    pub sign_out_url: Option<String>,
    /// Further parameters of the authorization request.
    pub params: Vec<(String, String)>,
    /// How the response reaches the callback.
    pub response_mode: ResponseMode,
    /// How groups are read.
    pub groups: Reading,
    /// Audiences accepted beside ours in an ID token.
    pub trusted_audiences: Vec<String>,
    /// The accepted algorithms.
    pub algorithms: Vec<CoreJwsSigningAlgorithm>,
    /// The redirect URI.
    pub redirect_uri: String,
    /// The post-logout redirect URI.
    pub post_logout_redirect_uri: String,
    /// The allowed difference between the provider's clock and ours.
    pub skew: TimeDelta,
    /// Whether logout tokens must have the type `logout+jwt`.
    pub strict_logout_typ: bool,
    /// Certificates trusted in addition to the system's.
    pub ca_file: Option<PathBuf>,
    /// The HTTP proxy used to reach it.
    pub proxy: Option<Secret>,
    /// Scheme, host and port at which the panel itself reaches the issuer.
    pub internal_url: Option<Url>,
}

/// An invalid setting; the panel must not start with it.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The issuer is not a URL.
    #[error("oidc.issuer {0:?} is not a URL: {1}")]
    Issuer(String, url::ParseError),
    /// The issuer must not be reached by plain http.
    #[error("oidc.issuer {0:?} must use https (http is for loopback only)")]
    Insecure(String),
    /// The redirect URI is not a URL.
    #[error("the redirect address {0:?} is not a URL: {1}")]
    Redirect(String, url::ParseError),
    /// The HTTP client could not be made.
    #[error(transparent)]
    Wire(#[from] WireError),
}

impl Settings {
    /// The settings of a public client with defaults. Browsers reach the panel's root at
    /// `public_root` (no slash at the end).
    pub fn at(issuer: impl Into<String>, client_id: impl Into<String>, public_root: &str) -> Self {
        let issuer = issuer.into();
        Self {
            name: None,
            label: issuer.clone(),
            issuer,
            client_id: client_id.into(),
            client_secret: None,
            auth_method: None,
            scopes: Vec::new(),
            scopes_if_listed: Vec::new(),
            sign_out_url: None,
            params: Vec::new(),
            response_mode: ResponseMode::Query,
            groups: Reading::default(),
            trusted_audiences: Vec::new(),
            algorithms: ALGORITHMS.into(),
            redirect_uri: format!("{public_root}/auth/callback"),
            post_logout_redirect_uri: format!("{public_root}/auth/signed-out"),
            skew: DEFAULT_SKEW,
            strict_logout_typ: false,
            ca_file: None,
            proxy: None,
            internal_url: None,
        }
    }

    /// The settings from the configuration. Browsers reach the panel's root at `public_root` (no
    /// slash at the end).
    pub fn new(config: &OidcConfig, client_secret: Option<Secret>, public_root: &str) -> Self {
        let params = config.params.iter();
        let url = config.internal_url.as_deref();
        Self {
            name: config.name.clone(),
            label: config.label(),
            client_secret,
            auth_method: config.auth_method,
            scopes: config.scopes.to_vec(),
            scopes_if_listed: config
                .scopes
                .if_listed()
                .iter()
                .map(|scope| (*scope).to_owned())
                .collect(),
            sign_out_url: config.sign_out_url.clone(),
            params: params
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            response_mode: config.response_mode,
            groups: Reading::of(config),
            trusted_audiences: config.trusted_audiences.clone(),
            algorithms: algorithms(config),
            redirect_uri: format!("{public_root}{}", config.callback_path()),
            skew: TimeDelta::from_std(config.skew).unwrap_or(DEFAULT_SKEW),
            strict_logout_typ: config.strict_logout_typ,
            ca_file: config.ca_file.clone(),
            proxy: config.proxy.clone(),
            internal_url: url.and_then(|url| Url::parse(url).ok()),
            ..Self::at(&config.issuer, &config.client_id, public_root)
        }
    }

    /// The maximum age of the sign-in at the provider, if every request has `max_age`.
    pub fn max_age(&self) -> Option<TimeDelta> {
        let asked = self.params.iter().find(|(name, _)| name == "max_age");
        asked.and_then(|(_, seconds)| TimeDelta::try_seconds(seconds.parse().ok()?))
    }

    /// Whether the response comes in a form, posted from another site.
    pub fn posts_answers(&self) -> bool {
        self.response_mode == ResponseMode::FormPost
    }
}

/// The accepted algorithms, among those the panel supports.
fn algorithms(config: &OidcConfig) -> Vec<CoreJwsSigningAlgorithm> {
    let is_taken = |algorithm: &CoreJwsSigningAlgorithm| match &config.algorithms {
        None => true,
        Some(names) => {
            let name = serde_json::to_value(algorithm).unwrap_or_default();
            names.iter().any(|taken| name.as_str() == Some(taken))
        }
    };
    ALGORITHMS.into_iter().filter(is_taken).collect()
}
