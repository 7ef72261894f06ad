//! The groups of a person, out of the claims of their provider.
//!
//! Nothing is guessed: a claim of another shape than those taken gives no groups, and says so.

use crate::config::{ClaimPath, OidcConfig};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// The most groups that are kept of one person.
pub const MAX_GROUPS: usize = 2_000;

/// Claims, as JSON.
pub type Claims = Map<String, Value>;

/// How groups are read out of a provider's claims.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The claim that holds them.
    pub claim: ClaimPath,
    /// What stands between them where they come as one text.
    pub separator: Option<String>,
    /// The member that holds the group where they come as objects.
    pub object_field: Option<String>,
    /// Text cut off the front of each.
    pub strip_prefix: String,
}

/// How the groups came, or why none did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "shape")]
pub enum GroupsNote {
    /// There are some.
    Found,
    /// The claim came, with nothing in it.
    Empty,
    /// The claim did not come.
    Absent,
    /// The claim came in a shape that is not taken, said in words.
    WrongShape(String),
    /// The provider says that there are too many to send (`_claim_names`, as Entra ID does).
    Overage,
}

impl GroupsNote {
    /// A name for logs and the audit.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Empty => "empty",
            Self::Absent => "absent",
            Self::WrongShape(_) => "wrong shape",
            Self::Overage => "overage",
        }
    }

    /// Tells the log of one of the reasons for which nobody gets a role, each in its own words.
    pub fn log(&self, provider: &str, claim: &str) {
        match self {
            Self::Found => {}
            Self::Empty => tracing::info!(
                oidc.provider = provider,
                groups.claim = claim,
                "the groups claim came with no groups in it"
            ),
            Self::Absent => tracing::warn!(
                oidc.provider = provider,
                groups.claim = claim,
                "no groups claim came, neither in the ID token nor from userinfo"
            ),
            Self::WrongShape(shape) => tracing::warn!(
                oidc.provider = provider,
                groups.claim = claim,
                groups.shape = shape,
                "the groups claim came in a shape that is not taken"
            ),
            Self::Overage => tracing::warn!(
                oidc.provider = provider,
                groups.claim = claim,
                "the provider left the groups out, as there are too many (overage)"
            ),
        }
    }

    /// What happened, in plain words; `claim` is the name of the claim looked for.
    pub fn text(&self, claim: &str) -> String {
        match self {
            Self::Found => format!("Your groups came in the claim \u{201c}{claim}\u{201d}."),
            Self::Empty => format!(
                "The claim \u{201c}{claim}\u{201d} came with no groups in it: at the identity \
                 provider you are in no group that it tells this application of."
            ),
            Self::Absent => format!(
                "The identity provider sent no claim \u{201c}{claim}\u{201d}: not in the ID \
                 token, and not from userinfo. It may have to be told to send groups to this \
                 application."
            ),
            Self::WrongShape(shape) => format!(
                "The claim \u{201c}{claim}\u{201d} came as {shape}. A list of texts, one text or \
                 an object with the groups as its keys can be read, and a list of objects if \
                 groups_object_field says which member of them is the group."
            ),
            Self::Overage => format!(
                "You are in so many groups that the identity provider did not send them: in \
                 place of \u{201c}{claim}\u{201d} it sent a reference. It can be told to send \
                 only the groups assigned to this application, or application roles."
            ),
        }
    }
}

/// The groups that came, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    /// Their names: as they came but for the prefix, each once, in the order they came.
    pub names: Vec<String>,
    /// How they came.
    pub note: GroupsNote,
    /// How many were left out beyond [`MAX_GROUPS`].
    pub cut: usize,
}

impl Reading {
    /// As configured for a provider.
    pub fn of(config: &OidcConfig) -> Self {
        Self {
            claim: config.groups_claim.clone(),
            separator: config.groups_separator.clone(),
            object_field: config.groups_object_field.clone(),
            strip_prefix: config.strip_prefix.clone(),
        }
    }

