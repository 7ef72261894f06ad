//! `[resources.NAME]`: changes to a resource that was read from the database.

use std::collections::BTreeMap;

/// `[resources.NAME]`
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceConfig {
    /// Its name in menus and headings.
    pub label: Option<String>,
    /// The name of a single row.
    pub label_one: Option<String>,
    /// The menu heading above it.
    pub group: Option<String>,
    /// A line of explanation above the list.
    pub help: Option<String>,
    /// The columns of the list, in order.
    pub list: Option<Vec<String>>,
    /// The columns that a search covers.
    pub search: Option<Vec<String>>,
    /// The label of a row: text with `{column}` in it.
    pub display: Option<String>,
    /// The default order of the list: columns, with `-` in front for descending.
    pub sort: Option<Vec<String>>,
    /// Tables whose rows are edited as lines in this resource's form.
    pub children: Option<Vec<String>>,
    /// Join tables, whose linked rows are chosen in this resource's form.
    pub many: Option<Vec<String>>,
    /// The form's fields in order; a list puts fields side by side, and sections have a heading.
    pub form: Option<Vec<FormPart>>,
    /// Whether to leave the resource out of the panel.
    #[serde(default)]
    pub hidden: bool,
    /// Actions on selected rows, besides editing and deleting.
    #[serde(default)]
    pub actions: Vec<ActionConfig>,
    /// Saved lists shown as tabs above the list.
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

/// A row of fields in a section.
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
    /// Its label.
    pub label: Option<String>,
    /// A line of explanation under the field.
    pub help: Option<String>,
    /// The allowed values.
    pub choices: Option<Vec<String>>,
    /// Whether it holds long text.
    pub long: Option<bool>,
}

/// `[[resources.NAME.actions]]`: sets columns of selected rows to fixed values.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionConfig {
    /// Its name; a role needs `action:NAME` to run it.
    pub name: String,
    /// The text of its button; defaults to its name.
    pub label: Option<String>,
    /// The columns it sets, with their values.
    pub set: BTreeMap<String, FixedValue>,
}

/// `[[resources.NAME.tabs]]`: a list shown as a tab.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TabConfig {
    /// Its label.
    pub label: String,
    /// The query of the list, as in its address.
    pub query: String,
}

/// A fixed value in the configuration.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(untagged)]
pub enum FixedValue {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number.
    Float(f64),
    /// Anything else, written as in forms.
    Text(String),
}

impl FixedValue {
    /// The value as written in forms.
    pub fn text(&self) -> String {
        match self {
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Float(value) => value.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}
