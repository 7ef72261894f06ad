//! Why a change was refused, in words for the form.

use super::Changes;
use super::asked::FailureFacts;
use super::attempt::Attempt;
use super::check::no_such_row;
use crate::access::Action;
use crate::catalog::Resource;
use crate::data::DataError;
use crate::data::row::Row;
use crate::store::DatabaseError;
use crate::texts::text;
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as QueryError};

/// Why a change was refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The row has changed since it was read; this is its current state.
    #[error("{}", text!("change-stale"))]
    Stale(Box<Row>),
    /// The change would move the row out of the person's rights.
    #[error("{}", text!("change-out-of-reach"))]
    OutOfReach,
    /// A column that the person may not write in this row.
    #[error("{}", text!("change-column", field = .0))]
    Column(String),
    /// Faulty fields with messages, by index into the resource's fields.
    #[error("{}", text!("change-not-accepted"))]
    Fields(Vec<(usize, String)>),
    /// A fault that does not belong to one field.
    #[error("{0}")]
    Whole(String),
    /// The row is not visible, or the database failed.
    #[error(transparent)]
    Data(#[from] DataError),
}

impl From<DatabaseError> for Refusal {
    fn from(error: DatabaseError) -> Self {
        match error {
            // An error at the commit comes too late to be assigned to fields.
            DatabaseError::Query(error) => error.into(),
            error => Self::Data(error.into()),
        }
    }
}

impl From<QueryError> for Refusal {
    fn from(error: QueryError) -> Self {
        match &error {
            QueryError::DatabaseError(kind, _) => match whole(kind) {
                Some(text) => Self::Whole(text.to_owned()),
                None => Self::Data(error.into()),
            },
            _ => Self::Data(error.into()),
        }
    }
}

impl Refusal {
    /// Whether it concerns this row and its values only. Anything else is a database failure that
    /// would affect the next row too.
    pub fn is_of_row(&self) -> bool {
        match self {
            Self::Stale(_)
            | Self::OutOfReach
            | Self::Column(_)
            | Self::Fields(_)
            | Self::Whole(_)
            | Self::Data(DataError::Missing | DataError::Value) => true,
            Self::Data(_) => false,
        }
    }

    pub(super) fn field(column: usize, text: &str) -> Self {
        Self::Fields(vec![(column, text.to_owned())])
    }

    pub(super) fn column(resource: &Resource, column: usize) -> Self {
        let label = resource.fields.get(column).map(|field| field.label.clone());
        Self::Column(label.unwrap_or_default())
    }

    /// The database accepted the statement without effect: a trigger or a policy blocked it.
    pub(super) fn undone() -> Self {
        Self::Whole(text!("refused-undone"))
    }

    /// Row-level security shows the row, but does not let it be changed.
    pub(super) fn secured() -> Self {
        Self::Whole(text!("refused-secured"))
    }

    /// Assigns a constraint's error to the field that violates it, and includes a trigger's
    /// message. The driver's text goes to the log.
    pub(super) fn of_query(error: QueryError, told: &FailureFacts, attempt: &Attempt<'_>) -> Self {
        let QueryError::DatabaseError(kind, info) = &error else {
            return Self::Data(error.into());
        };
        tracing::info!(
            resource = %attempt.resource.name,
            constraint = info.constraint_name(),
            database.message = info.message(),
            "the database refused a change"
        );
        if let Some(refusal) = Self::of_told(told, attempt) {
            return refusal;
        }
        let (resource, changes) = (attempt.resource, attempt.changes);
        let columns = culprits(told, resource, changes, kind, info.as_ref());
        let is_rule = matches!(kind, DatabaseErrorKind::CheckViolation);
        let is_of_several = told.columns.len() > 1 && columns.len() > 1;
        if is_rule && (is_of_several || columns.is_empty()) {
            return Self::Whole(match &told.rule {
                Some(rule) => text!("refused-rule-whole", rule = rule),
                None => text!("refused-check-whole"),
            });
        }
        let text = match kind {
            DatabaseErrorKind::UniqueViolation => text!("refused-taken"),
            DatabaseErrorKind::NotNullViolation => text!("needs-value"),
            DatabaseErrorKind::CheckViolation => match &told.rule {
                Some(rule) => {
                    text!("refused-rule", rule = rule)
                }
                None => text!("refused-check"),
            },
            DatabaseErrorKind::ExclusionViolation => match &told.rule {
                Some(rule) => {
                    text!("refused-conflict-rule", rule = rule)
                }
                None => text!("refused-conflict"),
            },
            DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation
                if changes.is_empty() =>
            {
                return error.into();
            }
            DatabaseErrorKind::ForeignKeyViolation if points(resource, &columns) => no_such_row(),
            DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation => {
                text!("refused-key")
            }
            DatabaseErrorKind::Unknown => return Self::of_unknown(error, told, changes),
            _ => return error.into(),
        };
        match (columns.is_empty(), &told.rule) {
            (true, Some(_)) => Self::Whole(text),
            (true, None) => error.into(),
            (false, _) => Self::Fields(columns.into_iter().map(|c| (c, text.clone())).collect()),
        }
    }

