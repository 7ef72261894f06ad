//! Health for whoever watches the process.

use super::Site;
use crate::store::DatabaseError;
use actix_web::{HttpResponse, web};

/// GET /healthz: the process answers.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

/// GET /readyz: the database answers, and the panel's own tables are up to date.
pub async fn readyz(site: web::Data<Site>) -> HttpResponse {
    let pending = site
        .database
        .run(|conn| {
            crate::store::migrations::pending(conn).map_err(|error| {
                tracing::warn!(error = %error, "the panel's own tables cannot be read");
                DatabaseError::Cut
            })
        })
        .await;
    let (mut answer, text) = match pending {
        Ok(pending) if pending.is_empty() => (HttpResponse::Ok(), "ready\n"),
        Ok(_) => (
            HttpResponse::ServiceUnavailable(),
            "the panel's own tables are not up to date: run `bailiwick migrate`\n",
        ),
        Err(_) => (
            HttpResponse::ServiceUnavailable(),
            "the database does not answer\n",
        ),
    };
    answer.content_type("text/plain; charset=utf-8").body(text)
}

/// GET /metrics: connections and tables, in the Prometheus text format.
pub async fn metrics(site: web::Data<Site>) -> HttpResponse {
    let (used, most) = site.database.load();
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(format!(
            "# TYPE bailiwick_database_connections_used gauge\n\
             bailiwick_database_connections_used {used}\n\
             # TYPE bailiwick_database_connections_max gauge\n\
             bailiwick_database_connections_max {most}\n"
        ))
}
