//! Saves, changes and deletes views, and sets the view that a list starts with.

use super::bar::{roles, written};
use crate::access::View as MayView;
use crate::config::Manage;
use crate::entry::query::ListQuery;
use crate::entry::{Entered, Granted, Submission, Submitted};
use crate::store::audit::Actor;
use crate::store::views::{
    self, Content, LONGEST_NAME, LONGEST_QUERY, MOST_OWN, MOST_SHARED, Start, View, ViewRefusal,
};
use crate::store::{AnyConnection, DatabaseError};
use crate::texts::text;
use crate::web::{Failure, wants_json};
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDateTime;
use serde_json::json;
use std::sync::Arc;

/// How many times a view is read again if others change it at the same time.
const TRIES: usize = 3;

type Asked = Submitted<Granted<MayView>>;

/// POST {mount}/data/{resource}/views creates a view from `name` and `query`. `role` shares it;
/// with `first`, the list starts with it. Permissions: view.
///
/// # Errors
/// The name or the query is invalid, there are too many views, or the database fails.
pub async fn create(request: HttpRequest, asked: Asked) -> Result<HttpResponse, Failure> {
    let Submitted { leave, form } = asked;
    let entered = &leave.entered;
    let content = Content {
        name: name(form.get("name").unwrap_or_default())?,
        query: query(&leave, form.get("query").unwrap_or_default())?,
        role: role(entered, form.get("role"), None)?,
    };
    let is_first = matches!(form.get("first"), Some("1" | "on" | "true"));
    let resource = leave.permit.resource().name.clone();
    let list = resource.clone();
    let kept = write(entered, move |conn, actor, now| {
        let kept = views::create(conn, actor, &resource, &content, now)?;
        if let Ok(id) = kept
            && is_first
        {
            views::start_with(conn, actor, &resource, Some(Start::View(id)), now)?;
        }
        Ok(kept)
    });
    let id = kept.await?.map_err(unkept)?;
    if wants_json(&request) {
        return Ok(HttpResponse::Created().json(json!({ "id": id })));
    }
    let list = entered.site().urls.list(&list);
    Ok(see(&format!("{list}?view={id}&done=view-saved")))
}

/// POST {mount}/data/{resource}/views/{id} sets the view's `name`, `query` or `role`, as far as
/// they are sent; `then=delete` deletes it. With `view_digest`, only if the view is still as it was.
/// Permissions: view; for a view of somebody else, managing roles.
///
/// # Errors
/// As [`create`]; the view does not exist or has changed in the meantime, or the right is missing.
pub async fn change(
    request: HttpRequest,
    path: web::Path<(String, i64)>,
    asked: Asked,
) -> Result<HttpResponse, Failure> {
    let Submitted { leave, form } = asked;
    let entered = &leave.entered;
    let resource = leave.permit.resource().name.clone();
    let (_, id) = path.into_inner();
    let list = entered.site().urls.list(&resource);
    for _ in 0..TRIES {
        let view = find(entered, &resource, id).await?;
        let is_own = view.is_of(entered.person());
        if !is_own {
            entered.manage(Manage::Roles).await?;
        }
        let digest = form.get("view_digest");
        if digest.is_some_and(|digest| digest != view.digest()) {
            return Err(Failure::Outdated(text!(
                "view-outdated",
                name = view.name.as_str()
            )));
        }
        if form.get("then") == Some("delete") {
            let delete = write(entered, move |conn, actor, now| {
                views::delete(conn, actor, &view, now)
            });
            if !delete.await? {
                return Err(Failure::Missing);
            }
            return Ok(if wants_json(&request) {
                HttpResponse::Ok().json(json!({ "deleted": id }))
            } else {
                see(&format!("{list}/views?done=view-deleted"))
            });
        }
        let content = changed(&leave, &form, &view)?;
        let is_theirs = is_own || opens(entered, &content);
        let kept = write(entered, move |conn, actor, now| {
            views::change(conn, actor, &view, &content, now)
        });
        match kept.await? {
            // Somebody else was first: their values stay for fields that this form does not send.
            Err(ViewRefusal::Stale) => continue,
            Err(ViewRefusal::Taken) if !is_own => {
                return Err(Failure::Invalid(text!("view-taken-by-owner")));
            }
            kept => kept.map_err(unkept)?,
        }
        return Ok(if wants_json(&request) {
            HttpResponse::Ok().json(json!({ "id": id }))
        } else if is_theirs {
            see(&format!("{list}?view={id}&done=view-saved"))
        } else {
            see(&format!("{list}/views?done=view-saved"))
        });
    }
    Err(Failure::Deadlock)
}

