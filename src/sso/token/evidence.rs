//! Compares the claims with the expected groups. It explains why a person has no role, and finds
//! the nearest setting that would change that.
//!
//! This only explains. Roles are decided elsewhere, and nothing here counts as a group.

use super::groups::{Claims, Reading};
use serde_json::Value;

/// The maximum depth of the search in claims.
const MAX_DEPTH: usize = 4;
/// The maximum number of values examined.
const MAX_PLACES: usize = 500;
/// Possible separators between groups in one text.
const SEPARATORS: [&str; 4] = [",", ";", "|", " "];

/// A setting that would make the claims match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingHint {
    /// What was found, as a part of a sentence.
    pub found: String,
    /// The line to write in the provider's table.
    pub line: String,
}

impl std::fmt::Display for SettingHint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: write {}", self.found, self.line)
    }
}

/// The nearest setting; none if an expected group was found already, or nothing is near.
pub fn nearest(reading: &Reading, sources: &[&Claims], wanted: &[String]) -> Option<SettingHint> {
    let is_wanted = |text: &str| wanted.iter().any(|one| one == text);
    if reading
        .read(sources)
        .names
        .iter()
        .any(|name| is_wanted(name))
    {
        return None;
    }
    let value = sources.iter().find_map(|claims| reading.find(claims));
    value
        .and_then(|value| inside(reading, value, &is_wanted))
        .or_else(|| elsewhere(sources, &is_wanted))
}

/// Searches the groups claim, for another form.
fn inside(
    reading: &Reading,
    value: &Value,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Option<SettingHint> {
    let claim = &*reading.claim;
    let lead = |found: String, line: String| Some(SettingHint { found, line });
    for text in texts(value) {
        if let Some(rest) = prefix_of(text, is_wanted) {
            let prefix = text.strip_suffix(rest).unwrap_or_default();
            let found = format!(
                "{claim:?} holds {text:?}, which is {rest:?} with {prefix:?} in \
                                 front"
            );
            return lead(found, format!("strip_prefix = {prefix:?}"));
        }
        let is_json = serde_json::from_str::<Value>(text).is_ok_and(|inner| {
            !inner.is_string() && texts(&inner).iter().any(|one| is_wanted(one))
        });
        if is_json {
            let found = format!("{claim:?} holds a text that is JSON");
            return lead(found, "groups_json = true".to_owned());
        }
        let separator = SEPARATORS.iter().find(|one| {
            text.split(**one)
                .any(|part| part != text && is_wanted(part.trim()))
        });
        if let Some(separator) = separator {
            let found = format!("{claim:?} holds several groups in one text");
            let items = if value.is_array() {
                " and groups_split_items = true"
            } else {
                ""
            };
            return lead(found, format!("groups_separator = {separator:?}{items}"));
        }
    }
    if numbers(value).iter().any(|number| is_wanted(number)) {
        let found = format!("{claim:?} holds numbers");
        return lead(found, "groups_numbers = true".to_owned());
    }
    let field = objects(value)
        .into_iter()
        .flatten()
        .find_map(|(name, value)| {
            let is_it = value.as_str().is_some_and(is_wanted);
            is_it.then_some(name)
        })?;
    let found = format!("{claim:?} holds objects whose {field:?} is the group");
    lead(found, format!("groups_object_field = {field:?}"))
}

/// The rest of a text after a prefix that could be removed.
fn prefix_of<'t>(text: &'t str, is_wanted: &dyn Fn(&str) -> bool) -> Option<&'t str> {
    let ends = text.match_indices(['/', '\\', ':']).map(|(at, _)| at + 1);
    ends.filter_map(|end| text.get(end..))
        .find(|rest| is_wanted(rest))
}

