//! Changes to the session cookie that the session middleware cannot make. The middleware knows only
//! one key, and would write the whole session to change its id.

use super::renewal::{self, CookieChange};
use super::{DieselStore, Keyring, Present, cookie};
use crate::web::{Failure, Urls, middleware};
use actix_web::body::{EitherBody, MessageBody};
use actix_web::cookie::Cookie;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};

/// Marks a request whose session cookie this panel has signed, even if the session no longer
/// exists. It is stored in the request's extensions.
pub struct OwnCookie;

/// Signs the session cookie with the first key, if an older key signed it or it has a former name.
/// The session middleware gets the new cookie in the request. The browser gets it in the response
/// to a page, while the session is alive. If the request asked for a new session id, the response
/// sets that instead.
///
/// # Errors
/// The errors of the handlers.
pub async fn tidy_cookie<B: MessageBody>(
    (store, keys, urls): (DieselStore, Keyring, Urls),
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let name = urls.cookie();
    let anew = replace(request.headers_mut(), &urls, &keys);
    // After `replace`, because the request caches its cookies when they are first read.
    let id = request
        .cookie(name)
        .and_then(|cookie| keys.verified(cookie));
    if id.is_some() {
        request.extensions_mut().insert(OwnCookie);
    }
    // Only for pages: a late response to a script could undo a sign-in in another tab.
    let is_page = *request.method() == Method::GET && crate::web::navigates(request.request());
    let mut response = next.call(request).await?;
    // A cookie whose id is dead, or may be by now, stays as it is. Signed again, it would replace
    // the cookie with the new id.
    let is_alive = response.request().extensions().get::<Present>().is_some();
    let change = match renewal::apply(response.request(), &store, id.as_deref()).await {
        Ok(change) => change,
        // The response reports a change that was not made.
        Err(error) => {
            tracing::error!(error = %error, "a session could not be changed");
            let page = middleware::answer(response.request(), &Failure::from(error));
            return Ok(response.into_response(page).map_into_right_body());
        }
    };
    let value = match change {
        CookieChange::NewId(id) => Some(keys.signed(name, id)),
        CookieChange::None => anew.filter(|_| is_alive && is_page),
        CookieChange::Leave => None,
    };
    let headers = response.headers_mut();
    let starts = format!("{name}=");
    let is_set = headers
        .get_all(SET_COOKIE)
        .any(|cookie| cookie.as_bytes().starts_with(starts.as_bytes()));
    if let Some(value) = value.filter(|_| !is_set) {
        let cookie = cookie(&urls, value.value().to_owned());
        if let Ok(value) = HeaderValue::from_str(&cookie.encoded().to_string()) {
            headers.append(SET_COOKIE, value);
        }
    }
    Ok(response.map_into_left_body())
}

/// The name of the cookie before each panel had its own. Sessions from that time stay valid.
fn former_name(urls: &Urls) -> &'static str {
    if urls.secure() {
        "__Host-bailiwick"
    } else {
        "bailiwick"
    }
}

/// Replaces a session cookie that has an older key or a former name, and returns the new cookie.
fn replace(headers: &mut HeaderMap, urls: &Urls, keys: &Keyring) -> Option<Cookie<'static>> {
    let text: Vec<&str> = headers
        .get_all(COOKIE)
        .map(|value| value.to_str())
        .collect::<Result<_, _>>()
        .ok()?;
    let pairs: Vec<&str> = text.iter().flat_map(|text| text.split(';')).collect();
    // The session middleware uses the first cookie with that name.
    let named = |name: &str| {
        pairs.iter().enumerate().find_map(|(place, pair)| {
            let cookie = Cookie::parse_encoded((*pair).trim().to_owned()).ok()?;
            (cookie.name() == name).then_some((place, cookie))
        })
    };
    let (place, anew) = match named(urls.cookie()) {
        Some((place, old)) => (place, keys.signed_anew(&old)?),
        None => {
            let (place, old) = named(former_name(urls))?;
            (place, keys.renamed(&old, urls.cookie())?)
        }
    };
    let kept = pairs
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != place);
    let kept = kept.map(|(_, pair)| pair.trim().to_owned());
    let first = anew.encoded().stripped().to_string();
    let all: Vec<String> = std::iter::once(first).chain(kept).collect();
    let value = HeaderValue::from_str(&all.join("; ")).ok()?;
    headers.insert(COOKIE, value);
    Some(anew)
}
