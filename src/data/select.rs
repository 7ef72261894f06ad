//! The columns that a statement reads: those that a permit makes visible, decided cell by cell if
//! necessary.

use super::path::{self, Path};
use super::predicate;
use super::row::Row;
use super::sql::{Piece, Sql};
use crate::access::{AuditCut, Cover, Permit, Verb};
use crate::catalog::field::Storage;
use crate::catalog::{Field, Filter, Resource, Value};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// The columns of a statement, and tests that are evaluated for each row.
pub(super) struct Selection {
    cells: Vec<Cell>,
    /// Cells of referenced rows, by path.
    beside: Vec<RelatedCell>,
    /// The number of columns and paths in a row.
    width: usize,
    tests: Vec<Filter>,
    /// The reader's limits on the audit log, if that is read.
    cut: Option<Arc<AuditCut>>,
}

/// A cell of a referenced row.
struct RelatedCell {
    path: Path,
    cell: Cell,
}

struct Cell {
    column: usize,
    /// The rows in which the cell is visible, if not all.
    only: Option<Filter>,
    /// Whether bytes are read, instead of only their size.
    content: bool,
    /// The maximum number of characters read, if limited.
    most: Option<u32>,
    /// Whether the rest is cut off here instead of in the database.
    is_read_whole: bool,
}

impl Selection {
    /// These columns and the key, as far as they are visible.
    pub(super) fn of<V: Verb>(permit: &Permit<V>, columns: &[usize]) -> Self {
        Self::build(permit, columns, false)
    }

    /// The same with long texts truncated by the database. The key and the columns in `whole` are
    /// complete.
    pub(super) fn cut_to<V: Verb>(
        permit: &Permit<V>,
        columns: &[usize],
        whole: &[usize],
        most: u32,
    ) -> Self {
        let mut selection = Self::of(permit, columns);
        let resource = permit.resource();
        for cell in &mut selection.cells {
            let field = resource.fields.get(cell.column);
            let may_be_long = field.is_some_and(|field| {
                matches!(field.kind.storage(), Storage::Text | Storage::Opaque)
            });
            let is_whole = resource.key.contains(&cell.column) || whole.contains(&cell.column);
            cell.most = (may_be_long && !is_whole).then_some(most);
            // Content that is limited by rights must first be read completely.
            cell.is_read_whole = selection.cut.is_some();
        }
        selection
    }

    /// The same with cells of referenced rows: indexes of paths continue after the columns.
    pub(super) fn beside<V: Verb>(
        mut self,
        permit: &Permit<V>,
        paths: &[Path],
        (columns, whole): (&[usize], &[usize]),
        most: Option<u32>,
    ) -> Self {
        let start = permit.resource().fields.len();
        self.width = start + paths.len();
        for (index, path) in paths.iter().enumerate() {
            let column = start + index;
            let only = match path::cover(permit, path) {
                Cover::Everywhere => None,
                Cover::Where(rows) => Some(rows),
                Cover::Nowhere => continue,
            };
            if !columns.contains(&column) {
                continue;
            }
            let storage = path.field.kind.storage();
            let may_be_long = matches!(storage, Storage::Text | Storage::Opaque);
            self.beside.push(RelatedCell {
                path: path.clone(),
                cell: Cell {
                    column,
                    only,
                    content: true,
                    most: most.filter(|_| may_be_long && !whole.contains(&column)),
                    is_read_whole: false,
                },
            });
        }
        self
    }

    /// All visible columns with tests; long texts are truncated as by [`Selection::cut_to`].
    pub(super) fn head_of_row<V: Verb>(
        permit: &Permit<V>,
        tests: &[Filter],
        whole: &[usize],
        most: u32,
    ) -> Self {
        let columns: Vec<usize> = permit.readable().collect();
        Self {
            tests: tests.to_vec(),
            ..Self::cut_to(permit, &columns, whole, most)
        }
    }

    /// These columns and the key, bytes included.
    pub(super) fn with_content<V: Verb>(permit: &Permit<V>, columns: &[usize]) -> Self {
        Self::build(permit, columns, true)
    }

