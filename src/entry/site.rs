//! State shared by all handlers.

use super::denials::Denials;
use super::keeper::{Keeper, LOOK_EVERY};
use super::roles_missed::RolesMissed;
use super::schema::{SchemaUpdate, Watch};
use super::sizes::Sizes;
use crate::access::{Demanded, Person, Policies};
use crate::clock::Clock;
use crate::session::Limits;
use crate::sso::Providers;
use crate::store::audit::event::Denied;
use crate::store::audit::{self, Event, NewEntry};
use crate::store::{Database, DatabaseError};
use crate::web::Failure;
use crate::web::pages::Pages;
use crate::web::urls::Urls;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Writes the page for a step-up demand; the last argument is the address where it can be met.
pub type StepUpPage = fn(&HttpRequest, &Demanded, Option<String>) -> Result<HttpResponse, Failure>;

/// The state of a running panel.
pub struct Site {
    /// Addresses of the panel.
    pub urls: Urls,
    /// The current policy.
    pub policies: Policies,
    /// The source of roles.
    pub keeper: Keeper,
    /// The schema of the managed database, which may change.
    pub schema: Watch,
    /// The managed database.
    pub database: Database,
    /// The templates.
    pub pages: Pages,
    /// People recently denied because they have no role.
    pub roles_missed: RolesMissed,
    /// The sizes of tables.
    pub sizes: Sizes,
    /// The clock.
    pub clock: Clock,
    /// The lifetime of sessions.
    pub limits: Limits,
    /// The contact for people without a role.
    pub contact: Option<String>,
    /// The identity providers, for explanations on pages.
    pub providers: Providers,
    /// Whether the denied page says which groups would give a role.
    pub denied_shows_expected: bool,
    /// Writes the page for a person who needs step-up, but cannot be redirected to it.
    pub step_up_page: StepUpPage,
    /// Denials that are not in the audit log yet.
    pub denials: Denials,
    /// Limits concurrent exports. Each holds a connection as long as its client reads, and others
    /// need connections too.
    pub exports: Arc<Semaphore>,
}

impl Site {
    /// Reads the schema and applies it if it has changed; returns whether it has. Skips the check
    /// if one was made within `since`.
    ///
    /// # Errors
    /// When the database cannot be read; the current schema then stays.
    pub async fn look_at_schema(&self, since: Duration) -> Result<bool, DatabaseError> {
        let force = SchemaUpdate {
            database: &self.database,
            keeper: &self.keeper,
            policies: &self.policies,
        };
        self.schema.look(force, since).await
    }

    /// The name of the claim with this person's groups.
    pub fn groups_claim(&self, person: &Person) -> &str {
        let provider = self.providers.of(person);
        provider.map_or("groups", |provider| provider.groups_claim())
    }

    /// The label of this person's provider, if there are several.
    pub fn provider_label(&self, person: &Person) -> Option<&str> {
        let provider = self.providers.of(person);
        let provider = provider.filter(|_| self.providers.are_several());
        provider.map(|provider| provider.label())
    }
}

/// Checks for changes by other processes, as long as the panel runs.
pub(crate) async fn keep_roles_up(site: Data<Site>) {
    let mut is_well = true;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let outcome = site.keeper.reload(&site.database, &site.policies).await;
        match (&outcome, is_well) {
            (Err(error), true) => tracing::warn!(
                error = %error,
                "roles could not be read again; the previous ones stay in effect"
            ),
            (Ok(()), false) => tracing::info!("roles can be read again"),
            _ => {}
        }
        is_well = outcome.is_ok();
        for (actor, more) in site.denials.settled(site.clock.now()) {
            let entry = NewEntry::new(Event::Denied(Denied {
                why: None,
                more_before: Some(more),
            }));
            let now = site.clock.now().naive_utc();
            let record = move |conn: &mut _| {
                audit::record(conn, &actor, &entry, now).map_err(DatabaseError::from)
            };
            if let Err(error) = site.database.run(record).await {
                tracing::error!(error = %error, denied = more, "refusals could not be recorded");
            }
        }
    }
}

/// The limit on concurrent exports for a pool of this size.
pub fn exports_beside(pool_size: u32) -> Arc<Semaphore> {
    let half = usize::try_from(pool_size / 2).unwrap_or(1);
    Arc::new(Semaphore::new(half.max(1)))
}
