//! Applies the configuration of resources to the catalog.
//!
//! Unknown names are errors, and all of them are reported at once. A setting without effect would
//! be noticed too late.

mod children;
mod form;
mod tabs;

use super::action::{SetAction, TAKEN};
use super::{
    Catalog, Display, DisplayPart, Field, Generated, Kind, MAX_STEPS, Resource, Sort, Value, audit,
    build, defaults,
};
use super::{naming, schema::Schema};
use crate::config::{ActionConfig, ColumnConfig, ResourceConfig, toml_key};
use crate::suggest::did_you_mean;
use std::collections::{BTreeMap, HashSet};

/// A setting that cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {message}")]
pub struct OverlayError {
    /// The path of the setting (`resources.orders.list`).
    pub setting: String,
    /// The problem, and what may have been meant.
    pub message: String,
}

/// Why a text is not a valid label of rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DisplayError {
    /// A column that does not exist.
    #[error("there is no column \"{name}\"{hint}")]
    Column {
        /// The name as written.
        name: String,
        /// A suggestion.
        hint: String,
    },
    /// An unmatched brace.
    #[error("\"{0}\" is missing; write {{column}}, and {{{{ or }}}} for a brace itself")]
    Brace(char),
    /// No column, so the label would be the same for all rows.
    #[error("it names no column; write {{column}}")]
    Constant,
}

impl Catalog {
    /// Builds the catalog of a schema, overlaid by configuration, including the audit log.
    ///
    /// # Errors
    /// Every setting that names something that does not exist.
    pub fn of(
        schema: &Schema,
        settings: &BTreeMap<String, ResourceConfig>,
    ) -> Result<Self, Vec<OverlayError>> {
        let built = build::all(schema);
        let mut resources = built.resources;
        resources.push(audit::resource());
        let (shown, hidden) = apply(resources, settings)?;
        let hidden = hidden.into_iter().chain(built.unlisted);
        Ok(Self::new(shown).with_references(hidden, built.references))
    }

    /// Builds the catalog of a schema that has changed since the start. Settings that no longer fit
    /// are skipped and reported.
    pub fn that_fits(
        schema: &Schema,
        settings: &BTreeMap<String, ResourceConfig>,
    ) -> (Self, Vec<OverlayError>) {
        let built = build::all(schema);
        let mut resources = built.resources;
        resources.push(audit::resource());
        let errors = overlay(&mut resources, settings);
        let (shown, hidden) = hide(resources, settings);
        let hidden = hidden.into_iter().chain(built.unlisted);
        let catalog = Self::new(shown).with_references(hidden, built.references);
        (catalog, errors)
    }
}

/// Overlays resources by `[resources.*]`; returns the visible and the hidden ones.
///
/// # Errors
/// Every setting that names something that does not exist.
pub fn apply(
    mut resources: Vec<Resource>,
    settings: &BTreeMap<String, ResourceConfig>,
) -> Result<(Vec<Resource>, Vec<Resource>), Vec<OverlayError>> {
    let errors = overlay(&mut resources, settings);
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(hide(resources, settings))
}

fn overlay(
    resources: &mut [Resource],
    settings: &BTreeMap<String, ResourceConfig>,
) -> Vec<OverlayError> {
    let mut errors = Vec::new();
    for (name, config) in settings {
        match resources.iter_mut().find(|resource| resource.name == *name) {
            Some(resource) => {
                let setting = format!("resources.{}", toml_key(name));
                Overlay {
                    resource,
                    setting,
                    errors: &mut errors,
                }
                .apply(config);
            }
            None => {
                let hint = did_you_mean(name, resources.iter().map(|r| r.name.as_str()));
                errors.push(OverlayError {
                    setting: format!("resources.{}", toml_key(name)),
                    message: format!("there is no resource \"{name}\"{hint}"),
                });
            }
        }
    }
    errors.extend(wrong_paths(resources));
    errors.extend(tabs::apply(resources, settings));
    errors
}

/// Removes search paths that lead nowhere, and reports them.
fn wrong_paths(resources: &mut [Resource]) -> Vec<OverlayError> {
    let mut errors = Vec::new();
    let mut right = Vec::new();
    for resource in resources.iter() {
        let (good, wrong): (Vec<&String>, Vec<&String>) = resource
            .search_paths
            .iter()
            .partition(|path| led_to(resources, resource, path, MAX_STEPS).is_some());
        right.push(good.into_iter().cloned().collect());
        errors.extend(wrong.into_iter().map(|path| OverlayError {
            setting: format!("resources.{}.search", toml_key(&resource.name)),
            message: format!(
                "\"{path}\" leads to no column; write the foreign key, a point, and a column there"
            ),
        }));
    }
    for (resource, paths) in resources.iter_mut().zip(right) {
        resource.search_paths = paths;
    }
    errors
}

