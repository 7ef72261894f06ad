//! The page to see and change people's groups.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::params::Params;
use super::settings::Person;
use super::shared::{Shared, is_foreign};

/// `GET /people`
pub(super) async fn list(request: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let store = shared.store();
    if wants_json(&request) {
        let people: Vec<_> = store.people.iter().map(describe).collect();
        return HttpResponse::Ok().json(json!({ "people": people }));
    }
    shared.pages.people(&store.people)
}

/// `POST /people/{name}` with `groups=a,b`; an empty value removes the person from all groups.
///
/// The new groups take effect in the next token, userinfo or refresh.
pub(super) async fn set_groups(
    request: HttpRequest,
    name: web::Path<String>,
    body: web::Bytes,
    shared: web::Data<Shared>,
) -> HttpResponse {
    if is_foreign(&request) {
        return shared.pages.message(
            403,
            "Not from here",
            "This form belongs to the provider's own page.",
        );
    }
    let has_groups = url::form_urlencoded::parse(&body).any(|(name, _)| name == "groups");
    let Some(form) = Params::parse(&body).ok().filter(|_| has_groups) else {
        return shared.pages.message(
            400,
            "No groups given",
            "Send the field groups once, with names separated by commas.",
        );
    };
    let groups = split(form.get("groups").unwrap_or_default());
    let Some(person) = shared.set_groups(&name, groups) else {
        return shared.pages.message(
            404,
            "Nobody of that name",
            "The people are listed at /people.",
        );
    };
    if wants_json(&request) {
        return HttpResponse::Ok().json(describe(&person));
    }
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, "/people"))
        .finish()
}

fn split(groups: &str) -> Vec<String> {
    groups
        .split(',')
        .map(str::trim)
        .filter(|group| !group.is_empty())
        .map(str::to_owned)
        .collect()
}

fn describe(person: &Person) -> serde_json::Value {
    json!({
        "name": person.name,
        "display_name": person.display_name,
        "email": person.email,
        "subject": person.subject,
        "groups": person.groups,
        "claims": person.claims,
    })
}

pub(super) fn wants_json(request: &HttpRequest) -> bool {
    let accept = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("application/json"))
}
