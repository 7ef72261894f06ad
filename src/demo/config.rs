//! The demo's configuration, as a person would write it for the sample company and the development
//! provider.

use crate::config::{Config, ConfigError};
use std::net::SocketAddr;
use std::path::Path;

/// The panel's client id at the development provider.
pub const CLIENT_ID: &str = "bailiwick-demo";

/// The demo's roles and resources, as in `bailiwick.toml`.
pub const SETTINGS: &str = include_str!("bailiwick.toml");

/// The demo's configuration.
///
/// # Errors
/// When it is invalid: an internal error.
pub fn config(
    listen: SocketAddr,
    issuer: &str,
    client_secret: &str,
    database: &Path,
) -> Result<Config, ConfigError> {
    let variables = [
        ("BAILIWICK__SERVER__LISTEN", listen.to_string()),
        ("BAILIWICK__SERVER__PUBLIC_URL", format!("http://{listen}")),
        ("BAILIWICK__OIDC__ISSUER", issuer.to_owned()),
        ("BAILIWICK__OIDC__CLIENT_SECRET", client_secret.to_owned()),
        ("BAILIWICK__DATABASE__URL", database.display().to_string()),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value));
    Config::parse(SETTINGS, "the demo's settings", variables.into_iter())
}