    /// Finds the claim.
    pub fn find<'c>(&self, claims: &'c Claims) -> Option<&'c Value> {
        let Some(steps) = self.claim.as_steps() else {
            return find(claims, &self.claim);
        };
        let (last, before) = steps.split_last()?;
        let inner = before
            .iter()
            .try_fold(claims, |claims, step| claims.get(step)?.as_object());
        inner?.get(last)
    }

    /// The groups in these claims, looked for in one source after the other: the first that has
    /// the claim is believed.
    pub fn read(&self, sources: &[&Claims]) -> Groups {
        let Some(value) = sources.iter().find_map(|claims| self.find(claims)) else {
            let mut sources = sources.iter();
            return Groups::none(match sources.any(|claims| self.is_overage(claims)) {
                true => GroupsNote::Overage,
                false => GroupsNote::Absent,
            });
        };
        match self.texts(value) {
            Ok(texts) => Groups::of(&texts, &self.strip_prefix),
            Err(shape) => Groups::none(GroupsNote::WrongShape(shape.to_owned())),
        }
    }

    /// Whether the provider says that it keeps this very claim elsewhere: in `_claim_names` (OpenID
    /// Connect Core, section 5.6.2) or, for groups, by Entra's `hasgroups`.
    fn is_overage(&self, claims: &Claims) -> bool {
        let first = self.claim.as_steps().and_then(|steps| steps.first());
        let name = first.map_or(&*self.claim, |first| first.as_str());
        let is_named = claims
            .get("_claim_names")
            .is_some_and(|names| names.get(name).is_some());
        let has_groups = claims
            .get("hasgroups")
            .is_some_and(|value| value.as_bool() == Some(true) || value.as_str() == Some("true"));
        is_named || (name == "groups" && has_groups)
    }

    /// The texts of the claim, or its shape in words if it is not one that is taken.
    fn texts<'v>(&self, value: &'v Value) -> Result<Vec<&'v str>, &'static str> {
        match (value, &self.object_field) {
            (Value::Null, _) => Ok(Vec::new()),
            (Value::String(text), _) => Ok(self.split(text)),
            (Value::Object(_), Some(field)) => Ok(vec![member(value, field)?]),
            (Value::Object(keyed), None) => Ok(keyed.keys().map(String::as_str).collect()),
            (Value::Array(items), field) => items
                .iter()
                .map(|item| match (item, field) {
                    (Value::String(text), _) => Ok(text.as_str()),
                    (Value::Object(_), Some(field)) => member(item, field),
                    _ => Err(shape_of_list(item)),
                })
                .collect(),
            (Value::Bool(_), _) => Err("true or false"),
            (Value::Number(_), _) => Err("a number"),
        }
    }

    /// One text is one group, unless it was said what stands between several.
    fn split<'v>(&self, text: &'v str) -> Vec<&'v str> {
        match &self.separator {
            Some(separator) => text.split(separator.as_str()).map(str::trim).collect(),
            None => vec![text],
        }
    }
}

fn member<'v>(object: &'v Value, field: &str) -> Result<&'v str, &'static str> {
    object
        .get(field)
        .and_then(Value::as_str)
        .ok_or("objects without the member that groups_object_field names")
}

/// Finds a claim: a key that is the whole of `path` first, then a path with `.` between its steps,
/// where a step may itself be a key with dots in it.
fn find<'c>(claims: &'c Claims, path: &str) -> Option<&'c Value> {
    if let Some(value) = claims.get(path) {
        return Some(value);
    }
    path.match_indices('.').rev().find_map(|(at, _)| {
        let (step, rest) = path.split_at(at);
        let inner = claims.get(step)?.as_object()?;
        find(inner, rest.strip_prefix('.')?)
    })
}

fn shape_of_list(item: &Value) -> &'static str {
    match item {
        Value::Object(_) => "a list of objects",
        Value::Array(_) => "a list of lists",
        Value::Number(_) => "a list with numbers in it",
        _ => "a list with something other than texts in it",
    }
}

impl Groups {
    fn none(note: GroupsNote) -> Self {
        Self {
            names: Vec::new(),
            note,
            cut: 0,
        }
    }

    fn of(texts: &[&str], strip_prefix: &str) -> Self {
        let mut seen = HashSet::new();
        let mut names: Vec<String> = texts
            .iter()
            .map(|text| text.strip_prefix(strip_prefix).unwrap_or(text))
            .filter(|name| !name.trim().is_empty() && seen.insert(*name))
            .map(str::to_owned)
            .collect();
        let cut = names.len().saturating_sub(MAX_GROUPS);
        names.truncate(MAX_GROUPS);
        let note = if names.is_empty() {
            GroupsNote::Empty
        } else {
            GroupsNote::Found
        };
        Self { names, note, cut }
    }
}

#[cfg(test)]
mod tests;
