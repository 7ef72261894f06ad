//! A panel put together: from configuration to routes.

pub mod break_glass;
pub mod end;
pub mod retention;

use crate::access::{Policies, Policy, PolicyError};
use crate::catalog::schema::Schema;
use crate::catalog::{Catalog, overlay::OverlayError};
use crate::clock::Clock;
use crate::config::{Config, ConfigError, DatabaseConfig, DatabaseTarget, OidcConfig};
use crate::data::schema;
use crate::entry::denials::Denials;
use crate::entry::keeper::Keeper;
use crate::entry::roles_missed::RolesMissed;
use crate::entry::schema::Watch;
use crate::entry::schema_change;
use crate::entry::site;
use crate::entry::sizes::Sizes;
use crate::entry::{Site, access, identify, kept, step_up};
use crate::panel::{self, templates};
use crate::session::{self, DieselStore, KeyError, Keyring, Limits};
use crate::sso::{self, Provider, Providers};
use crate::store::migrations::{self, MigrationError};
use crate::store::{
    self, AnyConnection, Database, DatabaseError, Target, Tuning, grants, remedies,
};
use crate::web::client::TrustedProxies;
use crate::web::connections::Connections;
use crate::web::health::{self, Health};
use crate::web::limits::Limits as Rates;
use crate::web::{Ground, Urls, assets, departure, middleware};
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data, ServiceConfig};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How often the sizes of tables are looked at anew.
const SIZES_EVERY: Duration = Duration::from_secs(300);

/// Why a panel cannot start. Each says what to change.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No identity provider is configured: nobody could sign in, and nobody may without.
    #[error("there is no [oidc] section: the panel does not start without an identity provider")]
    NoProvider,
    /// The provider's settings cannot be used.
    #[error(transparent)]
    Provider(#[from] sso::SettingsError),
    /// The SQLite file is not there; it would be another database than the one that is meant.
    #[error("database.url: there is no file {}; a relative path starts at the folder of the configuration file", .0.display())]
    NoFile(PathBuf),
    /// The database cannot be reached or used.
    #[error("{database}: {reason} \u{2014} {remedy}")]
    Refused {
        /// Its URL, without passwords.
        database: String,
        /// What the driver said, without passwords.
        reason: String,
        /// What to do.
        remedy: String,
    },
    /// The account may not use the panel's own tables, which another account has made.
    #[error("this user may not read and write all of the panel's own tables \u{2014} have their owner run: {}", .0.join(" "))]
    Privileges(Vec<String>),
    /// The database cannot be reached or read.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The panel's own tables cannot be made.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// What is configured of resources does not fit the database.
    #[error("the configuration does not fit the database:\n{}", lines(.0))]
    Resources(Vec<OverlayError>),
    /// What is configured of roles does not fit the database.
    #[error("the configuration does not fit the database:\n{}", lines(.0))]
    Roles(Vec<PolicyError>),
    /// The key that cookies are signed with cannot be had.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The embedded templates cannot be read.
    #[error("the templates cannot be read: {0}")]
    Templates(String),
}

fn lines<T: std::fmt::Display>(errors: &[T]) -> String {
    let lines: Vec<String> = errors.iter().map(|error| format!("  {error}")).collect();
    lines.join("\n")
}

/// A panel, ready to be served: cheap to clone, shared by all workers.
#[derive(Clone)]
pub struct Panel {
    site: Data<Site>,
    sign_in: Data<sso::Context>,
    rates: Data<Rates>,
    ground: Data<Ground>,
    proxies: Data<TrustedProxies>,
    health: Data<Health>,
    freshness: Data<sso::Freshness>,
    sessions: DieselStore,
    keys: Keyring,
    connections: Arc<Connections>,
    /// How long the audit log is kept, if not for ever.
    audit_keep: Option<Duration>,
}

/// The database and its catalog, as configuration has them.
pub struct Opened {
    /// The connections.
    pub database: Database,
    /// What can be administered there.
    pub catalog: Arc<Catalog>,
    /// What was read of it.
    pub schema: Schema,
}

/// Where the configured database is.
///
/// # Errors
/// When this build cannot open it.
pub fn target(config: &DatabaseConfig) -> Result<Target, ConfigError> {
    Ok(match config.target()? {
        DatabaseTarget::Sqlite(path) => Target::Sqlite(path),
        DatabaseTarget::Postgres(url) => Target::Postgres(url),
        #[cfg(feature = "mysql")]
        DatabaseTarget::Mysql(url) => Target::Mysql(url),
    })
}

