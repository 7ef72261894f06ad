//! Texts written directly in templates or in the script.

use super::{files, root};
use std::fs;

/// Words that are not texts: the product's name, a table of the configuration, and a class.
const NAMES: [&str; 3] = ["Bailiwick", "providers", "fill"];
/// Attributes that people read or hear.
const READ: [&str; 5] = ["title", "placeholder", "aria-label", "alt", "label"];

/// The template without Tera's tags, and the literals in them that are shown.
fn without_tera(source: &str) -> (String, Vec<String>) {
    let (mut plain, mut shown, mut rest) = (String::new(), Vec::new(), source);
    while let Some(at) = rest.find('{') {
        plain.push_str(&rest[..at]);
        let end = match rest[at..].get(..2) {
            Some("{{") => "}}",
            Some("{%") => "%}",
            Some("{#") => "#}",
            _ => {
                plain.push('{');
                rest = &rest[at + 1..];
                continue;
            }
        };
        let length = rest[at..].find(end).unwrap();
        let inside = &rest[at + 2..at + length];
        if end == "}}" {
            shown.extend(literals(inside));
        }
        plain.push('\u{0}');
        rest = &rest[at + length + 2..];
    }
    plain.push_str(rest);
    (plain, shown)
}

/// Literals in an expression that are shown: those after `or`, except arguments.
fn literals(expression: &str) -> Vec<String> {
    let parts = expression.split(" or \"").skip(1);
    let parts = parts.filter_map(|part| part.split_once('"'));
    parts.map(|(text, _)| text.to_owned()).collect()
}

/// The texts in a template.
fn texts(source: &str) -> Vec<String> {
    let (plain, mut out) = without_tera(source);
    let mut rest = plain.as_str();
    while let Some(at) = rest.find('<') {
        out.push(rest[..at].to_owned());
        let length = rest[at..].find('>').unwrap_or(rest.len() - at - 1);
        let tag = rest[at..at + length].replace('\n', " ");
        for name in READ {
            for part in tag.split(&format!(" {name}=\"")).skip(1) {
                out.extend(part.split_once('"').map(|(text, _)| text.to_owned()));
            }
        }
        rest = &rest[at + length + 1..];
    }
    out.push(rest.to_owned());
    // A component may be a part of a tag.
    out.retain(|text| !text.contains("=\""));
    out.retain(|text| text.chars().any(char::is_alphabetic) && !is_name(text));
    out
}

fn is_name(text: &str) -> bool {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    let mut words = words.filter(|word| !word.is_empty());
    words.all(|word| NAMES.contains(&word))
}

#[test]
fn no_template_holds_text_of_its_own() {
    let mut faults = Vec::new();
    for path in files(&root().join("templates"), "html") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.parent().unwrap().ends_with("provider") {
            // The development provider is for developers of the panel.
            continue;
        }
        let texts = texts(&fs::read_to_string(&path).unwrap());
        faults.extend(texts.into_iter().map(|text| format!("{name}: {text:?}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Capitalized words in the script that are not texts: names of keys and headers.
const OF_THE_SCRIPT: [&str; 9] = [
    "Accept",
    "ArrowDown",
    "ArrowUp",
    "Ctrl S",
    "Enter",
    "Esc",
    "Escape",
    "PageDown",
    "PageUp",
];

#[test]
fn the_script_holds_no_text_of_its_own() {
    let source = fs::read_to_string(root().join("static/panel.js")).unwrap();
    let names = fs::read_to_string(root().join("src/panel/script.rs")).unwrap();
    let mut faults = Vec::new();
    for line in source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
    {
        for quote in ['"', '`'] {
            for literal in line.split(quote).skip(1).step_by(2) {
                let mut letters = literal.chars();
                let is_text = letters
                    .next()
                    .is_some_and(|first| first.is_ascii_uppercase())
                    && letters
                        .next()
                        .is_some_and(|second| second.is_ascii_lowercase());
                if is_text && !OF_THE_SCRIPT.contains(&literal) {
                    faults.push(format!("text: {literal:?}"));
                }
            }
        }
        for call in line.split("say(\"").skip(1) {
            let name = call.split('"').next().unwrap();
            if !names.contains(&format!("\"{name}\"")) {
                faults.push(format!("src/panel/script.rs has no {name:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
