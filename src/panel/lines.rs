//! Lines: rows of other tables that are edited in the form of the row they reference.
//!
//! Each line is a row with its own permits, digest and event. A line that is not visible is not in
//! the form, and cannot be reached through it.

pub mod save;
mod sent;
mod view;

pub use sent::FormRequest;
pub use view::{AsJson, as_json, list_errors, pointing_query, with_errors};

use super::control::FormState;
use super::names;
use super::relations::Relations;
use crate::access::{Action, Cover, Create, Delete, Edit, Permit, Reach, View};
use crate::catalog::child::{Child, Edited};
use crate::catalog::{Filter, Generated, Key, Resource};
use crate::data::dependents::{self, LineSelection};
use crate::data::write::lines::numbered;
use crate::data::{Changes, Count, DataError, Label, Row, labels};
use crate::entry::{Entered, Submission};
use crate::store::AnyConnection;
use crate::web::Failure;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The maximum number of lines of one table in a form.
const MOST: usize = 100;
/// The minimum, for lines with many columns.
const LEAST: usize = 10;
/// The maximum number of fields of all lines in a form.
const FIELDS: usize = 1_500;
/// The number of empty lines, and of those that a button adds.
const EMPTY: usize = 3;
/// The number of columns of a line, unless more are required.
const COLUMNS: usize = 7;
/// Up to this many rows, a resource is offered completely in every line.
const MAX_OPTIONS: u32 = 50;
/// The maximum number of lines with such complete lists.
const MAX_SELECTS: usize = 40;
/// The number of rows that a search without scripts offers.
const MAX_FOUND: u32 = 25;

/// The lines of one table.
pub struct Lines {
    /// The foreign key that links them to the form's row.
    pub child: Child,
    permit: Permit<View>,
    create: Option<Reach<Create>>,
    edit: Option<Reach<Edit>>,
    delete: Option<Reach<Delete>>,
    columns: Vec<usize>,
    /// The column that is filled with the next number.
    numbered: Option<usize>,
    relations: Relations,
    /// Foreign keys to resources with few rows, with those rows.
    few: BTreeMap<usize, Vec<Label>>,
    found: Option<FoundRows>,
    most: usize,
    page: u64,
    /// Whether there are more lines than in the form.
    has_more: bool,
    count: Option<Count>,
    lines: Vec<Line>,
    /// Whether they come from a submitted form.
    is_sent: bool,
    /// The number of empty lines to add.
    empty: usize,
}

/// Rows found by a search for one cell.
struct FoundRows {
    line: usize,
    column: usize,
    text: String,
    rows: Vec<Label>,
}

/// A line.
#[derive(Default)]
struct Line {
    /// Its number in the names of its fields.
    number: usize,
    /// Its key, if it is stored.
    key: Option<Key>,
    row: Option<Row>,
    /// The digest sent with it.
    digest: Option<String>,
    /// The marks of its fields' initial values, as sent.
    marks: Option<String>,
    /// Its submitted fields, by column.
    sent: Submission,
    is_off: bool,
    shown: FormState,
    problem: Option<String>,
    deed: Option<LineAction>,
}

/// The operation on a line.
#[derive(Debug, Clone)]
enum LineAction {
    Add(Changes),
    Change(Changes),
    Remove,
}

/// Flags of a row: the results of its tests.
const EDITED: usize = 0;
const DELETED: usize = 1;
const WRITTEN: usize = 2;

impl Lines {
    /// The lines of a resource that the person may see.
    pub fn seen(entered: &Entered, resource: &Resource) -> Vec<Self> {
        let parent = entered.view(&resource.name);
        let is_read = |column: &usize| {
            let permit = parent.as_ref();
            permit.is_some_and(|permit| permit.reads(*column) != Cover::Nowhere)
        };
        let children = resource.children.iter();
        let mut all: Vec<Self> = children
            .filter(|child| child.edited != Edited::Apart)
            .filter(|child| child.parent_columns.iter().all(is_read))
            .filter_map(|child| Self::of(entered, child))
            .collect();
        let fields = FIELDS / all.len().max(1);
        for lines in &mut all {
            // A foreign key has a search box beside it.
            let of_a_line = 4 + 2 * lines.columns.len();
            lines.most = (fields / of_a_line).clamp(LEAST, MOST);
        }
        all
    }

