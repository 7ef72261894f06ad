//! `[session]`: how long sessions last.

use super::{KeyPath, load::Report};
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

impl SessionConfig {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        for (key, value) in [
            ("session.idle", self.idle),
            ("session.recheck", self.recheck),
        ] {
            if value.is_zero() {
                report.fault(KeyPath::of(key), "must be more than 0s");
            }
        }
        if self.idle > self.absolute {
            report.fault(
                KeyPath::of("session.idle"),
                format!(
                    "must not be longer than session.absolute ({} s), after which every session \
                     ends",
                    self.absolute.as_secs()
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::config::Config;

    fn session(lines: &str) -> Result<Config, String> {
        let text = format!("[database]\nurl = \"data.db\"\n[session]\n{lines}");
        Config::parse(&text, "test.toml", std::iter::empty()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_session_may_not_idle_longer_than_it_lives() {
        session("idle = \"12h\"").unwrap();
        let said = session("idle = \"13h\"").unwrap_err();
        assert!(
            said.starts_with("test.toml:4:8: session.idle: must not be longer"),
            "{said}"
        );
    }

    #[test]
    fn idle_and_recheck_are_more_than_nothing() {
        for key in ["idle", "recheck"] {
            let said = session(&format!("{key} = \"0s\"")).unwrap_err();
            assert!(
                said.contains(&format!("session.{key}: must be more than 0s")),
                "{said}"
            );
        }
    }
}