/// The same, unless it is a file that is not there, which SQLite would make.
fn existing(config: &DatabaseConfig) -> Result<Target, StartError> {
    let target = target(config)?;
    match &target {
        Target::Sqlite(path) if !path.exists() => Err(StartError::NoFile(path.clone())),
        Target::Sqlite(_) | Target::Postgres(_) => Ok(target),
        #[cfg(feature = "mysql")]
        Target::Mysql(_) => Ok(target),
    }
}

/// The configured database, for commands that work on the panel's own tables.
///
/// # Errors
/// When it does not answer.
pub async fn database(config: &Config) -> Result<Database, StartError> {
    look(&config.database, |_| Ok(())).await?;
    connect(config)
}

/// A pool of connections to the configured database; none is made yet.
fn connect(config: &Config) -> Result<Database, StartError> {
    let target = existing(&config.database)?;
    Ok(Database::configured(target, &config.database))
}

/// Makes the panel's own tables or brings them up to date; returns the versions that ran.
///
/// # Errors
/// When the database cannot be reached, or refuses.
pub async fn migrate(config: &Config) -> Result<Vec<String>, StartError> {
    look(&config.database, |conn| Ok(migrations::run(conn)?)).await
}

/// The statements with which the owner of the panel's own tables lets an account use them.
///
/// # Errors
/// When the database cannot be reached or read.
pub async fn grants(config: &Config, account: String) -> Result<Vec<String>, StartError> {
    let statements = look(&config.database, move |conn| {
        Ok(grants::statements(conn, &account).map_err(DatabaseError::from)?)
    });
    statements.await
}

/// The identity providers that the configuration names.
fn providers(config: &Config, clock: &Clock) -> Result<Providers, StartError> {
    let oidc = config.oidc.as_ref().ok_or(StartError::NoProvider)?;
    let root = format!("{}{}", config.server.origin(), config.server.base_path());
    let provide = |one: &OidcConfig| -> Result<Arc<Provider>, StartError> {
        let settings = sso::Settings::new(one, Some(one.secret()?), &root);
        Ok(Arc::new(Provider::new(settings, clock.clone())?))
    };
    let others = config.providers.values().map(provide);
    Ok(Providers::new(
        provide(oidc)?,
        others.collect::<Result<_, _>>()?,
    ))
}

/// What can be administered in a database, as it is without any configuration. Only looks: nothing
/// in the database is changed.
///
/// # Errors
/// When the database cannot be reached or read.
pub async fn survey(config: &DatabaseConfig) -> Result<Catalog, StartError> {
    let schema = inspect(config).await?;
    Catalog::of(&schema, &BTreeMap::new()).map_err(StartError::Resources)
}

/// The schemas beside the configured ones that hold tables, and how many: for a database that
/// seems to be empty.
///
/// # Errors
/// When the database cannot be reached or read.
pub async fn elsewhere(config: &DatabaseConfig) -> Result<Vec<(String, i64)>, StartError> {
    let schemas = config.schemas.clone();
    look(config, move |conn| {
        Ok(schema::elsewhere(conn, &schemas).map_err(DatabaseError::from)?)
    })
    .await
}

/// What can be administered in the configured database, overlaid by configuration. Only looks, as
/// [`survey`].
///
/// # Errors
/// When the database cannot be reached or read, or the configuration does not fit it.
pub async fn catalog(config: &Config) -> Result<Arc<Catalog>, StartError> {
    let schema = inspect(&config.database).await?;
    let catalog =
        Catalog::of(&schema, &config.resources).map_err(|errors| misfits(config, errors))?;
    Ok(Arc::new(catalog))
}

/// What the roles of the configuration give over a catalog.
///
/// # Errors
/// When they do not fit it: all that is wrong, with the lines to change.
pub fn policy(config: &Config, catalog: Arc<Catalog>) -> Result<Policy, StartError> {
    Policy::new(catalog, &config.roles).map_err(|errors| misgrants(config, errors))
}

async fn inspect(config: &DatabaseConfig) -> Result<Schema, StartError> {
    let schemas = config.schemas.clone();
    look(config, move |conn| {
        Ok(schema::read(conn, &schemas).map_err(DatabaseError::from)?)
    })
    .await
}

/// Looks into the configured database by a connection of its own, which makes no setting that
/// lasts. A database that does not answer is told at once.
///
/// # Errors
/// When the database cannot be reached, and whatever the closure returns.
pub async fn look<T: Send + 'static>(
    config: &DatabaseConfig,
    f: impl FnOnce(&mut AnyConnection) -> Result<T, StartError> + Send + 'static,
) -> Result<T, StartError> {
    let target = existing(config)?;
    let behind = target.clone();
    let tuning = Tuning::from(config);
    let looked =
        tokio::task::spawn_blocking(move || store::look(&behind, &tuning, |conn, _| f(conn)));
    let looked = looked.await.map_err(|_| DatabaseError::Cut)?;
    looked.map_err(|error| explained(error, config, &target))
}