    /// The lines of a resource that the person may change.
    pub fn changed(entered: &Entered, resource: &Resource, creating: bool) -> Vec<Self> {
        let mut all = Self::seen(entered, resource);
        all.retain(|lines| {
            if creating {
                lines.create.is_some()
            } else {
                lines.create.is_some() || lines.edit.is_some() || lines.delete.is_some()
            }
        });
        all
    }

    fn of(entered: &Entered, child: &Child) -> Option<Self> {
        let permit = entered.view(&child.resource)?;
        let resource = Arc::clone(permit.resource());
        let mut pointers = child.columns.iter();
        if pointers.any(|column| permit.tests(*column) == Cover::Nowhere) {
            return None;
        }
        let may = |action: Action| action.is_taken_by(&resource) && !resource.key.is_empty();
        let numbered = numbered(&resource, child);
        // A person who may not write the whole key cannot add a line.
        let keyed = |reach: &Reach<Create>| {
            let key = resource.key.iter().chain(&child.columns);
            key.filter(|column| is_entered(&resource, **column))
                .all(|column| reach.writes(*column) != Cover::Nowhere)
        };
        let create = entered.reach::<Create>(&child.resource);
        let create = create.filter(|reach| may(Action::Create) && keyed(reach));
        let is_tokens = child.edited == Edited::Tokens;
        let edit = entered.reach::<Edit>(&child.resource);
        let edit = edit.filter(|_| may(Action::Edit) && !is_tokens);
        let delete = entered.reach::<Delete>(&child.resource);
        let delete = delete.filter(|_| may(Action::Delete));
        let columns = match child.tie.filter(|_| is_tokens) {
            Some(tie) => vec![tie.column],
            None => columns(&permit, create.as_ref(), child),
        };
        let relations = Relations::of(entered, &resource, &columns);
        let few = columns.iter().filter(|column| {
            let target = relations.target(**column);
            let size = target.and_then(|(target, _)| entered.site().sizes.get(&target.name));
            matches!(size, Some(Count::Exact(rows)) if rows <= u64::from(MAX_OPTIONS))
        });
        Some(Self {
            few: few.map(|column| (*column, Vec::new())).collect(),
            child: child.clone(),
            create,
            edit,
            delete,
            numbered,
            relations,
            columns,
            permit,
            found: None,
            most: MOST,
            page: 1,
            has_more: false,
            count: None,
            lines: Vec::new(),
            is_sent: false,
            empty: EMPTY,
        })
    }

    /// Selects the page that a query requests: `line.TABLE.page=2`.
    pub fn turn(&mut self, query: &str) {
        let name = names::of_lines(&self.child.name, "page");
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let page = pairs.find(|(known, _)| *known == name);
        let page = page.and_then(|(_, page)| page.parse().ok());
        self.page = page.filter(|page| *page > 0).unwrap_or(1);
    }

    /// Whether they come from a submitted form, and were not read again.
    pub fn is_sent(&self) -> bool {
        self.is_sent
    }

    fn resource(&self) -> &Arc<Resource> {
        self.permit.resource()
    }

    fn is_tokens(&self) -> bool {
        self.child.edited == Edited::Tokens
    }

    /// The tests of each row: whether it may be changed and deleted, and each column written.
    fn tests(&self) -> Vec<Filter> {
        let rows = |rows: Option<Filter>| rows.unwrap_or_else(Filter::nothing);
        let mut tests = vec![
            rows(self.edit.as_ref().map(Reach::rows)),
            rows(self.delete.as_ref().map(Reach::rows)),
        ];
        for column in 0..self.resource().fields.len() {
            let written = self.edit.as_ref().map(|edit| edit.writes(column));
            tests.push(match written.unwrap_or(Cover::Nowhere) {
                Cover::Everywhere => Filter::everything(),
                Cover::Where(rows) => rows,
                Cover::Nowhere => Filter::nothing(),
            });
        }
        tests
    }

    /// Reads the lines of a row whose form is opened.
    ///
    /// # Errors
    /// When the database fails.
    pub fn open(&mut self, conn: &mut AnyConnection, parent: &Row) -> Result<(), DataError> {
        let most = u64::try_from(self.most).unwrap_or(u64::MAX);
        let which = LineSelection::Some {
            skip: (self.page - 1).saturating_mul(most),
            limit: u32::try_from(self.most + 1).unwrap_or(u32::MAX),
        };
        let of = (&self.child, parent);
        let mut rows = dependents::lines(conn, &self.permit, of, &self.tests(), which)?;
        self.has_more = rows.len() > self.most;
        rows.truncate(self.most);
        if self.has_more || self.page > 1 {
            self.count = Some(dependents::count(conn, &self.permit, &self.child, parent)?);
        }
        self.lines = rows
            .into_iter()
            .enumerate()
            .map(|(number, row)| Line {
                number,
                key: row.key(self.resource()),
                row: Some(row),
                ..Line::default()
            })
            .collect();
        Ok(())
    }

