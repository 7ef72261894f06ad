//! The page of the views of a list.

use super::Shelf;
use super::bar::{Role, may_change, roles, written};
use super::tabs::{self, Counting};
use crate::access::{Permit, View as MayView};
use crate::config::Manage;
use crate::entry::query::ListQuery;
use crate::entry::query::view::Saved;
use crate::entry::{Entered, Granted, sizes};
use crate::panel::frame::Frame;
use crate::panel::sessions::done;
use crate::store::views::{self, LONGEST_NAME, Start, View};
use crate::store::{AnyConnection, DatabaseError};
use crate::texts::text;
use crate::web::{Failure, wants_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::{Value as Json, json};

/// The page.
#[derive(Serialize)]
struct Page {
    /// The label of the list.
    label: String,
    list_href: String,
    lines: Vec<Line>,
    roles: Vec<Role>,
    longest: usize,
    start_action: String,
    starts: Vec<Choice>,
    /// For people who manage roles: what the list starts with, by role.
    for_roles: Vec<ForRole>,
}

/// A view.
#[derive(Serialize)]
struct Line {
    id: i64,
    name: String,
    href: String,
    action: String,
    /// What its forms carry, so that nothing is overwritten that was not seen.
    digest: String,
    is_own: bool,
    may_change: bool,
    /// The role it is shared with.
    role: Option<String>,
    role_label: Option<String>,
    /// Whether the reader does not have that role.
    is_foreign: bool,
    /// Whether the list starts with it for the reader.
    is_start: bool,
}

#[derive(Serialize)]
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

#[derive(Serialize)]
struct ForRole {
    name: String,
    label: String,
    choices: Vec<Choice>,
}

/// GET {mount}/data/{resource}/views. Permissions: view.
///
/// # Errors
/// When the database fails.
pub async fn show(
    request: HttpRequest,
    granted: Granted<MayView>,
) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let resource = permit.resource();
    let list = entered.site().urls.list(&resource.name);
    let shelf = Shelf::of(&entered, &resource.name).await?;
    let start = shelf.start(&entered).map(|view| view.id);
    if wants_json(&request) {
        let around = entered.around();
        let views = shelf.views.iter().map(|view| {
            let (saved, left_out) = Saved::cut(&permit, &around, (view.id, &view.query));
            let address = format!("view={}", view.id);
            let query = ListQuery::parse_with(&address, Some(saved)).unwrap_or_default();
            json!({
                "id": view.id,
                "name": view.name,
                "query": written(&query),
                "left_out": left_out,
                "role": view.role,
                "own": view.is_of(entered.person()),
                "digest": may_change(&entered, view).then(|| view.digest()),
            })
        });
        let views: Vec<_> = views.collect();
        let tabs = counted_tabs(&entered, &permit, &list).await?;
        return Ok(HttpResponse::Ok().json(json!({
            "views": views,
            "tabs": tabs,
            "start": start,
            "columns": shelf.own.columns,
            "csrf_token": entered.signed.csrf(),
        })));
    }
    let manages = entered.policy().manages(entered.person(), Manage::Roles);
    let shared = if manages {
        shared(&entered, &resource.name).await?
    } else {
        Vec::new()
    };
    let theirs = entered.policy().role_names(entered.person());
    let line = |view: &View| Line {
        id: view.id,
        name: view.name.clone(),
        href: format!("{list}?view={}", view.id),
        action: format!("{list}/views/{}", view.id),
        digest: view.digest(),
        is_own: view.is_of(entered.person()),
        may_change: may_change(&entered, view),
        role: view.role.clone(),
        role_label: view.role.as_deref().map(|role| label(&entered, role)),
        is_foreign: view
            .role
            .as_ref()
            .is_some_and(|role| !theirs.contains(role)),
        is_start: start == Some(view.id),
    };
    // People who manage roles also see the views of other roles, after their own.
    let others = shared.iter().filter(|view| shelf.view(view.id).is_none());
    let page = Page {
        label: resource.label.clone(),
        lines: shelf.views.iter().chain(others).map(line).collect(),
        roles: roles(&entered),
        longest: LONGEST_NAME,
        start_action: format!("{list}/views/start"),
        starts: starts(&shelf),
        for_roles: for_roles(&entered, &shared),
        list_href: format!("{list}?view=all"),
    };
    let title = text!("views-of", label = resource.label);
    let done = done(&request);
    let frame = Frame::about(&request, &entered, &resource.name, &title)
        .crumb(resource.label.as_str(), Some(list))
        .crumb(text!("views"), None)
        .done(done.as_deref());
    let pages = &entered.site().pages;
    pages.answer(StatusCode::OK, "views.html", &frame, &page)
}

/// The configured tabs, with those counts that are fast.
async fn counted_tabs(
    entered: &Entered,
    permit: &Permit<MayView>,
    list: &str,
) -> Result<Vec<Json>, Failure> {
    let tabs = tabs::of(permit, &entered.around());
    let counting = Counting::asked_for(entered, permit, &tabs);
    let reader = permit.clone();
    let count = move |conn: &mut AnyConnection| Ok::<_, DatabaseError>(counting.run(conn, &reader));
    let counts = if tabs.is_empty() {
        Vec::new()
    } else {
        entered.site().database.run(count).await?
    };
    let tabs = tabs::counted(tabs, counts).into_iter().map(|tab| {
        let count = tab.count.map(|count| {
            json!({ "kind": count.kind(), "value": count.value(), "short": sizes::short(count) })
        });
        json!({
            "label": tab.label,
            "query": written(&tab.query),
            "href": tab.query.url(list, &[]),
            "count": count,
        })
    });
    Ok(tabs.collect())
}

async fn shared(entered: &Entered, resource: &str) -> Result<Vec<View>, Failure> {
    let resource = resource.to_owned();
    let read =
        move |conn: &mut AnyConnection| views::shared(conn, &resource).map_err(DatabaseError::from);
    Ok(entered.site().database.run(read).await?)
}

/// The label of a role; its name if it no longer exists.
fn label(entered: &Entered, role: &str) -> String {
    let known = entered.policy().role(role);
    known.map_or_else(|| role.to_owned(), |role| role.label.clone())
}

/// What the list can start with for the reader.
fn starts(shelf: &Shelf) -> Vec<Choice> {
    let choice = |value: &str, label: String, chosen: bool| Choice {
        value: value.to_owned(),
        label,
        chosen,
    };
    let own = shelf.own.start;
    let mut all = vec![
        choice("usual", text!("views-start-usual"), own.is_none()),
        choice("all", text!("view-all"), own == Some(Start::Plain)),
    ];
    all.extend(shelf.views.iter().map(|view| {
        let chosen = own == Some(Start::View(view.id));
        choice(&view.id.to_string(), view.name.clone(), chosen)
    }));
    all
}

/// The same for each role with shared views.
fn for_roles(entered: &Entered, shared: &[View]) -> Vec<ForRole> {
    let mut all: Vec<ForRole> = Vec::new();
    for view in shared {
        let Some(role) = view.role.as_deref() else {
            continue;
        };
        if entered.policy().role(role).is_none() {
            continue;
        }
        let choice = Choice {
            value: view.id.to_string(),
            label: view.name.clone(),
            chosen: view.starts,
        };
        match all.iter_mut().find(|known| known.name == role) {
            Some(known) => known.choices.push(choice),
            None => all.push(ForRole {
                name: role.to_owned(),
                label: label(entered, role),
                choices: vec![
                    Choice {
                        value: "usual".to_owned(),
                        label: text!("view-all"),
                        chosen: false,
                    },
                    choice,
                ],
            }),
        }
    }
    all
}