    /// All visible columns, with tests.
    pub(super) fn of_row<V: Verb>(permit: &Permit<V>, tests: &[Filter]) -> Self {
        let columns: Vec<usize> = permit.readable().collect();
        Self {
            tests: tests.to_vec(),
            ..Self::of(permit, &columns)
        }
    }

    /// Every column, without a permit: for the audit log, which is limited when it is read.
    pub(super) fn whole(resource: &Resource) -> Self {
        let cells = (0..resource.fields.len()).map(|column| Cell {
            column,
            only: None,
            content: resource.key.contains(&column),
            most: None,
            is_read_whole: false,
        });
        Self {
            cells: cells.collect(),
            beside: Vec::new(),
            width: resource.fields.len(),
            tests: Vec::new(),
            cut: None,
        }
    }

    /// Every column, with tests.
    pub(super) fn whole_with(resource: &Resource, tests: &[Filter]) -> Self {
        Self {
            tests: tests.to_vec(),
            ..Self::whole(resource)
        }
    }

    fn build<V: Verb>(permit: &Permit<V>, columns: &[usize], content: bool) -> Self {
        let key = &permit.resource().key;
        let cut = permit.cut().cloned();
        // Changes are limited by the resource they belong to.
        let resource = cut.as_ref().and_then(|cut| cut.places());
        let resource = resource.map(|(_, resource)| resource);
        let mut cells: Vec<Cell> = Vec::new();
        for column in key.iter().chain(columns).copied().chain(resource) {
            if cells.iter().any(|cell| cell.column == column) {
                continue;
            }
            let only = match permit.reads(column) {
                Cover::Everywhere => None,
                Cover::Where(rows) => Some(rows),
                Cover::Nowhere => continue,
            };
            cells.push(Cell {
                column,
                only,
                // Rows are found by their whole key.
                content: content || key.contains(&column),
                most: None,
                is_read_whole: false,
            });
        }
        Self {
            cells,
            beside: Vec::new(),
            width: permit.resource().fields.len(),
            tests: Vec::new(),
            cut,
        }
    }

    /// `SELECT ... FROM ... WHERE ...`
    pub(super) fn select<'q>(&'q self, resource: &'q Resource, rows: &'q Filter) -> Sql<'q> {
        let mut sql = Sql::new("SELECT ");
        self.columns(&mut sql, resource);
        sql.text(" FROM ").table(&resource.table);
        // Always present, so that additional conditions can start with AND.
        sql.text(" WHERE ").push(Piece::Tick);
        predicate::write(&mut sql, resource, rows);
        sql
    }

    /// The column list of a SELECT or RETURNING.
    pub(super) fn columns<'q>(&'q self, sql: &mut Sql<'q>, resource: &'q Resource) {
        let mut first = true;
        for cell in &self.cells {
            let Some(field) = resource.fields.get(cell.column) else {
                continue;
            };
            comma(sql, &mut first);
            match &cell.only {
                None => {
                    sql.push(cell.piece(field));
                }
                Some(rows) => {
                    sql.text("CASE WHEN ");
                    predicate::write(sql, resource, rows);
                    sql.text(" THEN ").push(cell.piece(field)).text(" END");
                    sql.text(", ");
                    test(sql, resource, rows);
                }
            }
        }
        for rows in &self.tests {
            comma(sql, &mut first);
            test(sql, resource, rows);
        }
        for beside in &self.beside {
            comma(sql, &mut first);
            beside.columns(sql, resource);
        }
        if first {
            sql.text("1");
        }
    }

    /// Makes a row from the values that were read.
    pub(super) fn row(&self, resource: &Resource, values: Vec<Value>) -> Row {
        let mut cells = vec![None; self.width];
        let mut cut = Vec::new();
        let mut values = values.into_iter();
        for cell in &self.cells {
            let value = values.next().unwrap_or_default();
            let seen = match cell.only {
                None => true,
                Some(_) => is_yes(values.next()),
            };
            if let (true, Some(place), Some(field)) = (
                seen,
                cells.get_mut(cell.column),
                resource.fields.get(cell.column),
            ) {
                *place = Some(cell.normalise(field, value));
            }
        }
        let flags = self.tests.iter().map(|_| is_yes(values.next())).collect();
        for RelatedCell { path, cell } in &self.beside {
            let value = values.next().unwrap_or_default();
            if let (true, Some(place)) = (is_yes(values.next()), cells.get_mut(cell.column)) {
                *place = Some(cell.normalise(&path.field, value));
            }
        }
        if let Some(cut) = &self.cut {
            redact(cut, &mut cells);
        }
        let beside = self.beside.iter().map(|beside| &beside.cell);
        for cell in self.cells.iter().chain(beside) {
            let value = cells.get_mut(cell.column).and_then(Option::as_mut);
            if let (Some(most), Some(value)) = (cell.most, value)
                && shorten(value, most)
            {
                cut.push(cell.column);
            }
        }
        Row::new(cells, flags, cut)
    }
}

