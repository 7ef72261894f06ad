//! Shared parts of the forms for new and existing rows: the view, and reading what was typed.

pub mod grid;
pub mod kept;
pub mod layout;
pub mod pairs;

use super::cell::Cell;
use super::control::{Builder, Control, FormState, Offer, is_entered};
use super::event::Event;
use super::names;
use super::relations::Relations;
use crate::access::{Cover, Permit, Verb};
use crate::catalog::field::{self, EmptyMeaning};
use crate::catalog::{Field, Resource, Value};
use crate::data::{Changes, Count, DataError, Refusal, Row, labels};
use crate::entry::form::{MAX_FILES_MB, MAX_FORM_MB};
use crate::entry::{Entered, Submission};
use crate::store::AnyConnection;
use crate::texts::text;
use grid::Grid;
use layout::Section;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Up to this many rows, a resource is offered completely in a select.
const MAX_OPTIONS: u32 = 50;
/// The number of rows that a search without scripts offers.
const MAX_FOUND: u32 = 25;

/// The form page.
#[derive(Default, Serialize)]
pub struct Form {
    /// The page's heading.
    pub heading: String,
    /// The state of the row.
    pub badge: Option<Cell>,
    /// Whether the row is new.
    pub creating: bool,
    /// The target of the form.
    pub action: String,
    /// Whether it holds files.
    pub multipart: bool,
    /// Hidden fields: the digest of the row as it was read, and marks of the fields' initial
    /// values.
    pub carried: Vec<HiddenField>,
    /// The CSRF token, if it is not the page's own.
    pub csrf: Option<String>,
    /// The size limit of the form in megabytes, if it can be reached.
    pub limit_mb: Option<usize>,
    /// The address to sign in first.
    pub sign_in: Option<String>,
    /// The address to which a script returns from there.
    pub returns_to: Option<String>,
    /// The id of a failed request.
    pub reference: Option<String>,
    /// Errors by field.
    pub errors: Vec<FieldError>,
    /// An error of the whole form.
    pub problem: Option<String>,
    /// The controls.
    pub sections: Vec<Section>,
    /// The lines that belong to the row.
    pub grids: Vec<Grid>,
    /// Whether something typed is not saved yet.
    pub is_dirty: bool,
    /// The target of the cancel link.
    pub cancel_href: String,
    /// The address of the row's history.
    pub history_href: Option<String>,
    /// The address to delete the row.
    pub delete_href: Option<String>,
    /// The hint on that button if it requires step-up first.
    pub delete_hint: Option<String>,
    /// The latest changes.
    pub trace: Vec<Event>,
}

