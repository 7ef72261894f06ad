//! Deserializes a [`Node`], and describes type errors in words for people.
//!
//! No message holds a value: `client_secret = 12345` must not be quoted.

use crate::config::tree::{Content, Entry, Node, read_list};
use crate::config::{Fault, KeyPath, Place, error::Step};
use crate::suggest::nearest;
use serde::de::{self, DeserializeSeed, Expected, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use std::fmt;

/// Deserializes one node.
pub(super) struct Reader<'n> {
    node: &'n Node,
}

impl<'n> Reader<'n> {
    pub(super) fn new(node: &'n Node) -> Self {
        Self { node }
    }

    fn placed<T>(&self, result: Result<T, Problem>) -> Result<T, Problem> {
        result.map_err(|problem| problem.placed(&self.node.place))
    }
}

impl<'de> de::Deserializer<'de> for Reader<'_> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.placed(match &self.node.content {
            Content::Table(entries) => visitor.visit_map(Entries {
                rest: entries.iter(),
                next: None,
            }),
            Content::List(nodes) => visitor.visit_seq(Nodes {
                rest: nodes.iter().enumerate(),
            }),
            Content::Text(text) | Content::Variable(text) => visitor.visit_str(text),
            Content::Integer(number) => visitor.visit_i64(*number),
            Content::Float(number) => visitor.visit_f64(*number),
            Content::Bool(value) => visitor.visit_bool(*value),
            Content::Datetime => Err(de::Error::invalid_type(
                Unexpected::Other("a date"),
                &visitor,
            )),
        })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match &self.node.content {
            Content::Variable(text) => self.placed(match text.trim() {
                "true" => visitor.visit_bool(true),
                "false" => visitor.visit_bool(false),
                other => visitor.visit_str(other),
            }),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match &self.node.content {
            Content::Variable(text) => self.placed(match text.trim().parse() {
                Ok(number) => visitor.visit_i64(number),
                Err(_) => visitor.visit_str(text),
            }),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match &self.node.content {
            Content::Variable(text) => {
                let nodes = read_list(text, &self.node.place).map_err(Problem::from)?;
                self.placed(visitor.visit_seq(Nodes {
                    rest: nodes.iter().enumerate(),
                }))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    /// Reads one of several words.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        self.placed(match &self.node.content {
            Content::Text(text) | Content::Variable(text) => {
                if words.contains(&text.as_str()) {
                    visitor.visit_enum(IntoDeserializer::<Problem>::into_deserializer(
                        text.as_str(),
                    ))
                } else {
                    Err(de::Error::custom(format!(
                        "must be one of {}",
                        words.join(", ")
                    )))
                }
            }
            _ => Err(de::Error::custom(format!(
                "must be one of {}",
                words.join(", ")
            ))),
        })
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        tuple tuple_struct map struct identifier ignored_any
    }
}

struct Entries<'n> {
    rest: std::collections::btree_map::Iter<'n, String, Entry>,
    next: Option<(&'n str, &'n Node)>,
}

impl<'de> de::MapAccess<'de> for Entries<'_> {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Problem> {
        let Some((key, entry)) = self.rest.next() else {
            return Ok(None);
        };
        self.next = Some((key, &entry.node));
        let key = IntoDeserializer::<Problem>::into_deserializer(key.as_str());
        seed.deserialize(key)
            .map(Some)
            .map_err(|problem| problem.placed(&entry.place))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Problem> {
        let none = || <Problem as de::Error>::custom("no key was read");
        let (key, node) = self.next.take().ok_or_else(none)?;
        seed.deserialize(Reader::new(node))
            .map_err(|problem| problem.placed(&node.place).below(Step::Key(key.to_owned())))
    }
}

struct Nodes<'n> {
    rest: std::iter::Enumerate<std::slice::Iter<'n, Node>>,
}

