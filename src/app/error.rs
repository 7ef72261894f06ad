//! Why a panel cannot start.

use crate::access::PolicyError;
use crate::catalog::overlay::OverlayError;
use crate::config::ConfigError;
use crate::session::KeyError;
use crate::sso;
use crate::store::DatabaseError;
use crate::store::migrations::MigrationError;
use std::path::PathBuf;

/// Why a panel cannot start. Each says what to change.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No identity provider is configured: nobody could sign in, and nobody may without.
    #[error("there is no [oidc] section: the panel does not start without an identity provider")]
    NoProvider,
    /// The provider's settings cannot be used.
    #[doc(hidden)]
    #[error(transparent)]
    Provider(#[from] sso::SettingsError),
    /// The SQLite file is not there; it would be another database than the one that is meant.
    #[error("database.url: there is no file {}; a relative path starts at the folder of the configuration file", .0.display())]
    NoFile(PathBuf),
    /// The database cannot be reached or used.
    #[error("{database}: {reason} \u{2014} {remedy}")]
    Refused {
        /// Its URL, without passwords.
        database: String,
        /// What the driver said, without passwords.
        reason: String,
        /// What to do.
        remedy: String,
    },
    /// The account may not use the panel's own tables, which another account has made.
    #[error("this user may not read and write all of the panel's own tables \u{2014} have their owner run: {}", .0.join(" "))]
    Privileges(Vec<String>),
    /// The database cannot be reached or read.
    #[doc(hidden)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The panel's own tables cannot be made.
    #[doc(hidden)]
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// What is configured of resources does not fit the database.
    #[doc(hidden)]
    #[error("the configuration does not fit the database:\n{}", lines(.0))]
    Resources(Vec<OverlayError>),
    /// What is configured of roles does not fit the database.
    #[doc(hidden)]
    #[error("the configuration does not fit the database:\n{}", lines(.0))]
    Roles(Vec<PolicyError>),
    /// The key that cookies are signed with cannot be had.
    #[doc(hidden)]
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The embedded templates cannot be read.
    #[error("the templates cannot be read: {0}")]
    Templates(String),
}

fn lines<T: std::fmt::Display>(errors: &[T]) -> String {
    let lines: Vec<String> = errors.iter().map(|error| format!("  {error}")).collect();
    lines.join("\n")
}
