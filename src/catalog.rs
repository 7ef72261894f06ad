//! Resources, their fields, and the relations between them: everything that the panel can show and
//! edit.
//!
//! The catalog is read from the database at start and overlaid by configuration. It does not change
//! while the panel runs. It knows neither HTTP nor SQL text. Every identifier in SQL comes from
//! here.

use std::collections::BTreeMap;
use std::sync::Arc;

pub mod action;
pub mod audit;
pub mod build;
pub mod child;
pub mod defaults;
pub mod field;
pub mod filter;
pub mod key;
pub mod locked;
pub mod naming;
pub mod order;
pub mod overlay;
pub mod reference;
pub mod schema;
pub mod tab;
pub mod value;
pub mod zone;

pub use action::SetAction;
pub use child::{Child, Edited};
pub use field::{Kind, Op};
pub use filter::{Condition, Filter, FilterError};
pub use key::Key;
pub use locked::Locked;
pub use reference::{Matching, Reference, ReferentialAction};
pub use value::{Value, ValueError};

/// The name of the resource that shows the audit log.
pub const AUDIT: &str = "audit";

/// The maximum number of foreign keys in a path to a column.
pub const MAX_STEPS: usize = 3;

/// All resources of the panel, by the name used in URLs and grants.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    resources: BTreeMap<String, Arc<Resource>>,
    /// Tables that are not resources: hidden, in another schema, or not readable. They are kept if
    /// foreign keys link them to a resource.
    hidden: BTreeMap<String, Arc<Resource>>,
    /// The foreign keys that point at each table.
    references: BTreeMap<String, Vec<Reference>>,
}

impl Catalog {
    /// Makes a catalog. If two resources have the same name, the later one is kept.
    pub fn new(resources: impl IntoIterator<Item = Resource>) -> Self {
        Self {
            resources: by_name(resources),
            ..Self::default()
        }
    }

    /// Adds tables that are not resources, and every foreign key by its target table.
    pub fn with_references(
        self,
        hidden: impl IntoIterator<Item = Resource>,
        references: impl IntoIterator<Item = (String, Reference)>,
    ) -> Self {
        let mut by_target: BTreeMap<String, Vec<Reference>> = BTreeMap::new();
        for (target, reference) in references {
            by_target.entry(target).or_default().push(reference);
        }
        Self {
            hidden: by_name(hidden),
            references: by_target,
            ..self
        }
    }

    /// The foreign keys that point at a table, including those of hidden tables.
    pub fn references_to(&self, table: &str) -> &[Reference] {
        self.references
            .get(table)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The table with that name, whether it is a resource or kept only for its foreign keys.
    pub fn known(&self, name: &str) -> Option<&Arc<Resource>> {
        self.get(name).or_else(|| self.hidden.get(name))
    }

    /// The tables that are not resources.
    pub fn hidden(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.hidden.values()
    }

    /// The resource with that name.
    pub fn get(&self, name: &str) -> Option<&Arc<Resource>> {
        self.resources.get(name)
    }

    /// All resources, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.resources.values()
    }

    /// The number of resources.
    pub fn count(&self) -> usize {
        self.resources.len()
    }
}

fn by_name(resources: impl IntoIterator<Item = Resource>) -> BTreeMap<String, Arc<Resource>> {
    let resources = resources.into_iter();
    resources
        .map(|resource| (resource.name.clone(), Arc::new(resource)))
        .collect()
}

/// A table or view as the panel shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// The name in URLs, grants and configuration; unique in the catalog.
    pub name: String,
    /// The table or view that holds the rows.
    pub table: TableName,
    /// Whether rows can be written; never for a view or a table without a key.
    pub writable: bool,
    /// Changes to a writable table that the database refuses to the panel.
    pub locked: Locked,
    /// The label in menus and headings ("Order items").
    pub label: String,
    /// The label of a single row ("Order item").
    pub label_one: String,
    /// The menu heading above the resource; empty for the general one.
    pub group: String,
    /// The explanation above the list: the table's comment, or the text from configuration.
    pub help: String,
    /// Columns, in the database's order.
    pub fields: Vec<Field>,
    /// The key columns, as indexes into `fields`; empty if the table has no key.
    pub key: Vec<usize>,
    /// Unique constraints besides the key, as indexes into `fields`.
    pub unique: Vec<Vec<usize>>,
    /// Foreign keys of this table.
    pub relations: Vec<Relation>,
    /// Foreign keys of other tables that point here.
    pub children: Vec<Child>,
    /// Columns of the list, as indexes into `fields`.
    pub list: Vec<usize>,
    /// Columns searched by the search box, as indexes into `fields`.
    pub search: Vec<usize>,
    /// Columns of referenced rows that are searched too, as paths.
    pub search_paths: Vec<String>,
    /// The label of a row.
    pub display: Display,
    /// The default order of the list; the key is always appended.
    pub sort: Vec<Sort>,
    /// The layout of the form, if configured.
    pub form: Vec<Section>,
    /// The database's estimate of the number of rows, if it has one.
    pub estimate: Option<u64>,
    /// Actions from configuration.
    pub actions: Vec<SetAction>,
    /// Tabs from configuration, above the list.
    pub tabs: Vec<tab::Tab>,
}

