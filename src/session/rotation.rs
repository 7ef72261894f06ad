//! What the session's cookie needs outside the session middleware, which knows one key only, and
//! which would write a session whole to give it another id.

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

/// Says that a request has a session's cookie that this panel has signed, whether or not the session
/// is still there; put among its extensions.
pub struct Ours;

/// Signs the session's cookie anew if only an older key verifies it, or if it has the name of an
/// earlier version, in the request for the session middleware and in the answer for the browser; and
/// gives the session another id when its request asked for one.
///
/// # Errors
/// Passes on those of the handlers.
pub async fn tidy_cookie<B: MessageBody>(
    (store, keys, urls): (DieselStore, Keyring, Urls),
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let name = urls.cookie();
    let anew = replace(request.headers_mut(), &urls, &keys);
    // Not before: the request keeps the cookies that it has read once.
    let id = request
        .cookie(name)
        .and_then(|cookie| keys.verified(cookie));
    if id.is_some() {
        request.extensions_mut().insert(Ours);
    }
    // A page only: the answer to a script may be late, and undo a sign-in in another tab.
    let is_page = *request.method() == Method::GET && crate::web::navigates(request.request());
    let mut response = next.call(request).await?;
    // Of an id that is dead, or may be by now, the cookie is left as it is: signed anew it would go
    // over the one of the new id.
    let is_alive = response.request().extensions().get::<Present>().is_some();
    let change = match renewal::apply(response.request(), &store, id.as_deref()).await {
        Ok(change) => change,
        // What the answer says has not happened.
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

/// What the cookie was called before each panel had a name of its own: sessions of that time go on.
fn former_name(urls: &Urls) -> &'static str {
    if urls.secure() {
        "__Host-bailiwick"
    } else {
        "bailiwick"
    }
}

/// Puts the cookie signed anew in place of the old one; gives it back.
fn replace(headers: &mut HeaderMap, urls: &Urls, keys: &Keyring) -> Option<Cookie<'static>> {
    let text: Vec<&str> = headers
        .get_all(COOKIE)
        .map(|value| value.to_str())
        .collect::<Result<_, _>>()
        .ok()?;
    let pairs: Vec<&str> = text.iter().flat_map(|text| text.split(';')).collect();
    // The session middleware takes the first of that name.
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
