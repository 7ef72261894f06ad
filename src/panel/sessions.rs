//! Lists sessions and ends them: one's own, and with the right to it everybody's.

pub mod browser;
mod end;

pub use end::{end, end_others, end_person};

use super::cell::Moment;
use super::frame::Frame;
use crate::entry::Entered;
use crate::entry::manage::{Manages, Sessions};
use crate::store::DatabaseError;
use crate::store::sessions::{self, ListedSession, MAX_LISTED, Search, SessionOwner};
use crate::texts::text;
use crate::web::{Failure, wants_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::{Value, json};

/// The maximum length of a search text, in characters.
const MAX_SEARCH: usize = 100;

/// A session on a page.
#[derive(Debug, Serialize)]
pub struct Line {
    reference: String,
    name: String,
    issuer: String,
    subject: String,
    roles: String,
    browser: String,
    user_agent: Option<String>,
    address: Option<String>,
    /// The reason, if it is a break-glass session.
    emergency: Option<String>,
    since: Moment,
    used: Moment,
    current: bool,
    own: bool,
}

/// Sessions, and the targets of the forms that end them.
#[derive(Debug, Serialize)]
pub struct Lines {
    lines: Vec<Line>,
    end_href: String,
    end_person_href: String,
    end_others_href: String,
    /// The page to return to.
    back: &'static str,
    /// Whether there are other sessions to end than the current one.
    others: bool,
}

#[derive(Serialize)]
struct SessionsPage {
    sessions: Lines,
    action: String,
    search: String,
    count: String,
    full: Option<String>,
}

/// GET {mount}/sessions: everybody's.
///
/// # Errors
/// When the right is missing, or the database fails.
pub async fn show(
    request: HttpRequest,
    manager: Manages<Sessions>,
) -> Result<HttpResponse, Failure> {
    let entered = manager.entered;
    let search = search(&request)?;
    let lines = load(&entered, SessionOwner::Everybodys, search.clone()).await?;
    if wants_json(&request) {
        let lines: Vec<Value> = lines.iter().map(Line::as_json).collect();
        return Ok(HttpResponse::Ok().json(json!({
            "sessions": lines,
            "csrf_token": entered.signed.csrf(),
        })));
    }
    let done = done(&request);
    let frame = Frame::panel(&request, &entered, "sessions", &text!("sessions"))
        .crumb(text!("sessions"), None)
        .done(done.as_deref());
    let is_full = i64::try_from(lines.len()).is_ok_and(|count| count >= MAX_LISTED);
    let view = SessionsPage {
        action: format!("{}/sessions", entered.site().urls.mount()),
        count: text!("sessions-count", count = lines.len()),
        full: is_full.then(|| text!("sessions-full", count = MAX_LISTED)),
        sessions: Lines::new(&entered, lines, "sessions"),
        search: search.unwrap_or_default(),
    };
    entered
        .site()
        .pages
        .answer(StatusCode::OK, "sessions.html", &frame, &view)
}

/// The sessions of the person who makes the request.
///
/// # Errors
/// When the database fails.
pub async fn own(entered: &Entered) -> Result<Lines, Failure> {
    let lines = load(entered, entered.own_sessions(), None).await?;
    Ok(Lines::new(entered, lines, "me"))
}

/// The message about what was just done, for [`Frame::done`].
pub fn done(request: &HttpRequest) -> Option<String> {
    let mut query = url::form_urlencoded::parse(request.query_string().as_bytes());
    let (_, done) = query.find(|(name, _)| name == "done")?;
    Some(done.into_owned())
}

fn search(request: &HttpRequest) -> Result<Option<String>, Failure> {
    let mut query = url::form_urlencoded::parse(request.query_string().as_bytes());
    let Some((_, search)) = query.find(|(name, _)| name == "q") else {
        return Ok(None);
    };
    let search = search.trim();
    match search.chars().count() {
        0 => Ok(None),
        count if count > MAX_SEARCH => Err(Failure::Invalid(text!(
            "sessions-search-length",
            count = MAX_SEARCH
        ))),
        _ => Ok(Some(search.to_owned())),
    }
}

async fn load(
    entered: &Entered,
    whose: SessionOwner<'_>,
    search: Option<String>,
) -> Result<Vec<Line>, Failure> {
    let site = entered.site();
    let since = site.limits.since(site.clock.now().naive_utc());
    let search = search.map(|text| {
        let roles = roles_labelled(entered, &text);
        Search { text, roles }
    });
    let person = match whose {
        SessionOwner::Everybodys => None,
        SessionOwner::Of { issuer, subject } => Some((issuer.to_owned(), subject.to_owned())),
    };
    let seen = site
        .database
        .run(move |conn| {
            let whose = match &person {
                None => SessionOwner::Everybodys,
                Some((issuer, subject)) => SessionOwner::Of { issuer, subject },
            };
            let seen = sessions::list(conn, whose, search.as_ref(), since);
            seen.map_err(DatabaseError::from)
        })
        .await?;
    let lines = seen.into_iter().map(|seen| Line::of(entered, seen));
    Ok(lines.collect())
}

/// The roles whose label contains this text, ignoring case.
fn roles_labelled(entered: &Entered, text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let roles = entered.policy().all_roles().iter();
    roles
        .filter(|role| role.label.to_lowercase().contains(&text))
        .map(|role| role.name.clone())
        .collect()
}

impl Lines {
    fn new(entered: &Entered, lines: Vec<Line>, back: &'static str) -> Self {
        let at = |path: &str| format!("{}/sessions/{path}", entered.site().urls.mount());
        Self {
            others: lines.iter().any(|line| line.own && !line.current),
            lines,
            end_href: at("end"),
            end_person_href: at("end-person"),
            end_others_href: at("end-others"),
            back,
        }
    }

    /// As JSON.
    pub fn as_json(&self) -> Value {
        self.lines.iter().map(Line::as_json).collect()
    }
}

impl Line {
    fn of(entered: &Entered, mut seen: ListedSession) -> Self {
        // Under other rules, other groups matter; its next request will see the same. An unreadable
        // session has no rules and no roles.
        if !seen.rules.is_empty() && seen.rules != entered.policy().rules() {
            seen.person.groups = std::mem::take(&mut seen.told);
        }
        let roles = entered.policy().roles(&seen.person);
        let roles: Vec<&str> = roles.iter().map(|role| role.label.as_str()).collect();
        let me = entered.person();
        Self {
            emergency: seen.person.break_glass_reason().map(str::to_owned),
            current: seen.reference == entered.signed.reference,
            own: seen.person.issuer == me.issuer && seen.person.subject == me.subject,
            reference: seen.reference,
            roles: roles.join(", "),
            name: seen.person.name,
            issuer: seen.person.issuer,
            subject: seen.person.subject,
            browser: browser::in_words(seen.user_agent.as_deref()),
            user_agent: seen.user_agent,
            address: seen.address,
            since: Moment::utc(seen.created_at),
            used: Moment::utc(seen.last_seen_at),
        }
    }

    fn as_json(&self) -> Value {
        json!({
            "reference": self.reference,
            "person": { "name": self.name, "issuer": self.issuer, "subject": self.subject },
            "roles": self.roles,
            "browser": self.browser,
            "user_agent": self.user_agent,
            "address": self.address,
            "break_glass": self.emergency,
            "since": self.since.iso(),
            "last_used": self.used.iso(),
            "current": self.current,
        })
    }
}
