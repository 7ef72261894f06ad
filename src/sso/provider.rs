//! The identity provider: its metadata and its keys, kept for a while and read again in time.
//!
//! The panel starts without its provider, and finds it by itself once it is there. Concurrent
//! needs share one request, and failures are not repeated at once.

use super::metadata::{Metadata, is_safe};
use super::settings::{Settings, SettingsError};
use super::wire::Wire;
use crate::clock::Clock;
use crate::config::MAIN_PROVIDER;
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::CoreJsonWebKeySet;
use openidconnect::{IssuerUrl, RedirectUrl};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Mutex;

const WELL_KNOWN: &str = "/.well-known/openid-configuration";
/// How long metadata is used before it is read again.
const METADATA_MAX_AGE: TimeDelta = TimeDelta::days(1);
/// How long keys are used before they are read again.
const KEYS_MAX_AGE: TimeDelta = TimeDelta::hours(1);
/// How long keys are used when they cannot be read again.
const KEYS_MAX_STALE: TimeDelta = TimeDelta::hours(6);
/// Unknown keys make us read the keys again at most this often, and endpoints that fail the
/// metadata.
const FORCED_EVERY: TimeDelta = TimeDelta::seconds(60);
/// The longest wait between two tries to find the provider, in seconds.
const MAX_WAIT_S: u32 = 30;

/// Keys of the provider, numbered so that one can tell whether they have been read again.
#[derive(Debug)]
pub(super) struct Keys {
    pub set: CoreJsonWebKeySet,
    number: u64,
    read_at: DateTime<Utc>,
}

/// Why the provider cannot be used now.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ProviderError {
    /// It does not answer, or not as it should.
    #[error("{url}: {reason}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// What came.
        reason: String,
    },
    /// It says of itself what cannot be used.
    #[error("the provider's metadata cannot be used: {0}")]
    Metadata(String),
    /// Its keys cannot be used.
    #[error("the provider's keys cannot be used: {0}")]
    Keys(String),
}

/// The identity provider.
pub struct Provider {
    pub(super) settings: Settings,
    pub(super) wire: Wire,
    pub(super) clock: Clock,
    known: RwLock<Option<Known>>,
    tries: Mutex<Tries>,
    keys: Mutex<KeyShelf>,
}

#[derive(Clone)]
struct Known {
    metadata: Arc<Metadata>,
    read_at: DateTime<Utc>,
}

/// The tries to read the metadata since it was last read.
#[derive(Default)]
struct Tries {
    failed: u32,
    not_before: Option<DateTime<Utc>>,
    last: Option<ProviderError>,
}

#[derive(Default)]
struct KeyShelf {
    keys: Option<Arc<Keys>>,
    forced_at: Option<DateTime<Utc>>,
    reads: u64,
}

impl Provider {
    /// A provider that has not been asked for anything yet.
    ///
    /// # Errors
    /// When the settings cannot be used, whatever the provider says.
    pub fn new(mut settings: Settings, clock: Clock) -> Result<Self, SettingsError> {
        if let Some(issuer) = settings.issuer.strip_suffix(WELL_KNOWN) {
            settings.issuer = issuer.to_owned();
        }
        let issuer = settings.issuer.clone();
        IssuerUrl::new(issuer.clone())
            .map_err(|error| SettingsError::Issuer(issuer.clone(), error))?;
        if !is_safe(&issuer) {
            return Err(SettingsError::Insecure(issuer));
        }
        RedirectUrl::new(settings.redirect_uri.clone())
            .map_err(|error| SettingsError::Redirect(settings.redirect_uri.clone(), error))?;
        Ok(Self {
            wire: Wire::new(&settings)?,
            settings,
            clock,
            known: RwLock::default(),
            tries: Mutex::default(),
            keys: Mutex::default(),
        })
    }

    /// The issuer.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// The claim that holds the groups.
    pub fn groups_claim(&self) -> &str {
        &self.settings.groups.claim
    }

    /// Its name in configuration: that of `[providers.NAME]`, or `oidc`.
    pub fn name(&self) -> &str {
        self.settings.name.as_deref().unwrap_or(MAIN_PROVIDER)
    }

    /// What people know it by.
    pub fn label(&self) -> &str {
        &self.settings.label
    }

    /// How the panel is registered at the provider.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether the provider has been found. For `/readyz`.
    pub fn is_known(&self) -> bool {
        self.known().is_some()
    }

    /// Where people are sent at sign-out, if it is known. A page with a sign-out form must allow
    /// this origin in the `form-action` of its policy: browsers hold redirects after a form to it.
    pub fn sign_out_origin(&self) -> Option<String> {
        let metadata = self.known()?.metadata;
        Some(metadata.end_session()?.origin().ascii_serialization())
    }

