//! The wording of messages: short sentences, and one word for one thing (`docs/messages.md`).

use super::{files, root};
use fluent_syntax::ast::{Entry, Expression, Pattern, PatternElement};
use fluent_syntax::parser;
use std::fs;

/// The maximum number of words in a sentence; an argument counts as one.
const MOST_WORDS: usize = 20;
/// Words that messages must not use, with their replacement.
const INSTEAD: [(&str, &str); 32] = [
    ("log in", "sign in"),
    ("log out", "sign out"),
    ("login", "sign-in"),
    ("logout", "sign-out"),
    ("logged in", "signed in"),
    ("idp", "identity provider"),
    ("sso", "identity provider"),
    ("permission", "right"),
    ("permissions", "rights"),
    ("privilege", "right"),
    ("privileges", "rights"),
    ("entity", "resource"),
    ("record", "row"),
    ("records", "rows"),
    ("query", "filter"),
    ("attribute", "column"),
    ("attributes", "columns"),
    ("null", "no value"),
    ("is blank", "has no value"),
    ("is not empty", "has a value"),
    ("submit", "save, or send"),
    ("update", "change"),
    ("updated", "changed"),
    ("modify", "change"),
    ("modified", "changed"),
    ("modification", "change"),
    ("revert", "undo"),
    ("roll back", "undo"),
    ("masked", "hidden"),
    ("administrator", "whoever runs this panel"),
    ("constraint", "rule"),
    ("anew", "again"),
];
/// Stands for an argument.
const VALUE: &str = "X";

/// The texts of a pattern, one for each plural form.
fn texts(pattern: &Pattern<String>) -> Vec<String> {
    let mut all = vec![String::new()];
    for element in &pattern.elements {
        let forms = match element {
            PatternElement::TextElement { value } => vec![value.clone()],
            PatternElement::Placeable { expression } => match expression {
                Expression::Inline(_) => vec![VALUE.to_owned()],
                Expression::Select { variants, .. } => variants
                    .iter()
                    .flat_map(|variant| texts(&variant.value))
                    .collect(),
            },
        };
        all = all
            .iter()
            .flat_map(|start| forms.iter().map(move |form| format!("{start}{form}")))
            .collect();
    }
    all
}

/// The text without its markup.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for piece in text.split('<') {
        let behind = piece.split_once('>').map_or(piece, |(_, behind)| behind);
        plain.push_str(behind);
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn sentences(text: &str) -> Vec<&str> {
    let ends = text
        .match_indices(['.', '!', '?'])
        .map(|(at, end)| at + end.len())
        .filter(|at| text[*at..].starts_with(' '));
    let (mut out, mut start) = (Vec::new(), 0);
    for end in ends.chain([text.len()]) {
        out.push(&text[start..end]);
        start = end;
    }
    out
}

fn words(sentence: &str) -> usize {
    let words = sentence.split_whitespace();
    words
        .filter(|word| word.contains(char::is_alphanumeric))
        .count()
}

/// Every message, by name, in each of its forms.
fn messages() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for path in files(&root().join("messages/en"), "ftl") {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let parsed = parser::parse(fs::read_to_string(&path).unwrap()).unwrap();
        for entry in parsed.body {
            let Entry::Message(message) = entry else {
                continue;
            };
            let at = format!("{file}: {}", message.id.name);
            for text in texts(message.value.as_ref().unwrap()) {
                all.push((at.clone(), plain(&text)));
            }
        }
    }
    all
}

#[test]
fn sentences_are_short() {
    let mut faults = Vec::new();
    for (at, text) in messages() {
        for sentence in sentences(&text) {
            let count = words(sentence);
            if count > MOST_WORDS {
                faults.push(format!("{at}: {count} words: {sentence}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn one_word_stands_for_one_thing() {
    let mut faults = Vec::new();
    for (at, text) in messages() {
        let letters = |letter: char| {
            if letter.is_alphanumeric() || letter == '_' {
                letter.to_lowercase().next().unwrap_or(letter)
            } else {
                ' '
            }
        };
        let bare: String = text
            .split_whitespace()
            // Parts of addresses, and names of settings.
            .filter(|word| !word.contains(['=', '_', '/']))
            .flat_map(|word| [" ", word])
            .collect();
        let bare: String = format!("{bare} ").chars().map(letters).collect();
        for (word, instead) in INSTEAD {
            if bare.contains(&format!(" {word} ")) {
                faults.push(format!(
                    "{at}: not \u{201c}{word}\u{201d} but \u{201c}{instead}\u{201d}: {text}"
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn lines_of_templates_are_short() {
    let mut faults = Vec::new();
    for path in files(&root().join("templates"), "html") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let source = fs::read_to_string(&path).unwrap();
        for (number, line) in (1..).zip(source.lines()) {
            let length = line.chars().count();
            if length > 300 {
                faults.push(format!("{name}:{number}: {length} characters"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_is_counted_is_what_people_read() {
    let text = plain("It has <b>two</b> parts. X is one, and e.g. this.");
    assert_eq!(text, "It has two parts. X is one, and e.g. this.");
    let parts = sentences(&text);
    assert_eq!(parts[0], "It has two parts.");
    assert_eq!(words(parts[0]), 4);
}
