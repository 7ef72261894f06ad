//! Renders pages from templates, with automatic escaping.

use super::Failure;
use super::markup::Markup;
use crate::texts::{self, Language};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use fluent_bundle::FluentValue;
use serde::Serialize;
use std::sync::Arc;
use tera::{Context, Function, Kwargs, State, Tera, TeraResult};

/// The page templates.
#[derive(Clone)]
pub struct Pages(Arc<Tera>);

impl Pages {
    /// Parses templates, each with its name.
    ///
    /// # Errors
    /// When one of them is invalid: a fault of the build.
    pub fn new(templates: &[(&str, &str)]) -> Result<Self, tera::Error> {
        let mut tera = Tera::default();
        tera.autoescape_on(vec![".html"]);
        tera.register_function("text", text);
        tera.register_function("rich", Rich);
        tera.register_function("language", |_: Kwargs, _: &State| Language::current().tag());
        tera.register_filter("all_of", |things: Vec<String>, _: Kwargs, _: &State| {
            texts::all_of(&things)
        });
        tera.register_filter("any_of", |things: Vec<String>, _: Kwargs, _: &State| {
            texts::any_of(&things)
        });
        tera.add_raw_templates(templates.iter().copied())?;
        Ok(Self(Arc::new(tera)))
    }

    /// Renders a page: `page` is the frame, `view` its content.
    ///
    /// # Errors
    /// When the template fails: an internal error.
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

    /// Renders a part of a page from a separate template.
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

    /// Renders a page as a response.
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

/// `text(id="...", name=value)`: a message, escaped like any other value.
fn text(arguments: Kwargs, _: &State) -> TeraResult<String> {
    message(&arguments, |value| value.to_owned())
}

/// `rich(id="...", name=value)`: a message with markup. Only its arguments are escaped.
struct Rich;

impl Function<TeraResult<String>> for Rich {
    fn call(&self, arguments: Kwargs, _: &State) -> TeraResult<String> {
        message(&arguments, |value| {
            let mut escaped = Markup::default();
            escaped.text(value);
            escaped.into_string()
        })
    }

    fn is_safe(&self) -> bool {
        true
    }
}

fn message(arguments: &Kwargs, written: impl Fn(&str) -> String) -> TeraResult<String> {
    let id = arguments.must_get::<&str>("id")?;
    let named = arguments.iter().filter_map(|(name, value)| {
        let name = name.as_str().filter(|name| *name != "id")?;
        let value = match value.as_u64() {
            Some(number) if value.is_number() => FluentValue::from(number),
            _ if value.is_none() => FluentValue::from(""),
            _ => FluentValue::from(written(&value.to_string())),
        };
        Some((name, value))
    });
    Ok(texts::message(id, &named.collect::<Vec<_>>()))
}
