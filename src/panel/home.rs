//! The home page: the resources that a person may open, and their own latest changes.

use super::cell::Moment;
use super::frame::{Frame, MenuItem};
use crate::access::{Action, Cover};
use crate::catalog::Key;
use crate::data::{DataError, find};
use crate::entry::access::Reader;
use crate::entry::{Entered, sizes};
use crate::store::audit::{self, Action as Deed, Entry};
use crate::store::{AnyConnection, DatabaseError};
use crate::texts::text;
use crate::web::{Failure, wants_json};
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::json;

/// The number of a person's own changes shown.
const RECENT: i64 = 8;

#[derive(Serialize)]
struct Home {
    groups: Vec<Group>,
    changes: Vec<Change>,
    empty: Option<String>,
}

#[derive(Serialize)]
struct Group {
    heading: String,
    items: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    name: String,
    label: String,
    href: String,
    count: Option<String>,
    help: Option<String>,
    new_href: Option<String>,
}

#[derive(Serialize)]
struct Change {
    moment: Moment,
    action: String,
    /// The style of its badge.
    tone: &'static str,
    resource: String,
    row: String,
    href: Option<String>,
}

/// GET {mount}: the panel's address has a trailing slash.
pub async fn to_home(entered: Entered) -> HttpResponse {
    let home = format!("{}/", entered.site().urls.mount());
    HttpResponse::Found()
        .insert_header((LOCATION, home))
        .finish()
}

/// GET {mount}/
///
/// # Errors
/// When the database fails.
pub async fn show(request: HttpRequest, entered: Entered) -> Result<HttpResponse, Failure> {
    let frame = Frame::of(&request, &entered, &text!("home")).home();
    let groups: Vec<Group> = frame
        .resources()
        .map(|(heading, items)| group_of(&entered, heading, &items))
        .collect();
    let person = entered.person().clone();
    let reader = entered.reader();
    let (recent, names) = entered
        .site()
        .database
        .run(move |conn| {
            let recent = audit::of_person(conn, &person.issuer, &person.subject, RECENT);
            let recent = recent.map_err(DatabaseError::from)?;
            let named = recent.iter().map(|entry| name(conn, &reader, entry));
            let names = named.collect::<Result<Vec<_>, DataError>>()?;
            Ok::<_, DataError>((recent, names))
        })
        .await?;
    let changes: Vec<Change> = recent
        .iter()
        .zip(names)
        .filter_map(|(entry, name)| change(&entered, entry, name))
        .collect();
    if wants_json(&request) {
        let resources: Vec<_> = groups
            .iter()
            .flat_map(|group| &group.items)
            .map(|item| json!({ "name": item.name, "label": item.label, "href": item.href }))
            .collect();
        return Ok(HttpResponse::Ok().json(json!({ "resources": resources })));
    }
    let home = Home {
        empty: groups.is_empty().then(|| text!("home-empty-text")),
        groups,
        changes,
    };
    entered
        .site()
        .pages
        .answer(StatusCode::OK, "home.html", &frame, &home)
}

fn group_of(entered: &Entered, heading: &str, items: &[&MenuItem]) -> Group {
    let site = entered.site();
    let items = items.iter().map(|item| {
        let resource = entered.policy().catalog().get(&item.name);
        let all = entered
            .view(&item.name)
            .is_some_and(|permit| permit.reaches_everything());
        Item {
            name: item.name.clone(),
            label: item.label.clone(),
            href: item.href.clone(),
            count: site
                .sizes
                .get(&item.name)
                .filter(|_| all && !resource.is_some_and(|resource| resource.is_audit()))
                .map(sizes::in_words),
            help: resource
                .map(|resource| resource.help.clone())
                .filter(|help| !help.is_empty()),
            new_href: entered
                .may(&item.name, Action::Create)
                .then(|| format!("{}/new", item.href)),
        }
    });
    Group {
        heading: heading.to_owned(),
        items: items.collect(),
    }
}

/// The current label of an entry's row, for this reader. The log holds the label for people who may
/// read everything. `None` if the row is deleted or not visible.
fn name(
    conn: &mut AnyConnection,
    reader: &Reader,
    entry: &Entry,
) -> Result<Option<String>, DataError> {
    let permit = entry.resource.as_deref().and_then(|name| reader.view(name));
    let (Some(permit), Some(key)) = (permit, entry.row_key.as_deref()) else {
        return Ok(None);
    };
    let Ok(key) = Key::decode(permit.resource(), key) else {
        return Ok(None);
    };
    match find::by_key(conn, &permit, &key, &[]) {
        Ok(row) => Ok(Some(row.label(permit.resource()))),
        Err(DataError::Missing) => Ok(None),
        Err(error) => Err(error),
    }
}

/// One of the person's own changes; those they may no longer view are left out.
fn change(entered: &Entered, entry: &Entry, name_now: Option<String>) -> Option<Change> {
    let name = entry.resource.as_deref()?;
    let permit = entered.view(name)?;
    let resource = permit.resource();
    let there = matches!(
        Deed::named(&entry.action),
        Some(Deed::Create | Deed::Update)
    ) && name_now.is_some();
    // A deleted row cannot be tested. Its label is shown to people who may read it in every row.
    let mut named = resource.display.columns();
    let is_open = permit.reaches_everything()
        && named.all(|column| permit.reads(column) == Cover::Everywhere);
    let name_then = entry.row_label.clone().filter(|_| is_open);
    Some(Change {
        moment: Moment::utc(entry.at),
        action: super::event::in_words(&entry.action),
        tone: super::event::tone(&entry.action),
        resource: resource.label_one.clone(),
        row: name_now
            .or(name_then)
            .unwrap_or_else(|| resource.label.clone()),
        href: match (&entry.row_key, there) {
            (Some(key), true) => Some(entered.site().urls.row(name, key)),
            (None, _) => Some(entered.site().urls.list(name)),
            _ => None,
        },
    })
}

/// GET /: redirects to the panel.
pub async fn from_root(site: actix_web::web::Data<crate::entry::Site>) -> HttpResponse {
    let home = format!("{}/", site.urls.mount());
    HttpResponse::Found()
        .insert_header((LOCATION, home))
        .finish()
}
