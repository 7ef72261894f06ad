//! What people are shown when sign-in or sign-out ends on a page of ours.

use crate::texts::text;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

/// A page that says why something did not work, and what to do.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The status of the answer.
    pub status: StatusCode,
    /// A heading, in plain words.
    pub title: String,
    /// What happened and what to do, in plain words.
    pub text: String,
    /// The request, as in the log.
    pub reference: String,
    /// After how many seconds it makes sense to try again.
    pub retry_after_s: Option<u32>,
    /// Where to begin again, if that helps.
    pub start_again: Option<String>,
    /// The panel's home, for someone who is still signed in.
    pub home: Option<String>,
    /// What was seen of the request, where it is the browser or the address that is in the way.
    pub seen: Vec<(String, String)>,
}

/// One of several providers that a person may sign in by.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Its name in configuration.
    pub name: String,
    /// What people know it by.
    pub label: String,
    /// Where to sign in by it.
    pub href: String,
}

/// A page that leads on to another host at once: see [`crate::web::departure`].
#[derive(Debug, Clone, serde::Serialize)]
pub struct Leave {
    /// Where it leads to.
    pub href: String,
    /// A heading, in plain words.
    pub title: String,
    /// What for, in plain words.
    pub text: String,
}

impl Leave {
    /// To the provider, to sign in there.
    pub(in crate::sso) fn to_sign_in(href: &str) -> Self {
        Self {
            href: href.to_owned(),
            title: text!("leave-sign-in"),
            text: text!("leave-sign-in-text"),
        }
    }

    /// To the provider, to sign out there.
    pub(in crate::sso) fn to_sign_out(href: &str) -> Self {
        Self {
            href: href.to_owned(),
            title: text!("leave-sign-out"),
            text: text!("leave-sign-out-text"),
        }
    }
}

/// What the page of a link says.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Emergency {
    /// The role it gives.
    pub role: String,
    /// Why it was made.
    pub reason: String,
    /// Who made it.
    pub made_by: String,
    /// How long the session lasts, in minutes.
    pub minutes: i64,
    /// When the link stops working.
    pub use_before: String,
    /// Where the form goes.
    pub action: String,
    /// What the form carries.
    #[serde(rename = "token")]
    pub(in crate::sso) token: Token,
}

/// The token of a link, which is not to be seen in any log.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct Token(pub(in crate::sso) String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Renders the pages. Headers against caching are added to whatever it returns.
pub trait Pages: Send + Sync {
    /// A page that says why something did not work.
    fn problem(&self, request: &HttpRequest, problem: &Problem) -> HttpResponse;

    /// The page on which a person chooses a provider.
    fn choose(&self, request: &HttpRequest, choices: &[Choice]) -> HttpResponse;

    /// What a link made on the server would do, with the button that does it.
    fn emergency(&self, request: &HttpRequest, link: &Emergency) -> HttpResponse;

    /// The page that leads on to another host.
    fn leave(&self, request: &HttpRequest, leave: &Leave) -> HttpResponse;

    /// The page after sign-out; it must not begin a sign-in by itself.
    fn signed_out(&self, request: &HttpRequest, text: Option<&str>) -> HttpResponse;
}
