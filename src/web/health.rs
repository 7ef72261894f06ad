//! Health for whoever watches the process.

use crate::entry::Site;
use crate::sso;
use crate::store::DatabaseError;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};

/// GET /healthz: the process answers.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

/// GET /readyz: the database answers, and the panel's own tables are up to date. How the identity
/// providers stand is told too; sessions go on without them, so that it is for the operator to say
/// (`server.ready_needs_provider`) whether it counts.
pub async fn readyz(site: web::Data<Site>, sign_in: web::Data<sso::Context>) -> HttpResponse {
    let pending = site
        .database
        .run(|conn| {
            crate::store::migrations::pending(conn).map_err(|error| {
                tracing::warn!(error = %error, "the panel's own tables cannot be read");
                DatabaseError::Cut
            })
        })
        .await;
    let (is_ready, text) = match pending {
        Ok(pending) if pending.is_empty() => told(&site, &sign_in),
        Ok(_) => (
            false,
            "the panel's own tables are not up to date: run `bailiwick migrate`".to_owned(),
        ),
        Err(_) => (false, "the database does not answer".to_owned()),
    };
    let mut answer = match is_ready {
        true => HttpResponse::Ok(),
        false => HttpResponse::ServiceUnavailable(),
    };
    answer
        .content_type("text/plain; charset=utf-8")
        .body(format!("{text}\n"))
}

/// Whether the panel is ready as far as its providers go, and how they stand.
fn told(site: &Site, sign_in: &sso::Context) -> (bool, String) {
    let providers = sign_in.providers.iter();
    let wrong: Vec<String> = providers
        .filter_map(|provider| provider.standing().in_words(provider.issuer()))
        .collect();
    match (wrong.is_empty(), site.ready_needs_provider) {
        (true, _) => (true, "ready".to_owned()),
        (false, false) => (true, format!("ready; {}", wrong.join("; "))),
        (false, true) => (false, wrong.join("; ")),
    }
}

/// GET /metrics: connections and providers, in the Prometheus text format.
pub async fn metrics(site: web::Data<Site>, sign_in: web::Data<sso::Context>) -> HttpResponse {
    let (used, most) = site.database.load();
    let mut text = format!(
        "# TYPE bailiwick_database_connections_used gauge\n\
         bailiwick_database_connections_used {used}\n\
         # TYPE bailiwick_database_connections_max gauge\n\
         bailiwick_database_connections_max {most}\n"
    );
    text.push_str(&of_providers(&site, &sign_in));
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(text)
}

fn of_providers(site: &Site, sign_in: &sso::Context) -> String {
    let now = site.clock.now();
    let age = |at: DateTime<Utc>| now.signed_duration_since(at).num_seconds();
    let mut up = String::from("# TYPE bailiwick_provider_up gauge\n");
    let mut metadata = String::from("# TYPE bailiwick_provider_metadata_age_seconds gauge\n");
    let mut keys = String::from("# TYPE bailiwick_provider_keys_age_seconds gauge\n");
    for provider in sign_in.providers.iter() {
        let standing = provider.standing();
        let line = |name: &str, value: i64| {
            // A URL may hold neither a quote nor a newline; a backslash must be doubled.
            let issuer = provider.issuer().replace('\\', "\\\\");
            format!("{name}{{issuer=\"{issuer}\"}} {value}\n")
        };
        up.push_str(&line("bailiwick_provider_up", standing.is_up().into()));
        if let Some(at) = standing.metadata_read_at {
            let name = "bailiwick_provider_metadata_age_seconds";
            metadata.push_str(&line(name, age(at)));
        }
        if let Some(at) = standing.keys_read_at {
            keys.push_str(&line("bailiwick_provider_keys_age_seconds", age(at)));
        }
    }
    [up, metadata, keys].concat()
}
