//! Health for whoever watches the process.

use super::client::{client_address, is_trusted};
use crate::clock::Clock;
use crate::config::Networks;
use crate::secret::Secret;
use crate::store::party::{self, Who};
use crate::store::{Database, DatabaseError};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use std::net::IpAddr;
use subtle::ConstantTimeEq;

/// What is looked at; app data, as `web::Data<Health>`.
pub struct Health {
    /// The managed database, which holds the panel's own tables.
    pub database: Database,
    /// Tells the time.
    pub clock: Clock,
    /// How the identity providers stand now.
    pub providers: Box<dyn Fn() -> Vec<ProviderHealth> + Send + Sync>,
    /// Whether the panel is not ready while a provider does not answer.
    pub needs_provider: bool,
    /// From where numbers about the panel are told.
    pub metrics_from: Networks,
    /// What gives them to somebody elsewhere.
    pub metrics_token: Option<Secret>,
}

/// How an identity provider stands.
pub struct ProviderHealth {
    /// Its issuer.
    pub issuer: String,
    /// Whether it answers.
    pub is_up: bool,
    /// What is wrong with it, in words.
    pub fault: Option<String>,
    /// When its metadata was last read.
    pub metadata_read_at: Option<DateTime<Utc>>,
    /// When its keys were last read.
    pub keys_read_at: Option<DateTime<Utc>>,
}

/// GET /healthz: the process answers.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

/// GET /readyz: the database answers, and the panel's own tables are up to date. How the identity
/// providers stand is told too, to those who may know; sessions go on without them, so that it is
/// for the operator to say (`server.ready_needs_provider`) whether it counts.
pub async fn readyz(request: HttpRequest, health: web::Data<Health>) -> HttpResponse {
    let pending = health.database.run(|conn| {
        crate::store::migrations::pending(conn).map_err(|error| {
            tracing::warn!(error = %error, "the panel's own tables cannot be read");
            DatabaseError::Cut
        })
    });
    let address = client_address(&request).and_then(|address| address.parse().ok());
    let (is_ready, text) = match party::on_behalf_of(Who::Stranger(address), pending).await {
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

/// Whether somebody may know how the panel and what it relies on are doing: from a network of
/// `server.metrics_from`, or with the token.
fn may_know(request: &HttpRequest, health: &Health) -> bool {
    let bearer = request.headers().get(header::AUTHORIZATION);
    let bearer = bearer.and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    if let (Some(token), Some(bearer)) = (&health.metrics_token, bearer) {
        let token = token.reveal().as_bytes();
        return !token.is_empty() && bool::from(token.ct_eq(bearer));
    }
    let peer = request.peer_addr().map(|peer| peer.ip());
    let is_proxy = peer.is_some_and(|peer| is_trusted(request, peer));
    // What a proxy sends on that is not named is from nobody knows where.
    let is_sent_on = ["x-forwarded-for", "forwarded", "x-real-ip"]
        .iter()
        .any(|name| request.headers().contains_key(*name));
    if is_sent_on && !is_proxy {
        return false;
    }
    let address = client_address(request).and_then(|address| address.parse().ok());
    address.is_some_and(|address: IpAddr| health.metrics_from.contain(address))
}

/// Whether the panel is ready as far as its providers go, and how they stand.
fn told(health: &Health) -> (bool, String) {
    let providers = (health.providers)().into_iter();
    let wrong: Vec<String> = providers.filter_map(|provider| provider.fault).collect();
    match (wrong.is_empty(), health.needs_provider) {
        (true, _) => (true, "ready".to_owned()),
        (false, false) => (true, format!("ready; {}", wrong.join("; "))),
        (false, true) => (false, wrong.join("; ")),
    }
}

/// GET /metrics: connections and providers, in the Prometheus text format.
/// Told to those who may know.
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
            // A URL may hold neither a quote nor a newline; a backslash must be doubled.
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
