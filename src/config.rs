//! Configuration: one struct per concern; unknown keys are errors.
//!
//! Each concern's file holds its struct, the values derived from it, and its rules. `load` reads
//! the file and the environment into the structs, then runs the rules.

use std::collections::BTreeMap;
use std::path::Path;

pub mod address;
mod audit;
mod break_glass;
mod code;
mod database;
pub mod duration;
mod error;
mod limits;
mod load;
mod networks;
mod oidc;
mod providers;
mod report;
mod resources;
mod roles;
mod server;
mod session;
mod tree;

pub use audit::AuditConfig;
pub use break_glass::BreakGlassConfig;
pub(crate) use database::redact_in;
pub use database::{DatabaseConfig, DatabaseTarget, Pooler};
#[cfg(test)]
pub use error::Step;
pub(crate) use error::toml_key;
pub use error::{ConfigError, Fault, KeyPath, Place};
pub use limits::LimitsConfig;
pub use load::CheckedConfig;
pub(crate) use load::Places;
pub use networks::Networks;
pub use oidc::{ALGORITHMS, AuthMethod, ClaimPath, OidcConfig, ResponseMode, Scopes};
pub use providers::MAIN as MAIN_PROVIDER;
pub use resources::{
    ActionConfig, ColumnConfig, FormPart, FormRow, FormSection, ResourceConfig, TabConfig,
};
pub(crate) use roles::step_up;
pub use roles::{GrantConfig, GroupMatch, GroupRule, Manage, RoleConfig, StepUpConfig, VERBS};
pub use server::ServerConfig;
pub use session::SessionConfig;

/// The whole configuration of a panel.
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
    /// Further identity providers, by name.
    #[serde(default)]
    pub providers: BTreeMap<String, OidcConfig>,
    /// How long sessions last.
    #[serde(default)]
    pub session: SessionConfig,
    /// Rate limits.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// How long the audit log is kept.
    #[serde(default)]
    pub audit: AuditConfig,
    /// Sign-in while the identity provider is down.
    #[serde(default)]
    pub break_glass: BreakGlassConfig,
    /// Roles by name.
    #[serde(default)]
    pub roles: BTreeMap<String, RoleConfig>,
    /// Changes to resources, by name.
    #[serde(default)]
    pub resources: BTreeMap<String, ResourceConfig>,
    /// Settings that are allowed but probably mistakes, one sentence each; for the log and `check`.
    #[serde(skip)]
    pub warnings: Vec<String>,
    /// Positions in the file, for faults that are found only once the database has been read.
    #[serde(skip)]
    pub(crate) places: Places,
}

impl Config {
    /// Resolves every relative path against a folder: that of the configuration file.
    fn start_paths_at(&mut self, folder: &Path) {
        self.database.start_paths_at(folder);
        let providers = self.oidc.iter_mut().chain(self.providers.values_mut());
        let of_providers =
            providers.flat_map(|oidc| [&mut oidc.client_secret_file, &mut oidc.ca_file]);
        for path in of_providers
            .chain([&mut self.session.secret_file])
            .flatten()
        {
            *path = folder.join(&*path);
        }
    }

    /// Runs every concern's rules on a configuration that was made or changed in code.
    pub(crate) fn checked(mut self) -> Result<Self, ConfigError> {
        let nothing = tree::nothing();
        let mut report = report::Report::new(&nothing);
        self.settle(&mut report);
        let (faults, warnings) = report.finish();
        if !faults.is_empty() {
            return Err(ConfigError::Invalid(faults));
        }
        for warning in warnings.into_iter().filter(|_| self.places.are_unknown()) {
            tracing::warn!("{warning}");
        }
        Ok(self)
    }

    /// Runs every concern's rules and normalizes the values.
    fn settle(&mut self, report: &mut report::Report<'_>) {
        self.server.check(report);
        self.database.settle(report);
        self.settle_providers(report);
        self.session.check(report);
        self.audit.check(report);
        roles::check(&self.roles, &self.resources, report);
    }
}