/// The new content of a view, from the submitted fields.
fn changed(leave: &Granted<MayView>, form: &Submission, view: &View) -> Result<Content, Failure> {
    let content = Content {
        name: match form.get("name") {
            Some(given) => name(given)?,
            None => view.name.clone(),
        },
        query: match form.get("query") {
            Some(given) => query(leave, given)?,
            None => view.query.clone(),
        },
        role: match form.get("role") {
            Some(given) => role(&leave.entered, Some(given), view.role.as_deref())?,
            None => view.role.clone(),
        },
    };
    if content.role.is_none() && !view.is_of(leave.entered.person()) {
        return Err(Failure::Invalid(text!("view-not-yours")));
    }
    Ok(content)
}

/// Whether a person can open a view that is shared like this.
fn opens(entered: &Entered, content: &Content) -> bool {
    let roles = entered.policy().role_names(entered.person());
    content
        .role
        .as_ref()
        .is_some_and(|role| roles.contains(role))
}

/// POST {mount}/data/{resource}/views/start sets what the list starts with. `view` is a number,
/// `all` for the list without a view, or `usual` for the default. With `role` it applies to that
/// role; then `all` and `usual` are the same. Permissions: view; for a role, managing roles.
///
/// # Errors
/// The view does not exist, the right is missing, or the database fails.
pub async fn start(request: HttpRequest, asked: Asked) -> Result<HttpResponse, Failure> {
    let Submitted { leave, form } = asked;
    let entered = &leave.entered;
    let resource = leave.permit.resource().name.clone();
    let list = entered.site().urls.list(&resource);
    let start = match sent(&form, "view")? {
        "usual" => None,
        "all" => Some(Start::Plain),
        id => {
            let id = id.parse().map_err(|_| Failure::Missing)?;
            Some(Start::View(id))
        }
    };
    let view = match start {
        Some(Start::View(id)) => Some(find(entered, &resource, id).await?),
        Some(Start::Plain) | None => None,
    };
    let role = form.get("role").unwrap_or_default().to_owned();
    if role.is_empty() {
        let readable = entered.policy().role_names(entered.person());
        let is_theirs = |view: &View| {
            let role = view.role.as_ref();
            view.is_of(entered.person()) || role.is_some_and(|role| readable.contains(role))
        };
        if view.as_ref().is_some_and(|view| !is_theirs(view)) {
            return Err(Failure::Missing);
        }
        write(entered, move |conn, actor, now| {
            views::start_with(conn, actor, &resource, start, now)
        })
        .await?;
    } else {
        entered.manage(Manage::Roles).await?;
        let is_known = entered.policy().role(&role).is_some();
        let is_shared = |view: &View| view.role.as_ref() == Some(&role);
        if !is_known || view.as_ref().is_some_and(|view| !is_shared(view)) {
            return Err(Failure::Invalid(text!("view-not-shared")));
        }
        let id = view.map(|view| view.id);
        let is_set = write(entered, move |conn, actor, now| {
            views::start_role_with(conn, actor, (&resource, &role), id, now)
        });
        if !is_set.await? {
            return Err(Failure::Missing);
        }
    }
    Ok(if wants_json(&request) {
        HttpResponse::Ok().json(json!({ "start": form.get("view") }))
    } else {
        see(&format!("{list}/views?done=list-set-up"))
    })
}

/// POST {mount}/data/{resource}/views/columns sets the `columns` that the list shows to the person;
/// without them, the default. `back` is the query of the list to return to. Permissions: view.
///
/// # Errors
/// The columns are invalid, or the database fails.
pub async fn set_columns(request: HttpRequest, asked: Asked) -> Result<HttpResponse, Failure> {
    let Submitted { leave, form } = asked;
    let entered = &leave.entered;
    let resource = leave.permit.resource().name.clone();
    let columns = sent(&form, "columns")?.to_owned();
    let kept = if columns.is_empty() {
        None
    } else {
        let asked = ListQuery {
            columns: short(columns)?,
            ..ListQuery::default()
        };
        let around = entered.around();
        let wanted = asked.resolve(&leave.permit, &around)?;
        asked.chosen(&leave.permit, &wanted.paths)?;
        Some(asked.columns)
    };
    let back = ListQuery {
        done: None,
        ..ListQuery::parse(form.get("back").unwrap_or_default())?
    };
    let back = back.url(
        &entered.site().urls.list(&resource),
        &[("done", "list-set-up")],
    );
    let answer = json!({ "columns": kept });
    write(entered, move |conn, actor, now| {
        views::keep_columns(conn, actor, &resource, kept.as_deref(), now)
    })
    .await?;
    Ok(if wants_json(&request) {
        HttpResponse::Ok().json(answer)
    } else {
        see(&back)
    })
}

