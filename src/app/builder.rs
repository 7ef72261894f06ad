//! Builds a panel from its configuration.

use super::error::StartError;
use super::open::{OpenDatabase, open, policy};
use super::panel::Panel;
use super::watch;
use crate::access::Policies;
use crate::clock::Clock;
use crate::config::{Config, OidcConfig};
use crate::entry::denials::Denials;
use crate::entry::keeper::Keeper;
use crate::entry::roles_missed::RolesMissed;
use crate::entry::schema::Watch;
use crate::entry::sizes::Sizes;
use crate::entry::{Site, site};
use crate::panel::{self, templates};
use crate::session::{DieselStore, Keyring, Limits};
use crate::sso::{self, Provider, Providers};
use crate::web::client::TrustedProxies;
use crate::web::connections::Connections;
use crate::web::health::Health;
use crate::web::limits::Limits as Rates;
use crate::web::{Ground, Urls};
use actix_web::web::Data;
use std::sync::Arc;
use tokio::task::JoinSet;

/// The configured identity providers.
pub(super) fn providers(config: &Config, clock: &Clock) -> Result<Providers, StartError> {
    let oidc = config.oidc.as_ref().ok_or(StartError::NoProvider)?;
    let root = format!("{}{}", config.server.origin(), config.server.base_path());
    let provide = |one: &OidcConfig| -> Result<Arc<Provider>, StartError> {
        let settings = sso::Settings::new(one, Some(one.secret()?), &root);
        Ok(Arc::new(Provider::new(settings, clock.clone())?))
    };
    let others = config.providers.values().map(provide);
    let others = others.collect::<Result<_, _>>()?;
    Ok(Providers::new(provide(oidc)?, others))
}

/// A panel that is not started yet.
///
/// ```no_run
/// use bailiwick::prelude::*;
///
/// # async fn run() -> anyhow::Result<()> {
/// let panel = Panel::builder(Config::load("bailiwick.toml")?).start().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a panel does nothing before it is started"]
#[derive(Debug)]
pub struct PanelBuilder {
    config: Config,
    clock: Clock,
    is_watching: bool,
}

impl Panel {
    /// A builder for a panel with this configuration.
    pub fn builder(config: Config) -> PanelBuilder {
        PanelBuilder {
            config,
            clock: Clock::system(),
            is_watching: true,
        }
    }
}

impl PanelBuilder {
    /// Sets the clock.
    #[cfg(any(test, feature = "testing"))]
    #[doc(hidden)]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets whether background tasks run.
    #[cfg(any(test, feature = "testing"))]
    #[doc(hidden)]
    pub fn watching(mut self, is_watching: bool) -> Self {
        self.is_watching = is_watching;
        self
    }

    /// Connects to the database, migrates the panel's own tables, reads the schema, and assembles
    /// the panel. The database must be up; the identity provider may be down.
    ///
    /// Must be called inside the Tokio or Actix runtime that serves the panel. From here on,
    /// background tasks check the provider, roles and the schema.
    ///
    /// # Errors
    /// A [`StartError`] that says what to change.
    pub async fn start(self) -> Result<Panel, StartError> {
        let config = self.config.checked()?;
        let clock = self.clock;
        let providers = providers(&config, &clock)?;
        let OpenDatabase {
            database,
            catalog,
            schema,
        } = open(&config, true).await?;
        let policy = policy(&config, catalog)?;
        let keeper = Keeper::new(&config.roles, policy.clone());
        let policies = Policies::new(policy);
        keeper.reload(&database, &policies).await?;
        let keys = Keyring::open(&database, &config.session.secrets()?).await?;
        let limits = Limits::from(&config.session);
        let urls = Urls::new(&config.server);
        tracing::debug!(public_url = %config.server.public_url(), "the panel is put together");
        let sign_in = sso::Context {
            providers: providers.clone(),
            database: database.clone(),
            clock: clock.clone(),
            urls: urls.clone(),
            keys: keys.clone(),
            pages: Arc::new(panel::problem::SignInPages),
            break_glass: config.break_glass.enabled,
            refusals: sso::Refusals::default(),
            policies: policies.clone(),
        };
        let ground = Ground {
            urls: urls.clone(),
            error_page: panel::problem::page,
        };
        let watched = providers.clone();
        let health = Health {
            database: database.clone(),
            clock: clock.clone(),
            providers: Box::new(move || watched.health()),
            needs_provider: config.server.ready_needs_provider,
            metrics_from: config.server.metrics_from.clone(),
            metrics_token: config.server.metrics_token.clone(),
        };
        let site = Data::new(Site {
            urls,
            policies,
            keeper,
            schema: Watch::new(&config.database.schemas, &config.resources, schema),
            database: database.clone(),
            pages: templates::pages()
                .map_err(|error| StartError::Templates(format!("{error:?}")))?,
            roles_missed: RolesMissed::default(),
            sizes: Sizes::default(),
            clock: clock.clone(),
            limits,
            contact: config.server.contact.clone(),
            providers: providers.clone(),
            denied_shows_expected: config.server.denied_shows_expected,
            step_up_page: panel::problem::step_up,
            denials: Denials::default(),
            exports: site::exports_beside(config.database.pool_size),
        });
        let watching = if self.is_watching {
            watch::begin(&site, &providers, config.audit.keep)
        } else {
            JoinSet::new()
        };
        Ok(Panel {
            site,
            sign_in: Data::new(sign_in),
            rates: Data::new(Rates::new(&config.limits, &clock)),
            ground: Data::new(ground),
            proxies: Data::new(TrustedProxies::new(config.server.trusted_proxies.clone())),
            health: Data::new(health),
            freshness: Data::new(sso::Freshness::new(sso::Ages::from(&config.session))),
            connections: Connections::new(
                config.limits.connections,
                config.server.trusted_proxies.clone(),
            ),
            sessions: DieselStore::new(database, clock, limits),
            keys,
            _watching: Arc::new(watching),
        })
    }
}
