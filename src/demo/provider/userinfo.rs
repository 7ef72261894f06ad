//! The userinfo endpoint (OpenID Connect Core, section 5.3).

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use openidconnect::UserInfoClaims;

use super::claims;
use super::shared::Shared;

/// `GET|POST /userinfo`, with the access token as a bearer token.
pub(super) async fn show(request: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let Some(token) = bearer(&request) else {
        return unauthorized("Bearer");
    };
    let store = shared.store();
    let known = store.access(token, shared.settings.clock.now());
    let Some((grant, person)) =
        known.and_then(|grant| Some((grant, store.person(&grant.session.subject)?)))
    else {
        return unauthorized("Bearer error=\"invalid_token\"");
    };
    let claims = UserInfoClaims::new(
        claims::standard(person, &grant.scopes),
        claims::extra(person, &grant.scopes),
    );
    HttpResponse::Ok().json(claims)
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request
        .headers()
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

fn unauthorized(challenge: &'static str) -> HttpResponse {
    HttpResponse::Unauthorized()
        .insert_header((header::WWW_AUTHENTICATE, challenge))
        .finish()
}
