//! How browsers leave for another host.
//!
//! The policy of a form (`form-action 'self'`) covers every redirect that follows the form too. Where
//! one of them leads to another host, Chromium stays on the page and says nothing. So a redirect to
//! another host never follows a form of ours: a page of ours leads on instead.

use super::{Urls, navigates};
use actix_web::Error;
use actix_web::HttpRequest;
use actix_web::body::MessageBody;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderValue, SET_COOKIE};
use actix_web::middleware::Next;

/// How long a browser may take from a form to the page that its redirects lead to, in seconds.
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

/// Marks the redirects that follow a form, with a short-lived cookie: the requests that they cause
/// look like those of a link.
///
/// # Errors
/// Passes on those of the handlers.
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

/// Whether this request was caused by a redirect after a form.
pub fn follows_a_form(request: &HttpRequest, urls: &Urls) -> bool {
    request.cookie(&name(urls)).is_some()
}

/// Takes the mark away.
pub fn removal(urls: &Urls) -> Cookie<'static> {
    cookie(urls, 0)
}
