//! `[session]`: how long sessions last.

use super::{ConfigError, Fault, KeyPath, report::Report};
use crate::secret::Secret;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The minimum length of a secret, in bytes.
const MIN_SECRET: usize = 32;
/// The minimum number of different characters in a secret: catches a key that was held down.
const MIN_LETTERS: usize = 8;
/// Parts of sample secrets that people copy, without the separators between letters.
const SAMPLES: [&str; 14] = [
    "changeme",
    "changethis",
    "replaceme",
    "replacethis",
    "yoursecret",
    "mysecret",
    "supersecret",
    "topsecret",
    "secretkey",
    "password",
    "example",
    "0123456789",
    "abcdefgh",
    "correcthorse",
];

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
    /// How old a person's groups may be before the provider is asked again.
    #[serde(deserialize_with = "super::duration::deserialize")]
    pub recheck: Duration,
    /// How much longer the last known groups stay valid while the provider is down; `0s` for not at
    /// all.
    #[serde(deserialize_with = "super::duration::deserialize")]
    pub grace: Duration,
    /// Keys for cookies and stored tokens. New ones use the first key; the others are still
    /// accepted.
    pub secret: Vec<Secret>,
    /// A file of such secrets, one a line. A relative path starts at the folder of the
    /// configuration file.
    pub secret_file: Option<PathBuf>,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(30 * 60),
            absolute: Duration::from_secs(12 * 3600),
            recheck: Duration::from_secs(5 * 60),
            grace: Duration::from_secs(10 * 60),
            secret: Vec::new(),
            secret_file: None,
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
        if let Err(fault) = self.find_secrets() {
            report.push(fault);
        }
    }

    /// Returns the secrets from the configuration, or from their file, which is read on each call.
    /// Empty if none is configured: the panel then makes a key and keeps it in its tables.
    ///
    /// # Errors
    /// When both keys are set, the file cannot be read, or a secret is easily guessed.
    pub(crate) fn secrets(&self) -> Result<Vec<Secret>, ConfigError> {
        Ok(self.find_secrets()?)
    }

    fn find_secrets(&self) -> Result<Vec<Secret>, Fault> {
        let key = KeyPath::of("session.secret");
        let Some(path) = &self.secret_file else {
            for (index, secret) in self.secret.iter().enumerate() {
                if let Some(wrong) = wrong_secret(secret.reveal()) {
                    return Err(Fault::new(key.index(index), wrong));
                }
            }
            return Ok(self.secret.clone());
        };
        if !self.secret.is_empty() {
            return Err(Fault::new(
                key,
                "set either secret or secret_file, not both",
            ));
        }
        read_secrets(path).map_err(|wrong| Fault::new(KeyPath::of("session.secret_file"), wrong))
    }
}

fn read_secrets(path: &Path) -> Result<Vec<Secret>, String> {
    let said = |wrong: &dyn std::fmt::Display| format!("{}: {wrong}", path.display());
    let text = std::fs::read_to_string(path)
        .map_err(|reason| said(&format!("cannot be read: {reason}")))?;
    let lines = text.lines().map(str::trim).enumerate();
    let mut secrets = Vec::new();
    for (number, line) in lines.filter(|(_, line)| !line.is_empty()) {
        if let Some(wrong) = wrong_secret(line) {
            return Err(said(&format!("line {}: {wrong}", number + 1)));
        }
        secrets.push(Secret::new(line));
    }
    if secrets.is_empty() {
        Err(said(&"is empty"))
    } else {
        Ok(secrets)
    }
}

/// Describes what is wrong with a secret. No part of it is quoted.
fn wrong_secret(secret: &str) -> Option<String> {
    const MAKE_ONE: &str = "make one with: openssl rand -base64 48";
    if secret.len() < MIN_SECRET {
        return Some(format!(
            "has {} bytes and must have at least {MIN_SECRET}; {MAKE_ONE}",
            secret.len()
        ));
    }
    let letters: std::collections::BTreeSet<char> = secret.chars().collect();
    let is_repeated = (1..=secret.len() / 2).any(|period| {
        let bytes = secret.as_bytes().iter();
        bytes
            .clone()
            .zip(bytes.skip(period))
            .all(|(one, next)| one == next)
    });
    if letters.len() < MIN_LETTERS || is_repeated {
        return Some(format!("repeats itself, and is easily guessed; {MAKE_ONE}"));
    }
    let plain: String = secret
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    SAMPLES
        .iter()
        .any(|sample| plain.contains(sample))
        .then(|| format!("looks like an example from a manual, which others know too; {MAKE_ONE}"))
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

    /// A test secret; nobody uses it.
    const SECRET: &str = "T9x!rV2mQ7z-Lk4Wc8Yp3Nf6Hd1Gs5Jb";

    #[test]
    fn secrets_are_long_and_nobodys_sample() {
        session(&format!("secret = [\"{SECRET}\"]")).unwrap();
        for bad in [
            &SECRET[..31],
            "",
            &"a".repeat(64),
            &"kQ7-mX2.vR9_tLpz".repeat(3),
            "xyxxyyxyyyxxxyxyyxyxxyxxxxyxyyyyxyyx",
            "changeme-changeme-0a9s8d7f6g5h4j3k",
            "Change_Me now! 0a9s8d7f6g5h4j3k2l1",
            "this is an EXAMPLE 0a9s8d7f6g5h4j3",
            "0123456789abcdef0123456789abcdeX",
        ] {
            let said = session(&format!("secret = [\"{SECRET}\", \"{bad}\"]")).unwrap_err();
            assert!(said.starts_with("test.toml:4:"), "{said}");
            assert!(said.contains("session.secret[2]"), "{said}");
            assert!(bad.is_empty() || !said.contains(bad), "{said}");
        }
    }

    #[test]
    fn secrets_come_from_a_file_too_but_not_from_both() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secrets");
        let line = format!("secret_file = \"{}\"", path.display());
        assert!(session(&line).unwrap_err().contains("cannot be read"));
        std::fs::write(&path, "\n").unwrap();
        assert!(session(&line).unwrap_err().contains("is empty"));
        std::fs::write(&path, format!("{SECRET}\nshort\n")).unwrap();
        let said = session(&line).unwrap_err();
        assert!(said.contains("line 2: has 5 bytes"), "{said}");
        std::fs::write(&path, format!("{SECRET}\n\nx{SECRET}\n")).unwrap();
        let config = session(&line).unwrap();
        assert_eq!(config.session.secrets().unwrap().len(), 2);
        let both = session(&format!("{line}\nsecret = [\"{SECRET}\"]")).unwrap_err();
        assert!(both.contains("not both"), "{both}");
    }
}