impl RelatedCell {
    /// The value, and whether it is visible.
    fn columns<'q>(&'q self, sql: &mut Sql<'q>, resource: &'q Resource) {
        let only = |sql: &mut Sql<'q>, write: &dyn Fn(&mut Sql<'q>)| match &self.cell.only {
            None => write(sql),
            Some(rows) => {
                sql.text("CASE WHEN ");
                predicate::write(sql, resource, rows);
                sql.text(" THEN ");
                write(sql);
                sql.text(" END");
            }
        };
        let leaf = |field| self.cell.piece(field);
        only(sql, &|sql| self.path.value(sql, resource, &leaf));
        sql.text(", ");
        only(sql, &|sql| self.path.is_readable(sql, resource));
    }
}

impl Cell {
    fn counts(&self, field: &Field) -> bool {
        field.kind.is_file() && !self.content
    }

    fn piece<'q>(&self, field: &'q Field) -> Piece<'q> {
        match (self.counts(field), self.most) {
            (true, _) => Piece::Size(field),
            // One character more, to detect longer texts.
            (false, Some(most)) if !self.is_read_whole => {
                Piece::Head(field, most.saturating_add(1))
            }
            _ => Piece::Read(field),
        }
    }

    /// Converts a stored value to the shape of the column's kind.
    fn normalise(&self, field: &Field, value: Value) -> Value {
        match value {
            Value::Int(size) if self.counts(field) => Value::Size(u64::try_from(size).unwrap_or(0)),
            value => field.kind.shaped(value),
        }
    }
}

/// Truncates a text that is longer; returns whether it was.
fn shorten(value: &mut Value, most: u32) -> bool {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    match value {
        Value::Text(text) => match text.char_indices().nth(most) {
            Some((end, _)) => {
                text.truncate(end);
                true
            }
            None => false,
        },
        Value::Bytes(bytes) if bytes.len() > most => {
            bytes.truncate(most);
            true
        }
        _ => false,
    }
}

/// Removes from an audit entry's changes what the reader may not see.
fn redact(cut: &AuditCut, cells: &mut [Option<Value>]) {
    let Some((changes, resource)) = cut.places() else {
        return;
    };
    let resource = match cells.get(resource) {
        Some(Some(Value::Text(name))) => Some(name.clone()),
        _ => None,
    };
    let resource = resource.as_deref();
    rewrite(cells, Some(changes), |all| cut.changes(resource, all));
    rewrite(cells, cut.details_at(), |all| cut.details(resource, all));
}

/// Replaces a cell's object by what `keep` returns for it.
fn rewrite(
    cells: &mut [Option<Value>],
    column: Option<usize>,
    keep: impl FnOnce(Map<String, Json>) -> Map<String, Json>,
) {
    let cell = column.and_then(|column| cells.get_mut(column));
    let Some(Some(cell)) = cell else {
        return;
    };
    if !cell.is_null() {
        let all = match serde_json::from_str(&cell.to_string()) {
            Ok(Json::Object(all)) => all,
            _ => Map::new(),
        };
        *cell = Value::Text(Json::Object(keep(all)).to_string());
    }
}

fn comma(sql: &mut Sql<'_>, first: &mut bool) {
    if !*first {
        sql.text(", ");
    }
    *first = false;
}

fn test<'q>(sql: &mut Sql<'q>, resource: &'q Resource, rows: &'q Filter) {
    sql.text("CASE WHEN ");
    predicate::write(sql, resource, rows);
    sql.text(" THEN 1 ELSE 0 END");
}

fn is_yes(value: Option<Value>) -> bool {
    matches!(value, Some(Value::Int(1)))
}
