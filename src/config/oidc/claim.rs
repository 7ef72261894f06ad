//! The location of the groups in the claims.

use serde::de::{self, Deserializer, SeqAccess, Visitor};
use std::fmt;
use std::ops::Deref;

/// The path of the claim that holds the groups.
///
/// A text is first looked up as a whole key, then as a path with `.` between its steps. A list is a
/// path of steps; each step is a key, taken literally.
#[derive(Clone, PartialEq, Eq)]
pub struct ClaimPath {
    /// The path as people read it: the text itself, if it was written as one.
    text: String,
    steps: Option<Vec<String>>,
}

impl ClaimPath {
    /// The claim with this name, or at this path.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            text: name.into(),
            steps: None,
        }
    }

    /// The claim at these steps.
    pub fn steps(steps: Vec<String>) -> Self {
        Self {
            text: steps.join("."),
            steps: Some(steps),
        }
    }

    /// The steps, if it was written as a list.
    pub(crate) fn as_steps(&self) -> Option<&[String]> {
        self.steps.as_deref()
    }

    /// Describes what is wrong with it, if anything.
    pub(super) fn wrong(&self) -> Option<&'static str> {
        match &self.steps {
            Some(steps) if steps.is_empty() || steps.iter().any(String::is_empty) => {
                Some("has no step, or an empty one: write each key on the way to the groups")
            }
            None if self.text.is_empty() => {
                Some("is empty: write the claim that holds the groups, such as \"groups\"")
            }
            None if self.text.starts_with('[') => Some(
                "is text that looks like a list: a path of steps can be written in the file \
                 only, as a list",
            ),
            _ => None,
        }
    }
}

impl Default for ClaimPath {
    fn default() -> Self {
        Self::named("groups")
    }
}

/// The path as people read it.
impl Deref for ClaimPath {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

impl PartialEq<ClaimPath> for &str {
    fn eq(&self, claim: &ClaimPath) -> bool {
        *self == claim.text
    }
}

impl<'de> de::Deserialize<'de> for ClaimPath {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Path;

        impl<'de> Visitor<'de> for Path {
            type Value = ClaimPath;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "the name of a claim, such as \"groups\", or the steps to it, such as \
                     [\"resource_access\", \"my.client\", \"roles\"]",
                )
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ClaimPath, E> {
                Ok(ClaimPath::named(text))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<ClaimPath, A::Error> {
                let mut steps = Vec::new();
                while let Some(step) = items.next_element()? {
                    steps.push(step);
                }
                Ok(ClaimPath::steps(steps))
            }
        }

        from.deserialize_any(Path)
    }
}
