//! The identity provider: its metadata and keys, cached and refreshed in time.
//!
//! The panel starts without its provider, and finds it once it is up. Concurrent callers share one
//! request, and failures are not retried at once.

mod health;
pub mod metadata;
pub mod providers;
pub mod settings;
pub mod standing;
pub mod wire;

use self::metadata::{Metadata, is_safe};
use self::settings::{Settings, SettingsError};
use self::standing::{Standing, Watch};
use self::wire::{Wire, is_json, may_be_keys};
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
/// How long keys are used if they cannot be read again.
const KEYS_MAX_STALE: TimeDelta = TimeDelta::hours(6);
/// The minimum interval of extra reads. The keys are read again after an unknown key, the metadata
/// after a failed endpoint.
const FORCED_EVERY: TimeDelta = TimeDelta::seconds(60);
/// How often a provider that is up is checked, in seconds, so that an outage is noticed early.
const LOOK_EVERY_S: u32 = 300;
/// The maximum interval of attempts to find the provider, in seconds.
const MAX_WAIT_S: u32 = 30;

/// The provider's keys, with a number that shows whether they have been read again.
#[derive(Debug)]
pub(in crate::sso) struct Keys {
    pub set: CoreJsonWebKeySet,
    number: u64,
    read_at: DateTime<Utc>,
}

/// Why the provider cannot be used at the moment.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ProviderError {
    /// It does not respond, or not as it should.
    #[error("{url}: {reason}")]
    Unreachable {
        /// The requested URL.
        url: String,
        /// The reason.
        reason: String,
    },
    /// Its metadata cannot be used.
    #[error("the provider's metadata cannot be used: {0}")]
    Metadata(String),
    /// Its keys cannot be used.
    #[error("the provider's keys cannot be used: {0}")]
    Keys(String),
}

/// The identity provider.
pub struct Provider {
    pub(in crate::sso) settings: Settings,
    pub(in crate::sso) wire: Wire,
    pub(in crate::sso) clock: Clock,
    watch: Arc<Watch>,
    known: RwLock<Option<KnownProvider>>,
    tries: Mutex<FailedAttempts>,
    keys: Mutex<KeyShelf>,
}

#[derive(Clone)]
struct KnownProvider {
    metadata: Arc<Metadata>,
    read_at: DateTime<Utc>,
}

/// Failed attempts since the metadata was last read.
#[derive(Default)]
struct FailedAttempts {
    failed: u32,
    not_before: Option<DateTime<Utc>>,
    last: Option<ProviderError>,
}

#[derive(Default)]
struct KeyShelf {
    keys: Option<Arc<Keys>>,
    forced_at: LastForced,
    reads: u64,
}

/// The source of an unknown key that causes the keys to be read again. Each kind has its own limit.
/// Anybody can send a logout token, and that must not use up the limit of sign-ins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sso) enum Unknown {
    /// A token from the provider itself: of a sign-in, a refresh or userinfo.
    OfProvider,
    /// A logout token, which anybody may have made.
    OfStranger,
}

/// When an unknown key last caused the keys to be read again.
#[derive(Default)]
struct LastForced {
    for_provider: Option<DateTime<Utc>>,
    for_stranger: Option<DateTime<Utc>>,
}

impl LastForced {
    fn of(&mut self, unknown: Unknown) -> &mut Option<DateTime<Utc>> {
        match unknown {
            Unknown::OfProvider => &mut self.for_provider,
            Unknown::OfStranger => &mut self.for_stranger,
        }
    }
}

impl Provider {
    /// The allowed difference between its clock and ours.
    pub fn skew(&self) -> TimeDelta {
        self.settings.skew
    }

