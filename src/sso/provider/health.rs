//! The state of the providers, for monitoring.

use super::providers::Providers;
use crate::web::health::ProviderHealth;

impl Providers {
    /// The state of each provider.
    pub fn health(&self) -> Vec<ProviderHealth> {
        self.iter()
            .map(|provider| {
                let standing = provider.standing();
                ProviderHealth {
                    issuer: provider.issuer().to_owned(),
                    is_up: standing.is_up(),
                    fault: standing.in_words(provider.issuer()),
                    metadata_read_at: standing.metadata_read_at,
                    keys_read_at: standing.keys_read_at,
                }
            })
            .collect()
    }
}
