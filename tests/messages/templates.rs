//! Texts that stand in templates themselves.

use super::{files, root};
use std::collections::BTreeSet;
use std::fs;

/// Templates that are still to be gone through. One that has no text of its own left must go
/// from here.
const TO_DO: [&str; 4] = ["bulk.html", "import.html", "lines.html", "list.html"];
/// What is no text: the product's name, a table of the configuration, and a class.
const NAMES: [&str; 3] = ["Bailiwick", "providers", "fill"];
/// Attributes that people read or hear.
const READ: [&str; 5] = ["title", "placeholder", "aria-label", "alt", "label"];

/// The template without what Tera puts in; of that, literals that are shown.
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

/// Literals of an expression that stand for what is shown: behind `or`, and not an argument.
fn literals(expression: &str) -> Vec<String> {
    let parts = expression.split(" or \"").skip(1);
    let parts = parts.filter_map(|part| part.split_once('"'));
    parts.map(|(text, _)| text.to_owned()).collect()
}

/// The texts that stand in a template.
fn texts(source: &str) -> Vec<String> {
    let (plain, mut out) = without_tera(source);
    let mut rest = plain.as_str();
    while let Some(at) = rest.find('<') {
        out.push(rest[..at].to_owned());
        let length = rest[at..].find('>').unwrap_or(rest.len() - at - 1);
        let tag = &rest[at..at + length];
        for name in READ {
            for part in tag.split(&format!(" {name}=\"")).skip(1) {
                out.extend(part.split_once('"').map(|(text, _)| text.to_owned()));
            }
        }
        rest = &rest[at + length + 1..];
    }
    out.push(rest.to_owned());
    // A component may be a piece of a tag.
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
    let (mut faults, mut found) = (Vec::new(), BTreeSet::new());
    for path in files(&root().join("templates"), "html") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.parent().unwrap().ends_with("provider") {
            // The development provider is for those who build the panel.
            continue;
        }
        let texts = texts(&fs::read_to_string(&path).unwrap());
        if TO_DO.contains(&name.as_str()) {
            found.extend((!texts.is_empty()).then_some(name));
        } else {
            faults.extend(texts.into_iter().map(|text| format!("{name}: {text:?}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // A page may be on its way.
    let is_there = |name: &&&str| root().join("templates").join(name).exists();
    let listed: BTreeSet<String> = TO_DO
        .iter()
        .filter(is_there)
        .map(|name| (*name).to_owned())
        .collect();
    assert_eq!(listed, found, "take what is done off the list");
}
