//! `[session]`: how long sessions last.

use std::time::Duration;

/// `[session]`; durations are written `30s`, `30m`, `12h` or `7d`.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionConfig {
    /// A session unused for this long ends.
    #[serde(deserialize_with = "super::duration::deserialize")]
    pub idle: Duration,
    /// A session this old ends, used or not.
    #[serde(deserialize_with = "super::duration::deserialize")]
    pub absolute: Duration,
    /// How old a person's groups may be before they are read again.
    #[serde(deserialize_with = "super::duration::deserialize")]
    pub recheck: Duration,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(30 * 60),
            absolute: Duration::from_secs(12 * 3600),
            recheck: Duration::from_secs(5 * 60),
        }
    }
}
