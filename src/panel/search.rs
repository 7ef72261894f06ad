//! The global search over everything that a person may see: rows, resources, saved views, and
//! actions.
//!
//! Rows are found under the permits of their lists. What a list does not find, the search does not
//! find either.

mod rows;

use super::frame::Frame;
use crate::access::Action;
use crate::catalog::naming::in_sentence;
use crate::data::Count;
use crate::entry::Entered;
use crate::entry::query::searched;
use crate::store::views::{self, View};
use crate::store::{AnyConnection, DatabaseError};
use crate::texts::text;
use crate::web::{Failure, wants_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;

/// The maximum number of results of a kind; rows are counted for each resource.
const MOST: usize = 8;

/// The results of one kind, or in one resource.
#[derive(Debug, Serialize)]
pub struct Group {
    /// `rows`, `resources`, `views` or `actions`.
    kind: &'static str,
    /// The resource of the rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
    label: String,
    /// The total number of rows, if there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    all: Option<All>,
    items: Vec<Item>,
}

/// All matching rows of a resource.
#[derive(Debug, Serialize)]
struct All {
    href: String,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<serde_json::Value>,
}

/// A result.
#[derive(Debug, Serialize)]
pub struct Item {
    label: String,
    href: String,
    /// The text where the words were found, if not in its label, or what it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// The result of a search.
#[derive(Default)]
struct SearchResult {
    groups: Vec<Group>,
    /// Labels of the resources whose search timed out.
    left_out: Vec<String>,
}

/// The page.
#[derive(Serialize)]
struct Page {
    action: String,
    q: String,
    groups: Vec<Group>,
    /// A sentence about what was not searched.
    left_out: Option<String>,
    /// The text if nothing was found.
    nothing: Option<String>,
}

/// GET {mount}/search?q=. Permissions: a role; view on each resource.
///
/// # Errors
/// The text is too long, or the database fails.
pub async fn show(request: HttpRequest, entered: Entered) -> Result<HttpResponse, Failure> {
    let mut q = String::new();
    for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
        match name.as_ref() {
            "q" => q = searched("q", value.into_owned())?,
            _ => return Err(Failure::Invalid(text!("search-parameter", name = name))),
        }
    }
    let q = q.trim().to_owned();
    let frame = Frame::of(&request, &entered, &text!("search"));
    let found = if q.is_empty() {
        SearchResult::default()
    } else {
        find(&entered, &frame, &q).await?
    };
    if wants_json(&request) {
        return Ok(HttpResponse::Ok().json(json!({
            "q": q,
            "groups": found.groups,
            "left_out": found.left_out,
            "told": told(&found.groups),
        })));
    }
    let nothing = (found.groups.is_empty() && !q.is_empty()).then(|| text!("search-nothing"));
    let page = Page {
        action: format!("{}/search", entered.site().urls.mount()),
        left_out: (!found.left_out.is_empty()).then(|| {
            let names = crate::texts::all_of(&found.left_out);
            text!("search-left-out", resources = names)
        }),
        groups: found.groups,
        nothing,
        q,
    };
    let frame = frame.crumb(text!("search"), None);
    let pages = &entered.site().pages;
    pages.answer(StatusCode::OK, "search.html", &frame, &page)
}

/// The number of results, for screen readers.
fn told(groups: &[Group]) -> String {
    let count: usize = groups.iter().map(|group| group.items.len()).sum();
    text!("search-found", count = count)
}

async fn find(entered: &Entered, frame: &Frame, q: &str) -> Result<SearchResult, Failure> {
    let searches = rows::ResourceSearch::all(entered, q);
    let actor = Arc::clone(entered.actor());
    let roles = entered.policy().role_names(entered.person());
    let read = move |conn: &mut AnyConnection| {
        let views = views::of_all_lists(conn, &actor.person, &roles)?;
        Ok::<_, DatabaseError>((views, rows::run(conn, searches)))
    };
    let (views, outcomes) = entered.site().database.run(read).await?;
    let mut groups = vec![
        of_names("resources", text!("search-resources"), resources(frame, q)),
        of_names("views", text!("views"), of_views(entered, &views, q)),
        of_names("actions", text!("search-actions"), actions(entered, q)),
    ];
    let mut left_out = Vec::new();
    for (search, outcome) in outcomes {
        match outcome {
            Some(hits) => groups.push(of_rows(entered, &search, hits, q)),
            None => left_out.push(search.label().to_owned()),
        }
    }
    groups.retain(|group| !group.items.is_empty());
    Ok(SearchResult { groups, left_out })
}

fn of_names(kind: &'static str, label: String, items: Vec<Item>) -> Group {
    Group {
        kind,
        resource: None,
        label,
        all: None,
        items,
    }
}

fn of_rows(
    entered: &Entered,
    search: &rows::ResourceSearch,
    hits: rows::SearchHits,
    q: &str,
) -> Group {
    let resource = search.resource();
    let list = entered.site().urls.list(&resource.name);
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("view", "all").append_pair("q", q);
    let all = hits.has_more.then(|| All {
        href: format!("{list}?{}", query.finish()),
        text: match hits.count {
            Some(Count::Exact(count)) => {
                text!("search-all", count = count, resource = resource.label)
            }
            _ => text!("search-all-uncounted", resource = resource.label),
        },
        count: hits
            .count
            .map(|count| json!({ "kind": count.kind(), "value": count.value() })),
    });
    let rows = entered.site().urls.row(&resource.name, "");
    let items = hits.rows.into_iter().map(|row| Item {
        href: match row.key {
            Some(key) => format!("{rows}{key}"),
            None => list.clone(),
        },
        label: row.label,
        hint: row.hint,
    });
    Group {
        kind: "rows",
        resource: Some(resource.name.clone()),
        label: resource.label.clone(),
        all,
        items: items.collect(),
    }
}

/// Whether a label contains all the words.
fn is_called(name: &str, q: &str) -> bool {
    let name = name.to_lowercase();
    let mut words = q.split_whitespace();
    words.all(|word| name.contains(&word.to_lowercase()))
}

fn resources(frame: &Frame, q: &str) -> Vec<Item> {
    let items = frame
        .resources()
        .flat_map(|(heading, items)| items.into_iter().map(move |item| (heading, item)));
    items
        .filter(|(_, item)| is_called(&item.label, q))
        .take(MOST)
        .map(|(heading, item)| Item {
            label: item.label.clone(),
            href: item.href.clone(),
            hint: Some(heading.to_owned()).filter(|heading| !heading.is_empty()),
        })
        .collect()
}

/// Views of lists that the person may still open.
fn of_views(entered: &Entered, views: &[View], q: &str) -> Vec<Item> {
    let catalog = entered.policy().catalog();
    let views = views.iter().filter(|view| is_called(&view.name, q));
    let views = views.filter_map(|view| {
        let resource = catalog.get(&view.resource)?;
        entered.view(&view.resource)?;
        Some(Item {
            label: view.name.clone(),
            href: format!(
                "{}?view={}",
                entered.site().urls.list(&view.resource),
                view.id
            ),
            hint: Some(resource.label.clone()),
        })
    });
    views.take(MOST).collect()
}

/// Possible actions: adding a row to a resource.
fn actions(entered: &Entered, q: &str) -> Vec<Item> {
    let catalog = entered.policy().catalog();
    let new = catalog.iter().filter_map(|resource| {
        let label = text!("search-new", resource = in_sentence(&resource.label_one));
        let may = is_called(&label, q) && entered.may(&resource.name, Action::Create);
        may.then(|| Item {
            label,
            href: format!("{}/new", entered.site().urls.list(&resource.name)),
            hint: None,
        })
    });
    let mut new: Vec<Item> = new.collect();
    new.sort_by(|one, other| one.label.cmp(&other.label));
    new.truncate(MOST);
    new
}
