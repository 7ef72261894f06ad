//! Configuration: one struct per concern; unknown keys are errors.

use std::collections::BTreeMap;

mod database;
pub mod duration;
mod oidc;
mod resources;
mod roles;
mod server;
mod session;

pub use database::DatabaseConfig;
pub use oidc::OidcConfig;
pub use resources::{ColumnConfig, ResourceConfig};
pub use roles::{GrantConfig, RoleConfig};
pub use server::ServerConfig;
pub use session::SessionConfig;

/// Everything a panel is configured with.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the panel listens and how it is reached.
    #[serde(default)]
    pub server: ServerConfig,
    /// The managed database.
    pub database: DatabaseConfig,
    /// The identity provider; `serve` refuses to start without one.
    pub oidc: Option<OidcConfig>,
    /// How long sessions last.
    #[serde(default)]
    pub session: SessionConfig,
    /// Roles by name.
    #[serde(default)]
    pub roles: BTreeMap<String, RoleConfig>,
    /// What is changed about resources, by name.
    #[serde(default)]
    pub resources: BTreeMap<String, ResourceConfig>,
}
