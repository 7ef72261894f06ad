//! The state of a provider: whether it is up, how long it is down, and the age of its cached data.
//!
//! Every failed request marks the provider as down; only reading its metadata again marks it as up.
//! Both changes are logged once, not for each request.

use super::ProviderError;
use super::wire::WireError;
use crate::clock::Clock;
use chrono::{DateTime, Utc};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The state of a provider.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Since when and why it is down; none while it is up.
    pub away: Option<Outage>,
    /// When its metadata was last read; none if it never was.
    pub metadata_read_at: Option<DateTime<Utc>>,
    /// When its keys were last read; none if they never were.
    pub keys_read_at: Option<DateTime<Utc>>,
}

/// A provider that is down.
#[derive(Debug, Clone)]
pub struct Outage {
    /// Since when.
    pub since: DateTime<Utc>,
    /// The reason, in the panel's own words.
    pub reason: String,
}

impl Standing {
    /// Whether it was found and is up.
    pub fn is_up(&self) -> bool {
        self.away.is_none() && self.metadata_read_at.is_some()
    }

    /// A sentence for monitoring; none while it is up.
    pub fn in_words(&self, issuer: &str) -> Option<String> {
        let since = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M UTC");
        match (&self.away, self.metadata_read_at) {
            (None, Some(_)) => None,
            (None, None) => Some(format!(
                "the identity provider {issuer} has not been asked yet"
            )),
            (Some(away), Some(_)) => Some(format!(
                "the identity provider {issuer} has not answered since {} ({})",
                since(away.since),
                away.reason
            )),
            (Some(away), None) => Some(format!(
                "the identity provider {issuer} has not answered yet, since {} ({})",
                since(away.since),
                away.reason
            )),
        }
    }
}

/// Tracks the requests to one provider.
pub(in crate::sso) struct Watch {
    issuer: String,
    clock: Clock,
    standing: Mutex<Standing>,
    turned: Notify,
}

impl Watch {
    pub fn new(issuer: &str, clock: Clock) -> Self {
        Self {
            issuer: issuer.to_owned(),
            clock,
            standing: Mutex::default(),
            turned: Notify::new(),
        }
    }

    /// The current state.
    pub fn standing(&self) -> Standing {
        self.lock().clone()
    }

    pub fn is_away(&self) -> bool {
        self.lock().away.is_some()
    }

    /// Notes that its metadata was read.
    pub fn found(&self) {
        let now = self.clock.now();
        let (was_away, was_known) = {
            let mut standing = self.lock();
            let was_known = standing.metadata_read_at.replace(now).is_some();
            (standing.away.take(), was_known)
        };
        match was_away {
            Some(away) if was_known => tracing::info!(
                oidc.issuer = self.issuer,
                away_s = now.signed_duration_since(away.since).num_seconds(),
                "the identity provider is back"
            ),
            _ if was_known => {}
            _ => tracing::info!(oidc.issuer = self.issuer, "the identity provider was found"),
        }
    }

    /// Notes that its keys were read.
    pub fn read_keys(&self) {
        self.lock().keys_read_at = Some(self.clock.now());
    }

    /// Notes that it is down.
    pub fn failed(&self, cause: &str) {
        let reason = in_words(cause);
        let turned = {
            let mut standing = self.lock();
            let turned = standing.away.is_none();
            let since = standing.away.take().map(|away| away.since);
            standing.away = Some(Outage {
                since: since.unwrap_or_else(|| self.clock.now()),
                reason,
            });
            turned
        };
        if turned {
            tracing::warn!(
                oidc.issuer = self.issuer,
                error = cause,
                "the identity provider cannot be used; the panel keeps trying"
            );
            self.turned.notify_one();
        } else {
            tracing::debug!(
                oidc.issuer = self.issuer,
                error = cause,
                "the identity provider still cannot be used"
            );
        }
    }

    /// Notes the result of a request: failed if there was no response, or a server error.
    pub fn note<T>(&self, outcome: &Result<openidconnect::http::Response<T>, WireError>) {
        match outcome {
            Ok(answer) if !answer.status().is_server_error() => {}
            Ok(answer) => self.failed(&WireError::Status(answer.status().as_u16()).to_string()),
            Err(error) => self.failed(&error.to_string()),
        }
    }

    /// Waits until it goes down.
    pub async fn turned_away(&self) {
        self.turned.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The cause of a failed check, for [`Watch::failed`].
pub(in crate::sso) fn cause(error: &ProviderError) -> String {
    match error {
        ProviderError::Unreachable { reason, .. } => reason.clone(),
        other => other.to_string(),
    }
}

/// The reason in the panel's words, without texts of libraries.
fn in_words(cause: &str) -> String {
    let says = |words: &[&str]| {
        let cause = cause.to_lowercase();
        words.iter().any(|word| cause.contains(word))
    };
    let words = if says(&["metadata cannot be used"]) {
        "what it says of itself cannot be used: bailiwick check tells more"
    } else if says(&["keys cannot be used"]) {
        "its keys cannot be used: bailiwick check tells more"
    } else if let Some(status) = cause.strip_prefix("it answered with status ") {
        let status: String = status.chars().filter(char::is_ascii_digit).collect();
        return format!("it answers with status {status}");
    } else if says(&["content type"]) {
        "it answers with something other than JSON"
    } else if says(&["longer than"]) {
        "its answer is too long"
    } else if says(&["timed out", "timeout"]) {
        "it takes too long to answer"
    } else if says(&["dns error", "lookup"]) {
        "its name cannot be found"
    } else if says(&["refused"]) {
        "it refuses the connection"
    } else if says(&["certificate", "tls", "handshake"]) {
        "its TLS certificate is not accepted"
    } else {
        "there is no connection to it"
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn causes_are_told_in_words_of_ours() {
        for (cause, words) in [
            ("it answered with status 502", "it answers with status 502"),
            (
                "error sending request: tcp connect error: Connection refused (os error 111)",
                "it refuses the connection",
            ),
            (
                "error sending request: dns error: failed to lookup address information",
                "its name cannot be found",
            ),
            (
                "error sending request: operation timed out",
                "it takes too long to answer",
            ),
            (
                "error: invalid peer certificate: UnknownIssuer",
                "its TLS certificate is not accepted",
            ),
            (
                "the answer is longer than 1048576 bytes",
                "its answer is too long",
            ),
            ("something else", "there is no connection to it"),
        ] {
            assert_eq!(in_words(cause), words, "{cause}");
        }
    }

    #[test]
    fn it_is_away_since_the_first_failure_until_its_metadata_is_read() {
        let start = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let (clock, hand) = Clock::at(start);
        let watch = Watch::new("https://id.example.com", clock);
        let said = |watch: &Watch| watch.standing().in_words("https://id.example.com");
        assert!(said(&watch).unwrap().contains("not been asked"));
        assert!(!watch.standing().is_up(), "it has not been found yet");
        watch.found();
        assert_eq!(said(&watch), None);
        hand.forward(chrono::TimeDelta::minutes(1));
        watch.failed("it answered with status 500");
        hand.forward(chrono::TimeDelta::minutes(5));
        watch.failed("it answered with status 502");
        let away = watch.standing().away.unwrap();
        assert_eq!(away.since, start + chrono::TimeDelta::minutes(1));
        assert_eq!(away.reason, "it answers with status 502");
        assert!(!watch.standing().is_up());
        assert!(
            said(&watch)
                .unwrap()
                .contains("has not answered since 2026-")
        );
        watch.found();
        assert!(watch.standing().is_up());
    }
}
