//! Responses to people whom the guard of the admin scope rejects. Without a session they are sent
//! to sign in; without a role they are told why.

use super::frame::{Frame, UNSAVED};
use crate::access::GroupsNote;
use crate::access::Person;
use crate::entry::Site;
use crate::entry::access::{self, Access, Caller};
use crate::entry::kept::KeepsTypedText;
use crate::session::{Signed, groups};
use crate::store::audit::NewEntry;
use crate::store::audit::event::{DenialReason, Groups};
use crate::texts::text;
use crate::web::{Failure, RequestId, wants_json};
use actix_web::http::header::LOCATION;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use serde::Serialize;
use std::sync::Arc;

/// The number of groups shown before the rest is folded.
const GROUPS_SHOWN: usize = 12;
/// The number of groups in a log message.
const GROUPS_LOGGED: usize = 20;
/// The response to a script that sent something after its session had ended.
fn unsent() -> Failure {
    Failure::Lapsed(text!("error-lapsed-unsent"))
}

/// The response to a form that was sent after its session had ended, and is shown again.
fn late() -> Failure {
    Failure::Lapsed(text!("error-lapsed-late"))
}

#[derive(Serialize)]
struct DeniedPage {
    name: String,
    email: Option<String>,
    provider: Option<String>,
    /// The account name at the provider, if it was sent and is not the e-mail address.
    account: Option<String>,
    issuer: String,
    subject: String,
    count: String,
    groups: Vec<String>,
    more_groups: Vec<String>,
    groups_note: String,
    looked_in: String,
    expected: Vec<Expected>,
    contact: Option<Contact>,
    reference: String,
    other_href: String,
}

/// What would give a role; shown only if that is allowed.
#[derive(Serialize)]
struct Expected {
    role: String,
    groups: String,
}

/// The contact.
#[derive(Serialize)]
pub(super) struct Contact {
    text: String,
    href: Option<String>,
}

/// Any address below the mount, for people who may not enter.
///
/// # Errors
/// [`Failure::SignedOut`] without a session, if the request is not for a page.
pub async fn turned_away(
    request: HttpRequest,
    site: web::Data<Site>,
) -> Result<HttpResponse, Failure> {
    let access = request.extensions().get::<Access>().cloned();
    match access {
        Some(Access::Unmapped(caller)) => unmapped(&request, &site, &caller).await,
        // The guard admits them, so no route of the panel matched.
        Some(Access::Admitted(_)) => Err(Failure::Missing),
        None => stranger(&request, &site),
    }
}

fn stranger(request: &HttpRequest, site: &Site) -> Result<HttpResponse, Failure> {
    let is_script = request
        .headers()
        .get("sec-fetch-mode")
        .is_some_and(|mode| mode != "navigate");
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_read && request.extensions().get::<KeepsTypedText>().is_some() {
        return Err(late());
    }
    if wants_json(request) || is_script {
        return Err(if is_read {
            Failure::SignedOut
        } else {
            unsent()
        });
    }
    let mut back = url::form_urlencoded::Serializer::new(String::new());
    // Only a page can be returned to; the form's address stands for it.
    let mut path = site.urls.as_seen(request.uri());
    if !is_read {
        // Nothing is sent again automatically, and the form says so.
        path.push(if path.contains('?') { '&' } else { '?' });
        path.push_str(UNSAVED);
        path.push_str("=1");
    }
    back.append_pair("return_to", &path);
    let sign_in = format!("{}/auth/login?{}", site.urls.root(), back.finish());
    let status = if is_read {
        StatusCode::FOUND
    } else {
        StatusCode::SEE_OTHER
    };
    Ok(HttpResponse::build(status)
        .insert_header((LOCATION, sign_in))
        .finish())
}

async fn unmapped(
    request: &HttpRequest,
    site: &Site,
    caller: &Caller,
) -> Result<HttpResponse, Failure> {
    let signed = &caller.signed;
    let person = groups::in_full(&site.database, signed).await?;
    if site.roles_missed.is_due(&person, site.clock.now()) {
        let groups = person.groups.iter().take(GROUPS_LOGGED);
        let groups: Vec<&str> = groups.map(String::as_str).collect();
        tracing::warn!(
            request.id = RequestId::of(request),
            oidc.provider = person.provider,
            oidc.subject = person.subject,
            groups.count = person.groups.len(),
            groups.note = signed.groups_note.name(),
            groups.names = ?groups,
            "a person was denied: none of their groups gives a role"
        );
    }
    let actor = Arc::new(access::actor(request, caller));
    let groups = Groups {
        groups_received: person.groups.len(),
        groups_note: Some(signed.groups_note.name().to_owned()),
        provider: signed.person.provider.clone(),
    };
    let entry = NewEntry::new(DenialReason::no_role(groups).into());
    access::note_denied(site, &actor, entry).await?;
    let view = DeniedPage::of(request, site, caller, &person);
    if wants_json(request) {
        return Ok(view.as_problem());
    }
    let frame = Frame::bare(request, site, &text!("denied-title"));
    site.pages
        .answer(StatusCode::FORBIDDEN, "denied.html", &frame, &view)
}

