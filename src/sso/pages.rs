//! The pages of sign-in and sign-out.

use crate::texts::text;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

/// A page that says why something failed, and what to do.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The status of the response.
    pub status: StatusCode,
    /// A heading, in plain words.
    pub title: String,
    /// What happened and what to do, in plain words.
    pub text: String,
    /// The request id, as in the log.
    pub reference: String,
    /// The number of seconds before a retry makes sense.
    pub retry_after_s: Option<u32>,
    /// Where to start again, if that helps.
    pub start_again: Option<String>,
    /// The panel's home, for someone who is still signed in.
    pub home: Option<String>,
    /// What was observed about the request, if the browser or the address is the cause.
    pub seen: Vec<(String, String)>,
}

/// A provider to choose.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Its name in configuration.
    pub name: String,
    /// Its label.
    pub label: String,
    /// The address to sign in with it.
    pub href: String,
}

/// A page that leads on to another host: see [`crate::web::departure`].
#[derive(Debug, Clone, serde::Serialize)]
pub struct Leave {
    /// The target.
    pub href: String,
    /// A heading, in plain words.
    pub title: String,
    /// The reason, in plain words.
    pub text: String,
}

impl Leave {
    /// Leads to the provider for sign-in.
    pub(in crate::sso) fn to_sign_in(href: &str) -> Self {
        Self {
            href: href.to_owned(),
            title: text!("leave-sign-in"),
            text: text!("leave-sign-in-text"),
        }
    }

    /// Leads to the provider for sign-out.
    pub(in crate::sso) fn to_sign_out(href: &str) -> Self {
        Self {
            href: href.to_owned(),
            title: text!("leave-sign-out"),
            text: text!("leave-sign-out-text"),
        }
    }
}

/// The content of a break-glass page.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Emergency {
    /// The role of the link.
    pub role: String,
    /// The reason of the link.
    pub reason: String,
    /// Who made it.
    pub made_by: String,
    /// The session's lifetime, in minutes.
    pub minutes: i64,
    /// When the link expires.
    pub use_before: String,
    /// The target of the form.
    pub action: String,
    /// The content of the form.
    #[serde(rename = "token")]
    pub(in crate::sso) token: Token,
}

/// The token of a link; it must not appear in any log.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct Token(pub(in crate::sso) String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Renders the pages. The caller adds headers against caching.
pub trait Pages: Send + Sync {
    /// A page that says why something failed.
    fn problem(&self, request: &HttpRequest, problem: &Problem) -> HttpResponse;

    /// The page where a person chooses a provider.
    fn choose(&self, request: &HttpRequest, choices: &[Choice]) -> HttpResponse;

    /// What a break-glass link does, with a button to use it.
    fn emergency(&self, request: &HttpRequest, link: &Emergency) -> HttpResponse;

    /// The page that leads on to another host.
    fn leave(&self, request: &HttpRequest, leave: &Leave) -> HttpResponse;

    /// The page after sign-out; it must not start a sign-in automatically.
    fn signed_out(&self, request: &HttpRequest, text: Option<&str>) -> HttpResponse;
}