    /// A provider that has not been contacted yet.
    ///
    /// # Errors
    /// When the settings are invalid regardless of the provider.
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
        let watch = Arc::new(Watch::new(&issuer, clock.clone()));
        Ok(Self {
            wire: Wire::new(&settings)?.watched(Arc::clone(&watch)),
            settings,
            clock,
            watch,
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

    /// Its label.
    pub fn label(&self) -> &str {
        &self.settings.label
    }

    /// The panel's registration at the provider.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether the provider has ever been found.
    #[cfg(any(test, feature = "testing"))]
    pub fn is_known(&self) -> bool {
        self.known().is_some()
    }

    /// The state of the provider, for `/readyz` and `/metrics`.
    pub fn standing(&self) -> Standing {
        self.watch.standing()
    }

    /// The requested scopes: those that the provider lists, and the others. Without a list, all
    /// count as listed. `metadata` is used if available.
    pub fn scopes_by_listing(&self, metadata: Option<&Metadata>) -> (Vec<String>, Vec<String>) {
        let known = self.known();
        let known = known.as_ref().map(|known| &*known.metadata);
        let asked = self.settings.scopes.iter().cloned();
        match metadata.or(known) {
            Some(metadata) if metadata.document.scopes_supported().is_some() => asked
                .filter(|scope| metadata.is_asked(scope, &self.settings))
                .partition(|scope| scope == "openid" || metadata.lists_scope(scope)),
            Some(metadata) => asked
                .filter(|scope| metadata.is_asked(scope, &self.settings))
                .partition(|_| true),
            None => asked.partition(|_| true),
        }
    }

    fn known(&self) -> Option<KnownProvider> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.clone()
    }

    /// The metadata, unless it is old or the provider has failed since it was read.
    fn fresh(&self) -> Option<Arc<Metadata>> {
        let known = self.known().filter(|_| !self.watch.is_away())?;
        let age = self.clock.now().signed_duration_since(known.read_at);
        (age < METADATA_MAX_AGE).then_some(known.metadata)
    }

    /// The metadata, read if necessary.
    ///
    /// # Errors
    /// When it cannot be read and never was. For some seconds after a failure, this is returned at
    /// once.
    pub async fn metadata(&self) -> Result<Arc<Metadata>, ProviderError> {
        if let Some(metadata) = self.fresh() {
            return Ok(metadata);
        }
        let mut tries = self.tries.lock().await;
        if let Some(metadata) = self.fresh() {
            return Ok(metadata);
        }
        self.seek(&mut tries).await;
        match (self.known(), &tries.last) {
            (Some(known), _) => Ok(known.metadata),
            (None, Some(error)) => Err(error.clone()),
            (None, None) => Err(ProviderError::Metadata("it has not been read".into())),
        }
    }

    /// As [`Provider::metadata`], but only while the provider is up: nobody is sent to one that is
    /// down.
    ///
    /// # Errors
    /// When it is down.
    pub(in crate::sso) async fn metadata_to_sign_in(&self) -> Result<Arc<Metadata>, ProviderError> {
        let metadata = self.metadata().await?;
        match self.standing().away {
            None => Ok(metadata),
            Some(away) => Err(ProviderError::Unreachable {
                url: self.discovery_url(),
                reason: away.reason,
            }),
        }
    }

    /// Reads the metadata now, unless that has just failed.
    async fn seek(&self, tries: &mut FailedAttempts) {
        let now = self.clock.now();
        if tries.not_before.is_some_and(|then| now < then) {
            return;
        }
        match self.discover().await {
            Ok(metadata) => {
                *tries = FailedAttempts::default();
                self.keep(metadata, now);
                self.watch.found();
            }
            Err(error) => {
                self.watch.failed(&standing::cause(&error));
                tries.failed(error, now);
            }
        }
    }

    fn keep(&self, metadata: Metadata, read_at: DateTime<Utc>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *known = Some(KnownProvider {
            metadata: Arc::new(metadata),
            read_at,
        });
    }

    /// Notes that an endpoint did not behave as the metadata says. The metadata is read again when
    /// next needed, as the provider may have moved, but at most once a minute.
    pub(in crate::sso) fn doubt(&self) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        if let Some(known) = known.as_mut()
            && now.signed_duration_since(known.read_at) >= FORCED_EVERY
        {
            known.read_at = now - METADATA_MAX_AGE;
        }
    }

    /// Checks the provider: until it is found, then at intervals, and at once after a failed
    /// request. Must be spawned at the start; it never ends.
    pub async fn keep_looking(self: Arc<Self>) {
        loop {
            let wait_s = {
                let mut tries = self.tries.lock().await;
                self.seek(&mut tries).await;
                if self.watch.is_away() {
                    wait_s(tries.failed)
                } else {
                    LOOK_EVERY_S
                }
            };
            tokio::select! {
                () = tokio::time::sleep(std::time::Duration::from_secs(wait_s.into())) => {}
                () = self.watch.turned_away() => {}
            }
        }
    }

    /// Reads a document with an accepted content type.
    async fn read(&self, url: &str, is_taken: fn(&str) -> bool) -> Result<Vec<u8>, ProviderError> {
        let body = self.wire.json(url, is_taken).await;
        body.map_err(|error| ProviderError::Unreachable {
            url: url.to_owned(),
            reason: error.to_string(),
        })
    }

    /// The address of the metadata (Discovery, section 4).
    pub fn discovery_url(&self) -> String {
        format!("{}{WELL_KNOWN}", self.issuer().trim_end_matches('/'))
    }

    async fn discover(&self) -> Result<Metadata, ProviderError> {
        let url = self.discovery_url();
        let body = self.read(&url, is_json).await?;
        Metadata::parse(&body, &self.settings).map_err(ProviderError::Metadata)
    }

    /// The provider's keys, at most an hour old.
    pub(in crate::sso) async fn keys(
        &self,
        metadata: &Metadata,
    ) -> Result<Arc<Keys>, ProviderError> {
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

    /// Keys newer than these, which lack one. They are read again, but at most once a minute for
    /// each kind of token. `None` if there are none newer.
    pub(in crate::sso) async fn keys_after(
        &self,
        lacking: &Keys,
        metadata: &Metadata,
        unknown: Unknown,
    ) -> Result<Option<Arc<Keys>>, ProviderError> {
        let mut shelf = self.keys.lock().await;
        if let Some(keys) = &shelf.keys
            && keys.number > lacking.number
        {
            return Ok(Some(Arc::clone(keys)));
        }
        let now = self.clock.now();
        let since = |then| now.signed_duration_since(then);
        let forced_at = shelf.forced_at.of(unknown);
        if forced_at.is_some_and(|then| since(then) < FORCED_EVERY) {
            return Ok(None);
        }
        *forced_at = Some(now);
        self.read_keys(&mut shelf, metadata).await.map(Some)
    }

    async fn read_keys(
        &self,
        shelf: &mut KeyShelf,
        metadata: &Metadata,
    ) -> Result<Arc<Keys>, ProviderError> {
        let url = metadata.document.jwks_uri().as_str();
        let body = self.read(url, may_be_keys).await?;
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
        self.watch.read_keys();
        Ok(keys)
    }
}

impl FailedAttempts {
    fn failed(&mut self, error: ProviderError, now: DateTime<Utc>) {
        self.failed = self.failed.saturating_add(1);
        let wait = TimeDelta::seconds(wait_s(self.failed).into());
        self.not_before = now.checked_add_signed(wait);
        self.last = Some(error);
    }
}

/// The wait after this many failures, in seconds: 1, 2, 4, 8, 16, 30, 30, ...
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