/// What a driver said, with what to do about it.
fn explained(error: StartError, config: &DatabaseConfig, target: &Target) -> StartError {
    let reason = error.to_string();
    let remedy = match &error {
        StartError::Database(DatabaseError::Query(_)) if reason.contains("permission denied") => {
            "bailiwick check names the GRANT that is missing".to_owned()
        }
        StartError::Database(DatabaseError::Unreachable(_) | DatabaseError::Query(_)) => {
            remedies::for_connection(target, &reason)
        }
        StartError::Migration(_) => remedies::for_own_tables(&reason).to_owned(),
        _ => return error,
    };
    let words: Vec<&str> = reason.split_whitespace().collect();
    StartError::Refused {
        database: config.redacted_url(),
        reason: config.redact(&words.join(" ")),
        remedy,
    }
}

/// Connects to the configured database, and reads what can be administered there.
///
/// The panel's own tables are made or brought up to date when `migrate` is set.
///
/// # Errors
/// When the database cannot be read, or the configuration does not fit it.
pub async fn open(config: &Config, migrate: bool) -> Result<Opened, StartError> {
    let schemas = config.database.schemas.clone();
    let schema = look(&config.database, move |conn| {
        let lacking = grants::lacking(conn).map_err(DatabaseError::from)?;
        if !lacking.is_empty() {
            return Err(StartError::Privileges(lacking));
        }
        if migrate {
            for version in migrations::run(conn)? {
                tracing::info!(migration = %version, "the panel's own tables were brought up to date");
            }
        }
        if conn.journal_is_rollback().map_err(DatabaseError::from)? {
            tracing::warn!(
                "the SQLite file is switched to write-ahead logging (WAL), which stays; the files \
                 NAME-wal and NAME-shm beside it belong to it from now on"
            );
        }
        Ok(schema::read(conn, &schemas).map_err(DatabaseError::from)?)
    })
    .await?;
    let database = connect(config)?;
    let catalog =
        Catalog::of(&schema, &config.resources).map_err(|errors| misfits(config, errors))?;
    Ok(Opened {
        database,
        catalog: Arc::new(catalog),
        schema,
    })
}

/// What does not fit, with the lines to change.
fn misfits(config: &Config, mut errors: Vec<OverlayError>) -> StartError {
    for error in &mut errors {
        error.setting = config.places.put_before(&error.setting);
    }
    StartError::Resources(errors)
}

/// The same of roles.
fn misgrants(config: &Config, mut errors: Vec<PolicyError>) -> StartError {
    for error in &mut errors {
        error.path = config.places.put_before(&error.path);
    }
    StartError::Roles(errors)
}

impl Panel {
    /// Puts a panel together from configuration.
    ///
    /// The identity provider need not answer yet; the database must.
    ///
    /// # Errors
    /// A [`StartError`] that says what to change.
    pub async fn start(config: &Config) -> Result<Self, StartError> {
        Self::start_at(config, Clock::system()).await
    }

    /// The same, with the time passed in.
    ///
    /// # Errors
    /// As [`Panel::start`].
    pub async fn start_at(config: &Config, clock: Clock) -> Result<Self, StartError> {
        let providers = providers(config, &clock)?;
        let public_url = config.server.public_url();
        let Opened {
            database,
            catalog,
            schema,
        } = open(config, true).await?;
        let policy = policy(config, catalog)?;
        let keeper = Keeper::new(&config.roles, policy.clone());
        let policies = Policies::new(policy);
        keeper.reload(&database, &policies).await?;
        let keys = Keyring::open(&database, &config.session.secrets()?).await?;
        let limits = Limits::from(&config.session);
        let urls = Urls::new(&config.server);
        tracing::debug!(public_url = %public_url, "the panel is put together");
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
        let freshness = sso::Freshness::new(sso::Ages::from(&config.session));
        let watched = providers.clone();
        let ground = Ground {
            urls: urls.clone(),
            error_page: panel::problem::page,
        };
        let health = Health {
            database: database.clone(),
            clock: clock.clone(),
            providers: Box::new(move || watched.health()),
            needs_provider: config.server.ready_needs_provider,
            metrics_from: config.server.metrics_from.clone(),
            metrics_token: config.server.metrics_token.clone(),
        };
        let site = Site {
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
            providers,
            denied_shows_expected: config.server.denied_shows_expected,
            step_up_page: panel::problem::step_up,
            denials: Denials::default(),
            exports: site::exports_beside(config.database.pool_size),
        };
        Ok(Self {
            site: Data::new(site),
            sign_in: Data::new(sign_in),
            rates: Data::new(Rates::new(&config.limits, &clock)),
            ground: Data::new(ground),
            proxies: Data::new(TrustedProxies::new(config.server.trusted_proxies.clone())),
            health: Data::new(health),
            freshness: Data::new(freshness),
            connections: Connections::new(
                config.limits.connections,
                config.server.trusted_proxies.clone(),
            ),
            sessions: DieselStore::new(database, clock, limits),
            audit_keep: config.audit.keep,
            keys,
        })
    }

