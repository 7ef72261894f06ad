//! What handlers share.

use super::denials::Denials;
use super::keeper::{Keeper, LOOK_EVERY};
use super::roles_missed::RolesMissed;
use super::schema::{Force, Watch};
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

/// Writes a page of what is demanded; the last is where it can be proved.
pub type StepUpPage = fn(&HttpRequest, &Demanded, Option<String>) -> Result<HttpResponse, Failure>;

/// A running panel, as its handlers see it.
pub struct Site {
    /// Where everything is.
    pub urls: Urls,
    /// Who may do what.
    pub policies: Policies,
    /// Where roles come from.
    pub keeper: Keeper,
    /// The schema of the managed database, which may change.
    pub schema: Watch,
    /// The managed database.
    pub database: Database,
    /// The templates.
    pub pages: Pages,
    /// Who was denied lately for lack of a role.
    pub roles_missed: RolesMissed,
    /// How large tables are.
    pub sizes: Sizes,
    /// What time it is.
    pub clock: Clock,
    /// How long sessions last.
    pub limits: Limits,
    /// Whom a person without a role may ask.
    pub contact: Option<String>,
    /// The identity providers, for pages that explain.
    pub providers: Providers,
    /// Whether the denied page says which groups would give a role.
    pub denied_shows_expected: bool,
    /// Writes the page for someone who must prove first who they are, and cannot be sent to do it.
    pub step_up_page: StepUpPage,
    /// The refusals that are no entry in the audit log yet.
    pub denials: Denials,
    /// The exports that may run at a time: each holds a connection for as long as its client takes,
    /// and some must be left for everyone else.
    pub exports: Arc<Semaphore>,
}

impl Site {
    /// Reads the schema and puts it in force if it is another; says whether it is. A look that was
    /// taken less than `since` ago is enough.
    ///
    /// # Errors
    /// When the database cannot be read; then what was in force stays so.
    pub async fn look_at_schema(&self, since: Duration) -> Result<bool, DatabaseError> {
        let force = Force {
            database: &self.database,
            keeper: &self.keeper,
            policies: &self.policies,
        };
        self.schema.look(force, since).await
    }

    /// The claim in which this person's groups are looked for.
    pub fn groups_claim(&self, person: &Person) -> &str {
        let provider = self.providers.of(person);
        provider.map_or("groups", |provider| provider.groups_claim())
    }

    /// What the provider is called that this person signed in by, if there are several.
    pub fn provider_label(&self, person: &Person) -> Option<&str> {
        let provider = self.providers.of(person);
        let provider = provider.filter(|_| self.providers.are_several());
        provider.map(|provider| provider.label())
    }
}

/// Looks for changes by other processes, for as long as the panel runs.
pub(crate) async fn keep_roles_up(site: Data<Site>) {
    let mut is_well = true;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let outcome = site.keeper.reload(&site.database, &site.policies).await;
        match (&outcome, is_well) {
            (Err(error), true) => tracing::warn!(
                error = %error,
                "roles could not be read again; those that are in force stay so"
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
                tracing::error!(error = %error, denied = more, "refusals could not be noted");
            }
        }
    }
}

/// How many exports may run at a time beside a pool of so many connections.
pub fn exports_beside(pool_size: u32) -> Arc<Semaphore> {
    let half = usize::try_from(pool_size / 2).unwrap_or(1);
    Arc::new(Semaphore::new(half.max(1)))
}
