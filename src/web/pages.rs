//! Pages out of templates, autoescaped.

use super::Failure;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use serde::Serialize;
use std::sync::Arc;
use tera::{Context, Tera};

/// The page templates.
#[derive(Clone)]
pub struct Pages(Arc<Tera>);

impl Pages {
    /// Reads templates, each with its name.
    ///
    /// # Errors
    /// When one of them cannot be read: a fault of the build.
    pub fn new(templates: &[(&str, &str)]) -> Result<Self, tera::Error> {
        let mut tera = Tera::default();
        tera.autoescape_on(vec![".html"]);
        tera.add_raw_templates(templates.iter().copied())?;
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

    /// A piece of a page, written by a template that the others do not know.
    ///
    /// # Errors
    /// As [`Pages::render`].
    #[cfg(test)]
    pub(crate) fn piece(
        &self,
        template: &str,
        view: &impl Serialize,
    ) -> Result<String, tera::Error> {
        let mut tera = (*self.0).clone();
        tera.add_raw_template("piece.html", template)?;
        let mut context = Context::new();
        context.insert("view", view);
        tera.render("piece.html", &context)
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
