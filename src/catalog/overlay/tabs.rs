//! `[[resources.NAME.tabs]]`: checks that their queries fit the list.

use super::{OverlayError, led_to};
use crate::catalog::filter::{Many, parse_op, split_operand};
use crate::catalog::zone::{TimeBase, Zone};
use crate::catalog::{Field, Filter, MAX_STEPS, Resource, order, tab::Tab};
use crate::config::{ResourceConfig, TabConfig, toml_key};
use crate::suggest::did_you_mean;
use std::collections::BTreeMap;

/// The maximum number of tabs of a list.
const MOST: usize = 12;
/// The maximum length of a label, in characters.
const LONGEST: usize = 60;

/// Adds valid tabs to their resources, and reports what is wrong with the others.
pub(super) fn apply(
    resources: &mut [Resource],
    settings: &BTreeMap<String, ResourceConfig>,
) -> Vec<OverlayError> {
    let mut errors = Vec::new();
    for (name, config) in settings {
        let Some(at) = resources.iter().position(|it| it.name == *name) else {
            continue;
        };
        let mut tabs = Vec::new();
        for (index, config) in config.tabs.iter().enumerate() {
            let setting = format!("resources.{}.tabs[{}]", toml_key(name), index + 1);
            let wrong = resources.get(at).and_then(|resource| {
                if index >= MOST {
                    return Some(("label", format!("a list has at most {MOST} tabs")));
                }
                wrong(resources, resource, config)
            });
            match wrong {
                Some((key, message)) => errors.push(OverlayError {
                    setting: format!("{setting}.{key}"),
                    message,
                }),
                None => tabs.push(Tab {
                    label: config.label.clone(),
                    query: config.query.clone(),
                }),
            }
        }
        if let Some(resource) = resources.get_mut(at) {
            resource.tabs = tabs;
        }
    }
    errors
}

/// Describes what is wrong with a tab: the key, and the reason.
fn wrong(
    resources: &[Resource],
    resource: &Resource,
    tab: &TabConfig,
) -> Option<(&'static str, String)> {
    match tab.label.trim().chars().count() {
        0 => return Some(("label", "write the name of the tab".to_owned())),
        count if count > LONGEST => {
            return Some(("label", format!("write at most {LONGEST} characters")));
        }
        _ => {}
    }
    if tab.query.trim().is_empty() {
        let message = "write what the list shows, as in its address: \"status=...\"";
        return Some(("query", message.replace("status=...", "f.status=eq:paid")));
    }
    let mut pairs = url::form_urlencoded::parse(tab.query.as_bytes());
    let wrong = pairs.find_map(|(name, value)| parameter(resources, resource, &name, &value));
    wrong.map(|message| ("query", message))
}

/// Describes what is wrong with a parameter of the list.
fn parameter(
    resources: &[Resource],
    resource: &Resource,
    name: &str,
    value: &str,
) -> Option<String> {
    let missing = |name: &str| {
        let names = resource.fields.iter().map(|field| field.name.as_str());
        format!("there is no column \"{name}\"{}", did_you_mean(name, names))
    };
    let find = |name: &str| field(resources, resource, name);
    match name {
        "q" => None,
        "sort" | "columns" => order::read(value)
            .into_iter()
            .find_map(|(column, has_sign)| match find(&column) {
                None => Some(missing(&column)),
                Some(_) if has_sign && name == "columns" => {
                    Some("write column names without a sign".to_owned())
                }
                Some(field) if name == "sort" && !field.kind.is_sortable() => {
                    Some(format!("a list cannot be sorted by \"{column}\""))
                }
                Some(_) => None,
            }),
        "size" => match value.parse::<u32>() {
            Ok(1..=500) => None,
            _ => Some("size is a number from 1 to 500".to_owned()),
        },
        "tz" => match Zone::named(value) {
            Some(_) => None,
            None => Some(format!("\"{value}\" is not a time zone")),
        },
        "count" => (value != "no").then(|| "count can only be no".to_owned()),
        _ => condition(resource, name, value, &find, &missing),
    }
}

fn condition<'r>(
    resource: &Resource,
    name: &str,
    value: &str,
    find: &dyn Fn(&str) -> Option<&'r Field>,
    missing: &dyn Fn(&str) -> String,
) -> Option<String> {
    if let Some(child) = name.strip_prefix("has.") {
        let mut children = resource.children.iter();
        let is_there = children.any(|it| it.name == child || it.resource == child);
        return match (is_there, Many::named(value)) {
            (false, _) => Some(format!("no rows of \"{child}\" point here")),
            (true, None) => Some(format!("\"{value}\" is not a number of rows")),
            (true, Some(_)) => None,
        };
    }
    let column = match name.strip_prefix("or.") {
        Some(rest) => rest.split_once('.').map(|(_, column)| column),
        None => name.strip_prefix("f."),
    };
    let Some(column) = column else {
        return Some(format!("\"{name}\" is not a parameter of a list"));
    };
    let Some(field) = find(column) else {
        return Some(missing(column));
    };
    let read = parse_op(field, value).and_then(|(op, operand)| {
        let here = TimeBase::at(Zone::UTC, chrono::DateTime::UNIX_EPOCH);
        Filter::build_in(0, field, op, &split_operand(op, operand), here)
    });
    read.err().map(|error| error.to_string())
}

/// The field at the end of a name or path.
fn field<'r>(resources: &'r [Resource], resource: &'r Resource, name: &str) -> Option<&'r Field> {
    let own = resource
        .index_of(name)
        .and_then(|it| resource.fields.get(it));
    own.or_else(|| led_to(resources, resource, name, MAX_STEPS))
}
