//! The cookie that binds a sign-in to its browser.
//!
//! A browser keeps its cookie, so that all its tabs share it. Tabs that begin at the same time,
//! before there is one, get a cookie each. Their names differ, so that the last response does not
//! overwrite the others.

use crate::session::token;
use crate::web::Urls;
use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time::Duration};

/// The time limit of a sign-in, in minutes.
pub(in crate::sso) const MINUTES: i64 = 10;
/// The maximum number of these cookies in a browser.
const MAX_COOKIES: usize = 20;
/// The length of a value, in characters.
const VALUE_LEN: usize = 43;
/// The length of the random part of a name, in characters.
const SUFFIX_LEN: usize = 6;

/// The prefix of the cookie's name.
fn prefix(urls: &Urls) -> String {
    format!("{}-login-", urls.cookie())
}

/// Identifies a browser during sign-in.
pub(in crate::sso) struct Browser {
    name: String,
    value: String,
    surplus: Vec<String>,
}

/// The cookies of this kind in a request, by name and value.
fn brought(request: &HttpRequest, urls: &Urls) -> Vec<(String, String)> {
    let Ok(cookies) = request.cookies() else {
        return Vec::new();
    };
    let prefix = prefix(urls);
    let is_ours = |cookie: &&Cookie<'_>| {
        cookie.name().starts_with(&prefix) && cookie.value().len() == VALUE_LEN
    };
    cookies
        .iter()
        .filter(is_ours)
        .map(|cookie| (cookie.name().to_owned(), cookie.value().to_owned()))
        .collect()
}

/// The hashes that may identify the browser of this request.
pub(in crate::sso) fn hashes(request: &HttpRequest, urls: &Urls) -> Vec<String> {
    let brought = brought(request, urls).into_iter();
    brought
        .take(MAX_COOKIES)
        .map(|(_, value)| token::hash(&value))
        .collect()
}

impl Browser {
    /// The browser of this request, by its cookie or by a new one.
    pub fn of(request: &HttpRequest, urls: &Urls) -> Self {
        let mut brought = brought(request, urls).into_iter();
        let (name, value) = brought.next().unwrap_or_else(|| {
            let suffix: String = token::random().chars().take(SUFFIX_LEN).collect();
            (format!("{}{suffix}", prefix(urls)), token::random())
        });
        let surplus = brought.skip(MAX_COOKIES - 1).map(|(name, _)| name);
        Self {
            name,
            value,
            surplus: surplus.collect(),
        }
    }

    /// The hash in the panel's own tables.
    pub fn hash(&self) -> String {
        token::hash(&self.value)
    }

    /// The cookies to set. `crosses_sites` is set if the response may come in a form posted from
    /// the provider's page. Only a `SameSite=None` cookie is sent with it, and browsers accept that
    /// only over https.
    pub fn cookies(self, secure: bool, crosses_sites: bool) -> Vec<Cookie<'static>> {
        let build = |name: String, value: String| {
            Cookie::build(name, value)
                .path("/")
                .secure(secure || crosses_sites)
                .http_only(true)
                .same_site(if crosses_sites {
                    SameSite::None
                } else {
                    SameSite::Lax
                })
                .max_age(Duration::minutes(MINUTES))
                .finish()
        };
        let mut cookies = vec![build(self.name, self.value)];
        for name in self.surplus {
            let mut cookie = build(name, String::new());
            cookie.make_removal();
            cookies.push(cookie);
        }
        cookies
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;
    use crate::config::ServerConfig;
    use actix_web::test::TestRequest;

    fn urls(public: &str) -> Urls {
        Urls::new(&ServerConfig {
            public_url: public.parse().ok(),
            cookie_name: Some("bailiwick".into()),
            ..ServerConfig::default()
        })
    }

    #[test]
    fn over_https_the_cookie_is_held_to_the_host() {
        let cookies = Browser::of(
            &TestRequest::default().to_http_request(),
            &urls("https://p.example"),
        )
        .cookies(true, false);
        let text = cookies[0].to_string();
        assert!(text.starts_with("__Host-bailiwick-login-"), "{text}");
        for attribute in [
            "Secure",
            "HttpOnly",
            "SameSite=Lax",
            "Path=/",
            "Max-Age=600",
        ] {
            assert!(text.contains(attribute), "{text}");
        }
        assert!(!text.contains("Domain"), "{text}");
    }

    #[test]
    fn a_browser_keeps_the_cookie_it_has_and_is_left_with_few() {
        let mut request = TestRequest::default();
        for n in 0..25 {
            let name = format!("bailiwick-login-{n:06}");
            request = request.cookie(Cookie::new(name, format!("{n:043}")));
        }
        request = request.cookie(Cookie::new("bailiwick-login-short", "x"));
        let request = request.to_http_request();
        let urls = urls("http://127.0.0.1:1");
        let browser = Browser::of(&request, &urls);
        assert!(hashes(&request, &urls).contains(&browser.hash()));
        assert_eq!(hashes(&request, &urls).len(), MAX_COOKIES);
        let removed = browser
            .cookies(false, false)
            .into_iter()
            .filter(|cookie| cookie.max_age().is_some_and(|age| age.is_zero()));
        assert_eq!(removed.count(), 25 - MAX_COOKIES);
        assert!(hashes(&request, &self::urls("https://p.example")).is_empty());
    }
}