    /// The routes of the panel, with everything around them; for `App::configure`.
    ///
    /// They answer below the path of the public URL, which may be empty: then every address that
    /// the application has not routed before is answered here.
    pub fn routes(&self) -> impl FnOnce(&mut ServiceConfig) + use<> {
        let panel = self.clone();
        move |app| {
            let root = panel.site.urls.root().to_owned();
            if !root.is_empty() {
                // A proxy may leave the prefix on or cut it off.
                panel.register(app, &root);
            }
            panel.register(app, "");
        }
    }

    fn register(&self, app: &mut ServiceConfig, prefix: &str) {
        let root = self.site.urls.root();
        let mount = self.site.urls.mount();
        let mount = mount.strip_prefix(root).unwrap_or(mount);
        let urls = self.site.urls.clone();
        let inside = web::scope(mount).guard(actix_web::guard::fn_guard(access::admitted));
        let outside = web::scope(mount)
            .configure(panel::routes_for_anybody)
            .default_service(web::to(panel::denied::turned_away));
        let keys = self.keys.clone();
        // With a session, and so with the database: all but what must answer without it.
        let panel = web::scope("")
            .wrap(from_fn(identify::identify))
            .wrap(from_fn(sso::freshness::recheck))
            .wrap(from_fn(step_up::lead))
            .wrap(from_fn(kept::keep))
            .wrap(from_fn(middleware::failures))
            .wrap(session::middleware(
                self.sessions.clone(),
                self.keys.first().clone(),
                &urls,
            ))
            .wrap(from_fn({
                let urls = urls.clone();
                move |request, next| session::tidy_cookie(keys.clone(), urls.clone(), request, next)
            }))
            .route("", web::get().to(panel::home::from_root))
            .route("/", web::get().to(panel::home::from_root))
            .configure(sso::routes)
            .service(inside.configure(panel::routes))
            .service(outside);
        app.service(
            web::scope(prefix)
                .app_data(self.site.clone())
                .app_data(self.sign_in.clone())
                .app_data(self.rates.clone())
                .app_data(self.ground.clone())
                .app_data(self.proxies.clone())
                .app_data(self.health.clone())
                .app_data(self.freshness.clone())
                .wrap(Compress::default())
                .wrap(from_fn(middleware::security))
                .wrap(from_fn(move |request, next| {
                    departure::mark(urls.clone(), request, next)
                }))
                .wrap(from_fn(middleware::head))
                .wrap(from_fn(middleware::log))
                .route("/healthz", web::get().to(health::healthz))
                .route("/readyz", web::get().to(health::readyz))
                .route("/metrics", web::get().to(health::metrics))
                .route("/static/{name}", web::get().to(assets::serve))
                .configure(sso::backchannel_routes)
                .service(panel),
        );
    }

    /// Looks for the provider and at the sizes of tables, for as long as the panel runs. To be
    /// called inside the runtime that serves it.
    pub fn watch(&self) {
        for provider in self.sign_in.providers.iter() {
            actix_web::rt::spawn(Arc::clone(provider).keep_looking());
        }
        actix_web::rt::spawn(site::keep_roles_up(self.site.clone()));
        actix_web::rt::spawn(schema_change::keep_looking(self.site.clone()));
        if let Some(keep) = self.audit_keep {
            let (database, clock) = (self.site.database.clone(), self.site.clock.clone());
            actix_web::rt::spawn(retention::keep_short(database, keep, clock));
        }
        let site = self.site.clone();
        actix_web::rt::spawn(async move {
            loop {
                let catalog = Arc::clone(site.policies.current().catalog());
                site.sizes.refresh(catalog, &site.database).await;
                tokio::time::sleep(SIZES_EVERY).await;
            }
        });
    }

    /// Counts the tables once, now.
    pub async fn count(&self) {
        let catalog = Arc::clone(self.site.policies.current().catalog());
        self.site.sizes.refresh(catalog, &self.site.database).await;
    }

    /// The open connections, for a server of the panel.
    pub fn connections(&self) -> &Arc<Connections> {
        &self.connections
    }

    /// Who may do what, now.
    pub fn policy(&self) -> Arc<Policy> {
        self.site.policies.current()
    }

    /// The connections.
    pub fn database(&self) -> &Database {
        &self.site.database
    }

    /// The identity provider of `[oidc]`.
    pub fn provider(&self) -> &Arc<Provider> {
        self.sign_in.providers.main()
    }
}
