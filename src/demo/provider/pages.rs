//! The provider's pages, from templates of its own.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use serde::Serialize;
use tera::{Context, Tera};

use super::settings::Person;

const TEMPLATES: [(&str, &str); 5] = [
    (
        "layout.html",
        include_str!("../../../templates/provider/layout.html"),
    ),
    (
        "sign_in.html",
        include_str!("../../../templates/provider/sign_in.html"),
    ),
    (
        "sign_out.html",
        include_str!("../../../templates/provider/sign_out.html"),
    ),
    (
        "people.html",
        include_str!("../../../templates/provider/people.html"),
    ),
    (
        "message.html",
        include_str!("../../../templates/provider/message.html"),
    ),
];

/// The parsed templates. Their names end in `.html`, so all values are escaped.
#[derive(Clone)]
pub(super) struct Pages(Tera);

#[derive(Serialize)]
struct PersonView<'a> {
    name: &'a str,
    display_name: &'a str,
    email: &'a str,
    initials: String,
    groups: String,
    claims: String,
}

#[derive(Serialize)]
struct SignIn<'a> {
    client: &'a str,
    people: Vec<PersonView<'a>>,
    acr_values: &'a [String],
}

#[derive(Serialize)]
struct People<'a> {
    people: Vec<PersonView<'a>>,
}

#[derive(Serialize)]
struct SignOut<'a> {
    who: &'a str,
}

#[derive(Serialize)]
struct Message<'a> {
    headline: &'a str,
    text: &'a str,
}

impl Pages {
    pub(super) fn new() -> Result<Self, tera::Error> {
        let mut tera = Tera::new();
        tera.add_raw_templates(TEMPLATES)?;
        Ok(Self(tera))
    }

    pub(super) fn sign_in(
        &self,
        client: &str,
        people: &[Person],
        acr_values: &[String],
    ) -> HttpResponse {
        self.render(
            200,
            "sign_in.html",
            &SignIn {
                client,
                people: views(people),
                acr_values,
            },
        )
    }

    pub(super) fn sign_out(&self, who: &str) -> HttpResponse {
        self.render(200, "sign_out.html", &SignOut { who })
    }

    pub(super) fn people(&self, people: &[Person]) -> HttpResponse {
        self.render(
            200,
            "people.html",
            &People {
                people: views(people),
            },
        )
    }

    pub(super) fn message(&self, status: u16, headline: &str, text: &str) -> HttpResponse {
        self.render(status, "message.html", &Message { headline, text })
    }

    fn render(&self, status: u16, template: &str, view: &impl Serialize) -> HttpResponse {
        let page =
            Context::from_serialize(view).and_then(|context| self.0.render(template, &context));
        match page {
            Ok(page) => HttpResponse::build(StatusCode::from_u16(status).unwrap_or_default())
                .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
                .body(page),
            Err(error) => {
                tracing::error!(%error, template, "cannot write a page of the development provider");
                HttpResponse::InternalServerError().finish()
            }
        }
    }
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pages")
    }
}

/// `GET /style.css`
pub(super) async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/css; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "max-age=3600"))
        .body(include_str!("../../../templates/provider/style.css"))
}

fn views(people: &[Person]) -> Vec<PersonView<'_>> {
    people
        .iter()
        .map(|person| PersonView {
            name: &person.name,
            display_name: &person.display_name,
            email: &person.email,
            initials: person
                .display_name
                .split_whitespace()
                .filter_map(|word| word.chars().next())
                .take(2)
                .collect(),
            groups: person.groups.join(", "),
            claims: person
                .claims
                .iter()
                .map(|(name, value)| format!("{name} = {value}"))
                .collect::<Vec<_>>()
                .join(", "),
        })
        .collect()
}
