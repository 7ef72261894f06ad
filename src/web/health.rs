//! Health endpoints for monitoring.

use super::client::{client_address, is_trusted};
use crate::clock::Clock;
use crate::config::Networks;
use crate::secret::Secret;
use crate::store::party::{self, OnBehalfOf};
use crate::store::{Database, DatabaseError};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use std::net::IpAddr;
use subtle::ConstantTimeEq;

/// What is checked; app data, as `web::Data<Health>`.
pub struct Health {
    /// The managed database, which holds the panel's own tables.
    pub database: Database,
    /// The clock.
    pub clock: Clock,
    /// Returns the current state of the identity providers.
    pub providers: Box<dyn Fn() -> Vec<ProviderHealth> + Send + Sync>,
    /// Whether the panel counts as not ready while a provider is down.
    pub needs_provider: bool,
    /// Networks that may read details and metrics.
    pub metrics_from: Networks,
    /// A token that gives access to them from elsewhere.
    pub metrics_token: Option<Secret>,
}

/// The state of an identity provider.
pub struct ProviderHealth {
    /// Its issuer.
    pub issuer: String,
    /// Whether it responds.
    pub is_up: bool,
    /// Its fault, in words.
    pub fault: Option<String>,
    /// When its metadata was last read.
    pub metadata_read_at: Option<DateTime<Utc>>,
    /// When its keys were last read.
    pub keys_read_at: Option<DateTime<Utc>>,
}

/// GET /healthz: succeeds while the process responds.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

/// GET /readyz: succeeds if the database responds and the panel's own tables are migrated. It
/// reports the state of identity providers to those who may know. Sessions continue without them,
/// so the setting `server.ready_needs_provider` decides whether they count.
pub async fn readyz(request: HttpRequest, health: web::Data<Health>) -> HttpResponse {
    let pending = health.database.run(|conn| {
        crate::store::migrations::pending(conn).map_err(|error| {
            tracing::warn!(error = %error, "the panel's own tables cannot be read");
            DatabaseError::Cut
        })
    });
    let address = client_address(&request).and_then(|address| address.parse().ok());
    let (is_ready, text) = match party::on_behalf_of(OnBehalfOf::Stranger(address), pending).await {
        Ok(pending) if pending.is_empty() => told(&health),
        Ok(_) => (
            false,
            "the panel's own tables are not up to date: run `bailiwick migrate`".to_owned(),
        ),
        Err(_) => (false, "the database does not answer".to_owned()),
    };
    let text = match (may_know(&request, &health), is_ready) {
        (true, _) => text,
        (false, true) => "ready".to_owned(),
        (false, false) => "not ready".to_owned(),
    };
    let mut answer = if is_ready {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    };
    answer
        .content_type("text/plain; charset=utf-8")
        .body(format!("{text}\n"))
}

/// Whether the client may see the state of the panel: from a network in `server.metrics_from`, or
/// with the token.
fn may_know(request: &HttpRequest, health: &Health) -> bool {
    let bearer = request.headers().get(header::AUTHORIZATION);
    let bearer = bearer.and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    if let (Some(token), Some(bearer)) = (&health.metrics_token, bearer) {
        let token = token.reveal().as_bytes();
        return !token.is_empty() && bool::from(token.ct_eq(bearer));
    }
    let peer = request.peer_addr().map(|peer| peer.ip());
    let is_proxy = peer.is_some_and(|peer| is_trusted(request, peer));
    // A request forwarded by an unknown proxy has an unknown origin.
    let is_sent_on = ["x-forwarded-for", "forwarded", "x-real-ip"]
        .iter()
        .any(|name| request.headers().contains_key(*name));
    if is_sent_on && !is_proxy {
        return false;
    }
    let address = client_address(request).and_then(|address| address.parse().ok());
    address.is_some_and(|address: IpAddr| health.metrics_from.contain(address))
}

/// Whether the panel is ready as far as its providers are concerned, and their state.
fn told(health: &Health) -> (bool, String) {
    let providers = (health.providers)().into_iter();
    let wrong: Vec<String> = providers.filter_map(|provider| provider.fault).collect();
    match (wrong.is_empty(), health.needs_provider) {
        (true, _) => (true, "ready".to_owned()),
        (false, false) => (true, format!("ready; {}", wrong.join("; "))),
        (false, true) => (false, wrong.join("; ")),
    }
}

/// GET /metrics: connections and providers, in the Prometheus text format, for those who may know.
pub async fn metrics(request: HttpRequest, health: web::Data<Health>) -> HttpResponse {
    if !may_know(&request, &health) {
        return HttpResponse::Forbidden()
            .content_type("text/plain; charset=utf-8")
            .body(
                "This is told to networks of server.metrics_from, or with server.metrics_token.\n",
            );
    }
    let (used, most) = health.database.load();
    let mut text = format!(
        "# TYPE bailiwick_database_connections_used gauge\n\
         bailiwick_database_connections_used {used}\n\
         # TYPE bailiwick_database_connections_max gauge\n\
         bailiwick_database_connections_max {most}\n"
    );
    text.push_str(&of_providers(&health));
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(text)
}

fn of_providers(health: &Health) -> String {
    let now = health.clock.now();
    let age = |at: DateTime<Utc>| now.signed_duration_since(at).num_seconds();
    let mut up = String::from("# TYPE bailiwick_provider_up gauge\n");
    let mut metadata = String::from("# TYPE bailiwick_provider_metadata_age_seconds gauge\n");
    let mut keys = String::from("# TYPE bailiwick_provider_keys_age_seconds gauge\n");
    for provider in (health.providers)() {
        let line = |name: &str, value: i64| {
            // A URL can contain neither a quote nor a newline; a backslash must be doubled.
            let issuer = provider.issuer.replace('\\', "\\\\");
            format!("{name}{{issuer=\"{issuer}\"}} {value}\n")
        };
        up.push_str(&line("bailiwick_provider_up", provider.is_up.into()));
        if let Some(at) = provider.metadata_read_at {
            let name = "bailiwick_provider_metadata_age_seconds";
            metadata.push_str(&line(name, age(at)));
        }
        if let Some(at) = provider.keys_read_at {
            keys.push_str(&line("bailiwick_provider_keys_age_seconds", age(at)));
        }
    }
    [up, metadata, keys].concat()
}
