//! What the forms for new and existing rows share: the view, and the reading of what was typed.

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
use crate::catalog::field::{self, Emptied};
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

/// A resource with no more rows than this is offered whole in a select.
const MAX_OPTIONS: u32 = 50;
/// Rows that a search without script offers.
const MAX_FOUND: u32 = 25;

/// The form page.
#[derive(Default, Serialize)]
pub struct Form {
    /// The page's heading.
    pub heading: String,
    /// The state of the row.
    pub badge: Option<Cell>,
    /// Whether the row is being made.
    pub creating: bool,
    /// Where the form goes.
    pub action: String,
    /// Whether it holds files.
    pub multipart: bool,
    /// Hidden fields that go with it: the digest of the row as it was read, and marks of what the
    /// fields were shown with.
    pub carried: Vec<Carried>,
    /// The token, where it is not the page's own.
    pub csrf: Option<String>,
    /// How much may be sent, in megabytes, where that can be met.
    pub limit_mb: Option<usize>,
    /// Where to sign in first.
    pub sign_in: Option<String>,
    /// Where a script comes back to from there.
    pub returns_to: Option<String>,
    /// The reference of a request that failed.
    pub reference: Option<String>,
    /// What is wrong, field by field.
    pub errors: Vec<FieldError>,
    /// What is wrong with the whole.
    pub problem: Option<String>,
    /// The controls.
    pub sections: Vec<Section>,
    /// The lines that belong to the row.
    pub grids: Vec<Grid>,
    /// Whether something was typed that is not saved yet.
    pub is_dirty: bool,
    /// Where not saving leads.
    pub cancel_href: String,
    /// The row's history.
    pub history_href: Option<String>,
    /// Deleting the row.
    pub delete_href: Option<String>,
    /// What is said at that button: that it leads to the identity provider first.
    pub delete_hint: Option<String>,
    /// The latest changes.
    pub trace: Vec<Event>,
}

/// A hidden field.
#[derive(Debug, Serialize)]
pub struct Carried {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// What is wrong with a field.
#[derive(Debug, Serialize)]
pub struct FieldError {
    id: String,
    label: String,
    message: String,
}

/// What a form's submission says.
pub struct Entry {
    /// New values by column; those that are as they were are left out.
    pub changes: Changes,
    /// What was typed, and what is wrong with it.
    pub shown: FormState,
}

impl FieldError {
    /// What is wrong with a field that is found by its id.
    pub fn new(id: String, label: String, message: &str) -> Self {
        Self {
            id,
            label,
            message: message.to_owned(),
        }
    }
}

impl Form {
    /// The errors as the top of the form lists them.
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

/// How much a form holds, in megabytes, if a field of it takes as much as one likes.
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

/// What fields were shown with, as marks that the form carries: when the row has moved on, they
/// still tell which fields somebody has changed.
pub fn marks(controls: &[Control]) -> String {
    let sent = controls.iter().filter_map(Control::sent);
    let marks: Vec<String> = sent.map(|(name, text)| mark(name, &text)).collect();
    marks.join(" ")
}

/// Whether a field holds what it was shown with.
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
            // What may not be read in this row is not written over either.
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
        // Whoever may not write all of them chooses no row by them.
        if let Some(places) = places.collect::<Option<Vec<usize>>>()
            && let Some(first) = places.into_iter().min()
        {
            controls.insert(first, control);
        }
    }
    controls
}

/// Reads what was typed into the columns that the form may hold.
///
/// A column that was not in the form, or that holds what it was shown with, is not changed.
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
        // What an empty text means says nothing of a field that was not sent.
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

/// What the form says that an empty text means.
fn emptied(submission: &Submission, column: &str) -> Option<Emptied> {
    match submission.get(&names::of_emptied(&names::of_column(column)))? {
        "0" => Some(Emptied::Text),
        "1" => Some(Emptied::Null),
        _ => None,
    }
}

/// What was typed as a value; `None` if it changes nothing. `current` is the cell of the row that
/// is edited, which may be out of sight; there is none of a new row.
///
/// # Errors
/// A sentence that says what the field takes.
pub fn entered(
    resource: &Resource,
    column: usize,
    typed: &str,
    emptied: Option<Emptied>,
    current: Option<Option<&Value>>,
) -> Result<Option<Value>, String> {
    let Some(field) = resource.fields.get(column) else {
        return Ok(None);
    };
    let creating = current.is_none();
    // An empty text means what the form says, where the column tells it from no value.
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
            (Some(Emptied::Text), Value::Null) => true,
            (Some(Emptied::Null), Value::Text(text)) => text.is_empty() && field.nullable,
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

/// What an empty text means to a field.
fn empty(field: &Field, meant: Option<Emptied>, creating: bool) -> Result<Option<Value>, String> {
    let is_text = meant == Some(Emptied::Text) || !field.nullable && field.has_empty_choice();
    match is_text {
        true => Ok(Some(Value::Text(String::new()))),
        false if creating && field.default.is_some() => Ok(None),
        false if field.nullable => Ok(Some(Value::Null)),
        false => Err(text!("needs-value")),
    }
}

/// Fetches what the controls of foreign keys need: labels of what is chosen, all rows of small
/// resources, and the rows that were looked for.
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

/// What is to be fetched for the foreign keys of a form.
#[derive(Debug, Default, Clone)]
pub struct RelationPlan {
    small: Vec<usize>,
    pick: Option<(usize, String)>,
    /// Foreign keys of several columns, by the one that shows it: those to small resources, and one
    /// whose rows are looked for.
    small_pairs: Vec<usize>,
    pick_pair: Option<(usize, String)>,
}

impl RelationPlan {
    /// For these columns; `submission` may ask to look for rows (forms without script).
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
            // Enter in a search box sends the form without its button.
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

    /// Whether all rows are offered that this column shows one of, with others beside it.
    fn is_small(&self, lead: usize) -> bool {
        self.small_pairs.contains(&lead)
    }

    /// What is looked for among the rows that this column shows one of.
    fn picked_pair(&self, lead: usize) -> Option<&str> {
        let pick = self.pick_pair.as_ref();
        pick.filter(|(column, _)| *column == lead)
            .map(|(_, text)| text.as_str())
    }

    /// Whether rows are looked for, and nothing is to be saved yet.
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

/// What the form of a person knows of the rows that foreign keys point at.
pub fn relations<V: Verb>(entered: &Entered, permit: &Permit<V>) -> Relations {
    let resource = permit.resource();
    let is_known = |column: &usize| {
        permit.reads(*column) != Cover::Nowhere || permit.writes(*column) != Cover::Nowhere
    };
    let known: Vec<usize> = (0..resource.fields.len()).filter(is_known).collect();
    Relations::of(entered, resource, &relation_columns(resource))
        .with_pairs(entered, resource, &known)
}

/// What of a refusal is shown in the form: errors of fields, or a sentence about the whole.
///
/// # Errors
/// Gives back a refusal that is not one of the form's to show.
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

/// The errors of a form as a problem document lists them.
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
