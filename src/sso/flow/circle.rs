//! Detects sign-in loops, and addresses at which sign-in cannot work. It shows what was observed,
//! instead of redirecting the browser forever.
//!
//! A cookie with a lifetime of one minute records when a browser signed in. It is removed once a
//! page is served to a signed-in person.

use super::error::SignInError;
use crate::sso::context::Context;
use crate::texts::text;
use crate::web::{Urls, client::scheme};
use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header::{HeaderMap, HeaderValue, SET_COOKIE};
use chrono::{DateTime, Utc};
use url::form_urlencoded;

/// This many sign-ins ...
const MOST: usize = 4;
/// ... within this many seconds, without a page in between, are a loop.
const WITHIN_S: i64 = 60;
/// A parameter in sign-in addresses: the warning about the address was shown.
const HERE: &str = "here";

fn name(urls: &Urls) -> String {
    format!("{}-signed-in", urls.cookie())
}

fn cookie(urls: &Urls, value: String, age_s: i64) -> Cookie<'static> {
    Cookie::build(name(urls), value)
        .path("/")
        .secure(urls.secure())
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(age_s))
        .finish()
}

/// The times of this browser's sign-ins within the last minute, in seconds since 1970.
fn recent(request: &HttpRequest, urls: &Urls, now: DateTime<Utc>) -> Vec<i64> {
    let Some(cookie) = request.cookie(&name(urls)) else {
        return Vec::new();
    };
    let times = cookie.value().split('.').take(2 * MOST);
    times
        .filter_map(|time| time.parse().ok())
        .filter(|time: &i64| (0..WITHIN_S).contains(&now.timestamp().saturating_sub(*time)))
        .collect()
}

/// The cookie with one more sign-in.
pub(in crate::sso) fn noted(request: &HttpRequest, context: &Context) -> Cookie<'static> {
    let (urls, now) = (&context.urls, context.clock.now());
    let mut times = recent(request, urls, now);
    times.push(now.timestamp());
    let surplus = times.len().saturating_sub(MOST);
    let times: Vec<String> = times.iter().skip(surplus).map(i64::to_string).collect();
    cookie(urls, times.join("."), WITHIN_S)
}

/// Removes the cookie: the loop has ended, or was reported.
pub(in crate::sso) fn removal(urls: &Urls) -> Cookie<'static> {
    cookie(urls, String::new(), 0)
}

/// Removes the cookie from a browser that was served a page, if it has one.
pub fn served(request: &HttpRequest, urls: &Urls, headers: &mut HeaderMap) {
    if request.cookie(&name(urls)).is_some()
        && let Ok(value) = HeaderValue::from_str(&removal(urls).to_string())
    {
        headers.append(SET_COOKIE, value);
    }
}

/// Whether a sign-in can begin here. It cannot after a loop, or where the browser would not keep
/// the panel's cookies.
///
/// # Errors
/// The obstacle.
pub(in crate::sso) fn check(
    request: &HttpRequest,
    context: &Context,
    return_to: &str,
) -> Result<(), SignInError> {
    let secure = context.urls.secure();
    if recent(request, &context.urls, context.clock.now()).len() >= MOST {
        let came_back = request.cookie(context.urls.cookie()).is_some();
        return Err(SignInError::Circle { came_back });
    }
    let is_told = form_urlencoded::parse(request.query_string().as_bytes()).any(|(k, _)| k == HERE);
    if secure && !is_told && came_in_the_clear(request) {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("return_to", return_to);
        query.append_pair(HERE, "1");
        let (origin, path) = (context.urls.origin(), context.url("/auth/login"));
        return Err(SignInError::InTheClear(format!(
            "{origin}{path}?{}",
            query.finish()
        )));
    }
    Ok(())
}

/// Whether the browser came by plain http. A trusted proxy says so, or headers show it. The browser
/// then sends the headers that it sends everywhere, but not those reserved for secure addresses
/// (Fetch Metadata).
fn came_in_the_clear(request: &HttpRequest) -> bool {
    match scheme(request) {
        Some(used) => used == "http",
        None => {
            let has = |name: &str| request.headers().contains_key(name);
            has("upgrade-insecure-requests") && !has("sec-fetch-mode")
        }
    }
}

/// What was observed about the address and the cookies, for the error page.
pub(in crate::sso) fn seen(request: &HttpRequest, context: &Context) -> Vec<(String, String)> {
    let configured = format!("{}{}", context.urls.origin(), context.urls.root());
    let session = match request.cookie(context.urls.cookie()) {
        Some(_) => text!("seen-cookie-sent"),
        None => text!("seen-cookie-missing"),
    };
    let scheme =
        scheme(request).map_or_else(|| text!("seen-scheme-unknown"), |scheme| printable(&scheme));
    let now = context.clock.now().format("%Y-%m-%d %H:%M:%S UTC");
    vec![
        (text!("seen-address"), configured),
        (text!("seen-host"), header(request, "host")),
        (text!("seen-scheme"), scheme),
        (text!("seen-cookie"), session),
        (text!("seen-clock"), now.to_string()),
    ]
}

fn header(request: &HttpRequest, name: &str) -> String {
    let value = request.headers().get(name);
    let value = value.and_then(|value| value.to_str().ok());
    value.map_or_else(|| text!("none"), printable)
}

/// A header value, reduced to characters that can be part of an address.
fn printable(text: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || ".:-[]_".contains(*c);
    text.chars().filter(plain).take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn urls(public: &str) -> Urls {
        Urls::new(&crate::config::ServerConfig {
            public_url: public.parse().ok(),
            cookie_name: Some("bailiwick".into()),
            ..crate::config::ServerConfig::default()
        })
    }

    fn with(value: &str) -> HttpRequest {
        let cookie = Cookie::new("bailiwick-signed-in", value.to_owned());
        TestRequest::default().cookie(cookie).to_http_request()
    }

    #[test]
    fn only_sign_ins_of_the_last_minute_count() {
        let now = DateTime::from_timestamp(1_000_000, 0).unwrap_or_default();
        let count = |value: &str| recent(&with(value), &urls("http://127.0.0.1:1"), now).len();
        assert_eq!(count("1000000.999999.999941"), 3);
        assert_eq!(count("999940"), 0, "a minute ago");
        assert_eq!(count("1000001"), 0, "not yet");
        assert_eq!(count("x..9999999999999999999999"), 0);
        assert_eq!(count(&"1000000.".repeat(1_000)), 8);
        assert_eq!(
            recent(&with("1000000"), &urls("https://p.example"), now).len(),
            0
        );
    }

    #[test]
    fn hosts_are_told_without_what_does_not_belong_in_one() {
        assert_eq!(printable("<b>a.example:1</b>"), "ba.example:1b");
    }
}