/// A hidden field.
#[derive(Debug, Serialize)]
pub struct HiddenField {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// An error of a field.
#[derive(Debug, Serialize)]
pub struct FieldError {
    id: String,
    label: String,
    message: String,
}

/// What a submitted form means.
pub struct Entry {
    /// New values by column; unchanged ones are left out.
    pub changes: Changes,
    /// What was typed, and the errors in it.
    pub shown: FormState,
}

impl FieldError {
    /// An error of the field with that id.
    pub fn new(id: String, label: String, message: &str) -> Self {
        Self {
            id,
            label,
            message: message.to_owned(),
        }
    }
}

impl Form {
    /// The errors for the list at the top of the form.
    pub fn list_errors(resource: &Resource, errors: &[(usize, String)]) -> Vec<FieldError> {
        let errors = errors.iter().filter_map(|(column, message)| {
            let field = resource.fields.get(*column)?;
            Some(FieldError {
                id: names::id(&field.name),
                label: field.label.clone(),
                message: message.clone(),
            })
        });
        errors.collect()
    }
}

/// The size limit of a form in megabytes, if one of its fields has no limit.
pub fn limit_mb(resource: &Resource, multipart: bool) -> Option<usize> {
    let is_open = |field: &Field| {
        let control = field.held(None).control;
        field.max_length.is_none()
            && matches!(control, field::Control::TextArea | field::Control::Json)
    };
    if multipart {
        Some(MAX_FILES_MB)
    } else {
        resource.fields.iter().any(is_open).then_some(MAX_FORM_MB)
    }
}

/// Marks of the fields' initial values, which the form carries. If the row has changed since, they
/// still show which fields the person changed.
pub fn marks(controls: &[Control]) -> String {
    let sent = controls.iter().filter_map(Control::sent);
    let marks: Vec<String> = sent.map(|(name, text)| mark(name, &text)).collect();
    marks.join(" ")
}

/// Whether a field holds its initial value.
pub fn is_untouched(marks: &str, name: &str, typed: &str) -> bool {
    let mark = mark(name, typed);
    marks.split(' ').any(|known| known == mark)
}

fn mark(name: &str, text: &str) -> String {
    let text = field::lines(text);
    let hash = Sha256::digest(format!("{}:{name}{text}", name.len()));
    let bytes = hash.iter().take(6);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// The controls of a form, in the order of the columns.
pub fn controls<V: Verb>(
    builder: &Builder<'_>,
    permit: &Permit<V>,
    row: Option<&Row>,
    writable: &dyn Fn(usize) -> bool,
) -> Vec<Control> {
    let fields = builder.resource.fields.iter().enumerate();
    let mut controls: Vec<Control> = fields
        .filter_map(|(column, field)| {
            let current = row.and_then(|row| row.get(column));
            let is_key = builder.resource.key.contains(&column);
            let fixed = !builder.creating && is_key
                || builder.resource.relation_at(column).is_some()
                    && builder.relations.target(column).is_none();
            // A column that may not be read in this row is not overwritten either.
            let in_sight = builder.creating || current.is_some();
            if writable(column) && in_sight && is_entered(field, builder.creating) && !fixed {
                return builder.control(column, current);
            }
            let seen = !builder.creating && permit.reads(column) != Cover::Nowhere;
            if seen && current.is_some() {
                builder.read_only(column, current)
            } else {
                None
            }
        })
        .collect();
    for (columns, control) in pairs::controls(builder, row) {
        let names = columns
            .iter()
            .filter_map(|column| builder.resource.fields.get(*column));
        let places = names.map(|field| {
            let name = names::of_column(&field.name);
            let mut places = controls.iter();
            places.position(|control| control.is_named(&name) && control.is_writable())
        });
        // A person who may not write all of its columns cannot choose a row.
        if let Some(places) = places.collect::<Option<Vec<usize>>>()
            && let Some(first) = places.into_iter().min()
        {
            controls.insert(first, control);
        }
    }
    controls
}

/// Reads typed text for the columns that the form may hold.
///
/// A column that is not in the form, or holds its initial value, is not changed.
pub fn read(
    resource: &Resource,
    submission: &Submission,
    row: Option<&Row>,
    known: &dyn Fn(usize) -> bool,
) -> Entry {
    let mut entry = Entry {
        changes: Changes::new(),
        shown: FormState::default(),
    };
    for (column, field) in resource.fields.iter().enumerate() {
        if !known(column) {
            continue;
        }
        let name = names::of_column(&field.name);
        if field.kind.is_file() {
            if let Some(bytes) = submission.file(&name) {
                entry.changes.insert(column, Value::Bytes(bytes.to_vec()));
            }
            continue;
        }
        let emptied = emptied(submission, &field.name);
        // The meaning of an empty text does not apply to a field that was not sent.
        let Some(typed) = submission.get(&name) else {
            continue;
        };
        entry.shown.typed.insert(column, typed.to_owned());
        entry
            .shown
            .emptied
            .extend(emptied.map(|emptied| (column, emptied)));
        let current = row.map(|row| row.get(column));
        match entered(resource, column, typed, emptied, current) {
            Ok(None) => {}
            Ok(Some(value)) => {
                entry.changes.insert(column, value);
            }
            Err(message) => entry.shown.errors.push((column, message)),
        }
    }
    entry
}

/// The meaning of an empty text, according to the form.
fn emptied(submission: &Submission, column: &str) -> Option<EmptyMeaning> {
    match submission.get(&names::of_emptied(&names::of_column(column)))? {
        "0" => Some(EmptyMeaning::Text),
        "1" => Some(EmptyMeaning::Null),
        _ => None,
    }
}

/// Reads typed text as a value; `None` if nothing changes. `current` is the cell of an existing
/// row, which may be invisible; a new row has none.
///
/// # Errors
/// A sentence that says what the field accepts.
pub fn entered(
    resource: &Resource,
    column: usize,
    typed: &str,
    emptied: Option<EmptyMeaning>,
    current: Option<Option<&Value>>,
) -> Result<Option<Value>, String> {
    let Some(field) = resource.fields.get(column) else {
        return Ok(None);
    };
    let creating = current.is_none();
    // The form decides what an empty text means, if the column can hold both.
    let meant = emptied.filter(|_| typed.is_empty() && field.takes_empty());
    let stored = match current {
        Some(None) => return Err(text!("form-hidden-field")),
        Some(Some(stored)) => Some(stored),
        None => None,
    };
    if let Some(stored) = stored {
        let control = match resource.relation_at(column) {
            Some(_) => field::Control::Lookup,
            None => field.held(Some(stored)).control,
        };
        let turned = match (meant, stored) {
            (Some(EmptyMeaning::Text), Value::Null) => true,
            (Some(EmptyMeaning::Null), Value::Text(text)) => text.is_empty() && field.nullable,
            _ => false,
        };
        if !turned && field.is_untouched(control, stored, typed) {
            return Ok(None);
        }
    }
    if !creating && resource.key.contains(&column) {
        return Err(text!("form-key"));
    }
    if typed.is_empty() {
        return empty(field, meant, creating);
    }
    let value = field.read(typed, stored);
    value.map(Some).map_err(|error| error.to_string())
}

/// The meaning of an empty text for a field.
fn empty(
    field: &Field,
    meant: Option<EmptyMeaning>,
    creating: bool,
) -> Result<Option<Value>, String> {
    let is_text = meant == Some(EmptyMeaning::Text) || !field.nullable && field.has_empty_choice();
    if is_text {
        Ok(Some(Value::Text(String::new())))
    } else if creating && field.default.is_some() {
        Ok(None)
    } else if field.nullable {
        Ok(Some(Value::Null))
    } else {
        Err(text!("needs-value"))
    }
}

/// Fetches what the controls of foreign keys need. That is labels of current rows, all rows of
/// small resources, and rows found by a search.
///
/// # Errors
/// When the database fails.
pub fn fetch_relations(
    conn: &mut AnyConnection,
    resource: &Resource,
    relations: &mut Relations,
    row: Option<&Row>,
    shown: &mut FormState,
    plan: &RelationPlan,
) -> Result<(), DataError> {
    for column in &plan.small {
        if let (Some(permit), Some((_, target))) =
            (relations.permit(*column), relations.target(*column))
        {
            let all = labels::lookup(conn, permit, target, "", MAX_OPTIONS + 1)?;
            if all.len() <= usize::try_from(MAX_OPTIONS).unwrap_or(0) {
                shown.offered.insert(*column, Offer::All(all));
            }
        }
    }
    if let Some((column, text)) = &plan.pick
        && let (Some(permit), Some((_, target))) =
            (relations.permit(*column), relations.target(*column))
    {
        let found = labels::lookup(conn, permit, target, text, MAX_FOUND)?;
        shown
            .offered
            .insert(*column, Offer::Found(text.clone(), found));
    }
    pairs::fetch(conn, resource, relations, row, shown, plan)?;
    let typed = shown.typed.iter().filter_map(|(column, text)| {
        let kind = resource.fields.get(*column)?.kind;
        Some((*column, Value::parse(kind, text).ok()?))
    });
    let typed: Vec<_> = typed.collect();
    let rows: Vec<Row> = row.cloned().into_iter().collect();
    relations.fetch(conn, &rows, &typed)
}

/// What to fetch for the foreign keys of a form.
#[derive(Debug, Default, Clone)]
pub struct RelationPlan {
    small: Vec<usize>,
    pick: Option<(usize, String)>,
    /// Multi-column foreign keys, by the column that shows them: those to small resources, and one
    /// with a search.
    small_pairs: Vec<usize>,
    pick_pair: Option<(usize, String)>,
}

impl RelationPlan {
    /// The plan for these columns; `submission` may request a search (forms without scripts).
    pub fn new(
        entered: &Entered,
        resource: &Resource,
        relations: &Relations,
        submission: Option<&Submission>,
    ) -> Self {
        let has_few = |target: &Resource| {
            let size = entered.site().sizes.get(&target.name);
            matches!(size, Some(Count::Exact(rows)) if rows <= u64::from(MAX_OPTIONS))
        };
        let is_small = |column: &usize| {
            let target = relations.target(*column);
            target.is_some_and(|(target, _)| has_few(target))
        };
        let small_pairs = relations.pairs().iter();
        let small_pairs = small_pairs.filter(|pair| has_few(pair.permit.resource()));
        let columns = 0..resource.fields.len();
        let pick = submission.and_then(|submission| {
            // Enter in a search box submits the form without its button.
            let searched = || {
                let boxes = submission.fields().iter();
                boxes
                    .filter(|(name, text)| !text.is_empty() && !names::is_of_line(name))
                    .find_map(|(name, _)| names::searched(name))
            };
            let name = submission.get("pick").or_else(searched)?;
            if names::is_of_line(name) {
                return None;
            }
            let text = submission.get(&names::of_search(name)).unwrap_or_default();
            let pair = names::paired(name);
            let column = resource.index_of(pair.unwrap_or_else(|| names::column_of(name)))?;
            Some((pair.is_some(), (column, text.to_owned())))
        });
        let (pick_pair, pick) = match pick {
            Some((true, pick)) => (Some(pick), None),
            Some((false, pick)) => (None, Some(pick)),
            None => (None, None),
        };
        Self {
            small: columns.filter(is_small).collect(),
            small_pairs: small_pairs.map(|pair| pair.lead).collect(),
            pick,
            pick_pair,
        }
    }

    /// Whether all rows are offered for the multi-column foreign key shown by this column.
    fn is_small(&self, lead: usize) -> bool {
        self.small_pairs.contains(&lead)
    }

    /// The search text for the multi-column foreign key shown by this column.
    fn picked_pair(&self, lead: usize) -> Option<&str> {
        let pick = self.pick_pair.as_ref();
        pick.filter(|(column, _)| *column == lead)
            .map(|(_, text)| text.as_str())
    }

    /// Whether this is a search, so that nothing is saved yet.
    pub fn is_picking(&self) -> bool {
        self.pick.is_some() || self.pick_pair.is_some()
    }
}

/// The single-column foreign keys of a resource.
pub fn relation_columns(resource: &Resource) -> Vec<usize> {
    let columns = 0..resource.fields.len();
    columns
        .filter(|column| resource.relation_at(*column).is_some())
        .collect()
}

/// The foreign keys in a person's form, with what it needs of the referenced rows.
pub fn relations<V: Verb>(entered: &Entered, permit: &Permit<V>) -> Relations {
    let resource = permit.resource();
    let is_known = |column: &usize| {
        permit.reads(*column) != Cover::Nowhere || permit.writes(*column) != Cover::Nowhere
    };
    let known: Vec<usize> = (0..resource.fields.len()).filter(is_known).collect();
    Relations::of(entered, resource, &relation_columns(resource))
        .with_pairs(entered, resource, &known)
}

/// The part of a refusal that the form shows: errors of fields, or a sentence about the whole.
///
/// # Errors
/// Returns a refusal that the form cannot show.
pub fn shown_in_form(refusal: Refusal, shown: &mut FormState) -> Result<Option<String>, Refusal> {
    match refusal {
        Refusal::Fields(errors) => {
            shown.errors.extend(errors);
            Ok(None)
        }
        Refusal::Whole(text) => Ok(Some(text)),
        Refusal::OutOfReach => Ok(Some(text!("form-outside"))),
        Refusal::Data(DataError::Value) => Ok(Some(text!("form-bad-value"))),
        other => Err(other),
    }
}

/// The errors of a form, in the form of a problem document.
pub fn errors_as_json(resource: &Resource, errors: &[(usize, String)]) -> serde_json::Value {
    let errors = errors.iter().filter_map(|(column, message)| {
        let field = resource.fields.get(*column)?;
        Some((
            field.name.clone(),
            serde_json::Value::from(message.as_str()),
        ))
    });
    serde_json::Value::Object(errors.collect())
}