/// The column of a referenced row at the end of a path, if it can be searched.
fn led_to<'r>(
    resources: &'r [Resource],
    resource: &'r Resource,
    path: &str,
    left: usize,
) -> Option<&'r Field> {
    path.match_indices('.').find_map(|(at, _)| {
        let (name, rest) = (path.get(..at)?, path.get(at + 1..)?);
        let relation = resource.relation_by(name)?;
        let target = resources.iter().find(|it| it.name == relation.target)?;
        let left = left.checked_sub(1)?;
        match target.index_of(rest).and_then(|it| target.fields.get(it)) {
            Some(field) => (!field.kind.is_file()).then_some(field),
            None => led_to(resources, target, rest, left),
        }
    })
}

/// Separates hidden resources from the others, and removes relations that lead to them.
fn hide(
    resources: Vec<Resource>,
    settings: &BTreeMap<String, ResourceConfig>,
) -> (Vec<Resource>, Vec<Resource>) {
    let hidden: HashSet<&String> = settings
        .iter()
        .filter(|(_, config)| config.hidden)
        .map(|(name, _)| name)
        .collect();
    let is_shown = |resource: &Resource| !hidden.contains(&resource.name);
    let (mut shown, apart): (Vec<_>, Vec<_>) = resources.into_iter().partition(is_shown);
    for resource in &mut shown {
        resource
            .relations
            .retain(|relation| !hidden.contains(&relation.target));
        resource
            .children
            .retain(|child| !hidden.contains(&child.resource));
    }
    (shown, apart)
}

struct Overlay<'a> {
    resource: &'a mut Resource,
    setting: String,
    errors: &'a mut Vec<OverlayError>,
}

