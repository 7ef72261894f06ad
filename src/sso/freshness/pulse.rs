//! Checks that a provider responds before a silent sign-in: while it is down, people can continue
//! to work.

use super::REST;
use crate::sso::provider::Provider;
use crate::sso::provider::wire::is_json;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::Mutex;

/// How long it may take to respond.
const WITHIN: Duration = Duration::from_secs(3);

/// For each issuer, when it was last checked, and whether it responded.
#[derive(Default)]
pub(super) struct Pulses(Mutex<HashMap<String, (DateTime<Utc>, bool)>>);

impl Pulses {
    /// Whether it responds; a result is reused for some seconds.
    pub async fn beats(&self, provider: &Provider, now: DateTime<Utc>) -> bool {
        let mut all = self.0.lock().await;
        if let Some((at, beats)) = all.get(provider.issuer())
            && now.signed_duration_since(*at) < REST
        {
            return *beats;
        }
        let url = provider.discovery_url();
        let answer = tokio::time::timeout(WITHIN, provider.wire.json(&url, is_json)).await;
        let fault = match answer {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("no answer in time".to_owned()),
        };
        if let Some(fault) = &fault {
            tracing::warn!(
                oidc.issuer = provider.issuer(),
                error = fault,
                "groups cannot be read again: the identity provider does not answer"
            );
        }
        all.insert(provider.issuer().to_owned(), (now, fault.is_none()));
        fault.is_none()
    }
}
