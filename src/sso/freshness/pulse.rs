//! Whether a provider answers, asked before a browser is sent there unasked: while it is away,
//! people go on working.

use super::REST;
use crate::sso::provider::Provider;
use crate::sso::provider::wire::is_json;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::Mutex;

/// How long it may take to answer.
const WITHIN: Duration = Duration::from_secs(3);

/// When each provider was last asked, and whether it answered, by issuer.
#[derive(Default)]
pub(super) struct Pulses(Mutex<HashMap<String, (DateTime<Utc>, bool)>>);

impl Pulses {
    /// Whether it answers; what is known is gone by for some seconds.
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
                "nobody can be confirmed: the identity provider does not answer"
            );
        }
        all.insert(provider.issuer().to_owned(), (now, fault.is_none()));
        fault.is_none()
    }
}
