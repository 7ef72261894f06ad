//! Faults of a configuration. A value that may be secret is never quoted.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Why there is no usable configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {reason}{}", path.display(), remedy(reason))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        reason: std::io::Error,
    },
    /// The file or the environment holds invalid values; one line for each fault.
    #[error("{}", lines(.0))]
    Invalid(Vec<Fault>),
}

fn remedy(reason: &std::io::Error) -> &'static str {
    match reason.kind() {
        std::io::ErrorKind::NotFound => "; \u{201c}bailiwick init\u{201d} writes one",
        _ => "",
    }
}

fn lines(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(Fault::to_string).collect();
    lines.join("\n")
}

impl From<Fault> for ConfigError {
    fn from(fault: Fault) -> Self {
        Self::Invalid(vec![fault])
    }
}

/// One fault of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The place of the value.
    pub place: Place,
    /// The key; empty if the file is not TOML at all.
    pub key: KeyPath,
    /// The problem, and what to write instead.
    pub message: String,
}

impl Fault {
    /// Makes a fault whose place is not known yet.
    pub(super) fn new(key: KeyPath, message: impl Into<String>) -> Self {
        Self {
            place: Place::Unknown,
            key,
            message: message.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.to_string();
        let key = self.key.to_string();
        for part in [place, key].iter().filter(|part| !part.is_empty()) {
            write!(f, "{part}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// The source of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A position in the file; both numbers start at 1, columns count characters.
    File {
        /// The file's name.
        name: Arc<str>,
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// The whole file, for example if something is missing from it.
    Whole(Arc<str>),
    /// An environment variable.
    Variable(String),
    /// Not known, as for a configuration made in code.
    Unknown,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { name, line, column } => write!(f, "{name}:{line}:{column}"),
            Self::Whole(name) => f.write_str(name),
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::Unknown => Ok(()),
        }
    }
}

/// A path from the root of the configuration to a value: `roles.editor.grants[1].may`. Lists are
/// counted from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyPath(pub Vec<Step>);

/// One step of a [`KeyPath`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Into a table.
    Key(String),
    /// Into a list; the first has index 0.
    Index(usize),
}

impl KeyPath {
    /// Makes a path from plain keys separated by `.`.
    pub(super) fn of(keys: &str) -> Self {
        Self(
            keys.split('.')
                .map(|key| Step::Key(key.to_owned()))
                .collect(),
        )
    }

    /// Appends a key.
    pub(super) fn key(&self, key: &str) -> Self {
        self.then(Step::Key(key.to_owned()))
    }

    /// Appends a list index.
    pub(super) fn index(&self, index: usize) -> Self {
        self.then(Step::Index(index))
    }

    fn then(&self, step: Step) -> Self {
        Self(self.0.iter().cloned().chain([step]).collect())
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{}]", index.saturating_add(1))?,
                Step::Key(key) => {
                    let dot = if index == 0 { "" } else { "." };
                    write!(f, "{dot}{}", toml_key(key))?;
                }
            }
        }
        Ok(())
    }
}

/// A key as TOML writes it: quoted where needed.
pub(crate) fn toml_key(key: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.chars().all(plain) {
        key.into()
    } else {
        format!("{key:?}").into()
    }
}
