//! The HTTP base layer: common middleware, errors, limits, rendering, assets and health.
//!
//! This room does not know sessions, sign-in or the panel. What it needs of them is passed in
//! ([`Ground`], [`health::Health`]).

pub mod asker;
pub mod assets;
pub mod body;
pub mod client;
pub mod connections;
pub mod departure;
pub mod failure;
pub mod ground;
pub mod health;
pub mod language;
pub mod limits;
pub mod markup;
pub mod middleware;
pub mod origin;
pub mod pages;
pub mod report;
pub mod segment;
pub mod urls;

pub use client::client_address;
pub use failure::Failure;
pub use ground::Ground;
pub use middleware::RequestId;
pub use report::FailureReport;
pub use urls::Urls;

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT;

/// Whether the client wants JSON instead of a page.
pub fn wants_json(request: &HttpRequest) -> bool {
    let accept = request
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok());
    let Some(accept) = accept else {
        return false;
    };
    let place = |kind: &str| accept.find(kind);
    match (place("application/json"), place("text/html")) {
        (Some(json), Some(html)) => json < html,
        (Some(_), None) => true,
        _ => accept.contains("application/problem+json"),
    }
}

/// Whether the response becomes the page of a tab, as far as the client says. Requests of scripts
/// and prefetches do not count.
pub fn navigates(request: &HttpRequest) -> bool {
    let header = |name: &str| {
        let value = request.headers().get(name);
        value.and_then(|value| value.to_str().ok())
    };
    header("sec-fetch-mode").is_none_or(|mode| mode == "navigate")
        && header("sec-fetch-dest").is_none_or(|dest| dest == "document")
        && header("sec-purpose").is_none_or(|purpose| !purpose.contains("prefetch"))
}
