//! Sign-in started by the provider or a page of links (OpenID Connect Core, section 4).
//!
//! It starts like any other. External parameters only select a configured provider and a page of
//! the panel.

use super::error::SignInError;
use super::form_post::Form;
use super::malformed::Malformed;
use super::{login, return_to};
use crate::sso::context::Context;
use crate::web::Urls;
use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse, web};

/// The maximum length of a hint that is passed on, in bytes.
const MAX_HINT: usize = 256;

/// `POST /auth/login`: the same parameters in a form. Nothing else is started by POST.
pub(in crate::sso) async fn begin(
    request: HttpRequest,
    session: Session,
    body: Form,
    context: web::Data<Context>,
) -> HttpResponse {
    let outcome = match body.text(&request) {
        Ok(text) => start(&request, &session, text, &context).await,
        Err(error) => Err(error),
    };
    context.answer(&request, outcome)
}

async fn start(
    request: &HttpRequest,
    session: &Session,
    text: &str,
    context: &Context,
) -> Result<HttpResponse, SignInError> {
    let begun = login::Query::parse(text)?;
    if begun.iss.is_none() {
        return Err(SignInError::Request(Malformed::NoIssuer));
    }
    login::start(request, session, &begun, text, context).await
}

/// The return path from `target_link_uri`. An address of the panel is reduced to its path, and
/// validated like any other return path.
pub(in crate::sso) fn target(uri: Option<&str>, urls: &Urls) -> String {
    let path = uri.map(|uri| uri.strip_prefix(urls.origin()).unwrap_or(uri));
    return_to::filter(path, urls.mount())
}

/// Returns a hint if it may be passed on to the provider.
pub(in crate::sso) fn hint(hint: Option<&str>) -> Option<&str> {
    hint.filter(|hint| {
        !hint.is_empty() && hint.len() <= MAX_HINT && !hint.chars().any(char::is_control)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::config::ServerConfig;

    #[test]
    fn a_target_is_a_page_of_ours_or_none() {
        let urls = Urls::new(&ServerConfig {
            public_url: Some("https://panel.example/ops".parse().unwrap()),
            ..ServerConfig::default()
        });
        for (uri, path) in [
            (
                "https://panel.example/ops/admin/data/orders?q=1",
                "/ops/admin/data/orders?q=1",
            ),
            ("/ops/admin/me", "/ops/admin/me"),
            (
                "https://panel.example.evil.example/ops/admin/me",
                "/ops/admin/",
            ),
            ("https://panel.example:444/ops/admin/me", "/ops/admin/"),
            (
                "https://panel.example@evil.example/ops/admin/",
                "/ops/admin/",
            ),
            ("http://panel.example/ops/admin/me", "/ops/admin/"),
            ("https://panel.example//evil.example/", "/ops/admin/"),
            ("https://panel.example/auth/logout", "/ops/admin/"),
            ("//evil.example", "/ops/admin/"),
            ("https://panel.example", "/ops/admin/"),
            ("javascript:alert(1)", "/ops/admin/"),
        ] {
            assert_eq!(target(Some(uri), &urls), path, "{uri}");
        }
        assert_eq!(target(None, &urls), "/ops/admin/");
    }

    #[test]
    fn a_hint_is_short_and_plain() {
        assert_eq!(hint(Some("alice@example.com")), Some("alice@example.com"));
        assert!(hint(Some(&"x".repeat(256))).is_some());
        for bad in ["", "a\r\nb", &"x".repeat(257)] {
            assert_eq!(hint(Some(bad)), None);
        }
    }
}
