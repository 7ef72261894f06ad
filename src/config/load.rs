//! Loads a configuration: the file, then environment variables over it, then the rules that types
//! cannot express.

mod de;
mod places;
mod show;
mod variables;

pub(crate) use places::Places;
pub use show::ConfigValue;

use super::report::Report;
use super::tree::{self, Node};
use super::{Config, ConfigError, Fault, KeyPath, Place};
use serde::Deserialize;
use std::path::Path;

/// The prefix of environment variables that override the file.
pub const ENVIRONMENT_PREFIX: &str = "BAILIWICK__";

impl Config {
    /// Reads the file and applies the environment variables that override it.
    ///
    /// # Errors
    /// Each fault names the place, the key, what is expected and, for a misspelt word, the likely
    /// one. No secret is part of the text.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        Self::examine(path.as_ref())?.usable()
    }

    /// Reads the file and the environment as [`Config::load`] does. It keeps the valid parts beside
    /// the faults, so that `check` can still check those parts.
    ///
    /// # Errors
    /// When nothing could be read: no file, invalid TOML, or a value of the wrong type.
    pub(crate) fn examine(path: &Path) -> Result<CheckedConfig, ConfigError> {
        let bytes = std::fs::read(path).map_err(|reason| ConfigError::Unreadable {
            path: path.to_owned(),
            reason,
        })?;
        let origin = path.display().to_string();
        let text = std::str::from_utf8(&bytes).map_err(|_| tree::not_utf8(&bytes, &origin))?;
        let environment = environment()?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut examined = examine(text, &origin, folder, environment.into_iter())?;
        examined.config.warnings.extend(variables::strange());
        Ok(examined)
    }

    /// Reads the text of a file, which error messages call `origin`. Of the environment variables,
    /// only those that start with `BAILIWICK__` are used.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(
        text: &str,
        origin: &str,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        examine(text, origin, Path::new(""), env)?.usable()
    }
}

/// A configuration that may have faults, with the list of them.
#[derive(Debug)]
pub struct CheckedConfig {
    /// The configuration as read; it must not be used if there are faults.
    pub config: Config,
    /// All faults.
    pub faults: Vec<Fault>,
    /// Every effective value and its source, for `config show`.
    pub shown: Vec<ConfigValue>,
}

impl CheckedConfig {
    /// Returns the configuration if it has no faults.
    fn usable(self) -> Result<Config, ConfigError> {
        if self.faults.is_empty() {
            Ok(self.config)
        } else {
            Err(ConfigError::Invalid(self.faults))
        }
    }
}

/// Reads and checks; relative paths start at the folder.
fn examine(
    text: &str,
    origin: &str,
    folder: &Path,
    env: impl Iterator<Item = (String, String)>,
) -> Result<CheckedConfig, ConfigError> {
    let mut root = tree::read(text, origin)?;
    overlay(&mut root, env)?;
    let mut config = Config::deserialize(de::Reader::new(&root)).map_err(Fault::from)?;
    config.start_paths_at(folder);
    let mut report = Report::new(&root);
    config.settle(&mut report);
    let (faults, warnings) = report.finish();
    config.warnings = warnings;
    config.places = Places::of(&root);
    let shown = show::lines(&root);
    Ok(CheckedConfig {
        config,
        faults,
        shown,
    })
}

/// The environment variables of the process that start with the prefix.
fn environment() -> Result<Vec<(String, String)>, ConfigError> {
    let mut found = Vec::new();
    for (name, value) in std::env::vars_os() {
        let Some(name) = name.to_str().filter(|name| below_prefix(name).is_some()) else {
            continue;
        };
        let value = value.into_string().map_err(|_| Fault {
            place: Place::Variable(name.to_owned()),
            key: KeyPath::default(),
            message: "is not UTF-8".to_owned(),
        })?;
        found.push((name.to_owned(), value));
    }
    Ok(found)
}

/// The part after the prefix, which may be in any case.
fn below_prefix(name: &str) -> Option<&str> {
    let (prefix, rest) = name.split_at_checked(ENVIRONMENT_PREFIX.len())?;
    prefix
        .eq_ignore_ascii_case(ENVIRONMENT_PREFIX)
        .then_some(rest)
}

fn overlay(
    root: &mut Node,
    env: impl Iterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    let mut variables: Vec<_> = env
        .filter(|(name, _)| below_prefix(name).is_some())
        .collect();
    // Sorted, so that the same environment always gives the same message.
    variables.sort();
    for (name, value) in variables {
        let keys = below_prefix(&name).unwrap_or_default().to_owned();
        root.set(&keys, &name, value)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
