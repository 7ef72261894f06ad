//! The pages in the pseudo-language, in which every message has marks and accented letters. Text
//! without accents on a page must be data, even inside a message.

mod pages;
mod sent;

use crate::support::{Answer, Client, TestApp};
use scraper::{ElementRef, Html, Node, Selector};
use serde_json::Value;
use std::collections::BTreeSet;

/// The tag of the pseudo-language.
const PSEUDO: &str = "en-XA";
/// Labels of the audit log. They belong to the catalog, which is built once for all languages.
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
/// Words in dates, and names.
const NAMES: [&str; 20] = [
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
];

/// Words used literally in an address or a request: parameters, operators and values.
const CODES: [&str; 6] = [
    "eq ne gt ge lt le between nbetween last next this past future in nin",
    "contains ncontains starts nstarts ends nends null notnull any none",
    "column columns op value mode header labels tz key map",
    "keys both names create update",
    "point comma semicolon tab pipe utf windows ymd dmy mdy csv tsv jsonl",
    "set do export edit delete action matching",
];

/// The words of a text, without numbers, request ids and initials.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    let plain = |word: &&str| {
        let is_initials = word.len() <= 4 && word.chars().all(|letter| letter.is_ascii_uppercase());
        let has_digits = word.chars().any(|letter| letter.is_ascii_digit());
        word.chars().count() > 1 && !is_initials && !has_digits
    };
    words.filter(plain).map(str::to_owned).collect()
}

/// The accented letters of the pseudo-language. Nearly every word of a message has one. A word
/// without one came from an argument, even between the marks.
const ACCENTED: &str = "\u{e5}\u{e7}\u{e9}\u{ee}\u{142}\u{f1}\u{f6}\u{161}\u{fb}\u{fd}\u{f0}\u{11d}\u{c5}\u{c9}\u{ce}\u{d6}\u{db}\u{d1}\u{c7}\u{d0}";

fn is_of_a_message(word: &str) -> bool {
    word.contains(|letter| ACCENTED.contains(letter))
}

/// The texts of an element.
fn texts(element: ElementRef<'_>, out: &mut Vec<String>) {
    if matches!(element.value().name(), "script" | "style" | "textarea") {
        return;
    }
    for name in READ {
        out.extend(element.attr(name).map(str::to_owned));
    }
    // The script's operators: `value=takes=label|` for each.
    for op in element.attr("data-ops").unwrap_or_default().split('|') {
        let label = op.splitn(3, '=').nth(2);
        out.extend(label.map(str::to_owned));
    }
    for child in element.children() {
        match child.value() {
            Node::Text(text) => out.push(text.to_string()),
            Node::Element(_) => texts(ElementRef::wrap(child).unwrap(), out),
            _ => {}
        }
    }
}

/// Reads pages and responses, and collects the errors.
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
        let found = words(text).into_iter();
        let mut rest = found.filter(|word| !is_of_a_message(word));
        let is_data = rest.all(|word| self.known.contains(&word));
        if !is_data && !OF_THE_CATALOG.contains(&text.trim()) {
            self.faults.push(format!("{at}: {:?}", text.trim()));
        }
    }

    /// Checks a page, and the texts of its script.
    fn page(&mut self, at: &str, answer: &Answer) {
        let html = answer.text();
        assert!(html.contains("lang=\"en-XA\""), "{at}: {answer:?}");
        let html = Html::parse_document(&html);
        let mut found = Vec::new();
        texts(html.root_element(), &mut found);
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

    /// Checks a problem document: its title, its detail, and the errors of fields.
    fn problem(&mut self, at: &str, answer: &Answer) {
        let kind = answer.header("content-type");
        assert_eq!(kind, "application/problem+json", "{at}: {answer:?}");
        let problem = answer.json();
        for name in ["title", "detail"] {
            let text = problem[name].as_str().unwrap();
            assert!(text.starts_with('\u{27e6}'), "{at}: {name}: {text}");
            self.check(at, text);
        }
        let errors: Vec<&Value> = match &problem["errors"] {
            Value::Array(errors) => errors.iter().map(|error| &error["message"]).collect(),
            Value::Object(errors) => errors.values().collect(),
            _ => Vec::new(),
        };
        for text in errors {
            let text = text.as_str().unwrap();
            assert!(text.starts_with('\u{27e6}'), "{at}: {text}");
            self.check(at, text);
        }
    }

    fn end(self) {
        let count = self.faults.len();
        assert!(count == 0, "{count} texts:\n{}", self.faults.join("\n"));
    }
}

/// A client that requests the pseudo-language.
async fn reader(app: &TestApp, person: &str) -> Client {
    app.sign_in(person).await.copy().reading(PSEUDO)
}

/// Every word of the company, its configuration and its people: data.
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
    // Rows beyond the first page have labels too.
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
    // The action is a value of a column, as stored.
    let audit = alice.get_json("/admin/data/audit?size=200").await;
    known.extend(words(&audit.text()));
    known.extend(OF_THE_CATALOG.iter().flat_map(|text| words(text)));
    known.extend(CODES.iter().flat_map(|text| words(text)));
    // Labels are derived from names.
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