    /// Fetches what the fields need: labels of referenced rows, and rows to choose from.
    ///
    /// # Errors
    /// When the database fails.
    pub fn furnish(&mut self, conn: &mut AnyConnection) -> Result<(), DataError> {
        if self.lines.len() > MAX_SELECTS && !self.is_tokens() {
            self.few.clear();
        }
        for (column, rows) in &mut self.few {
            if let (Some(permit), Some((_, target))) = (
                self.relations.permit(*column),
                self.relations.target(*column),
            ) {
                *rows = labels::lookup(conn, permit, target, "", MAX_OPTIONS + 1)?;
            }
        }
        let most = usize::try_from(MAX_OPTIONS).unwrap_or(usize::MAX);
        self.few.retain(|_, rows| rows.len() <= most);
        if let Some(found) = &mut self.found
            && let (Some(permit), Some((_, target))) = (
                self.relations.permit(found.column),
                self.relations.target(found.column),
            )
        {
            found.rows = labels::lookup(conn, permit, target, &found.text, MAX_FOUND)?;
        }
        let resource = self.permit.resource();
        let typed = self.lines.iter().flat_map(|line| {
            line.shown.typed.iter().filter_map(|(column, text)| {
                let kind = resource.fields.get(*column)?.kind;
                let value = crate::catalog::Value::parse(kind, text).ok()?;
                Some((*column, value))
            })
        });
        let typed: Vec<_> = typed.collect();
        let rows: Vec<Row> = self.lines.iter().filter_map(|it| it.row.clone()).collect();
        self.relations.fetch(conn, &rows, &typed)
    }
}

/// Takes all lines of a submitted form.
///
/// # Errors
/// An invalid key, or too many lines.
pub fn take(all: &mut [Lines], submission: &Submission) -> Result<FormRequest, Failure> {
    let mut asked = FormRequest::Save;
    let submission = sent::unfolded(all, submission)?;
    for lines in all {
        if lines.take(&submission)? == FormRequest::Again {
            asked = FormRequest::Again;
        }
    }
    Ok(asked)
}

/// Removes the errors: the form was not meant to be saved yet.
pub fn forgive(all: &mut [Lines]) {
    for line in all.iter_mut().flat_map(|lines| &mut lines.lines) {
        line.shown.errors.clear();
        line.problem = None;
    }
}

/// Whether a person fills in a column of a new row.
fn is_entered(resource: &Resource, column: usize) -> bool {
    let field = resource.fields.get(column);
    field.is_some_and(|field| field.generated == Generated::No)
}

/// The columns of the lines: listed ones, the key, and required ones, then others as far as there
/// is room.
fn columns(permit: &Permit<View>, create: Option<&Reach<Create>>, child: &Child) -> Vec<usize> {
    let resource = permit.resource();
    let is_known = |column: &usize| {
        let written = create.map(|create| create.writes(*column));
        permit.reads(*column) != Cover::Nowhere || written.is_some_and(|it| it != Cover::Nowhere)
    };
    let is_wanted = |column: &usize| {
        let field = resource.fields.get(*column);
        !child.columns.contains(column) && field.is_some_and(|field| !field.kind.is_file())
    };
    let is_needed = |column: &usize| {
        let field = resource.fields.get(*column);
        resource.key.contains(column) && is_entered(resource, *column)
            || field.is_some_and(|field| {
                !field.nullable && field.default.is_none() && field.generated == Generated::No
            })
    };
    let all = || (0..resource.fields.len()).filter(|it| is_wanted(it) && is_known(it));
    let mut chosen: Vec<usize> = all().filter(is_needed).collect();
    let listed = resource.list.iter().copied();
    let others = all().filter(|column| {
        let field = resource.fields.get(*column);
        field.is_some_and(|field| !field.long && field.generated == Generated::No)
    });
    for column in listed
        .filter(|it| is_wanted(it) && is_known(it))
        .chain(others)
    {
        if chosen.len() < COLUMNS && !chosen.contains(&column) {
            chosen.push(column);
        }
    }
    chosen.sort_unstable();
    chosen
}
