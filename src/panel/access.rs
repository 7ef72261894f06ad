//! The access page, for people who manage roles. It shows all roles and resources, one role, one
//! person, or a set of groups.

pub(super) mod asked;
mod matrix;
mod parts;
mod query;
mod role;
mod who;

use super::frame::Frame;
use crate::entry::manage::Roles;
use crate::entry::{Entered, Manages};
use crate::sso;
use crate::texts::text;
use crate::web::{Failure, wants_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use query::{Query, Show};
use serde::Serialize;
use serde_json::Value as Json;

/// GET {mount}/access
///
/// Permissions: `manage = ["roles"]`.
///
/// # Errors
/// [`Failure::Invalid`] for an unknown parameter; when the database fails.
pub async fn show(
    request: HttpRequest,
    managing: Manages<Roles>,
    sign_in: web::Data<sso::Context>,
) -> Result<HttpResponse, Failure> {
    let entered = managing.entered;
    let query = Query::parse(request.query_string())?;
    match query.show() {
        Show::Matrix => {
            let view = matrix::MatrixPage::of(&entered, &query);
            answer(&request, &entered, ("access.html", None), &view, || {
                view.as_json(&entered)
            })
        }
        Show::Role(name) => {
            let view = role::RolePage::of(&entered, &query, name)?;
            let template = ("access-role.html", Some(view.label.as_str()));
            answer(&request, &entered, template, &view, || view.as_json())
        }
        Show::People | Show::Groups => {
            let view = who::PersonPage::of(&entered, &query, &sign_in).await?;
            let template = ("access-who.html", view.about());
            answer(&request, &entered, template, &view, || view.as_json())
        }
    }
}

fn answer(
    request: &HttpRequest,
    entered: &Entered,
    (template, about): (&str, Option<&str>),
    view: &impl Serialize,
    json: impl FnOnce() -> Json,
) -> Result<HttpResponse, Failure> {
    if wants_json(request) {
        return Ok(HttpResponse::Ok().json(json()));
    }
    let title = about.map(|about| text!("access-about", about = about));
    let title = title.unwrap_or_else(|| text!("access"));
    let frame = Frame::panel(request, entered, super::frame::ACCESS, &title);
    let frame = match about {
        None => frame.crumb(text!("access"), None),
        Some(about) => frame
            .crumb(text!("access"), Some(parts::base(entered)))
            .crumb(about, None),
    };
    let pages = &entered.site().pages;
    pages.answer(StatusCode::OK, template, &frame, view)
}