impl Overlay<'_> {
    fn apply(mut self, config: &ResourceConfig) {
        self.words(config);
        for (name, column) in &config.columns {
            self.column(name, column);
        }
        if let Some(text) = &config.display {
            match parse_display(self.resource, text) {
                Ok(display) => self.resource.display = display,
                Err(error) => self.error("display", error.to_string()),
            }
        }
        // The defaults of list and search depend on these settings, so they are chosen again.
        let chosen =
            !self.resource.is_audit() && (config.display.is_some() || !config.columns.is_empty());
        if chosen {
            self.resource.list = defaults::list(self.resource);
            self.resource.search = defaults::search(self.resource);
        }
        if let Some(names) = &config.list {
            self.resource.list = self.columns("list", names);
        }
        if let Some(names) = &config.search {
            let is_path =
                |name: &&String| name.contains('.') && self.resource.index_of(name).is_none();
            let (paths, names): (Vec<&String>, Vec<&String>) = names.iter().partition(is_path);
            // Paths are checked once all resources are known.
            self.resource.search_paths = paths.into_iter().cloned().collect();
            let names: Vec<String> = names.into_iter().cloned().collect();
            self.resource.search = self.search(&names);
        }
        if let Some(names) = &config.sort {
            self.resource.sort = self.sort(names);
        }
        self.children(config);
        if let Some(parts) = &config.form {
            self.form(parts);
        }
        for (index, action) in config.actions.iter().enumerate() {
            self.action(&format!("actions[{}]", index + 1), action);
        }
    }

    fn action(&mut self, setting: &str, config: &ActionConfig) {
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let name = &config.name;
        let wrong = if name.is_empty() || !name.chars().all(is_word) {
            Some("write a name of letters, digits, - and _".to_owned())
        } else if TAKEN.contains(&name.as_str()) {
            Some(format!(
                "the panel itself uses the name \"{name}\"; choose another"
            ))
        } else if self.resource.action(name).is_some() {
            Some(format!("there are two actions \"{name}\""))
        } else {
            None
        };
        if let Some(wrong) = wrong {
            return self.error(&format!("{setting}.name"), wrong);
        }
        let set_at = format!("{setting}.set");
        if config.set.is_empty() {
            return self.error(&set_at, "name at least one column and its value".to_owned());
        }
        let mut set = BTreeMap::new();
        for (column, fixed) in &config.set {
            let Some(index) = self.find(&set_at, column) else {
                continue;
            };
            let Some(field) = self.resource.fields.get(index) else {
                continue;
            };
            let text = fixed.text();
            let read = Value::parse(field.kind, &text);
            let is_fixed = self.resource.key.contains(&index)
                || field.generated == Generated::Always
                || field.kind.is_file();
            match read {
                _ if is_fixed => {
                    self.error(&set_at, format!("\"{column}\" cannot be set in many rows"));
                }
                Err(error) => {
                    let wrong = format!("\"{text}\" does not fit the column {column}: {error}");
                    self.error(&set_at, wrong);
                }
                Ok(_) if field.has_choices() && !field.choices.contains(&text) => {
                    let wrong = format!(
                        "\"{text}\" is not one of the values of {column}{}",
                        did_you_mean(&text, field.choices.iter().map(String::as_str))
                    );
                    self.error(&set_at, wrong);
                }
                Ok(value) => {
                    set.insert(index, value);
                }
            }
        }
        if set.len() == config.set.len() {
            self.resource.actions.push(SetAction {
                name: name.clone(),
                label: config.label.clone().unwrap_or_else(|| name.clone()),
                set,
            });
        }
    }

    fn words(&mut self, config: &ResourceConfig) {
        let resource = &mut *self.resource;
        if let Some(label) = &config.label {
            resource.label.clone_from(label);
            resource.label_one = naming::singular(label);
        }
        let plain = [
            (&config.label_one, &mut resource.label_one),
            (&config.group, &mut resource.group),
            (&config.help, &mut resource.help),
        ];
        for (setting, target) in plain {
            if let Some(text) = setting {
                target.clone_from(text);
            }
        }
    }

    fn column(&mut self, name: &str, config: &ColumnConfig) {
        let setting = format!("columns.{}", toml_key(name));
        let Some(index) = self.find(&setting, name) else {
            return;
        };
        let Some(field) = self.resource.fields.get_mut(index) else {
            return;
        };
        if let Some(label) = &config.label {
            field.label.clone_from(label);
        }
        if let Some(help) = &config.help {
            field.help.clone_from(help);
        }
        if let Some(long) = config.long {
            field.long = long;
        }
        let Some(choices) = &config.choices else {
            return;
        };
        let kind = field.kind;
        let wrong = choices.iter().find_map(|choice| {
            let error = Value::parse(kind, choice).err()?;
            Some(format!("\"{choice}\" does not fit the column: {error}"))
        });
        match wrong {
            Some(message) => self.error(&format!("{setting}.choices"), message),
            None => {
                if kind == Kind::Text && !choices.is_empty() {
                    field.kind = Kind::Choice;
                }
                field.choices.clone_from(choices);
            }
        }
    }

    fn columns(&mut self, setting: &str, names: &[String]) -> Vec<usize> {
        let mut found = Vec::new();
        for name in names {
            if let Some(index) = self.find(setting, name)
                && !found.contains(&index)
            {
                found.push(index);
            }
        }
        found
    }

    fn search(&mut self, names: &[String]) -> Vec<usize> {
        let found = self.columns("search", names);
        for index in &found {
            let Some(field) = self.resource.fields.get(*index) else {
                continue;
            };
            if matches!(field.kind, Kind::Bytes) {
                let message = format!("\"{}\" holds bytes, which cannot be searched", field.name);
                self.error("search", message);
            }
        }
        found
    }

    fn sort(&mut self, names: &[String]) -> Vec<Sort> {
        let mut sort: Vec<Sort> = Vec::new();
        for name in names {
            // A column may be called "-x".
            let (name, descending) = match name.strip_prefix('-') {
                Some(rest) if self.resource.index_of(name).is_none() => (rest, true),
                _ => (name.as_str(), false),
            };
            if let Some(column) = self.find("sort", name)
                && !sort.iter().any(|sort| sort.column == column)
            {
                sort.push(Sort { column, descending });
            }
        }
        sort
    }

    fn find(&mut self, setting: &str, name: &str) -> Option<usize> {
        let found = self.resource.index_of(name);
        if found.is_none() {
            self.error(setting, no_column(self.resource, name).to_string());
        }
        found
    }

    fn error(&mut self, setting: &str, message: String) {
        let setting = format!("{}.{setting}", self.setting);
        self.errors.push(OverlayError { setting, message });
    }
}

fn no_column(resource: &Resource, name: &str) -> DisplayError {
    DisplayError::Column {
        name: name.to_owned(),
        hint: did_you_mean(
            name,
            resource.fields.iter().map(|field| field.name.as_str()),
        ),
    }
}

/// Parses a label of rows: text with `{column}` in it; `{{` and `}}` are literal braces.
///
/// # Errors
/// An unknown column, an unmatched brace, or no column at all.
pub fn parse_display(resource: &Resource, text: &str) -> Result<Display, DisplayError> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        if let Some(after) = from.strip_prefix("{{") {
            plain.push('{');
            rest = after;
        } else if let Some(after) = from.strip_prefix("}}") {
            plain.push('}');
            rest = after;
        } else if let Some(after) = from.strip_prefix('{') {
            let (name, after) = after.split_once('}').ok_or(DisplayError::Brace('}'))?;
            let column = resource.index_of(name.trim());
            let column = column.ok_or_else(|| no_column(resource, name.trim()))?;
            if !plain.is_empty() {
                parts.push(DisplayPart::Text(std::mem::take(&mut plain)));
            }
            parts.push(DisplayPart::Column(column));
            rest = after;
        } else {
            return Err(DisplayError::Brace('{'));
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(DisplayPart::Text(plain));
    }
    let display = Display(parts);
    let constant = display.columns().next().is_none();
    if constant {
        Err(DisplayError::Constant)
    } else {
        Ok(display)
    }
}

#[cfg(test)]
#[path = "overlay_tests.rs"]
mod tests;
