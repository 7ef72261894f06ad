//! The message files, and that people read only their texts (`docs/messages.md`).
//!
//! Calls are found in the source: `text!("id", name = value)` in Rust, `text(id="id", name=value)`
//! and `rich(...)` in templates.

mod pseudo;
mod templates;
mod wording;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A message.
#[derive(Default, Debug)]
struct Message {
    file: String,
    arguments: BTreeSet<String>,
    /// The arguments that select plurals.
    counted: BTreeSet<String>,
    /// Messages that it refers to.
    others: BTreeSet<String>,
    text: String,
}

/// A call in the source.
#[derive(Debug)]
struct Call {
    at: String,
    id: String,
    arguments: BTreeSet<String>,
    may_hold_markup: bool,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(files(&path, ending));
        } else if path.extension().is_some_and(|found| found == ending) {
            out.push(path);
        }
    }
    out.sort();
    out
}

fn read_pattern(pattern: &Pattern<String>, into: &mut Message) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => into.text.push_str(value),
            PatternElement::Placeable { expression } => read_expression(expression, into),
        }
    }
}

fn read_expression(expression: &Expression<String>, into: &mut Message) {
    match expression {
        Expression::Inline(inline) => read_inline(inline, into),
        Expression::Select { selector, variants } => {
            if let InlineExpression::VariableReference { id } = selector {
                into.counted.insert(id.name.clone());
            }
            read_inline(selector, into);
            for variant in variants {
                read_pattern(&variant.value, into);
            }
        }
    }
}

fn read_inline(inline: &InlineExpression<String>, into: &mut Message) {
    match inline {
        InlineExpression::VariableReference { id } => {
            into.arguments.insert(id.name.clone());
        }
        InlineExpression::MessageReference { id, .. } => {
            into.others.insert(id.name.clone());
        }
        InlineExpression::Placeable { expression } => read_expression(expression, into),
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        other => panic!("not used in our messages: {other:?}"),
    }
}

/// Every message, with its arguments.
fn messages() -> BTreeMap<String, Message> {
    let mut all = BTreeMap::new();
    for path in files(&root().join("messages/en"), "ftl") {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let parsed = parser::parse(fs::read_to_string(&path).unwrap());
        let parsed = parsed.unwrap_or_else(|(_, faults)| panic!("{file}: {faults:?}"));
        for entry in parsed.body {
            let Entry::Message(message) = entry else {
                continue;
            };
            let mut found = Message {
                file: file.clone(),
                ..Message::default()
            };
            assert!(message.attributes.is_empty(), "{file}: {}", message.id.name);
            read_pattern(message.value.as_ref().unwrap(), &mut found);
            let twice = all.insert(message.id.name.clone(), found);
            assert!(
                twice.is_none(),
                "{file}: {} is there twice",
                message.id.name
            );
        }
    }
    all
}

/// The arguments of a call, after its opening bracket, split at commas of the top level.
fn arguments(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let (mut out, mut start) = (Vec::new(), 0);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => {
                out.push(text[start..at].trim());
                out.retain(|part| !part.is_empty());
                return out;
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                out.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    panic!("a call without an end: {}", &text[..text.len().min(80)]);
}

fn calls_of(source: &str, at: &str, opening: &str, may_hold_markup: bool) -> Vec<Call> {
    let found = source.match_indices(opening).filter(|(start, _)| {
        let before = source[..*start].chars().next_back();
        before.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_' && letter != '`')
    });
    let calls = found.map(|(start, _)| {
        let rest = &source[start + opening.len()..];
        let mut parts = arguments(rest).into_iter();
        let first = parts.next().unwrap_or_default();
        let id = first.strip_prefix("id=").unwrap_or(first);
        let id = id.strip_prefix('"').and_then(|id| id.strip_suffix('"'));
        Call {
            at: at.to_owned(),
            id: id
                .unwrap_or_else(|| panic!("{at}: the name is not a literal: {first}"))
                .to_owned(),
            arguments: parts
                .map(|part| part.split('=').next().unwrap().trim().to_owned())
                .collect(),
            may_hold_markup,
        }
    });
    calls.collect()
}

/// Every call in the source.
fn calls() -> Vec<Call> {
    let mut out = Vec::new();
    for path in files(&root().join("src"), "rs") {
        let source = fs::read_to_string(&path).unwrap();
        out.extend(calls_of(&source, &path.to_string_lossy(), "text!(", false));
    }
    for path in files(&root().join("templates"), "html") {
        let source = fs::read_to_string(&path).unwrap();
        let at = path.to_string_lossy();
        out.extend(calls_of(&source, &at, "text(", false));
        out.extend(calls_of(&source, &at, "rich(", true));
    }
    out
}

#[test]
fn every_call_names_a_message_and_fits_its_arguments() {
    let messages = messages();
    let mut faults = Vec::new();
    for call in calls() {
        match messages.get(&call.id) {
            None => faults.push(format!("{}: there is no message {}", call.at, call.id)),
            Some(message) if message.arguments != call.arguments => faults.push(format!(
                "{}: {} takes {:?} and is given {:?}",
                call.at, call.id, message.arguments, call.arguments
            )),
            Some(message) if message.text.contains('<') != call.may_hold_markup => faults.push(
                format!("{}: {} and markup: text or rich?", call.at, call.id),
            ),
            Some(_) => {}
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_message_is_used() {
    let messages = messages();
    let calls = calls();
    let mut used: BTreeSet<&str> = calls.iter().map(|call| call.id.as_str()).collect();
    used.extend(
        messages
            .values()
            .flat_map(|message| message.others.iter().map(String::as_str)),
    );
    let idle: Vec<String> = messages
        .iter()
        .filter(|(id, _)| !used.contains(id.as_str()))
        .map(|(id, message)| format!("{}: {id}", message.file))
        .collect();
    assert!(idle.is_empty(), "{}", idle.join("\n"));
}

#[test]
fn what_plurals_ask_is_named_as_a_number() {
    for (id, message) in messages() {
        for name in message.counted {
            let is_number = name == "count" || name.ends_with("_count");
            assert!(is_number, "{}: {id} asks ${name}", message.file);
        }
    }
}

#[test]
fn markup_in_messages_is_of_a_few_kinds() {
    const TAGS: [&str; 8] = [
        "b",
        "/b",
        "bdi",
        "/bdi",
        "code",
        "/code",
        "a href=\"\"",
        "/a",
    ];
    for (id, message) in messages() {
        for piece in message.text.split('<').skip(1) {
            let (tag, _) = piece.split_once('>').unwrap_or((piece, ""));
            assert!(TAGS.contains(&tag), "{}: {id} holds <{tag}>", message.file);
        }
    }
}

#[test]
fn every_file_is_embedded() {
    let list = fs::read_to_string(root().join("src/texts/messages.rs")).unwrap();
    for path in files(&root().join("messages/en"), "ftl") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(list.contains(&format!("\"{name}\"")), "{name}");
    }
}
