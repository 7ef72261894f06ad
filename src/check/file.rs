//! Checks the file: that it can be read, its faults, and who else can read it.

use super::Report;
use crate::config::{CheckedConfig, Config, ConfigError, Fault, Place};
use std::path::Path;

const LINK: &str = "file";

/// Reads the file; `None` if nothing else can be checked.
pub(super) fn check(path: &Path, report: &mut Report) -> Option<CheckedConfig> {
    let examined = match Config::examine(path) {
        Ok(examined) => examined,
        Err(ConfigError::Unreadable { path, reason }) => {
            report.fail(
                LINK,
                format!("{} cannot be read: {reason}", path.display()),
                remedy_for_unreadable(&reason),
            );
            return None;
        }
        Err(ConfigError::Invalid(faults)) => {
            faults.iter().for_each(|fault| tell(fault, path, report));
            return None;
        }
    };
    if examined.faults.is_empty() {
        report.ok(LINK, format!("{} can be used", path.display()))
    } else {
        examined
            .faults
            .iter()
            .for_each(|fault| tell(fault, path, report))
    }
    for warning in &examined.config.warnings {
        report.warn(LINK, warning, "change it if that is not what you mean");
    }
    check_readers(path, &examined.config, report);
    Some(examined)
}

fn remedy_for_unreadable(reason: &std::io::Error) -> &'static str {
    match reason.kind() {
        std::io::ErrorKind::NotFound => {
            "name it with --config, or have \u{201c}bailiwick init\u{201d} write one"
        }
        std::io::ErrorKind::PermissionDenied => {
            "run this as the user that the panel runs as, and let that user read the file"
        }
        _ => "name a file that can be read with --config",
    }
}

fn tell(fault: &Fault, path: &Path, report: &mut Report) {
    let key = fault.key.to_string();
    let key = if key.is_empty() { "the file" } else { &key };
    let remedy = match &fault.place {
        Place::File { name, line, .. } => format!("change {key} at {name}, line {line}"),
        Place::Variable(name) => format!("change the environment variable {name}"),
        Place::Whole(_) | Place::Unknown => format!("set {key} in {}", path.display()),
    };
    report.fail(LINK, fault.to_string(), remedy);
}

/// A file with a secret should be readable by one user only.
#[cfg(unix)]
fn check_readers(path: &Path, config: &Config, report: &mut Report) {
    use std::os::unix::fs::PermissionsExt;
    let Ok(mode) = std::fs::metadata(path).map(|data| data.permissions().mode()) else {
        return;
    };
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let secrets = config.identity_providers();
    let mut secrets = secrets.filter_map(|oidc| oidc.client_secret.as_ref());
    let holds_secret = secrets
        .any(|secret| !secret.reveal().is_empty() && text.contains(secret.reveal()))
        || config.database.redacted_url() != config.database.url.reveal();
    if holds_secret && mode & 0o077 != 0 {
        report.warn(
            LINK,
            format!(
                "{} holds secrets, and other users can read it",
                path.display()
            ),
            format!("chmod 600 {}", path.display()),
        );
    }
}

#[cfg(not(unix))]
fn check_readers(_path: &Path, _config: &Config, _report: &mut Report) {}
