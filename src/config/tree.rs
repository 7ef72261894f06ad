//! The untyped configuration: values with their places.
//!
//! These types have no `Debug` on purpose, as values may be secrets.

use crate::config::{Fault, KeyPath, Place, error::Step};
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

/// A value and its place.
pub(in crate::config) struct Node {
    pub(super) place: Place,
    pub(super) content: Content,
}

pub(super) enum Content {
    Table(BTreeMap<String, Entry>),
    List(Vec<Node>),
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    Datetime,
    /// The text of an environment variable; its type depends on the key that reads it.
    Variable(String),
}

/// A key's value, and the place of the key.
pub(super) struct Entry {
    pub(super) place: Place,
    pub(super) node: Node,
}

/// Parses TOML.
///
/// # Errors
/// When the text is not TOML. The line is not quoted, as it may hold a secret.
pub(super) fn read(text: &str, origin: &str) -> Result<Node, Fault> {
    let source = Source::new(origin, text);
    let table = DeTable::parse(text).map_err(|error| Fault {
        place: source.place(error.span().map_or(0, |span| span.start)),
        key: KeyPath::default(),
        message: format!("this is not TOML: {}", error.message()),
    })?;
    let content = of_table(table.into_inner(), &|at| source.place(at))?;
    Ok(Node {
        place: Place::Whole(source.name),
        content,
    })
}

/// An empty root without a place, for a configuration made in code.
pub(in crate::config) fn nothing() -> Node {
    Node::empty_table(&Place::Unknown)
}

/// Parses the list in an environment variable.
///
/// # Errors
/// When it is not a list.
pub(super) fn read_list(text: &str, place: &Place) -> Result<Vec<Node>, Fault> {
    let wrong = || Fault {
        place: place.clone(),
        key: KeyPath::default(),
        message: "must be a list, such as [\"one\", \"two\"]".to_owned(),
    };
    let value = DeValue::parse(text.trim()).map_err(|_| wrong())?;
    match of_value(value, &|_| place.clone())?.content {
        Content::List(nodes) => Ok(nodes),
        _ => Err(wrong()),
    }
}

struct Source<'t> {
    name: Arc<str>,
    text: &'t str,
    /// Offsets of the lines after the first; every value needs its position.
    starts: Vec<usize>,
}

impl<'t> Source<'t> {
    fn new(origin: &str, text: &'t str) -> Self {
        let newlines = text.match_indices('\n');
        Self {
            name: origin.into(),
            text,
            starts: newlines.map(|(at, _)| at + 1).collect(),
        }
    }

    fn place(&self, at: usize) -> Place {
        let lines_before = self.starts.partition_point(|start| *start <= at);
        let start = lines_before
            .checked_sub(1)
            .and_then(|line| self.starts.get(line).copied())
            .unwrap_or(0);
        let before = self.text.get(start..at).unwrap_or_default();
        Place::File {
            name: self.name.clone(),
            line: lines_before + 1,
            column: before.chars().count() + 1,
        }
    }
}

/// The place where a file stops being UTF-8.
pub(super) fn not_utf8(bytes: &[u8], origin: &str) -> Fault {
    let good = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(good).unwrap_or_default()
        }
    };
    Fault {
        place: Source::new(origin, good).place(good.len()),
        key: KeyPath::default(),
        message: "this is not UTF-8: save the file as UTF-8 (editors offer it under \
                  \u{201c}Encoding\u{201d})"
            .to_owned(),
    }
}

type PlaceAt<'f> = &'f dyn Fn(usize) -> Place;

fn of_table(table: DeTable<'_>, place_at: PlaceAt<'_>) -> Result<Content, Fault> {
    let entries = table.into_iter().map(|(key, value)| {
        let place = place_at(key.span().start);
        let node = of_value(value, place_at)?;
        Ok((key.into_inner().into_owned(), Entry { place, node }))
    });
    entries.collect::<Result<_, _>>().map(Content::Table)
}

