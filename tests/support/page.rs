//! A page, queried by selector.

use super::Form;
use scraper::{ElementRef, Html, Selector};

/// A parsed page.
pub struct Page {
    /// The source of the page.
    pub source: String,
    html: Html,
}

fn text_of(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Page {
    pub(super) fn new(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            html: Html::parse_document(source),
        }
    }

    fn select(&self, selector: &str) -> Vec<ElementRef<'_>> {
        let selector = Selector::parse(selector).unwrap();
        self.html.select(&selector).collect()
    }

    fn one(&self, selector: &str) -> ElementRef<'_> {
        let found = self.select(selector);
        let first = found.first().copied();
        first.unwrap_or_else(|| panic!("no {selector} in {}", text_of(self.html.root_element())))
    }

    /// The number of matching elements.
    pub fn count(&self, selector: &str) -> usize {
        self.select(selector).len()
    }

    /// Whether an element matches.
    pub fn has(&self, selector: &str) -> bool {
        self.count(selector) > 0
    }

    /// The text of the first match.
    pub fn text(&self, selector: &str) -> String {
        text_of(self.one(selector))
    }

    /// The texts of all matches.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        self.select(selector).into_iter().map(text_of).collect()
    }

    /// An attribute of the first match.
    pub fn attribute(&self, selector: &str, name: &str) -> String {
        let value = self.one(selector).attr(name);
        value
            .unwrap_or_else(|| panic!("{selector} has no {name}"))
            .to_owned()
    }

    /// An attribute of all matches that have it.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let all = self.select(selector).into_iter();
        all.filter_map(|element| element.attr(name).map(str::to_owned))
            .collect()
    }

    /// The texts in a list's column, by its heading.
    pub fn column(&self, label: &str) -> Vec<String> {
        let heads = self.texts("table.rows thead th");
        let place = heads.iter().position(|head| head == label);
        let place = place.unwrap_or_else(|| panic!("no column {label} among {heads:?}"));
        self.texts(&format!("table.rows tbody td:nth-child({})", place + 1))
    }

    /// The value beside a label on a detail page.
    pub fn fact(&self, label: &str) -> Option<String> {
        let facts = self.select("dl.facts > div").into_iter();
        let (dt, dd) = (
            Selector::parse("dt").unwrap(),
            Selector::parse("dd").unwrap(),
        );
        facts
            .filter(|fact| fact.select(&dt).any(|dt| text_of(dt).starts_with(label)))
            .find_map(|fact| fact.select(&dd).next().map(text_of))
    }

    /// The main form of the page.
    pub fn form(&self) -> Form {
        Form::of(self.one("main form"))
    }

    /// The form with that selector.
    pub fn form_of(&self, selector: &str) -> Form {
        Form::of(self.one(selector))
    }

    /// The error beside a field.
    pub fn field_error(&self, name: &str) -> Option<String> {
        self.texts(&format!("#field-{name}-error"))
            .into_iter()
            .next()
    }

    /// The request id on an error page.
    pub fn reference(&self) -> String {
        self.text("dl.facts dd.mono")
    }
}
