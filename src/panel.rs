//! The screens of the panel, one file each: extract, permit, call, build the view.

pub mod cell;
pub mod control;
pub mod delete;
pub mod denied;
pub mod detail;
pub mod download;
pub mod edit;
pub mod event;
pub mod export;
pub mod filter_form;
pub mod form;
pub mod frame;
pub mod history;
pub mod home;
pub mod json;
pub mod list;
pub mod lookup;
pub mod me;
pub mod new;
pub mod problem;
pub mod relations;

use crate::catalog::{Key, Resource};
use crate::web::{Failure, access};
use actix_web::{HttpRequest, web};

/// The routes of the admin scope, for those whom its guard lets in.
pub fn routes(scope: &mut web::ServiceConfig) {
    scope
        .route("", web::get().to(home::to_home))
        .route("/", web::get().to(home::show))
        .route("/me", web::get().to(me::show))
        .service(
            web::resource("/data/{resource}")
                .name("list")
                .get(list::show),
        )
        .service(web::resource("/data/{resource}/filter").get(filter_form::redirect))
        .service(web::resource("/data/{resource}/lookup").get(lookup::show))
        .service(web::resource("/data/{resource}/export.{format}").get(export::download))
        .service(
            web::resource("/data/{resource}/new")
                .get(new::show)
                .post(new::save),
        )
        .service(web::resource("/data/{resource}/row/{key}").get(detail::show))
        .service(
            web::resource("/data/{resource}/row/{key}/edit")
                .get(edit::show)
                .post(edit::save),
        )
        .service(
            web::resource("/data/{resource}/row/{key}/delete")
                .get(delete::show)
                .post(delete::save),
        )
        .service(web::resource("/data/{resource}/row/{key}/history").get(history::show))
        .service(web::resource("/data/{resource}/row/{key}/file/{column}").get(download::show));
}

/// The key that the address names, read from the raw path: the parts of a key are told apart
/// before they are decoded.
///
/// # Errors
/// [`Failure::Missing`] for what cannot be a key of this resource.
pub fn key(request: &HttpRequest, resource: &Resource) -> Result<Key, Failure> {
    let site = access::site(request)?;
    let path = request.uri().path();
    let inside = path
        .strip_prefix(site.urls.mount())
        .or_else(|| path.find("/data/").and_then(|start| path.get(start..)));
    let mut segments = inside.unwrap_or_default().split('/');
    // "", "data", resource, "row", key
    let segment = segments.nth(4).ok_or(Failure::Missing)?;
    Key::decode(resource, segment).map_err(|_| Failure::Missing)
}

/// A label in the middle of a sentence: "Order item" as "order item", but "SKU" as it is.
pub fn in_sentence(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            let rest = label.chars().skip(1);
            first.to_lowercase().chain(rest).collect()
        }
        _ => label.to_owned(),
    }
}
