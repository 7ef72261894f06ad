//! The fields that a bulk edit sets, and their values.
//!
//! A request names them as `set.COLUMN=VALUE` and `null.COLUMN=1`. A form has a control for every
//! field, so it also sends `do.COLUMN`: `leave`, `set` or `null`. Then only that decides.

use crate::access::{Cover, Edit, Permit};
use crate::catalog::field::EmptyMeaning;
use crate::catalog::{Field, FilterError, Resource, Value};
use crate::data::Changes;
use crate::entry::Submission;
use crate::panel::control::{FormState, is_entered};
use crate::panel::form;
use crate::texts::text;
use crate::web::Failure;

/// The fields to set.
#[derive(Debug, Default)]
pub struct Sets {
    /// New values by column.
    pub changes: Changes,
    /// What was typed, and the errors in it.
    pub shown: FormState,
}

/// The operation on a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldAction {
    /// Leaves it unchanged.
    Leave,
    /// Sets it to a value.
    Set,
    /// Sets it to NULL.
    Empty,
}

impl FieldAction {
    /// Its name in forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::Leave => "leave",
            Self::Set => "set",
            Self::Empty => "null",
        }
    }

    /// The operation on a column in a request.
    pub fn of(form: &Submission, name: &str) -> Self {
        match form.get(&format!("do.{name}")) {
            Some("set") => Self::Set,
            Some("null") => Self::Empty,
            Some(_) => Self::Leave,
            None if form.get(&format!("null.{name}")) == Some("1") => Self::Empty,
            None if form.get(&format!("set.{name}")).is_some() => Self::Set,
            None => Self::Leave,
        }
    }
}

impl Sets {
    /// Reads the fields to set. Errors are stored with their field.
    ///
    /// # Errors
    /// A field that is not a column, or not visible to the person.
    pub fn read(permit: &Permit<Edit>, form: &Submission) -> Result<Self, Failure> {
        let resource = permit.resource();
        for (name, _) in form.fields() {
            if let Some(column) = ["set.", "null.", "do."]
                .iter()
                .find_map(|p| name.strip_prefix(p))
            {
                let known = resource.index_of(column);
                known
                    .filter(|column| permit.reads(*column) != Cover::Nowhere)
                    .ok_or_else(|| FilterError::Column(column.to_owned()))?;
            }
        }
        let mut sets = Self::default();
        for (column, field) in resource.fields.iter().enumerate() {
            let doing = FieldAction::of(form, &field.name);
            if doing == FieldAction::Leave {
                continue;
            }
            let typed = form.get(&format!("set.{}", field.name)).unwrap_or_default();
            sets.shown.typed.insert(column, typed.to_owned());
            match value(permit, column, field, doing, typed) {
                Ok(value) => {
                    sets.changes.insert(column, value);
                }
                Err(message) => sets.shown.errors.push((column, message)),
            }
        }
        Ok(sets)
    }
}

fn value(
    permit: &Permit<Edit>,
    column: usize,
    field: &Field,
    doing: FieldAction,
    typed: &str,
) -> Result<Value, String> {
    let resource = permit.resource();
    if !is_settable(permit, column) {
        return Err(text!("bulk-not-settable"));
    }
    match doing {
        FieldAction::Empty if field.nullable => Ok(Value::Null),
        FieldAction::Empty => Err(text!("needs-value")),
        _ => form::entered(resource, column, typed, Some(EmptyMeaning::Text), None)?
            .ok_or_else(|| text!("needs-value")),
    }
}

/// Whether a column can be set in many rows. Keys, unique columns, files and generated columns
/// cannot.
pub fn is_settable(permit: &Permit<Edit>, column: usize) -> bool {
    let resource = permit.resource();
    let Some(field) = resource.fields.get(column) else {
        return false;
    };
    permit.writes(column) != Cover::Nowhere
        && is_entered(field, false)
        && !field.kind.is_file()
        && !resource.key.contains(&column)
        && !is_unique(resource, column)
}

/// Whether the column is unique by itself.
fn is_unique(resource: &Resource, column: usize) -> bool {
    resource.unique.iter().any(|columns| columns == &[column])
}
