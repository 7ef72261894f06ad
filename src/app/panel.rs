//! A running panel.

use crate::entry::Site;
use crate::session::{DieselStore, Keyring};
use crate::sso;
use crate::web::Ground;
use crate::web::client::TrustedProxies;
use crate::web::connections::Connections;
use crate::web::health::Health;
use crate::web::limits::Limits as Rates;
use actix_web::web::Data;
use std::sync::Arc;
use tokio::task::JoinSet;

/// A running panel: cheap to clone, shared by all workers.
///
/// Background tasks check the identity provider, roles, the schema and the sizes of tables. They
/// run as long as a clone exists.
#[derive(Clone)]
pub struct Panel {
    pub(super) site: Data<Site>,
    pub(super) sign_in: Data<sso::Context>,
    pub(super) rates: Data<Rates>,
    pub(super) ground: Data<Ground>,
    pub(super) proxies: Data<TrustedProxies>,
    pub(super) health: Data<Health>,
    pub(super) freshness: Data<sso::Freshness>,
    pub(super) sessions: DieselStore,
    pub(super) keys: Keyring,
    pub(super) connections: Arc<Connections>,
    /// The background tasks; they end with the last clone.
    pub(super) _watching: Arc<JoinSet<()>>,
}

impl Panel {
    /// The open connections, for a server that serves only the panel.
    pub(crate) fn connections(&self) -> &Arc<Connections> {
        &self.connections
    }

    /// Counts the tables once.
    #[cfg(any(test, feature = "testing"))]
    #[doc(hidden)]
    pub async fn count(&self) {
        let catalog = Arc::clone(self.site.policies.current().catalog());
        self.site.sizes.refresh(catalog, &self.site.database).await;
    }
}
