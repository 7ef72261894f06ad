//! The rows that reference a row, a few of each resource.

use crate::access::{Action, Cover, Permit, View};
use crate::catalog::{Child, Resource};
use crate::data::{Count, DataError, Row, dependents};
use crate::entry::Entered;
use crate::panel::cell::Cell;
use crate::panel::lines::pointing_query;
use crate::panel::list::{link_row, related_columns};
use crate::panel::relations::Relations;
use crate::store::AnyConnection;
use serde::Serialize;

/// The number of rows of each referencing resource.
const RELATED: u32 = 10;
/// The number of columns of those rows.
const RELATED_COLUMNS: usize = 5;
#[derive(Serialize)]
pub(super) struct Related {
    label: String,
    count: String,
    all_href: Option<String>,
    new_href: Option<String>,
    columns: Vec<Column>,
    rows: Vec<RelatedRow>,
}

#[derive(Serialize)]
struct Column {
    label: String,
    numeric: bool,
}

#[derive(Serialize)]
struct RelatedRow {
    href: Option<String>,
    label: String,
    cells: Vec<Cell>,
}

/// The referencing rows of one resource, while they are read.
pub(super) struct Pointing {
    child: Child,
    permit: Permit<View>,
    columns: Vec<usize>,
    relations: Relations,
    rows: Vec<Row>,
    /// Their number, if not all of them were read.
    count: Option<Count>,
}

/// The resources that reference this one and that the person may see.
pub(super) fn pointing(entered: &Entered, resource: &Resource) -> Vec<Pointing> {
    let children = resource.children.iter().filter_map(|child| {
        let permit = entered.view(&child.resource)?;
        // The link is shown only to people who may read the referencing column.
        let mut pointers = child.columns.iter();
        if pointers.any(|column| permit.tests(*column) == Cover::Nowhere) {
            return None;
        }
        let columns: Vec<usize> = related_columns(&permit, &child.columns)
            .into_iter()
            .take(RELATED_COLUMNS)
            .collect();
        let relations = Relations::of(entered, permit.resource(), &columns);
        Some(Pointing {
            child: child.clone(),
            permit,
            columns,
            relations,
            rows: Vec::new(),
            count: None,
        })
    });
    children.collect()
}

impl Pointing {
    /// Reads the rows that reference this one.
    pub(super) fn fetch(&mut self, conn: &mut AnyConnection, row: &Row) -> Result<(), DataError> {
        let (permit, child) = (&self.permit, &self.child);
        self.rows = dependents::visible(conn, permit, child, row, RELATED + 1, &self.columns)?;
        let shown = usize::try_from(RELATED).unwrap_or(usize::MAX);
        if self.rows.len() > shown {
            self.count = Some(dependents::count(conn, permit, child, row)?);
        }
        self.relations.fetch(conn, &self.rows, &[])
    }
}

impl Related {
    pub(super) fn of(entered: &Entered, row: &Row, pointing: &Pointing) -> Option<Self> {
        let resource = pointing.permit.resource();
        let query = pointing_query(resource, &pointing.child, row)?;
        let list = entered.site().urls.list(&resource.name);
        let shown = usize::try_from(RELATED).unwrap_or(usize::MAX);
        let fields = pointing.columns.iter().filter_map(|column| {
            let field = resource.fields.get(*column)?;
            Some(Column {
                label: field.label.clone(),
                numeric: field.kind.look().is_numeric() && resource.relation_at(*column).is_none(),
            })
        });
        let rows = pointing.rows.iter().take(shown).map(|row| {
            let cells = pointing.columns.iter().map(|column| {
                let value = row.get(*column);
                pointing.relations.cell(resource, *column, value, true)
            });
            let href = row.key(resource).map(|key| {
                entered
                    .site()
                    .urls
                    .row(&resource.name, &key.encode(resource))
            });
            let mut cells: Vec<Cell> = cells.collect();
            link_row(&mut cells, href.as_deref());
            RelatedRow {
                href,
                label: row.label(resource),
                cells,
            }
        });
        Some(Self {
            label: related_label(resource, &pointing.child),
            count: match pointing.count {
                Some(count) => count.in_words(),
                None => pointing.rows.len().to_string(),
            },
            all_href: (!pointing.rows.is_empty()).then(|| query.url(&list, &[])),
            new_href: entered
                .may(&resource.name, Action::Create)
                .then(|| new_href(resource, &pointing.child, row, &list))
                .flatten(),
            columns: fields.collect(),
            rows: rows.collect(),
        })
    }
}

/// "Orders", or "Employees (manager)" if several foreign keys may lead here.
fn related_label(resource: &Resource, child: &Child) -> String {
    let same = resource
        .relations
        .iter()
        .filter(|relation| relation.columns != child.columns)
        .any(|relation| Some(&relation.target) == target_of(resource, child));
    let names: Vec<&str> = child
        .columns
        .iter()
        .filter_map(|column| {
            resource
                .fields
                .get(*column)
                .map(|field| field.label.as_str())
        })
        .collect();
    let is_self = target_of(resource, child) == Some(&resource.name);
    if same || is_self {
        format!("{} ({})", resource.label, names.join(", ").to_lowercase())
    } else {
        resource.label.clone()
    }
}

fn target_of<'r>(resource: &'r Resource, child: &Child) -> Option<&'r String> {
    let mut relations = resource.relations.iter();
    let relation = relations.find(|relation| relation.columns == child.columns)?;
    Some(&relation.target)
}

fn new_href(resource: &Resource, child: &Child, row: &Row, list: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for (column, parent) in child.columns.iter().zip(&child.parent_columns) {
        let field = resource.fields.get(*column)?;
        pairs.append_pair(&field.name, &row.get(*parent)?.to_text(field.kind));
    }
    Some(format!("{list}/new?{}", pairs.finish()))
}