    fn known(&self) -> Option<Known> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.clone()
    }

    fn fresh(&self) -> Option<Arc<Metadata>> {
        let known = self.known()?;
        let age = self.clock.now().signed_duration_since(known.read_at);
        (age < METADATA_MAX_AGE).then_some(known.metadata)
    }

    /// What the provider says of itself, read if need be.
    ///
    /// # Errors
    /// When it cannot be read and never has been; for some seconds after a failure, at once.
    pub async fn metadata(&self) -> Result<Arc<Metadata>, ProviderError> {
        if let Some(metadata) = self.fresh() {
            return Ok(metadata);
        }
        let mut tries = self.tries.lock().await;
        if let Some(metadata) = self.fresh() {
            return Ok(metadata);
        }
        let now = self.clock.now();
        if tries.not_before.is_none_or(|then| now >= then) {
            match self.discover().await {
                Ok(metadata) => {
                    *tries = Tries::default();
                    tracing::info!(
                        oidc.issuer = self.issuer(),
                        "the identity provider was found"
                    );
                    return Ok(self.keep(metadata, now));
                }
                Err(error) => {
                    tracing::warn!(oidc.issuer = self.issuer(), error = %error,
                        "the identity provider cannot be used");
                    tries.failed(error, now);
                }
            }
        }
        match (self.known(), &tries.last) {
            (Some(known), _) => Ok(known.metadata),
            (None, Some(error)) => Err(error.clone()),
            (None, None) => Err(ProviderError::Metadata("it has not been read".into())),
        }
    }

    fn keep(&self, metadata: Metadata, read_at: DateTime<Utc>) -> Arc<Metadata> {
        let metadata = Arc::new(metadata);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *known = Some(Known {
            metadata: Arc::clone(&metadata),
            read_at,
        });
        metadata
    }

    /// Something else than the metadata says came of an endpoint: it is read again at the next
    /// need, as the provider may have moved. Not within a minute of the last time.
    pub(super) fn doubt(&self) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        if let Some(known) = known.as_mut()
            && now.signed_duration_since(known.read_at) >= FORCED_EVERY
        {
            known.read_at = now - METADATA_MAX_AGE;
        }
    }

    /// Looks for the provider until it is found, and reads its metadata again when it is old.
    /// To be spawned at start; it never ends.
    pub async fn keep_looking(self: Arc<Self>) {
        loop {
            let found = self.metadata().await.is_ok();
            let wait_s = if found {
                3_600
            } else {
                let tries = self.tries.lock().await;
                wait_s(tries.failed)
            };
            tokio::time::sleep(std::time::Duration::from_secs(wait_s.into())).await;
        }
    }

    async fn read(&self, url: &str) -> Result<Vec<u8>, ProviderError> {
        self.wire
            .json(url)
            .await
            .map_err(|error| ProviderError::Unreachable {
                url: url.to_owned(),
                reason: error.to_string(),
            })
    }

    /// Where the provider says what it is (Discovery, section 4).
    pub fn discovery_url(&self) -> String {
        format!("{}{WELL_KNOWN}", self.issuer().trim_end_matches('/'))
    }

    async fn discover(&self) -> Result<Metadata, ProviderError> {
        let url = self.discovery_url();
        let body = self.read(&url).await?;
        Metadata::parse(&body, &self.settings).map_err(ProviderError::Metadata)
    }

    /// The provider's keys, at most an hour old.
    pub(super) async fn keys(&self, metadata: &Metadata) -> Result<Arc<Keys>, ProviderError> {
        let mut shelf = self.keys.lock().await;
        let age = |keys: &Keys| self.clock.now().signed_duration_since(keys.read_at);
        if let Some(keys) = &shelf.keys
            && age(keys) < KEYS_MAX_AGE
        {
            return Ok(Arc::clone(keys));
        }
        match (self.read_keys(&mut shelf, metadata).await, &shelf.keys) {
            (Ok(keys), _) => Ok(keys),
            (Err(error), Some(old)) if age(old) < KEYS_MAX_STALE => {
                tracing::warn!(error = %error, "the provider's keys could not be read again");
                Ok(Arc::clone(old))
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Keys other than these, which lack one: read again, but not within a minute of the last
    /// time that this was done. `None` if there are none newer.
    pub(super) async fn keys_after(
        &self,
        lacking: &Keys,
        metadata: &Metadata,
    ) -> Result<Option<Arc<Keys>>, ProviderError> {
        let mut shelf = self.keys.lock().await;
        if let Some(keys) = &shelf.keys
            && keys.number > lacking.number
        {
            return Ok(Some(Arc::clone(keys)));
        }
        let now = self.clock.now();
        let since = |then| now.signed_duration_since(then);
        if shelf
            .forced_at
            .is_some_and(|then| since(then) < FORCED_EVERY)
        {
            return Ok(None);
        }
        shelf.forced_at = Some(now);
        self.read_keys(&mut shelf, metadata).await.map(Some)
    }

    async fn read_keys(
        &self,
        shelf: &mut KeyShelf,
        metadata: &Metadata,
    ) -> Result<Arc<Keys>, ProviderError> {
        let body = self.read(metadata.document.jwks_uri().as_str()).await?;
        let set: CoreJsonWebKeySet = serde_json::from_slice(&body)
            .map_err(|error| ProviderError::Keys(error.to_string()))?;
        if set.keys().is_empty() {
            return Err(ProviderError::Keys("there is none that can be read".into()));
        }
        shelf.reads = shelf.reads.saturating_add(1);
        let keys = Arc::new(Keys {
            set,
            number: shelf.reads,
            read_at: self.clock.now(),
        });
        shelf.keys = Some(Arc::clone(&keys));
        Ok(keys)
    }
}

impl Tries {
    fn failed(&mut self, error: ProviderError, now: DateTime<Utc>) {
        self.failed = self.failed.saturating_add(1);
        let wait = TimeDelta::seconds(wait_s(self.failed).into());
        self.not_before = now.checked_add_signed(wait);
        self.last = Some(error);
    }
}

/// How long to wait after so many failures, in seconds: 1, 2, 4, 8, 16, 30, 30, ...
fn wait_s(failed: u32) -> u32 {
    1_u32
        .checked_shl(failed.saturating_sub(1))
        .map_or(MAX_WAIT_S, |wait| wait.clamp(1, MAX_WAIT_S))
}

#[cfg(test)]
mod tests {
    use super::wait_s;

    #[test]
    fn the_wait_grows_to_half_a_minute() {
        let waits: Vec<u32> = [0, 1, 2, 3, 6, 40, u32::MAX].map(wait_s).into();
        assert_eq!(waits, [1, 1, 2, 4, 30, 30, 30]);
    }
}
