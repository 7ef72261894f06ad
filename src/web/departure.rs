//! Redirects of browsers to another host.
//!
//! The policy for forms (`form-action 'self'`) also covers every redirect after a form. If one
//! leads to another host, Chromium silently stays on the page. So the panel never redirects to
//! another host after one of its forms. It shows a page that leads on instead.

use super::{Urls, navigates};
use actix_web::Error;
use actix_web::HttpRequest;
use actix_web::body::MessageBody;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderValue, SET_COOKIE};
use actix_web::middleware::Next;

/// How long a browser may take from a form to the page after its redirects, in seconds.
const WITHIN_S: i64 = 10;

fn name(urls: &Urls) -> String {
    format!("{}-form", urls.cookie())
}

fn cookie(urls: &Urls, age_s: i64) -> Cookie<'static> {
    Cookie::build(name(urls), "1")
        .path("/")
        .secure(urls.secure())
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(age_s))
        .finish()
}

/// Marks redirects after a form with a short-lived cookie, because the resulting requests look like
/// those of a link.
///
/// # Errors
/// The errors of the handlers.
pub async fn mark<B: MessageBody>(
    urls: Urls,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let is_form = *request.method() == Method::POST
        && request.headers().contains_key("sec-fetch-mode")
        && navigates(request.request());
    let mut response = next.call(request).await?;
    if is_form
        && response.status().is_redirection()
        && let Ok(value) = HeaderValue::from_str(&cookie(&urls, WITHIN_S).to_string())
    {
        response.headers_mut().append(SET_COOKIE, value);
    }
    Ok(response)
}

/// Whether this request follows a redirect after a form.
pub fn follows_a_form(request: &HttpRequest, urls: &Urls) -> bool {
    request.cookie(&name(urls)).is_some()
}

/// Removes the mark.
pub fn removal(urls: &Urls) -> Cookie<'static> {
    cookie(urls, 0)
}
