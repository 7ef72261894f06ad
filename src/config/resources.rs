//! `[resources.NAME]`: what is changed about a resource that was read from the database.

use std::collections::BTreeMap;

/// `[resources.NAME]`
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceConfig {
    /// What it is called in menus and headings.
    pub label: Option<String>,
    /// What one row is called.
    pub label_one: Option<String>,
    /// The menu heading it stands under.
    pub group: Option<String>,
    /// A line of explanation above the list.
    pub help: Option<String>,
    /// The columns of the list, in order.
    pub list: Option<Vec<String>>,
    /// The columns searched.
    pub search: Option<Vec<String>>,
    /// How a row is named: text with `{column}` in it.
    pub display: Option<String>,
    /// The order of an unsorted list: columns, `-` in front for largest first.
    pub sort: Option<Vec<String>>,
    /// The tables whose rows are lines in the form of a row of this one.
    pub children: Option<Vec<String>>,
    /// The tables that tie its rows to those of another one, which are chosen in its form.
    pub many: Option<Vec<String>>,
    /// The fields of its form, in order: side by side in a list, and in sections.
    pub form: Option<Vec<FormPart>>,
    /// Leave the resource out of the panel altogether.
    #[serde(default)]
    pub hidden: bool,
    /// What can be done to ticked rows, besides editing and deleting them.
    #[serde(default)]
    pub actions: Vec<ActionConfig>,
    /// Lists that are a press away, above the list.
    #[serde(default)]
    pub tabs: Vec<TabConfig>,
    /// Columns by name.
    #[serde(default)]
    pub columns: BTreeMap<String, ColumnConfig>,
}

/// A part of a form.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(untagged)]
pub enum FormPart {
    /// A column.
    Column(String),
    /// Columns side by side.
    Row(Vec<String>),
    /// A section with a heading.
    Section(FormSection),
}

/// A section of a form.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormSection {
    /// Its heading.
    pub section: String,
    /// Its fields, side by side in a list.
    pub fields: Vec<FormRow>,
}

/// A line of a section.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(untagged)]
pub enum FormRow {
    /// A column.
    Column(String),
    /// Columns side by side.
    Row(Vec<String>),
}

/// `[resources.NAME.columns.COLUMN]`
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnConfig {
    /// What it is called.
    pub label: Option<String>,
    /// A line of explanation under the field.
    pub help: Option<String>,
    /// The values it takes.
    pub choices: Option<Vec<String>>,
    /// Whether its text is long.
    pub long: Option<bool>,
}

/// `[[resources.NAME.actions]]`: sets columns of ticked rows to fixed values.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionConfig {
    /// Its name: who may do it is granted `action:NAME`.
    pub name: String,
    /// What its button says; its name if left out.
    pub label: Option<String>,
    /// The columns it sets, and to what.
    pub set: BTreeMap<String, Fixed>,
}

/// `[[resources.NAME.tabs]]`: a list that is a press away.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TabConfig {
    /// What it is called.
    pub label: String,
    /// The query of the list, as in its address.
    pub query: String,
}

/// A value in configuration.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(untagged)]
pub enum Fixed {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number.
    Float(f64),
    /// Anything else, as it is typed in forms.
    Text(String),
}

impl Fixed {
    /// The value as it is typed in forms.
    pub fn text(&self) -> String {
        match self {
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Float(value) => value.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}
