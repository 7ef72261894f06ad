//! The pages about roles. Configured roles are only shown. Stored roles are edited here, by people
//! who may manage roles.
//!
//! Every change is previewed with its effect on known people. It is saved only if the state is
//! still the one that was shown.

mod change;
mod confirm;
mod described;
mod difference;
mod edit;
mod fields;
mod group;
mod remove;
pub(super) mod trail;
mod view;
mod words;

use super::frame::Frame;
use super::{form_page, page};
use crate::access::{Person, Policy, StoredRoles};
use crate::entry::Entered;
use crate::entry::manage::{Manages, Roles};
use crate::store::people::{self, KnownPerson};
use crate::store::{AnyConnection, roles};
use crate::texts::text;
use crate::web::{Failure, wants_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The maximum number of people examined: those last seen.
const MAX_PEOPLE: i64 = 20_000;

/// The routes, below the mount.
pub(super) fn routes(scope: &mut web::ServiceConfig) {
    scope
        .service(page("/roles").get(show))
        .service(
            form_page("/roles/new")
                .get(edit::show_new)
                .post(edit::create),
        )
        .service(form_page("/roles/{name}").get(edit::show).post(edit::save))
        .service(
            form_page("/roles/{name}/delete")
                .get(remove::show_role)
                .post(remove::delete_role),
        )
        .service(
            form_page("/roles/{name}/groups")
                .get(group::show)
                .post(group::add),
        )
        .service(
            form_page("/roles/{name}/groups/{id}/remove")
                .get(remove::show_rule)
                .post(remove::remove_rule),
        );
}

/// How a page was reached.
#[derive(Deserialize)]
struct PageOrigin {
    done: Option<String>,
}

/// The current state that the role pages are made from.
struct Picture {
    kept: StoredRoles,
    policy: Policy,
    known: Vec<KnownPerson>,
}

impl Picture {
    /// Reads it. Must be called within one transaction.
    fn read(conn: &mut AnyConnection, configured: &Policy, asking: &Person) -> QueryResult<Self> {
        let kept = roles::load(conn)?;
        let mut known = people::latest(conn, MAX_PEOPLE)?;
        known.sort_by_cached_key(place);
        // More is known of the person who asks: the claims of their current session.
        let is_asking = |known: &&mut KnownPerson| {
            known.person.issuer == asking.issuer && known.person.subject == asking.subject
        };
        if let Some(known) = known.iter_mut().find(is_asking) {
            known.person = Person {
                as_role: None,
                ..asking.clone()
            };
        }
        Ok(Self {
            policy: configured.clone().with_kept(&kept),
            kept,
            known,
        })
    }

    /// Reads it in a hop of its own.
    async fn of(entered: &Entered) -> Result<Self, Failure> {
        let site = entered.site();
        let configured = site.keeper.configured();
        let asking = entered.in_full().await?;
        site.database
            .run(move |conn| conn.snapshot(|conn| Ok(Self::read(conn, &configured, &asking)?)))
            .await
    }

    fn people(&self) -> Vec<Person> {
        let people = self.known.iter().map(|known| known.person.clone());
        people.collect()
    }
}

/// The sort key for lists: by name, ignoring case.
fn place(known: &KnownPerson) -> (String, String, String) {
    let person = &known.person;
    (
        person.name.to_lowercase(),
        person.issuer.clone(),
        person.subject.clone(),
    )
}

#[derive(Serialize)]
struct List {
    roles: Vec<view::RoleView>,
    left_over: Vec<view::GroupView>,
    new_href: String,
    access_href: String,
}

/// GET {mount}/roles. Permissions: managing roles.
///
/// # Errors
/// When the right is missing, or the database fails.
async fn show(
    request: HttpRequest,
    managing: Manages<Roles>,
    reached: web::Query<PageOrigin>,
) -> Result<HttpResponse, Failure> {
    let entered = managing.entered;
    let picture = Picture::of(&entered).await?;
    let roles = view::all(&entered, &picture);
    let left_over = view::left_over(&entered, &picture);
    if wants_json(&request) {
        let roles: Vec<_> = roles.iter().map(view::RoleView::as_json).collect();
        return Ok(HttpResponse::Ok().json(json!({
            "version": picture.kept.version,
            "roles": roles,
            "left_over": left_over,
            "csrf_token": entered.signed.csrf(),
        })));
    }
    let urls = &entered.site().urls;
    let list = List {
        roles,
        left_over,
        new_href: urls.role("new"),
        access_href: format!("{}/access", urls.mount()),
    };
    let frame = frame(&request, &entered, &text!("roles"))
        .crumb(text!("roles"), None)
        .done(reached.done.as_deref());
    let pages = &entered.site().pages;
    pages.answer(StatusCode::OK, "roles.html", &frame, &list)
}

/// The frame of a page about roles.
fn frame(request: &HttpRequest, entered: &Entered, title: &str) -> Frame {
    Frame::panel(request, entered, "roles", title)
}

/// The frame of a page about one role, with its breadcrumbs.
fn frame_of(
    request: &HttpRequest,
    entered: &Entered,
    (name, label): (&str, &str),
    last: Option<&str>,
) -> Frame {
    let urls = &entered.site().urls;
    let title = match last {
        Some(last) => format!("{last} \u{b7} {label}"),
        None => label.to_owned(),
    };
    let frame = frame(request, entered, &title).crumb(text!("roles"), Some(urls.roles()));
    match last {
        // A role that does not exist yet has no page.
        Some(last) if last == text!("role-new-crumb") => frame.crumb(last, None),
        Some(last) => frame.crumb(label, Some(urls.role(name))).crumb(last, None),
        None => frame.crumb(label, None),
    }
}