    /// The database's answer, if it explains everything.
    fn of_told(told: &FailureFacts, attempt: &Attempt<'_>) -> Option<Self> {
        let all = |columns: &[usize], text: &str| {
            Self::Fields(columns.iter().map(|c| (*c, text.to_owned())).collect())
        };
        Some(match told {
            FailureFacts { is_late: true, .. } => Self::Data(DataError::Slow),
            FailureFacts { locked, .. } if !locked.is_empty() => {
                all(locked, &text!("refused-locked"))
            }
            FailureFacts {
                is_denied: true, ..
            } => Self::Whole(denied(attempt.action)),
            FailureFacts { unfit, .. } if !unfit.is_empty() => all(unfit, &text!("refused-value")),
            FailureFacts {
                is_secured: true, ..
            } => Self::Whole(text!("refused-secured")),
            FailureFacts {
                raised: Some(text),
                columns,
                ..
            } => {
                if columns.is_empty() {
                    Self::Whole(text.clone())
                } else {
                    all(columns, text)
                }
            }
            _ => return None,
        })
    }

    /// Values of the wrong form or size, and refusals by triggers: Diesel does not distinguish
    /// them.
    fn of_unknown(error: QueryError, told: &FailureFacts, changes: &Changes) -> Self {
        let mut columns = changes.keys();
        match (DataError::from(error), columns.next(), columns.next()) {
            (DataError::Value, Some(column), None) => Self::field(*column, &text!("refused-value")),
            (DataError::Value, _, _) => Self::Whole(text!("refused-values")),
            (DataError::Database(DatabaseError::Query(_)), _, _) => Self::Whole(text!("refused")),
            // A trigger's message claims a timeout, but there was none.
            (DataError::Slow, _, _) if told.is_prompt => Self::Whole(text!("refused")),
            (error, _, _) => Self::Data(error),
        }
    }
}

fn denied(action: Action) -> String {
    match action {
        Action::Create => text!("refused-create"),
        Action::Delete => text!("refused-delete"),
        _ => text!("refused-edit"),
    }
}

fn whole(kind: &DatabaseErrorKind) -> Option<String> {
    Some(match kind {
        DatabaseErrorKind::UniqueViolation => text!("refused-exists"),
        DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation => {
            text!("refused-pointed-at")
        }
        DatabaseErrorKind::ExclusionViolation => text!("refused-conflict-whole"),
        DatabaseErrorKind::NotNullViolation => text!("refused-missing"),
        DatabaseErrorKind::CheckViolation => text!("refused-check-whole"),
        _ => return None,
    })
}

/// Whether one of the columns references other rows.
fn points(resource: &Resource, columns: &[usize]) -> bool {
    let mut relations = resource.relations.iter();
    relations.any(|relation| {
        columns
            .iter()
            .any(|column| relation.columns.contains(column))
    })
}

/// The columns that a constraint's error is about, as far as the database says.
fn culprits(
    told: &FailureFacts,
    resource: &Resource,
    changes: &Changes,
    kind: &DatabaseErrorKind,
    info: &(dyn DatabaseErrorInformation + Send + Sync),
) -> Vec<usize> {
    let named: Vec<usize> = info
        .column_name()
        .into_iter()
        .chain(sqlite_columns(info.message()))
        .filter_map(|name| resource.index_of(name))
        .chain(told.columns.iter().copied())
        .collect();
    let changed: Vec<usize> = named
        .iter()
        .copied()
        .filter(|column| changes.contains_key(column))
        .collect();
    match (changed.is_empty(), named.is_empty()) {
        (false, _) => return changed,
        (true, false) => return named,
        (true, true) => {}
    }
    // SQLite names nothing when a foreign key fails.
    if matches!(kind, DatabaseErrorKind::ForeignKeyViolation) {
        let pointing = changes.keys().copied();
        let pointing: Vec<usize> = pointing.filter(|c| points(resource, &[*c])).collect();
        return if pointing.len() == 1 {
            pointing
        } else {
            Vec::new()
        };
    }
    // A rule, by its name or text: the changed columns that it mentions.
    let rule = info.constraint_name().unwrap_or_else(|| info.message());
    let words: Vec<&str> = rule
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .collect();
    let mentions = |name: &str| words.contains(&name) || rule.contains(&format!("_{name}_"));
    let mentioned: Vec<usize> = changes
        .keys()
        .copied()
        .filter(|column| {
            let field = resource.fields.get(*column);
            field.is_some_and(|field| mentions(&field.name))
        })
        .collect();
    match (mentioned.is_empty(), changes.len()) {
        (true, 1) => changes.keys().copied().collect(),
        _ => mentioned,
    }
}

/// `UNIQUE constraint failed: customers.email`, as SQLite says it.
fn sqlite_columns(message: &str) -> Vec<&str> {
    let listed = ["UNIQUE constraint failed: ", "NOT NULL constraint failed: "];
    listed
        .iter()
        .find_map(|start| message.strip_prefix(start))
        .map(|columns| {
            let columns = columns.split(", ");
            columns
                .filter_map(|name| name.split_once('.').map(|(_, name)| name))
                .collect()
        })
        .unwrap_or_default()
}