fn of_value(value: Spanned<DeValue<'_>>, place_at: PlaceAt<'_>) -> Result<Node, Fault> {
    let place = place_at(value.span().start);
    let content = match value.into_inner() {
        DeValue::String(text) => Content::Text(text.into_owned()),
        DeValue::Integer(number) => Content::Integer(of_integer(&number, &place)?),
        DeValue::Float(number) => Content::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(value) => Content::Bool(value),
        DeValue::Datetime(_) => Content::Datetime,
        DeValue::Array(values) => {
            let nodes = values.into_iter().map(|value| of_value(value, place_at));
            Content::List(nodes.collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => of_table(table, place_at)?,
    };
    Ok(Node { place, content })
}

fn of_integer(number: &DeInteger<'_>, place: &Place) -> Result<i64, Fault> {
    i64::from_str_radix(number.as_str(), number.radix()).map_err(|_| Fault {
        place: place.clone(),
        key: KeyPath::default(),
        message: "the number is too large".to_owned(),
    })
}

impl Node {
    /// Sets the value at `A__B__C` to the text of an environment variable.
    ///
    /// # Errors
    /// When the path leads through something that is not a table. Also when another variable, whose
    /// name differs only in case, has set it before.
    pub(super) fn set(&mut self, keys: &str, variable: &str, text: String) -> Result<(), Fault> {
        let place = Place::Variable(variable.to_owned());
        let fault = |key, message: &str| Fault {
            place: place.clone(),
            key,
            message: message.to_owned(),
        };
        let mut node = self;
        let mut path = KeyPath::default();
        for step in keys.split("__") {
            if step.is_empty() {
                return Err(fault(path, "names no key; write BAILIWICK__TABLE__KEY"));
            }
            node = match &mut node.content {
                Content::Table(entries) => {
                    let key = key_in_any_case(entries, step);
                    path = path.key(&key);
                    let empty = || Entry {
                        place: place.clone(),
                        node: Self::empty_table(&place),
                    };
                    &mut entries.entry(key).or_insert_with(empty).node
                }
                Content::List(_) => {
                    return Err(fault(path, "names no known key: a list is set as a whole"));
                }
                _ => return Err(fault(path, "names no known key: this is not a table")),
            };
        }
        if matches!(node.place, Place::Variable(_)) && !node.is_empty_table() {
            return Err(fault(path, "is set by two environment variables"));
        }
        *node = Self {
            place,
            content: Content::Variable(text),
        };
        Ok(())
    }

    fn empty_table(place: &Place) -> Self {
        Self {
            place: place.clone(),
            content: Content::Table(BTreeMap::new()),
        }
    }

    fn is_empty_table(&self) -> bool {
        matches!(&self.content, Content::Table(entries) if entries.is_empty())
    }

    /// The place of the value at this path, or of its deepest parent that exists.
    pub(super) fn place_of(&self, path: &KeyPath) -> Place {
        let mut node = self;
        for step in &path.0 {
            match node.below(step) {
                Some(next) => node = next,
                None => break,
            }
        }
        node.place.clone()
    }

    /// Whether there is a value at this path.
    pub(super) fn has(&self, path: &KeyPath) -> bool {
        let mut steps = path.0.iter();
        let found = steps.try_fold(self, |node, step| node.below(step));
        found.is_some()
    }

    fn below(&self, step: &Step) -> Option<&Self> {
        match (&self.content, step) {
            (Content::Table(entries), Step::Key(key)) => entries.get(key).map(|entry| &entry.node),
            (Content::List(nodes), Step::Index(index)) => nodes.get(*index),
            _ => None,
        }
    }
}

/// The key as written in the file, ignoring case; in lower case if the file has none.
fn key_in_any_case(entries: &BTreeMap<String, Entry>, step: &str) -> String {
    let key = step.to_lowercase();
    if entries.contains_key(&key) {
        key
    } else {
        entries
            .keys()
            .find(|known| known.to_lowercase() == key)
            .cloned()
            .unwrap_or(key)
    }
}
