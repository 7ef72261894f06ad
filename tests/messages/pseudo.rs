//! The pages in the pseudo-language, in which every message stands between marks: what a page
//! shows without marks must be data.

use crate::support::{Client, TestApp};
use reqwest::Method;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE};
use scraper::{ElementRef, Html, Node};
use std::collections::{BTreeMap, BTreeSet};

/// Pages: who opens which, and its template.
const PAGES: [(&str, &str, &str); 27] = [
    ("alice", "/admin/", "home.html"),
    ("alice", "/admin/me", "me.html"),
    ("alice", "/admin/sessions", "sessions.html"),
    ("alice", "/admin/sessions?q=nobody", "sessions.html"),
    ("alice", "/admin/access", "access.html"),
    ("alice", "/admin/access?find=nothing", "access.html"),
    ("alice", "/admin/access?role=editor", "access-role.html"),
    ("alice", "/admin/access?show=people", "access-who.html"),
    ("alice", "/admin/access?groups=editors", "access-who.html"),
    ("alice", "/admin/roles", "roles.html"),
    ("alice", "/admin/roles/new", "role.html"),
    ("alice", "/admin/roles/editor", "role.html"),
    ("alice", "/admin/roles/editor/groups", "role-group.html"),
    ("alice", "/admin/data/orders", "list.html"),
    (
        "alice",
        "/admin/data/orders?f.status=eq:paid&q=1",
        "list.html",
    ),
    (
        "alice",
        "/admin/data/orders?f.status=eq:nothing",
        "list.html",
    ),
    ("alice", "/admin/data/audit", "list.html"),
    ("alice", "/admin/data/orders/row/1", "detail.html"),
    ("alice", "/admin/data/orders/new", "form.html"),
    ("alice", "/admin/data/orders/row/1/edit", "form.html"),
    ("alice", "/admin/data/orders/row/1/delete", "delete.html"),
    ("alice", "/admin/data/orders/row/1/history", "history.html"),
    ("alice", "/admin/nothing", "error.html"),
    ("bob", "/admin/data/settings", "forbidden.html"),
    ("dave", "/admin/", "denied.html"),
    ("nobody", "/auth/signed-out", "signed-out.html"),
    ("nobody", "/auth/callback", "error.html"),
];
/// Templates whose pages still show other text, from Rust or from themselves. One whose pages are
/// clean must go from here.
const TO_DO: [&str; 2] = ["form.html", "list.html"];
/// Labels of the audit log. They are the catalog's, which is built once for all languages.
const OF_THE_CATALOG: [&str; 5] = [
    "Panel",
    "Audit log",
    "Audit log \u{b7} Bailiwick",
    "Bailiwick",
    "Who signed in, who was turned away, and who changed or exported what.",
];
/// Attributes that people read or hear.
const READ: [&str; 4] = ["title", "placeholder", "aria-label", "alt"];
/// Words of dates, and names.
const NAMES: [&str; 17] = [
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

/// The texts of an element that stand without marks, in `main` and around it.
fn unmarked(
    element: ElementRef<'_>,
    is_main: bool,
    depth: &mut i32,
    out: &mut Vec<(bool, String)>,
) {
    let is_main = is_main || element.value().name() == "main";
    if matches!(element.value().name(), "script" | "style" | "textarea") {
        return;
    }
    for name in READ {
        if let Some(text) = element.attr(name) {
            out.push((is_main, outside(text, &mut 0)));
        }
    }
    for child in element.children() {
        match child.value() {
            Node::Text(text) => out.push((is_main, outside(text, depth))),
            Node::Element(_) => {
                let child = ElementRef::wrap(child).unwrap();
                unmarked(child, is_main, depth, out);
            }
            _ => {}
        }
    }
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
    for resource in ["customers", "products"] {
        let path = format!("/admin/data/{resource}/export.json?columns=name");
        known.extend(words(&alice.get(&path).await.text()));
    }
    for person in ["alice", "bob", "dave"] {
        let client = app.sign_in(person).await;
        known.extend(words(&client.get_json("/admin/me").await.text()));
    }
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

#[tokio::test]
async fn pages_show_messages_and_data_only() {
    let app = TestApp::start().await;
    let known = data(&app).await;
    let mut people: BTreeMap<&str, Client> = BTreeMap::new();
    let (mut faults, mut unclean) = (Vec::new(), BTreeSet::new());
    for (person, path, template) in PAGES {
        if !people.contains_key(person) {
            let client = match person {
                "nobody" => app.stranger(),
                name => app.sign_in(name).await,
            };
            people.insert(person, client);
        }
        let request = people[person]
            .request(Method::GET, path)
            .header(ACCEPT, "text/html")
            .header(ACCEPT_LANGUAGE, "en-XA");
        let answer = people[person].send(request).await;
        assert!(
            answer.text().contains("lang=\"en-XA\""),
            "{path}: {answer:?}"
        );
        let html = Html::parse_document(&answer.text());
        let mut found = Vec::new();
        unmarked(html.root_element(), false, &mut 0, &mut found);
        for (is_main, text) in found {
            let of_page = if is_main { template } else { "base.html" };
            let is_data = words(&text).iter().all(|word| known.contains(word));
            if is_data || OF_THE_CATALOG.contains(&text.trim()) {
                continue;
            }
            match TO_DO.contains(&of_page) {
                true => drop(unclean.insert(of_page)),
                false => faults.push(format!("{of_page} {path}: {:?}", text.trim())),
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} texts:\n{}",
        faults.len(),
        faults.join("\n")
    );
    let listed: BTreeSet<&str> = TO_DO.into_iter().collect();
    assert_eq!(listed, unclean, "take what is done off the list");
}
