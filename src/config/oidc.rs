//! `[oidc]`: the identity provider.

/// `[oidc]`
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    /// The issuer, byte for byte as the provider writes it.
    pub issuer: String,
    /// The client registered at the provider.
    pub client_id: String,
    /// The client's secret; or `client_secret_file`.
    pub client_secret: Option<crate::secret::Secret>,
    /// A file that holds the client's secret.
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
}

fn default_scopes() -> Vec<String> {
    ["openid", "profile", "email", "groups"]
        .map(String::from)
        .into()
}

fn default_groups_claim() -> String {
    "groups".into()
}
