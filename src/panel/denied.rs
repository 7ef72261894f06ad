//! Those whom the guard of the admin scope turned away: strangers are sent to sign in, people
//! without a role are told why they have none.

use super::frame::Frame;
use crate::session::Signed;
use crate::store::DatabaseError;
use crate::store::audit::{self, Action, Event};
use crate::web::access::{self, Access, Caller};
use crate::web::{Failure, RequestId, Site, middleware, wants_json};
use actix_web::http::header::LOCATION;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct View {
    name: String,
    email: Option<String>,
    groups: Vec<String>,
    groups_note: String,
    contact: Option<Contact>,
    reference: String,
    other_href: String,
}

/// Whom to ask.
#[derive(Serialize)]
pub(super) struct Contact {
    text: String,
    href: Option<String>,
}

/// Any address below the mount, for those who may not enter.
///
/// # Errors
/// [`Failure::SignedOut`] for a stranger who did not ask for a page.
pub async fn turned_away(
    request: HttpRequest,
    site: web::Data<Site>,
) -> Result<HttpResponse, Failure> {
    let access = request.extensions().get::<Access>().cloned();
    match access {
        Some(Access::Unmapped(caller)) => unmapped(&request, &site, &caller).await,
        // The guard lets them in: no route of the panel took the address.
        Some(Access::Admitted(_)) => Err(Failure::Missing),
        None => stranger(&request, &site),
    }
}

fn stranger(request: &HttpRequest, site: &Site) -> Result<HttpResponse, Failure> {
    let is_script = request
        .headers()
        .get("sec-fetch-mode")
        .is_some_and(|mode| mode != "navigate");
    if wants_json(request) || is_script {
        return Err(Failure::SignedOut);
    }
    let mut back = url::form_urlencoded::Serializer::new(String::new());
    // Only a page can be returned to: the address of a form's target stands for the form.
    back.append_pair("return_to", &site.urls.as_seen(request.uri()));
    let sign_in = format!("{}/auth/login?{}", site.urls.root(), back.finish());
    let status = match *request.method() {
        Method::GET | Method::HEAD => StatusCode::FOUND,
        _ => StatusCode::SEE_OTHER,
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
    let actor = access::actor(request, caller);
    let now = site.clock.now().naive_utc();
    let event = Event::new(Action::Denied).with_details(serde_json::json!({
        "missing": "a role",
        "groups_received": signed.person.groups.len(),
        "groups_note": signed.groups_note.name(),
    }));
    site.database
        .run(move |conn| audit::record(conn, &actor, &event, now).map_err(DatabaseError::from))
        .await?;
    let title = "You are signed in, but have no role here";
    if wants_json(request) {
        let text = format!(
            "{} is signed in, and no role is given: {}",
            signed.person.name,
            groups_note(site, signed)
        );
        return Ok(middleware::problem(
            request,
            title,
            &text,
            StatusCode::FORBIDDEN,
            None,
        ));
    }
    let view = View {
        name: signed.person.name.clone(),
        email: signed.person.email.clone(),
        groups: signed.person.groups.clone(),
        groups_note: groups_note(site, signed),
        contact: site.contact.as_deref().map(Contact::of),
        reference: RequestId::of(request),
        other_href: format!(
            "{}/auth/login?prompt=select_account&return_to={}%2F",
            site.urls.root(),
            site.urls.mount()
        ),
    };
    let frame = Frame::bare(request, site, title);
    site.pages
        .answer(StatusCode::FORBIDDEN, "denied.html", &frame, &view)
}

fn groups_note(site: &Site, signed: &Signed) -> String {
    match signed.person.groups.len() {
        0 => signed.groups_note.text(&site.groups_claim),
        1 => "One group came, and it is not mapped to a role.".into(),
        count => format!("{count} groups came, and none of them is mapped to a role."),
    }
}

impl Contact {
    /// A mail or web address becomes a link.
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
