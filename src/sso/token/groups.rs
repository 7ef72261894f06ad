//! Reads a person's groups from the provider's claims.
//!
//! Nothing is guessed: a claim with an unsupported shape gives no groups, and the note says so.

use crate::access::GroupsNote;
use crate::config::{ClaimPath, OidcConfig};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashSet;

mod shape;

/// The maximum number of groups stored for a person. Those that give a role come first: see
/// [`keep`].
pub const MAX_GROUPS: usize = 2_000;
/// The maximum number that is read.
const MAX_READ: usize = 50_000;

/// Claims, as JSON.
pub type Claims = Map<String, Value>;

/// How to read groups from a provider's claims.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The claim that holds them.
    pub claim: ClaimPath,
    /// The separator, if they come as one text.
    pub separator: Option<String>,
    /// Whether items of a list are split at the separator too.
    pub splits_items: bool,
    /// The member that holds the group name, if they come as objects.
    pub object_field: Option<String>,
    /// Whether the claim is a text that holds them as JSON.
    pub is_json_text: bool,
    /// Whether numbers are accepted as group names.
    pub takes_numbers: bool,
    /// A prefix removed from each.
    pub strip_prefix: String,
}

/// The groups found, with a note on how they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    /// Their names without the prefix, without duplicates, in their original order.
    pub names: Vec<String>,
    /// How they came.
    pub note: GroupsNote,
    /// How many exceed [`MAX_GROUPS`], and are dropped when they are stored.
    pub cut: usize,
}

impl Reading {
    /// The settings for a provider, from its configuration.
    pub fn of(config: &OidcConfig) -> Self {
        Self {
            claim: config.groups_claim.clone(),
            separator: config.groups_separator.clone(),
            splits_items: config.groups_split_items,
            is_json_text: config.groups_json,
            takes_numbers: config.groups_numbers,
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

    /// The groups in these claims. Sources are tried in order; the first that has the claim is
    /// used.
    pub fn read(&self, sources: &[&Claims]) -> Groups {
        let Some(value) = sources.iter().find_map(|claims| self.find(claims)) else {
            let mut sources = sources.iter();
            return Groups::none(if sources.any(|claims| self.is_overage(claims)) {
                GroupsNote::Overage
            } else {
                GroupsNote::Absent
            });
        };
        if self.is_email() && !is_verified(sources, value) {
            return Groups::none(GroupsNote::Unverified);
        }
        match shape::texts(self, value) {
            Ok(texts) => Groups::of(&texts, &self.strip_prefix),
            Err(shape) => Groups::none(GroupsNote::WrongShape(shape)),
        }
    }

    /// Whether userinfo is needed besides these claims of an ID token.
    pub fn needs_more(&self, claims: &Claims) -> bool {
        let is_checked = || !self.is_email() || claims.contains_key(EMAIL_VERIFIED);
        self.find(claims).is_none() || !is_checked()
    }

    /// Whether the groups claim is the e-mail address. At many providers, anybody can enter any
    /// address.
    fn is_email(&self) -> bool {
        match self.claim.as_steps() {
            Some(steps) => matches!(steps, [one] if one == "email"),
            None => &*self.claim == "email",
        }
    }

    /// Whether the provider says that it keeps this claim elsewhere. That is `_claim_names` (OpenID
    /// Connect Core, section 5.6.2) or, for groups, Entra's `hasgroups`.
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
}

/// Finds a claim. `path` is tried as a whole key first, then as a path with `.` between its steps.
/// A step may itself be a key with dots.
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

/// The claim that says whether the e-mail address was verified (OpenID Connect Core, section 5.1).
const EMAIL_VERIFIED: &str = "email_verified";

/// Whether an e-mail address was verified: a source with this address says so, and none denies it.
fn is_verified(sources: &[&Claims], email: &Value) -> bool {
    let mut said = sources
        .iter()
        .filter(|claims| claims.get("email") == Some(email))
        .filter_map(|claims| claims.get(EMAIL_VERIFIED))
        .peekable();
    let is_yes = |value: &Value| value.as_bool() == Some(true) || value.as_str() == Some("true");
    said.peek().is_some() && said.all(is_yes)
}

/// The maximum number of claim names in a message.
const MAX_NAMES: usize = 40;

/// The names of all claims, to help find a missing one.
pub fn names_of(sources: &[&Claims]) -> String {
    let mut seen = HashSet::new();
    let names: Vec<String> = sources
        .iter()
        .flat_map(|claims| claims.keys())
        .filter(|name| seen.insert(*name))
        .take(MAX_NAMES)
        .map(|name| name.chars().filter(|c| !c.is_control()).take(80).collect())
        .collect();
    names.join(", ")
}

/// Truncates groups to the maximum; those that give a role stay first.
pub fn keep(names: &mut Vec<String>, counts: impl Fn(&str) -> bool) {
    if names.len() <= MAX_GROUPS {
        return;
    }
    let (counting, others): (Vec<String>, Vec<String>) = std::mem::take(names)
        .into_iter()
        .partition(|name| counts(name));
    names.extend(counting.into_iter().chain(others).take(MAX_GROUPS));
}

impl Groups {
    fn none(note: GroupsNote) -> Self {
        Self {
            names: Vec::new(),
            note,
            cut: 0,
        }
    }

    fn of(texts: &[Cow<'_, str>], strip_prefix: &str) -> Self {
        let mut seen = HashSet::new();
        let names: Vec<String> = texts
            .iter()
            .map(|text| text.strip_prefix(strip_prefix).unwrap_or(text))
            .filter(|name| !name.trim().is_empty() && seen.insert(*name))
            .map(str::to_owned)
            .take(MAX_READ)
            .collect();
        let cut = names.len().saturating_sub(MAX_GROUPS);
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
