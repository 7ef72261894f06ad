//! Error pages: inside the frame for those who have entered, bare for all others.

use super::frame::Frame;
use crate::web::access::{self, Access};
use crate::web::{Entered, Failure, RequestId};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use serde::Serialize;

#[derive(Serialize)]
struct Problem<'p> {
    status: u16,
    heading: &'p str,
    text: &'p str,
    reference: String,
    home_href: Option<String>,
    retry_href: Option<String>,
    missing: Option<&'p str>,
    roles: Vec<String>,
    contact: Option<String>,
    back_href: String,
}

/// The page of an error.
///
/// # Errors
/// When the template fails.
pub fn page(
    request: &HttpRequest,
    heading: &str,
    text: &str,
    status: StatusCode,
) -> Result<HttpResponse, Failure> {
    let site = access::site(request)?;
    let entered = Entered::from_request(request, &mut Payload::None).into_inner().ok();
    let is_signed_in = request.extensions().get::<Access>().is_some();
    let home = format!("{}/", site.urls.mount());
    let roles = entered.as_ref().map(|entered| site.policy.roles(entered.person()));
    let problem = Problem {
        status: status.as_u16(),
        heading,
        text,
        reference: RequestId::of(request),
        home_href: is_signed_in.then(|| home.clone()),
        retry_href: None,
        missing: None,
        roles: roles
            .unwrap_or_default()
            .iter()
            .map(|role| role.label.clone())
            .collect(),
        contact: site.contact.clone(),
        back_href: home,
    };
    match (&entered, status) {
        (Some(entered), StatusCode::FORBIDDEN) => {
            let frame = Frame::of(request, entered, heading);
            site.pages.answer(status, "forbidden.html", &frame, &problem)
        }
        _ => {
            let frame = Frame::bare(request, &site, heading);
            site.pages.answer(status, "error.html", &frame, &problem)
        }
    }
}