impl DeniedPage {
    fn of(request: &HttpRequest, site: &Site, caller: &Caller, person: &Person) -> Self {
        let mut groups = person.groups.clone();
        let more_groups = groups.split_off(groups.len().min(GROUPS_SHOWN));
        let account = person.claims.get("preferred_username");
        let account = account.and_then(|account| account.as_str());
        Self {
            name: person.name.clone(),
            email: person.email.clone(),
            account: account
                .filter(|account| Some(*account) != person.email.as_deref())
                .map(str::to_owned),
            provider: site.provider_label(person).map(str::to_owned),
            issuer: person.issuer.clone(),
            subject: person.subject.clone(),
            count: match person.groups.len() {
                0 => text!("none"),
                count => text!("number", count = count),
            },
            groups,
            more_groups,
            groups_note: groups_note(site, &caller.signed, person),
            looked_in: text!("denied-looked-in", claim = site.groups_claim(person)),
            expected: if site.denied_shows_expected {
                expected(caller)
            } else {
                Vec::new()
            },
            contact: site.contact.as_deref().map(Contact::of),
            reference: RequestId::of(request),
            other_href: format!(
                "{}/auth/login?prompt=select_account&return_to={}%2F",
                site.urls.root(),
                site.urls.mount()
            ),
        }
    }

    /// The response as a problem document (RFC 9457).
    fn as_problem(&self) -> HttpResponse {
        let groups: Vec<&String> = self.groups.iter().chain(&self.more_groups).collect();
        let mut body = serde_json::json!({
            "type": "about:blank",
            "title": text!("denied-title"),
            "status": StatusCode::FORBIDDEN.as_u16(),
            "detail": text!(
                "denied-detail",
                name = self.name.as_str(),
                note = self.groups_note.as_str()
            ),
            "request_id": self.reference,
            "name": self.name,
            "email": self.email,
            "account": self.account,
            "issuer": self.issuer,
            "subject": self.subject,
            "groups": groups,
            "groups_note": self.groups_note,
            "looked_in": self.looked_in,
            "contact": self.contact.as_ref().map(|contact| &contact.text),
            "other_account": self.other_href,
        });
        if let (false, Some(body)) = (self.expected.is_empty(), body.as_object_mut()) {
            body.insert("expected".into(), serde_json::json!(self.expected));
        }
        HttpResponse::Forbidden()
            .content_type("application/problem+json")
            .body(body.to_string())
    }
}

/// The groups that give a role to people of the same provider.
fn expected(caller: &Caller) -> Vec<Expected> {
    let provider = caller.signed.person.provider.as_deref();
    let roles = caller.policy.all_roles().iter();
    roles
        .filter_map(|role| {
            let mappings = role.mappings.iter().map(|mapping| &mapping.rule);
            let groups: Vec<String> = mappings
                .filter(|rule| rule.at.as_deref() == provider)
                .map(ToString::to_string)
                .collect();
            (!groups.is_empty()).then(|| Expected {
                role: role.label.clone(),
                groups: groups.join(", "),
            })
        })
        .collect()
}

fn groups_note(site: &Site, signed: &Signed, person: &Person) -> String {
    if signed.look.is_some() {
        return match person.groups.len() {
            0 => text!("denied-look-role"),
            _ => text!("denied-look-groups"),
        };
    }
    match person.groups.len() {
        0 => {
            let note = signed.groups_note.text(site.groups_claim(person));
            match (&signed.groups_note, came(person)) {
                (GroupsNote::Absent, Some(came)) => {
                    text!("denied-came", note = note, claims = came)
                }
                _ => note,
            }
        }
        count => text!("denied-unmapped", count = count),
    }
}

/// The names of the claims that were stored.
fn came(person: &Person) -> Option<String> {
    let names: Vec<&str> = person.claims.keys().map(String::as_str).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

impl Contact {
    /// An e-mail or web address becomes a link.
    pub(super) fn of(text: &str) -> Self {
        let is_mail = text.contains('@') && !text.contains(char::is_whitespace);
        let is_web = text.starts_with("https://") || text.starts_with("http://");
        Self {
            text: text.to_owned(),
            href: match (is_mail, is_web) {
                (_, true) => Some(text.to_owned()),
                (true, _) => Some(format!("mailto:{text}")),
                _ => None,
            },
        }
    }
}
