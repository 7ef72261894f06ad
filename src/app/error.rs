//! Why a panel cannot start.

use crate::access::PolicyError;
use crate::catalog::overlay::OverlayError;
use crate::config::ConfigError;
use crate::session::KeyError;
use crate::sso;
use crate::store::DatabaseError;
use crate::store::migrations::MigrationError;
use std::path::PathBuf;

/// Why a panel cannot start. Each message says what to change.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration is invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No identity provider is configured, so nobody could sign in.
    #[error("there is no [oidc] section: the panel does not start without an identity provider")]
    NoProvider,
    /// The provider's settings are invalid.
    #[doc(hidden)]
    #[error(transparent)]
    Provider(#[from] sso::SettingsError),
    /// The SQLite file does not exist. Creating it would hide a wrong path.
    #[error("database.url: there is no file {}; a relative path starts at the folder of the configuration file", .0.display())]
    NoFile(PathBuf),
    /// The database cannot be reached or used.
    #[error("{database}: {reason} \u{2014} {remedy}")]
    Refused {
        /// Its URL, without passwords.
        database: String,
        /// The driver's message, without passwords.
        reason: String,
        /// The remedy.
        remedy: String,
    },
    /// The account lacks privileges on the panel's own tables, which another account created.
    #[error("this user may not read and write all of the panel's own tables \u{2014} have their owner run: {}", .0.join(" "))]
    Privileges(Vec<String>),
    /// The database cannot be reached or read.
    #[doc(hidden)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The panel's own tables cannot be created or migrated.
    #[doc(hidden)]
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// Configured resources do not fit the database.
    #[doc(hidden)]
    #[error("the configuration does not fit the database:\n{}", lines(.0))]
    Resources(Vec<OverlayError>),
    /// Configured roles do not fit the database.
    #[doc(hidden)]
    #[error("the configuration does not fit the database:\n{}", lines(.0))]
    Roles(Vec<PolicyError>),
    /// The key that signs cookies is not available.
    #[doc(hidden)]
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The embedded templates are invalid.
    #[error("the templates cannot be read: {0}")]
    Templates(String),
}

fn lines<T: std::fmt::Display>(errors: &[T]) -> String {
    let lines: Vec<String> = errors.iter().map(|error| format!("  {error}")).collect();
    lines.join("\n")
}
