//! Background tasks.

use super::retention;
use crate::entry::schema_change;
use crate::entry::site::{self, Site};
use crate::sso::Providers;
use actix_web::web::Data;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// The interval for counting tables.
const SIZES_EVERY: Duration = Duration::from_secs(300);

/// Starts the background tasks, which stop when the returned value is dropped. They check the
/// providers, roles, the schema and the sizes of tables, and delete old audit log entries.
pub(super) fn begin(
    site: &Data<Site>,
    providers: &Providers,
    audit_keep: Option<Duration>,
) -> JoinSet<()> {
    let mut watching = JoinSet::new();
    for provider in providers.iter() {
        watching.spawn(Arc::clone(provider).keep_looking());
    }
    watching.spawn(site::keep_roles_up(site.clone()));
    watching.spawn(schema_change::keep_looking(site.clone()));
    if let Some(keep) = audit_keep {
        let (database, clock) = (site.database.clone(), site.clock.clone());
        watching.spawn(retention::keep_short(database, keep, clock));
    }
    let site = site.clone();
    watching.spawn(async move {
        loop {
            let catalog = Arc::clone(site.policies.current().catalog());
            site.sizes.refresh(catalog, &site.database).await;
            tokio::time::sleep(SIZES_EVERY).await;
        }
    });
    watching
}
