//! Why a change was not made, in words for the form it came from.

use super::Changes;
use crate::catalog::Resource;
use crate::data::DataError;
use crate::data::row::Row;
use crate::store::DatabaseError;
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as QueryError};

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The row is not as it was when it was read; this is how it is now.
    #[error("the row has been changed since it was read")]
    Stale(Box<Row>),
    /// The change would put the row where the person may not have it.
    #[error("this would put the row outside of what your roles cover")]
    OutOfReach,
    /// A column that the person may not write in this row.
    #[error("{0} may not be changed with your roles")]
    Column(String),
    /// Fields with what is wrong with each, by index into the resource's fields.
    #[error("the values are not accepted")]
    Fields(Vec<(usize, String)>),
    /// Something wrong that is not of one field.
    #[error("{0}")]
    Whole(String),
    /// The row is out of reach, or the database failed.
    #[error(transparent)]
    Data(#[from] DataError),
}

impl From<DatabaseError> for Refusal {
    fn from(error: DatabaseError) -> Self {
        match error {
            // What a commit reports comes too late to be told field by field.
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
    pub(super) fn field(column: usize, text: &str) -> Self {
        Self::Fields(vec![(column, text.to_owned())])
    }

    pub(super) fn column(resource: &Resource, column: usize) -> Self {
        let label = resource.fields.get(column).map(|field| field.label.clone());
        Self::Column(label.unwrap_or_default())
    }

    /// Puts a constraint's error on the field that broke it. The driver's text goes to the log.
    pub(super) fn of_query(error: QueryError, resource: &Resource, changes: &Changes) -> Self {
        let QueryError::DatabaseError(kind, info) = &error else {
            return Self::Data(error.into());
        };
        tracing::info!(
            resource = %resource.name,
            constraint = info.constraint_name(),
            database.message = info.message(),
            "the database refused a change"
        );
        let columns = culprits(resource, changes, info.as_ref());
        let text = match kind {
            DatabaseErrorKind::UniqueViolation => "This value is already taken.",
            DatabaseErrorKind::NotNullViolation => "This field needs a value.",
            DatabaseErrorKind::CheckViolation => "This value breaks a rule of the database.",
            DatabaseErrorKind::ForeignKeyViolation if !changes.is_empty() => {
                "Choose a row that exists."
            }
            _ => "",
        };
        match (text.is_empty(), columns.is_empty()) {
            (false, false) => Self::Fields(
                columns
                    .into_iter()
                    .map(|column| (column, text.to_owned()))
                    .collect(),
            ),
            _ => error.into(),
        }
    }
}

fn whole(kind: &DatabaseErrorKind) -> Option<&'static str> {
    Some(match kind {
        DatabaseErrorKind::UniqueViolation => "A row with these values exists already.",
        DatabaseErrorKind::ForeignKeyViolation => {
            "Other rows point at this one, or it points at a row that does not exist."
        }
        DatabaseErrorKind::NotNullViolation => "A field that needs a value has none.",
        DatabaseErrorKind::CheckViolation => "The values together break a rule of the database.",
        _ => return None,
    })
}

/// The columns that a constraint's error is about, as far as the database tells.
fn culprits(
    resource: &Resource,
    changes: &Changes,
    info: &(dyn DatabaseErrorInformation + Send + Sync),
) -> Vec<usize> {
    let named: Vec<usize> = info
        .column_name()
        .into_iter()
        .chain(key_detail(info.details()))
        .chain(sqlite_columns(info.message()))
        .filter_map(|name| resource.index_of(name))
        .collect();
    if !named.is_empty() {
        return named;
    }
    // A rule by its name or its text: the changed columns that occur in it.
    let rule = info.constraint_name().unwrap_or_else(|| info.message());
    let words: Vec<&str> = rule
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .collect();
    let mentions = |name: &str| words.contains(&name) || rule.contains(&format!("_{name}_"));
    changes
        .keys()
        .copied()
        .filter(|column| {
            let field = resource.fields.get(*column);
            field.is_some_and(|field| mentions(&field.name))
        })
        .collect()
}

/// `Key (a, b)=(1, 2) already exists.`, as PostgreSQL says it.
fn key_detail(details: Option<&str>) -> Vec<&str> {
    details
        .and_then(|text| text.strip_prefix("Key ("))
        .and_then(|text| text.split_once(")="))
        .map(|(columns, _)| {
            columns
                .split(", ")
                .map(|name| name.trim_matches('"'))
                .collect()
        })
        .unwrap_or_default()
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
