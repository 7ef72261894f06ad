//! `[audit]`: how long the audit log is kept.

use super::KeyPath;
use super::report::Report;
use std::time::Duration;

/// The shortest time to keep entries: younger ones are never removed.
const LEAST: Duration = Duration::from_secs(24 * 3600);

/// `[audit]`.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditConfig {
    /// How long entries are kept; forever if left out.
    #[serde(deserialize_with = "super::duration::optional")]
    pub keep: Option<Duration>,
}

impl AuditConfig {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        if self.keep.is_some_and(|keep| keep < LEAST) {
            report.fault(
                KeyPath::of("audit.keep"),
                "must be at least 1d; leave it out to keep everything",
            );
        }
    }
}