impl Resource {
    /// The action with that name.
    pub fn action(&self, name: &str) -> Option<&SetAction> {
        self.actions.iter().find(|action| action.name == name)
    }

    /// The index of the column with that name.
    pub fn index_of(&self, column: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == column)
    }

    /// The field with that name.
    #[cfg(any(test, feature = "testing"))]
    pub fn field(&self, column: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == column)
    }

    /// The fields of the key, in key order.
    pub fn key_fields(&self) -> impl Iterator<Item = &Field> {
        self.key.iter().filter_map(|index| self.fields.get(*index))
    }

    /// Whether these columns are unique: no two rows share the same values.
    pub fn is_unique(&self, columns: &[usize]) -> bool {
        let same = |unique: &[usize]| {
            unique.len() == columns.len() && unique.iter().all(|it| columns.contains(it))
        };
        !columns.is_empty() && (same(&self.key) || self.unique.iter().any(|it| same(it)))
    }

    /// The single-column relation of this column, if there is one.
    ///
    /// Only these have labels and pick lists. A relation of several columns shows its raw values.
    pub fn relation_at(&self, column: usize) -> Option<&Relation> {
        self.relations
            .iter()
            .find(|relation| relation.columns == [column])
    }

    /// The foreign key that a column stands for in a path. That is its own, or the multi-column one
    /// whose last column it is.
    pub fn relation_by(&self, column: &str) -> Option<&Relation> {
        let column = self.index_of(column)?;
        let several = || {
            let mut relations = self.relations.iter();
            relations.find(|relation| relation.columns.last() == Some(&column))
        };
        self.relation_at(column).or_else(several)
    }

    /// Whether this is the panel's own audit log.
    pub fn is_audit(&self) -> bool {
        self.name == AUDIT
    }
}

/// A table's name in the database.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    /// The schema, if the database has schemas, so that SQL does not depend on a search path.
    pub schema: Option<String>,
    /// The table or view.
    pub name: String,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The column's name in the database; also the name of its form field.
    pub name: String,
    /// The label on pages.
    pub label: String,
    /// The help text under the field: the column's comment, or the text from configuration.
    pub help: String,
    /// How its values are read, shown, parsed and compared.
    pub kind: Kind,
    /// The type as the database writes it. PostgreSQL casts values to it. Length and precision are
    /// left out: a cast would truncate or round silently, where a write is refused. For a domain it
    /// is the base type. A cast to the domain would run its checks even in a filter.
    pub sql_type: String,
    /// Whether NULL is allowed.
    pub nullable: bool,
    /// The default as the database writes it. If `Some`, an insert may leave the column out.
    pub default: Option<String>,
    /// Whether the database fills the column.
    pub generated: Generated,
    /// The maximum length of its text, in characters.
    pub max_length: Option<u32>,
    /// The allowed values, if the database lists them (an enumeration, or CHECK ... IN).
    pub choices: Vec<String>,
    /// Whether long text is expected: shown as a text area, left out of the default list.
    pub long: bool,
}

/// Who sets a column's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generated {
    /// The person.
    No,
    /// The database, unless a value is given (serial, identity by default, rowid).
    ByDefault,
    /// Always the database (computed columns, identity always).
    Always,
}

/// A foreign key of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// Columns of this table, as indexes into its `fields`.
    pub columns: Vec<usize>,
    /// The name of the referenced resource.
    pub target: String,
    /// The referenced columns, as indexes into the target's `fields`, in the same order.
    pub target_columns: Vec<usize>,
}

/// The label of a row: literal text and columns in sequence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Display(pub Vec<DisplayPart>);

/// A part of a row's label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisplayPart {
    /// Fixed text.
    Text(String),
    /// The value of a column, as an index into `fields`.
    Column(usize),
}

impl Display {
    /// The columns in the label.
    pub fn columns(&self) -> impl Iterator<Item = usize> {
        self.0.iter().filter_map(|part| match part {
            DisplayPart::Column(index) => Some(*index),
            DisplayPart::Text(_) => None,
        })
    }
}

/// A part of a form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// Its heading; none for the fields before the first section.
    pub heading: Option<String>,
    /// Columns as indexes into `fields`; each inner list is shown side by side.
    pub rows: Vec<Vec<usize>>,
}

/// One column of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The column, as an index into `fields`.
    pub column: usize,
    /// Whether the order is descending.
    pub descending: bool,
}