impl<'de> de::SeqAccess<'de> for Nodes<'_> {
    type Error = Problem;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Problem> {
        let Some((index, node)) = self.rest.next() else {
            return Ok(None);
        };
        seed.deserialize(Reader::new(node))
            .map(Some)
            .map_err(|problem| problem.placed(&node.place).below(Step::Index(index)))
    }
}

/// A value of the wrong type; its place and path are filled in while returning.
#[derive(Debug)]
pub(super) struct Problem {
    message: String,
    place: Option<Place>,
    /// The steps of the path, innermost first.
    path: Vec<Step>,
}

impl Problem {
    fn new(message: String, path: Vec<Step>) -> Self {
        Self {
            message,
            place: None,
            path,
        }
    }

    fn placed(mut self, place: &Place) -> Self {
        self.place.get_or_insert_with(|| place.clone());
        self
    }

    fn below(mut self, step: Step) -> Self {
        self.path.push(step);
        self
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self {
            message: fault.message,
            place: Some(fault.place),
            path: fault.key.0.into_iter().rev().collect(),
        }
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self {
            place: problem.place.unwrap_or(Place::Unknown),
            key: KeyPath(problem.path.into_iter().rev().collect()),
            message: problem.message,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl de::Error for Problem {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string(), Vec::new())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let wanted = wanted(expected);
        let hint = match (&found, expected.to_string().as_str()) {
            // A number where a number is expected is no secret, so it may be quoted.
            (Unexpected::Float(number), "u32" | "u64") => {
                format!(": write {:.0} instead of {number}", number.abs().trunc())
            }
            (Unexpected::Str(text), "u32" | "u64") if text.trim().parse::<i64>().is_ok() => {
                ": write it without quotes".to_owned()
            }
            (Unexpected::Str("true" | "false"), "a boolean") => {
                ": write it without quotes".to_owned()
            }
            (Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Bool(_), "a string") => {
                ": put it in quotes".to_owned()
            }
            (Unexpected::Str(_), "a sequence") => ": put it in [ ]".to_owned(),
            _ => String::new(),
        };
        Self::custom(format!("must be {wanted}, not {}{hint}", kind_of(found)))
    }

    fn invalid_value(_found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format!("must be {}", wanted(expected)))
    }

    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        let message = match nearest(key, known.iter().copied()) {
            Some(known) => format!("there is no such key; did you mean \u{201c}{known}\u{201d}?"),
            None => format!("there is no such key; known here: {}", known.join(", ")),
        };
        Self::new(message, vec![Step::Key(key.to_owned())])
    }

    fn missing_field(key: &'static str) -> Self {
        let message = match missing_hint(key) {
            Some(hint) => format!("is missing: {hint}"),
            None => "is missing".to_owned(),
        };
        Self::new(message, vec![Step::Key(key.to_owned())])
    }
}

/// A hint for a required key that is missing.
fn missing_hint(key: &str) -> Option<&'static str> {
    Some(match key {
        "database" => "add a table [database] with url = \"...\"",
        "url" => "\"postgres://...\" or the path of a SQLite file",
        "issuer" => "the address of the identity provider, such as \"https://id.example.com\"",
        "client_id" => "the client's name at the identity provider",
        "on" => "a list of resources, such as [\"orders\"], or [\"*\"]",
        "may" => "a list of verbs, such as [\"view\", \"edit\"]",
        _ => return None,
    })
}

fn wanted(expected: &dyn Expected) -> String {
    match expected.to_string().as_str() {
        "a string" | "path string" => "text in quotes".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list, such as [\"one\", \"two\"]".to_owned(),
        "u32" => format!("a whole number from 0 to {}", u32::MAX),
        "a map" => "a table".to_owned(),
        text if text.starts_with("struct ") => "a table".to_owned(),
        text => text.to_owned(),
    }
}

fn kind_of(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
        Unexpected::Str(_) => "text",
        Unexpected::Seq => "a list",
        Unexpected::Map => "a table",
        Unexpected::Other("a date") => "a date",
        _ => "this",
    }
}
