//! Sign-in by OpenID Connect: the relying party.
//!
//! `openidconnect` makes the requests and verifies signatures. Whether a token signs somebody in is
//! decided in `token::verify`, which is stricter and reads claims as JSON.

pub mod context;
pub mod exchange;
pub mod flow;
pub mod freshness;
pub mod give_back;
pub mod pages;
pub mod provider;
pub mod sign_out;
pub mod token;

#[cfg(test)]
mod tests;

pub use context::{Context, Refusals, skew_of};
pub use exchange::ExchangeError;
pub use freshness::{Ages, Freshness};
pub use pages::{Choice, Emergency, Leave, Pages, Problem};
pub use provider::Provider;
pub use provider::metadata::Metadata;
pub use provider::providers::Providers;
pub use provider::settings::{Settings, SettingsError};
pub use sign_out::backchannel::backchannel_routes;
pub use token::groups::Groups;
pub use token::person::of_claims;

use crate::web::limits;
use actix_web::http::header::{CACHE_CONTROL, REFERRER_POLICY};
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::web;

/// The addresses of sign-in and sign-out below the root, besides those of [`CALLBACK`].
const ADDRESSES: [&str; 7] = [
    "/auth/login",
    "/auth/over",
    CALLBACK,
    "/auth/logout",
    "/auth/break-glass",
    "/auth/signed-out",
    "/auth/backchannel-logout",
];
/// The redirect URI path of `[oidc]`; other providers add one segment.
const CALLBACK: &str = "/auth/callback";

/// Whether a path below the root belongs to sign-in or sign-out.
pub fn has(path: &str) -> bool {
    let provider = path.strip_prefix(CALLBACK);
    let provider = provider.and_then(|rest| rest.strip_prefix('/'));
    ADDRESSES.contains(&path) || provider.is_some_and(|name| !name.contains('/'))
}

/// The routes of sign-in and sign-out, below the root and inside the session middleware.
pub fn routes(config: &mut web::ServiceConfig) {
    let scope = web::scope("/auth")
        .wrap(
            DefaultHeaders::new()
                .add((CACHE_CONTROL, "no-store"))
                .add((REFERRER_POLICY, "no-referrer")),
        )
        .service(
            web::resource("/login")
                .route(web::get().to(flow::login::begin))
                .route(web::post().to(flow::third_party::begin))
                .wrap(from_fn(limits::sign_ins)),
        )
        .service(web::resource("/over").route(web::get().to(flow::form_post::over)))
        .service(
            web::resource(["/callback", "/callback/{provider}"])
                .route(web::get().to(flow::callback::finish))
                .route(web::post().to(flow::form_post::finish))
                .wrap(from_fn(limits::callbacks)),
        )
        .service(web::resource("/logout").route(web::post().to(sign_out::logout::sign_out)))
        .service(
            web::resource("/break-glass")
                .route(web::get().to(flow::break_glass::show))
                .route(web::post().to(flow::break_glass::enter))
                .wrap(from_fn(limits::sign_ins)),
        )
        .service(web::resource("/signed-out").route(web::get().to(sign_out::logout::signed_out)));
    config.service(scope);
}
