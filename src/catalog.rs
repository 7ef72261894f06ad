//! What can be administered: resources, their fields and the relations between them.
//!
//! The catalog is read from the database at start, overlaid by configuration, and never changes
//! while the panel runs. It knows nothing of HTTP or SQL text; every identifier that reaches SQL
//! is taken from here.

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

/// The most foreign keys that a path to a column goes over.
pub const MAX_STEPS: usize = 3;

/// Every resource the panel knows, by the name used in URLs and grants.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    resources: BTreeMap<String, Arc<Resource>>,
    /// Tables that are no resources: hidden, of another schema, or not readable. They are known as
    /// far as foreign keys lead from them to a resource.
    hidden: BTreeMap<String, Arc<Resource>>,
    /// The foreign keys that point at each table.
    references: BTreeMap<String, Vec<Reference>>,
}

impl Catalog {
    /// A catalog of these resources. A later one of the same name replaces an earlier one.
    pub fn new(resources: impl IntoIterator<Item = Resource>) -> Self {
        Self {
            resources: by_name(resources),
            ..Self::default()
        }
    }

    /// The same catalog with tables that are no resources, and every foreign key by its target.
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

    /// The foreign keys that point at a table, from every table that is known.
    pub fn references_to(&self, table: &str) -> &[Reference] {
        self.references
            .get(table)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The table of that name, whether it is a resource or only known for its foreign keys.
    pub fn known(&self, name: &str) -> Option<&Arc<Resource>> {
        self.get(name).or_else(|| self.hidden.get(name))
    }

    /// The tables that are no resources.
    pub fn hidden(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.hidden.values()
    }

    /// The resource of that name.
    pub fn get(&self, name: &str) -> Option<&Arc<Resource>> {
        self.resources.get(name)
    }

    /// All resources, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.resources.values()
    }

    /// How many resources there are.
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
    /// Where the rows are.
    pub table: TableName,
    /// A view or a table without a key is never written to.
    pub writable: bool,
    /// What of a writable table the database does not let the panel change.
    pub locked: Locked,
    /// What the resource is called in menus and headings ("Order items").
    pub label: String,
    /// What one row is called ("Order item").
    pub label_one: String,
    /// The heading of the menu under which the resource stands; empty: the general one.
    pub group: String,
    /// Explanation shown above the list: the table's comment, or configuration's.
    pub help: String,
    /// Columns in the order of the database.
    pub fields: Vec<Field>,
    /// The key, as indexes into `fields`; empty if the table has none.
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
    /// Columns of rows pointed at that are searched too, as paths.
    pub search_paths: Vec<String>,
    /// How one row is named.
    pub display: Display,
    /// The order of an unsorted list; the key is always added behind it.
    pub sort: Vec<Sort>,
    /// The form, where configuration arranges it.
    pub form: Vec<Section>,
    /// How many rows the database believes there are, if it has counted.
    pub estimate: Option<u64>,
    /// Actions that configuration adds.
    pub actions: Vec<SetAction>,
    /// Tabs that configuration puts above the list.
    pub tabs: Vec<tab::Tab>,
}

impl Resource {
    /// The action of that name.
    pub fn action(&self, name: &str) -> Option<&SetAction> {
        self.actions.iter().find(|action| action.name == name)
    }

    /// The index of the column of that name.
    pub fn index_of(&self, column: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == column)
    }

    /// The field of that name.
    #[cfg(any(test, feature = "testing"))]
    pub fn field(&self, column: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == column)
    }

    /// The fields of the key, in key order.
    pub fn key_fields(&self) -> impl Iterator<Item = &Field> {
        self.key.iter().filter_map(|index| self.fields.get(*index))
    }

    /// Whether no two rows have the same values in these columns.
    pub fn is_unique(&self, columns: &[usize]) -> bool {
        let same = |unique: &[usize]| {
            unique.len() == columns.len() && unique.iter().all(|it| columns.contains(it))
        };
        !columns.is_empty() && (same(&self.key) || self.unique.iter().any(|it| same(it)))
    }

    /// The single-column relation that starts at this column, if there is one.
    ///
    /// Only these have labels and pick lists; a relation of several columns shows its raw values.
    pub fn relation_at(&self, column: usize) -> Option<&Relation> {
        self.relations
            .iter()
            .find(|relation| relation.columns == [column])
    }

    /// The foreign key that a column stands for in a path: its own, or the one of several columns
    /// that ends with it.
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

/// A table's name as the database knows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    /// The schema, where the database has schemas; so SQL does not hang on a search path.
    pub schema: Option<String>,
    /// The table or view.
    pub name: String,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The column's name in the database; also the name of its form field.
    pub name: String,
    /// What it is called on pages.
    pub label: String,
    /// A line of explanation under the field; the column's comment, or configuration's.
    pub help: String,
    /// How its values are read, shown, parsed and compared.
    pub kind: Kind,
    /// The type as the database writes it. On PostgreSQL it is what values are cast to: without
    /// length and precision, since a cast cuts and rounds silently where a write is refused, and
    /// a domain's base type, since a cast to a domain runs its checks even in a filter.
    pub sql_type: String,
    /// Whether NULL is allowed.
    pub nullable: bool,
    /// The default as the database writes it; `Some` means an insert may leave the column out.
    pub default: Option<String>,
    /// Whether the database fills the column.
    pub generated: Generated,
    /// The longest text it takes, in characters.
    pub max_length: Option<u32>,
    /// The values it takes, where the database lists them (an enumeration, or CHECK ... IN).
    pub choices: Vec<String>,
    /// Whether text is expected to be long: shown as a text area, left out of the default list.
    pub long: bool,
}

/// Who fills a column.
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
    /// The name of the resource pointed at.
    pub target: String,
    /// The columns pointed at, as indexes into the target's `fields`, in the same order.
    pub target_columns: Vec<usize>,
}

/// How one row is named: literal text and columns in turn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Display(pub Vec<DisplayPart>);

/// A piece of a row's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisplayPart {
    /// Fixed text.
    Text(String),
    /// The value of a column, as an index into `fields`.
    Column(usize),
}

impl Display {
    /// The columns the name is made of.
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
    /// Its heading; none of what stands before the first section.
    pub heading: Option<String>,
    /// Columns as indexes into `fields`: those of one list stand side by side.
    pub rows: Vec<Vec<usize>>,
}

/// One column of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The column, as an index into `fields`.
    pub column: usize,
    /// Largest first.
    pub descending: bool,
}
