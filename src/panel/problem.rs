//! Error pages: inside the frame for people with access, without it for all others.

use super::denied::Contact;
use super::form;
use super::frame::Frame;
use crate::access::Demanded;
use crate::entry::Entered;
use crate::entry::access;
use crate::entry::step_up;
use crate::sso;
use crate::texts::text;
use crate::web::{Failure, FailureReport, RequestId, middleware, wants_json};
use actix_web::dev::Payload;
use actix_web::http::{Method, StatusCode};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
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
    contact: Option<Contact>,
    back_href: String,
    seen: Vec<RequestFact<'p>>,
}

/// An observation about a request.
#[derive(Serialize)]
struct RequestFact<'p> {
    label: &'p str,
    text: &'p str,
}

/// The page of an error.
///
/// # Errors
/// When the template fails.
pub fn page(request: &HttpRequest, report: &FailureReport) -> Result<HttpResponse, Failure> {
    if let Some(form) = form::kept::page(request, report)? {
        return Ok(form);
    }
    let (heading, status) = (report.title.as_str(), report.status);
    let site = access::site(request)?;
    let entered = Entered::from_request(request, &mut Payload::None)
        .into_inner()
        .ok();
    let home = format!("{}/", site.urls.mount());
    let roles = entered
        .as_ref()
        .map(|entered| entered.policy().roles(entered.person()));
    let problem = Problem {
        status: status.as_u16(),
        heading,
        text: &report.advice,
        reference: RequestId::of(request),
        // Without a session, that page leads to sign-in.
        home_href: Some(home.clone()),
        retry_href: None,
        missing: report.missing.as_deref(),
        roles: roles
            .unwrap_or_default()
            .iter()
            .map(|role| role.label.clone())
            .collect(),
        contact: site.contact.as_deref().map(Contact::of),
        back_href: home,
        seen: Vec::new(),
    };
    match (&entered, status) {
        (Some(entered), StatusCode::FORBIDDEN) if report.missing.is_some() => {
            let frame = Frame::of(request, entered, heading);
            site.pages
                .answer(status, "forbidden.html", &frame, &problem)
        }
        (Some(entered), _) => {
            let frame = Frame::of(request, entered, heading);
            site.pages.answer(status, "error.html", &frame, &problem)
        }
        (None, _) => {
            let frame = Frame::bare(request, &site, heading);
            site.pages.answer(status, "error.html", &frame, &problem)
        }
    }
}

#[derive(Serialize)]
struct StepUp<'p> {
    text: &'p str,
    what: &'p str,
    demand: String,
    confirm_href: Option<String>,
    home_href: String,
    nothing_done: bool,
    typed: bool,
    contact: Option<Contact>,
}

/// The page for a person who needs step-up but cannot be redirected. They sent a form, or no
/// sign-in can meet the demand.
///
/// # Errors
/// When the template fails.
pub fn step_up(
    request: &HttpRequest,
    demanded: &Demanded,
    confirm_href: Option<String>,
) -> Result<HttpResponse, Failure> {
    let entered = Entered::from_request(request, &mut Payload::None).into_inner()?;
    let site = entered.site();
    let view = StepUp {
        text: &demanded.advice(),
        what: &demanded.what,
        demand: demanded.demand.to_string(),
        confirm_href,
        home_href: format!("{}/", site.urls.mount()),
        nothing_done: request.method() != Method::GET,
        typed: step_up::holds_typed_text(request, demanded),
        contact: site.contact.as_deref().map(Contact::of),
    };
    let frame = Frame::of(request, &entered, &text!("step-up-title"));
    site.pages
        .answer(StatusCode::FORBIDDEN, "step-up.html", &frame, &view)
}

/// The final pages of sign-in and sign-out.
pub struct SignInPages;

impl sso::Pages for SignInPages {
    fn problem(&self, request: &HttpRequest, problem: &sso::Problem) -> HttpResponse {
        if wants_json(request) {
            return middleware::problem(
                request,
                &problem.title,
                &problem.text,
                problem.status,
                None,
            );
        }
        let view = Problem {
            status: problem.status.as_u16(),
            heading: &problem.title,
            text: &problem.text,
            reference: problem.reference.clone(),
            home_href: problem.home.clone(),
            retry_href: problem.start_again.clone(),
            missing: None,
            roles: Vec::new(),
            contact: contact(request),
            back_href: String::new(),
            seen: problem
                .seen
                .iter()
                .map(|(label, text)| RequestFact { label, text })
                .collect(),
        };
        bare(request, problem.status, "error.html", &problem.title, &view)
    }

    fn choose(&self, request: &HttpRequest, choices: &[sso::Choice]) -> HttpResponse {
        #[derive(Serialize)]
        struct Way<'c> {
            name: &'c str,
            label: &'c str,
            href: &'c str,
        }
        #[derive(Serialize)]
        struct Ways<'c> {
            providers: Vec<Way<'c>>,
        }
        let ways = choices.iter().map(|choice| Way {
            name: &choice.name,
            label: &choice.label,
            href: &choice.href,
        });
        let view = Ways {
            providers: ways.collect(),
        };
        if wants_json(request) {
            return HttpResponse::Ok().json(&view);
        }
        bare(
            request,
            StatusCode::OK,
            "choose.html",
            &text!("sign-in"),
            &view,
        )
    }

    fn emergency(&self, request: &HttpRequest, link: &sso::Emergency) -> HttpResponse {
        let title = text!("break-glass-title");
        bare(request, StatusCode::OK, "break-glass.html", &title, link)
    }

    fn leave(&self, request: &HttpRequest, leave: &sso::Leave) -> HttpResponse {
        bare(request, StatusCode::OK, "leave.html", &leave.title, leave)
    }

    fn signed_out(&self, request: &HttpRequest, text: Option<&str>) -> HttpResponse {
        #[derive(Serialize)]
        struct SignedOut<'t> {
            text: Option<&'t str>,
            sign_in_href: String,
        }
        let root = access::site(request).map(|site| site.urls.root().to_owned());
        let view = SignedOut {
            text,
            sign_in_href: format!("{}/auth/login", root.unwrap_or_default()),
        };
        bare(
            request,
            StatusCode::OK,
            "signed-out.html",
            &text!("signed-out-title"),
            &view,
        )
    }
}

/// The contact.
fn contact(request: &HttpRequest) -> Option<Contact> {
    let site = access::site(request).ok()?;
    site.contact.as_deref().map(Contact::of)
}

fn bare(
    request: &HttpRequest,
    status: StatusCode,
    template: &str,
    title: &str,
    view: &impl Serialize,
) -> HttpResponse {
    let page = access::site(request).and_then(|site| {
        let frame = Frame::bare(request, &site, title);
        site.pages.answer(status, template, &frame, view)
    });
    page.unwrap_or_else(|error| {
        tracing::error!(error = %error, "a page could not be written");
        HttpResponse::InternalServerError().finish()
    })
}