/// Searches the other claims.
fn elsewhere(sources: &[&Claims], is_wanted: &dyn Fn(&str) -> bool) -> Option<SettingHint> {
    let mut places: Vec<(Vec<&str>, &Value)> = sources
        .iter()
        .flat_map(|claims| claims.iter())
        .map(|(name, value)| (vec![name.as_str()], value))
        .collect();
    let mut at = 0;
    while let Some((steps, value)) = places.get(at).cloned() {
        at += 1;
        if let Some(text) = texts(value).into_iter().find(|text| is_wanted(text)) {
            let path = steps.join(".");
            let is_plain = steps.iter().all(|step| !step.contains('.'));
            let line = if is_plain || steps.len() == 1 {
                format!("groups_claim = {path:?}")
            } else {
                format!("groups_claim = {steps:?}")
            };
            let found = format!("the claim {path:?} holds {text:?}");
            return Some(SettingHint { found, line });
        }
        if let Value::Object(members) = value
            && steps.len() < MAX_DEPTH
        {
            for (name, inner) in members {
                if places.len() >= MAX_PLACES {
                    break;
                }
                let mut steps = steps.clone();
                steps.push(name);
                places.push((steps, inner));
            }
        }
    }
    None
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn numbers(value: &Value) -> Vec<String> {
    let one = |value: &Value| value.is_number().then(|| value.to_string());
    match value {
        Value::Array(items) => items.iter().filter_map(one).collect(),
        value => one(value).into_iter().collect(),
    }
}

fn objects(value: &Value) -> Vec<&Claims> {
    match value {
        Value::Object(object) => vec![object],
        Value::Array(items) => items.iter().filter_map(Value::as_object).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::config::ClaimPath;
    use serde_json::json;

    fn near(claims: Value, reading: &Reading) -> Option<String> {
        let claims = claims.as_object().unwrap().clone();
        let wanted = ["editors".to_owned(), "1001".to_owned()];
        nearest(reading, &[&claims], &wanted).map(|lead| lead.line)
    }

    #[test]
    fn the_line_that_makes_it_fit_is_found() {
        for (came, line) in [
            (
                json!({"realm_access": {"roles": ["editors"]}}),
                "groups_claim = \"realm_access.roles\"",
            ),
            (
                json!({"roles": ["editors"], "groups": ["others"]}),
                "groups_claim = \"roles\"",
            ),
            (
                json!({"https://x.example/roles": "editors"}),
                "groups_claim = \"https://x.example/roles\"",
            ),
            (
                json!({"resource_access": {"my.client": {"roles": ["editors"]}}}),
                "groups_claim = [\"resource_access\", \"my.client\", \"roles\"]",
            ),
            (json!({"groups": ["/editors"]}), "strip_prefix = \"/\""),
            (
                json!({"groups": ["ACME\\editors"]}),
                "strip_prefix = \"ACME\\\\\"",
            ),
            (json!({"groups": "a, editors"}), "groups_separator = \",\""),
            (json!({"groups": "a;editors"}), "groups_separator = \";\""),
            (
                json!({"groups": ["a,editors"]}),
                "groups_separator = \",\" and groups_split_items = true",
            ),
            (json!({"groups": "[\"editors\"]"}), "groups_json = true"),
            (json!({"groups": [7, 1001]}), "groups_numbers = true"),
            (
                json!({"groups": [{"id": 7, "name": "editors"}]}),
                "groups_object_field = \"name\"",
            ),
        ] {
            let said = came.to_string();
            let reading = Reading::default();
            assert_eq!(near(came, &reading).as_deref(), Some(line), "{said}");
        }
    }

    #[test]
    fn nothing_is_said_where_it_fits_or_nothing_is_near() {
        let reading = Reading::default();
        for claims in [
            json!({"groups": ["editors"], "roles": ["editors"]}),
            json!({"groups": ["others"], "roles": ["more"]}),
            json!({"a": {"b": {"c": {"d": {"e": ["editors"]}}}}}),
            json!({}),
        ] {
            assert_eq!(near(claims.clone(), &reading), None, "{claims}");
        }
        // A reading changed as suggested matches.
        let reading = Reading {
            claim: ClaimPath::named("realm_access.roles"),
            ..Reading::default()
        };
        let came = json!({"realm_access": {"roles": ["editors"]}});
        assert_eq!(near(came, &reading), None);
    }
}
