//! Which groups have a role: `"editors"`, or a table that says more.

use regex_lite::Regex;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// One entry of `roles.NAME.groups`.
///
/// A text is a group's exact name. A table says how to match: `{ is = "editors" }`, `{ glob =
/// "team-*" }` or `{ regex = "team-[0-9]+" }`. `at = "PROVIDER"` means groups of
/// `[providers.PROVIDER]`. `note = "..."` is for the next reader.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GroupRule {
    /// How the text is compared with a group.
    pub how: GroupMatch,
    /// The name or the pattern.
    pub text: String,
    /// The provider of the groups; `[oidc]` if left out.
    pub at: Option<String>,
    /// A note for people.
    pub note: Option<String>,
}

/// How a rule's text is compared with a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupMatch {
    /// Equal, case-sensitive.
    Is,
    /// `*` stands for any number of characters, `?` for one.
    Glob,
    /// A regular expression that must match the whole group.
    Regex,
}

impl GroupMatch {
    /// All ways.
    pub(crate) const ALL: [Self; 3] = [Self::Is, Self::Glob, Self::Regex];

    /// Its key in configuration.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::Glob => "glob",
            Self::Regex => "regex",
        }
    }

    /// Returns the way with that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|how| how.name() == name)
    }
}

impl GroupRule {
    /// Matches a group of `[oidc]` by its exact name.
    pub fn is(group: impl Into<String>) -> Self {
        Self {
            how: GroupMatch::Is,
            text: group.into(),
            at: None,
            note: None,
        }
    }

    /// Whether another rule has the same match, text and provider. Notes are ignored.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        self.how == other.how && self.text == other.text && self.at == other.at
    }

    /// Returns the pattern that a group must match; `None` for an exact name.
    ///
    /// # Errors
    /// When the pattern is invalid, described in words. A pattern that would match any group is
    /// refused too: no role can be given to everyone.
    pub(crate) fn pattern(&self) -> Result<Option<Regex>, String> {
        let expression = match self.how {
            GroupMatch::Is => return Ok(None),
            GroupMatch::Glob => of_glob(&self.text),
            GroupMatch::Regex => self.text.clone(),
        };
        // Compiled alone first: a surplus parenthesis would close the group around it.
        let pattern = Regex::new(&expression)
            .and_then(|_| Regex::new(&format!("^(?:{expression})$")))
            .map_err(|error| format!("\u{201c}{}\u{201d} is no pattern: {error}", self.text))?;
        let taken = UNLIKE.iter().filter(|group| pattern.is_match(group));
        if taken.count() < TOO_MANY {
            Ok(Some(pattern))
        } else {
            Err(format!(
                "\u{201c}{}\u{201d} matches any group, and no role can be given to everyone",
                self.text
            ))
        }
    }

    /// The group's name, if the rule names one exactly.
    pub(crate) fn exact(&self) -> Option<&str> {
        (self.how == GroupMatch::Is).then_some(self.text.as_str())
    }
}

/// Groups that have little in common. No sensible pattern matches nearly all of them.
const UNLIKE: [&str; 8] = [
    "platform-team",
    "Editors",
    "zq7",
    "8d5f3a52-1c2b-4f7e-9a3d-0123456789ab",
    "data_admins",
    "IT Support",
    "/staff/emea",
    "CN=B\u{fc}ro,OU=Nord",
];
const TOO_MANY: usize = 7;

fn of_glob(glob: &str) -> String {
    glob.chars()
        .map(|character| match character {
            '*' => ".*".to_owned(),
            '?' => ".".to_owned(),
            other => regex_lite::escape(&other.to_string()),
        })
        .collect()
}

/// Formats the rule: `editors`, `glob team-*`, `staff at partner`.
impl fmt::Display for GroupRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.how {
            GroupMatch::Is => f.write_str(&self.text)?,
            how => write!(f, "{} {}", how.name(), self.text)?,
        }
        match &self.at {
            Some(provider) => write!(f, " at {provider}"),
            None => Ok(()),
        }
    }
}

impl<'de> Deserialize<'de> for GroupRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rule;

        impl<'de> Visitor<'de> for Rule {
            type Value = GroupRule;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "the name of a group, or a table such as { glob = \"team-*\" } or \
                     { is = \"staff\", at = \"partner\" }",
                )
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<GroupRule, E> {
                Ok(GroupRule::is(text))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<GroupRule, A::Error> {
                let (mut found, mut at, mut note) = (None, None, None);
                while let Some(key) = map.next_key::<String>()? {
                    match (key.as_str(), GroupMatch::named(&key)) {
                        (_, Some(how)) if found.is_none() => {
                            found = Some((how, map.next_value()?));
                        }
                        (_, Some(_)) => {
                            return Err(de::Error::custom("use one of is, glob and regex"));
                        }
                        ("at", _) => at = Some(map.next_value()?),
                        ("note", _) => note = Some(map.next_value()?),
                        _ => {
                            const KEYS: &[&str] = &["is", "glob", "regex", "at", "note"];
                            return Err(de::Error::unknown_field(&key, KEYS));
                        }
                    }
                }
                let (how, text) = found
                    .ok_or_else(|| de::Error::custom("one of is, glob and regex is missing"))?;
                Ok(GroupRule {
                    how,
                    text,
                    at,
                    note,
                })
            }
        }

        deserializer.deserialize_any(Rule)
    }
}

impl Serialize for GroupRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(self.how.name(), &self.text)?;
        if let Some(at) = &self.at {
            map.serialize_entry("at", at)?;
        }
        if let Some(note) = &self.note {
            map.serialize_entry("note", note)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_rule_comes_back_as_it_was_written() {
        for text in [
            r#""editors""#,
            r#"{"is": "editors", "note": "the old ones"}"#,
            r#"{"glob": "team-*"}"#,
            r#"{"regex": "team-[0-9]+", "at": "partner"}"#,
        ] {
            let rule: GroupRule = serde_json::from_str(text).unwrap();
            let again = serde_json::to_string(&rule).unwrap();
            assert_eq!(serde_json::from_str::<GroupRule>(&again).unwrap(), rule);
        }
    }

    #[test]
    fn what_takes_everybody_is_refused_by_what_it_means() {
        let pattern = |how: &str, text: &str| {
            let rule = format!("{{\"{how}\": {text:?}}}");
            let rule: GroupRule = serde_json::from_str(&rule).unwrap();
            rule.pattern()
        };
        for (how, text) in [
            ("glob", "*"),
            ("glob", "**"),
            ("glob", "???*"),
            ("regex", ".*"),
            ("regex", ".{2,}"),
            ("regex", "(.|x)*"),
            ("regex", "[^#]+"),
            ("regex", "\\S+"),
            ("regex", "team-.*|.*"),
            ("regex", "[^/].*"),
        ] {
            let said = pattern(how, text).unwrap_err();
            assert!(said.contains("matches any group"), "{how} {text}: {said}");
        }
        for (how, text) in [
            ("glob", "team-*"),
            ("glob", "*-admins"),
            ("regex", "[a-z]+-team"),
            ("regex", "team-[0-9]+"),
            ("glob", "/staff/*"),
            ("regex", "(?i)editors"),
        ] {
            assert!(pattern(how, text).unwrap().is_some(), "{how} {text}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for text in [
            r#"{}"#,
            r#"{"at": "partner"}"#,
            r#"{"is": "a", "glob": "b"}"#,
            r#"{"is": "a", "with": "b"}"#,
            "7",
        ] {
            assert!(serde_json::from_str::<GroupRule>(text).is_err(), "{text}");
        }
    }
}
