//! The pages in the pseudo-language, in which every message stands between marks: what a page
//! shows without marks must be data.

mod pages;
mod sent;

use crate::support::{Answer, Client, TestApp};
use scraper::{ElementRef, Html, Node, Selector};
use serde_json::Value;
use std::collections::BTreeSet;

/// The tag of the pseudo-language.
const PSEUDO: &str = "en-XA";
/// Labels of the audit log. They are the catalog's, which is built once for all languages.
const OF_THE_CATALOG: [&str; 12] = [
    "Panel",
    "Audit log",
    "Audit log \u{b7} Bailiwick",
    "Bailiwick",
    "Who signed in, who was turned away, and who changed or exported what.",
    "The provider that signed them in.",
    "The provider\u{2019}s name for them.",
    "The roles they had at that moment.",
    "The same as in the server\u{2019}s log.",
    "Where the request came from.",
    "What happened.",
    "Old and new values.",
];
/// Attributes that people read or hear.
const READ: [&str; 5] = ["title", "placeholder", "aria-label", "alt", "label"];
/// Words of dates, names, and what people type into an address or a request as it is.
const NAMES: [&str; 21] = [
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
    "UTC",
    "Bailiwick",
    "CSV",
    "JSON",
    "Excel",
    "Windows",
    "Latin",
    "UTF",
    "columns",
];

/// The words of a text, without numbers, references and initials.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    let plain = |word: &&str| {
        let is_initials = word.len() <= 4 && word.chars().all(|letter| letter.is_ascii_uppercase());
        let has_digits = word.chars().any(|letter| letter.is_ascii_digit());
        word.chars().count() > 1 && !is_initials && !has_digits
    };
    words.filter(plain).map(str::to_owned).collect()
}

/// What stands without marks; `depth` is how many marks are open.
fn outside(text: &str, depth: &mut i32) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '\u{27e6}' => *depth += 1,
            '\u{27e7}' => *depth -= 1,
            _ if *depth == 0 => out.push(letter),
            _ => {}
        }
    }
    out
}

/// The texts of an element that stand without marks.
fn unmarked(element: ElementRef<'_>, depth: &mut i32, out: &mut Vec<String>) {
    if matches!(element.value().name(), "script" | "style" | "textarea") {
        return;
    }
    for name in READ {
        out.extend(element.attr(name).map(|text| outside(text, &mut 0)));
    }
    // What the script offers: `value=takes=label|` for each operator.
    for op in element.attr("data-ops").unwrap_or_default().split('|') {
        let label = op.splitn(3, '=').nth(2);
        out.extend(label.map(|label| outside(label, &mut 0)));
    }
    for child in element.children() {
        match child.value() {
            Node::Text(text) => out.push(outside(text, depth)),
            Node::Element(_) => unmarked(ElementRef::wrap(child).unwrap(), depth, out),
            _ => {}
        }
    }
}

/// Looks at pages and answers, and keeps what is wrong with them.
struct Walk {
    known: BTreeSet<String>,
    faults: Vec<String>,
}

impl Walk {
    async fn begin(app: &TestApp) -> Self {
        Self {
            known: data(app).await,
            faults: Vec::new(),
        }
    }

    fn check(&mut self, at: &str, text: &str) {
        let is_data = words(text).iter().all(|word| self.known.contains(word));
        if !is_data && !OF_THE_CATALOG.contains(&text.trim()) {
            self.faults.push(format!("{at}: {:?}", text.trim()));
        }
    }

    /// A page, and the texts of its script.
    fn page(&mut self, at: &str, answer: &Answer) {
        let html = answer.text();
        assert!(html.contains("lang=\"en-XA\""), "{at}: {answer:?}");
        let html = Html::parse_document(&html);
        let mut found = Vec::new();
        unmarked(html.root_element(), &mut 0, &mut found);
        for text in found {
            self.check(at, &text);
        }
        let script = Selector::parse("meta[name=words]").unwrap();
        let script = html.select(&script).next().unwrap();
        let texts: Value = serde_json::from_str(script.attr("content").unwrap()).unwrap();
        for (name, text) in texts.as_object().unwrap() {
            let text = text.as_str().unwrap();
            assert!(text.starts_with('\u{27e6}'), "{at}: {name}: {text}");
        }
    }

    /// A problem document: its title, its detail, and what is wrong with each field.
    fn problem(&mut self, at: &str, answer: &Answer) {
        let kind = answer.header("content-type");
        assert_eq!(kind, "application/problem+json", "{at}: {answer:?}");
        let problem = answer.json();
        for name in ["title", "detail"] {
            let text = problem[name].as_str().unwrap();
            assert!(text.starts_with('\u{27e6}'), "{at}: {name}: {text}");
            self.check(at, &outside(text, &mut 0));
        }
        let errors: Vec<&Value> = match &problem["errors"] {
            Value::Array(errors) => errors.iter().map(|error| &error["message"]).collect(),
            Value::Object(errors) => errors.values().collect(),
            _ => Vec::new(),
        };
        for text in errors {
            let text = text.as_str().unwrap();
            assert!(text.starts_with('\u{27e6}'), "{at}: {text}");
            self.check(at, &outside(text, &mut 0));
        }
    }

    fn end(self) {
        let count = self.faults.len();
        assert!(count == 0, "{count} texts:\n{}", self.faults.join("\n"));
    }
}

/// Somebody who reads the pseudo-language.
async fn reader(app: &TestApp, person: &str) -> Client {
    app.sign_in(person).await.copy().reading(PSEUDO)
}

/// Every word of the company, of its configuration and of who asks: data.
async fn data(app: &TestApp) -> BTreeSet<String> {
    let mut known: BTreeSet<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();
    for text in [
        include_str!("../../src/demo/bailiwick.toml"),
        include_str!("../support/company.sql"),
    ] {
        known.extend(words(text));
    }
    let alice = app.sign_in("alice").await;
    for resource in crate::routes::RESOURCES {
        let path = format!("/admin/data/{resource}?size=200");
        known.extend(words(&alice.get_json(&path).await.text()));
        known.extend(words(resource));
    }
    // Rows are named far behind the first page, too.
    for rows in [
        "customers/export.json?columns=name",
        "products/export.json?columns=name",
    ]
    .into_iter()
    .chain([
        "employees/export.json?columns=name",
        "orders/export.json?columns=notes",
    ]) {
        let path = format!("/admin/data/{rows}");
        known.extend(words(&alice.get(&path).await.text()));
    }
    for person in ["alice", "bob", "dave"] {
        let client = app.sign_in(person).await;
        known.extend(words(&client.get_json("/admin/me").await.text()));
    }
    // What was done is a value of a column, as it is stored.
    let audit = alice.get_json("/admin/data/audit?size=200").await;
    known.extend(words(&audit.text()));
    // Labels are made of names.
    let labels: Vec<String> = known
        .iter()
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(char::to_uppercase);
            first.into_iter().flatten().chain(letters).collect()
        })
        .collect();
    known.extend(labels);
    known
}
