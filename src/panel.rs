//! The screens of the panel, one file each. A handler extracts, permits, calls, and builds the
//! view.

pub mod access;
mod add_filter;
mod allowed;
pub mod audit;
pub mod bulk;
pub mod cell;
pub mod control;
pub mod delete;
pub mod denied;
pub mod detail;
pub mod download;
pub mod edit;
pub mod event;
pub mod export;
mod facets;
pub mod filter_form;
pub mod form;
mod formula;
pub mod frame;
pub mod history;
pub mod home;
pub mod import;
pub mod json;
pub mod lines;
pub mod list;
pub mod look;
pub mod lookup;
pub mod me;
pub mod names;
pub mod new;
pub mod problem;
pub mod relations;
pub mod roles;
mod script;
mod search;
pub mod sessions;
pub mod templates;
pub mod undo;
pub mod views;

pub use crate::catalog::naming::in_sentence;
use crate::catalog::{self, Key};
use crate::entry::access as rights;
use crate::web::{Failure, limits};
use actix_web::http::header::{ALLOW, LOCATION};
use actix_web::middleware::from_fn;
use actix_web::{HttpRequest, HttpResponse, Resource, web};

/// The routes of the admin scope, for people whom its guard admits.
pub fn routes(scope: &mut web::ServiceConfig) {
    scope
        .service(page("").get(home::to_home))
        .service(page("/").get(home::show))
        .service(page("/me").get(me::show))
        .service(page("/sessions").get(sessions::show))
        .service(act("/sessions/end").post(sessions::end))
        .service(act("/sessions/end-others").post(sessions::end_others))
        .service(act("/sessions/end-person").post(sessions::end_person))
        .service(page("/access").get(access::show))
        .service(
            page("/search")
                .get(search::show)
                .wrap(from_fn(limits::lookups)),
        )
        .service(act("/look").post(look::begin))
        .service(act("/look/end").post(look::end))
        .configure(roles::routes)
        .service(
            page("/data/{resource}")
                .name("list")
                .get(list::show)
                .wrap(from_fn(limits::lists)),
        )
        .service(page("/data/{resource}/filter").get(add_filter::add))
        .service(
            page("/data/{resource}/count")
                .get(list::count)
                .wrap(from_fn(limits::lists)),
        )
        .service(
            page("/data/{resource}/facets")
                .get(facets::show)
                .wrap(from_fn(limits::lists)),
        )
        .service(
            page("/data/{resource}/lookup")
                .get(lookup::show)
                .wrap(from_fn(limits::lookups)),
        )
        .service(
            form_page("/data/{resource}/views")
                .get(views::show)
                .post(views::create),
        )
        .service(act("/data/{resource}/views/start").post(views::start))
        .service(act("/data/{resource}/views/columns").post(views::set_columns))
        .service(act("/data/{resource}/views/{id}").post(views::change))
        .service(
            page("/data/{resource}/export.{format}")
                .get(export::download)
                .wrap(from_fn(limits::exports)),
        )
        .service(
            form_page("/data/{resource}/new")
                .get(new::show)
                .post(new::save),
        )
        .service(
            form_page("/changes/{id}/undo")
                .get(undo::show)
                .post(undo::save),
        )
        .service(
            form_page("/data/{resource}/bulk")
                .get(bulk::to_list)
                .post(bulk::run),
        )
        .service(
            form_page("/data/{resource}/import")
                .get(import::show)
                .post(import::run),
        )
        .service(page("/data/{resource}/row/{key}").get(detail::show))
        .service(
            form_page("/data/{resource}/row/{key}/edit")
                .get(edit::show)
                .post(edit::save),
        )
        .service(
            form_page("/data/{resource}/row/{key}/delete")
                .get(delete::show)
                .post(delete::save),
        )
        .service(page("/data/{resource}/row/{key}/history").get(history::show))
        .service(page("/data/{resource}/row/{key}/file/{column}").get(download::show))
        .service(web::resource("/{path:.+}/").get(without_slash));
}

/// The routes for everybody else.
pub fn routes_for_anybody(scope: &mut web::ServiceConfig) {
    // A person may view the panel as somebody without any role.
    scope.service(web::resource("/look/end").route(web::route().to(look::end_outside)));
}

/// Redirects an address with a surplus trailing slash.
async fn without_slash(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let site = rights::site(&request)?;
    let seen = site.urls.as_seen(request.uri());
    let (path, query) = seen.split_once('?').unwrap_or((&seen, ""));
    let path = path.trim_end_matches('/');
    let next = match query {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    };
    Ok(HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, next))
        .finish())
}

/// A page without a form.
fn page(path: &str) -> Resource {
    web::resource(path).default_service(web::to(async || only("GET, HEAD")))
}

/// A page with a form that is posted to the same address.
fn form_page(path: &str) -> Resource {
    web::resource(path).default_service(web::to(async || only("GET, HEAD, POST")))
}

/// An address for forms only, without a page.
fn act(path: &str) -> Resource {
    web::resource(path).default_service(web::to(async || only("POST")))
}

/// The response to other methods (RFC 9110 section 15.5.6); the middleware writes its page.
fn only(methods: &'static str) -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((ALLOW, methods))
        .finish()
}

/// The key in the address, read from the raw path: a key must be split before it is decoded.
///
/// # Errors
/// [`Failure::Missing`] for text that cannot be a key of this resource.
pub fn key(request: &HttpRequest, resource: &catalog::Resource) -> Result<Key, Failure> {
    let site = rights::site(request)?;
    let path = request.uri().path();
    let inside = path
        .strip_prefix(site.urls.mount())
        .or_else(|| path.find("/data/").and_then(|start| path.get(start..)));
    let mut segments = inside.unwrap_or_default().split('/');
    // "", "data", resource, "row", key
    let segment = segments.nth(4).ok_or(Failure::Missing)?;
    Key::decode(resource, segment).map_err(|_| Failure::Missing)
}