/// A field that a form must have, even if empty.
fn sent<'f>(form: &'f Submission, name: &str) -> Result<&'f str, Failure> {
    let sent = form.get(name);
    sent.ok_or_else(|| Failure::Invalid(text!("view-field-missing", field = name)))
}

/// Runs a change and its audit event in one transaction.
async fn write<T: Send + 'static>(
    entered: &Entered,
    work: impl FnOnce(&mut AnyConnection, &Actor, NaiveDateTime) -> diesel::QueryResult<T>
    + Send
    + 'static,
) -> Result<T, Failure> {
    let actor = Arc::clone(entered.actor());
    let now = entered.site().clock.now().naive_utc();
    let write = move |conn: &mut AnyConnection| {
        let done = conn.change(|conn| work(conn, &actor, now));
        done.map_err(DatabaseError::from)
    };
    Ok(entered.site().database.run(write).await?)
}

/// A view that a person may open or manage.
async fn find(entered: &Entered, resource: &str, id: i64) -> Result<View, Failure> {
    let actor = Arc::clone(entered.actor());
    let roles = entered.policy().role_names(entered.person());
    let manages = entered.policy().manages(entered.person(), Manage::Roles);
    let resource = resource.to_owned();
    let read = move |conn: &mut AnyConnection| {
        let mut views = views::readable(conn, &actor.person, &roles, &resource)?;
        if manages {
            views.extend(views::shared(conn, &resource)?);
        }
        Ok::<_, DatabaseError>(views.into_iter().find(|view| view.id == id))
    };
    let found = entered.site().database.run(read).await?;
    found.ok_or(Failure::Missing)
}

/// A name in stored form: without line breaks, and trimmed.
fn name(given: &str) -> Result<String, Failure> {
    let words: Vec<&str> = given
        .split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let name: String = words.join(" ").chars().filter(|c| !turns(*c)).collect();
    if name.chars().all(is_unseen) {
        return Err(Failure::Invalid(text!("view-without-name")));
    }
    match name.chars().count() {
        count if count > LONGEST_NAME => Err(Failure::Invalid(text!(
            "view-long-name",
            count = LONGEST_NAME
        ))),
        _ => Ok(name),
    }
}

/// Whether a character changes the direction of the following text (Unicode, UAX #9, 2).
fn turns(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character is invisible.
fn is_unseen(letter: char) -> bool {
    letter == ' '
        || matches!(
            letter,
            '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}'
                | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        )
}

/// A query in stored form, if the list can be opened with it.
fn query(leave: &Granted<MayView>, given: &str) -> Result<String, Failure> {
    let query = ListQuery::parse(&short(given.to_owned())?)?;
    let wanted = query.resolve(&leave.permit, &leave.entered.around())?;
    query.chosen(&leave.permit, &wanted.paths)?;
    short(written(&query))
}

fn short(text: String) -> Result<String, Failure> {
    match text.chars().nth(LONGEST_QUERY) {
        None => Ok(text),
        Some(_) => Err(Failure::Invalid(text!(
            "view-long-query",
            count = LONGEST_QUERY
        ))),
    }
}

/// The role to share a view with: one that the person has, or the current one.
fn role(
    entered: &Entered,
    given: Option<&str>,
    before: Option<&str>,
) -> Result<Option<String>, Failure> {
    let Some(given) = given.filter(|given| !given.is_empty()) else {
        return Ok(None);
    };
    let has = roles(entered).iter().any(|role| role.name == given);
    if has || before == Some(given) {
        Ok(Some(given.to_owned()))
    } else {
        Err(Failure::Invalid(text!("view-role-not-yours")))
    }
}

fn unkept(unkept: ViewRefusal) -> Failure {
    let told = match unkept {
        ViewRefusal::Stale => return Failure::Deadlock,
        ViewRefusal::Taken => text!("view-taken"),
        ViewRefusal::Full => text!("view-full", count = MOST_OWN),
        ViewRefusal::FullForRole => text!("view-full-for-role", count = MOST_SHARED),
    };
    Failure::Invalid(told)
}

fn see(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, location))
        .finish()
}
