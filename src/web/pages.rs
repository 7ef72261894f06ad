//! Templates, embedded and autoescaped.

use super::Failure;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use serde::Serialize;
use std::sync::Arc;
use tera::{Context, Tera};

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../templates/", $name)))),*]
    };
}

/// The page templates.
#[derive(Clone)]
pub struct Pages(Arc<Tera>);

impl Pages {
    /// Reads the embedded templates.
    ///
    /// # Errors
    /// When one of them cannot be read: a fault of the build.
    pub fn new() -> Result<Self, tera::Error> {
        let mut tera = Tera::default();
        tera.autoescape_on(vec![".html"]);
        tera.add_raw_templates(embedded!(
            "access-parts.html",
            "access-role.html",
            "access-who.html",
            "access.html",
            "base.html",
            "break-glass.html",
            "center.html",
            "choose.html",
            "controls.html",
            "conflict.html",
            "delete.html",
            "denied.html",
            "detail.html",
            "error.html",
            "forbidden.html",
            "form.html",
            "history.html",
            "home.html",
            "leave.html",
            "list.html",
            "me.html",
            "parts.html",
            "session-parts.html",
            "sessions.html",
            "role-confirm.html",
            "role-group.html",
            "role.html",
            "roles.html",
            "signed-out.html",
            "step-up.html",
        ))?;
        Ok(Self(Arc::new(tera)))
    }

    /// Writes a page: `page` is the frame, `view` what is in it.
    ///
    /// # Errors
    /// When the template fails: a fault of ours.
    pub fn render(
        &self,
        template: &str,
        page: &impl Serialize,
        view: &impl Serialize,
    ) -> Result<String, tera::Error> {
        let mut context = Context::new();
        context.insert("page", page);
        context.insert("view", view);
        self.0.render(template, &context)
    }

    /// One cell, as the templates write it.
    ///
    /// # Errors
    /// As [`Pages::render`].
    #[cfg(test)]
    pub(crate) fn cell(&self, cell: &crate::panel::cell::Cell) -> Result<String, tera::Error> {
        let mut tera = (*self.0).clone();
        tera.add_raw_template("cell.html", "{{ <cell c={view} /> }}")?;
        let mut context = Context::new();
        context.insert("view", cell);
        tera.render("cell.html", &context)
    }

    /// A page as an answer.
    ///
    /// # Errors
    /// As [`Pages::render`].
    pub fn answer(
        &self,
        status: StatusCode,
        template: &str,
        page: &impl Serialize,
        view: &impl Serialize,
    ) -> Result<HttpResponse, Failure> {
        let body = self
            .render(template, page, view)
            .map_err(Failure::internal)?;
        Ok(HttpResponse::build(status)
            .content_type(ContentType::html())
            .body(body))
    }
}
