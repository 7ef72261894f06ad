//! Why a change was not made, in words for the form it came from.

use super::Changes;
use super::check::NO_SUCH_ROW;
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

    /// The database took the statement and did nothing: a trigger or a policy kept the row.
    pub(super) fn undone() -> Self {
        Self::Whole("The database did not make this change.".to_owned())
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
        let columns = culprits(resource, changes, kind, info.as_ref());
        let text = match kind {
            DatabaseErrorKind::UniqueViolation => "This value is already taken.",
            DatabaseErrorKind::NotNullViolation => "This field needs a value.",
            DatabaseErrorKind::CheckViolation => "This value breaks a rule of the database.",
            DatabaseErrorKind::ForeignKeyViolation if changes.is_empty() => return error.into(),
            DatabaseErrorKind::ForeignKeyViolation if points(resource, &columns) => NO_SUCH_ROW,
            DatabaseErrorKind::ForeignKeyViolation => {
                "Other rows point at this value, so it cannot be changed."
            }
            DatabaseErrorKind::Unknown => return Self::of_unknown(error, changes),
            _ => return error.into(),
        };
        match columns.is_empty() {
            true => error.into(),
            false => Self::Fields(
                columns
                    .into_iter()
                    .map(|column| (column, text.to_owned()))
                    .collect(),
            ),
        }
    }

    /// Values of the wrong form or size, and what triggers refuse: Diesel does not tell them apart.
    fn of_unknown(error: QueryError, changes: &Changes) -> Self {
        let points = matches!(&error, QueryError::DatabaseError(_, info)
            if info.message().contains("foreign key constraint"));
        let mut columns = changes.keys();
        match (DataError::from(error), columns.next(), columns.next()) {
            (DataError::Value, Some(column), None) => {
                Self::field(*column, "The database does not take this value.")
            }
            (DataError::Value, _, _) => {
                Self::Whole("The database does not take one of these values.".to_owned())
            }
            (DataError::Database(DatabaseError::Query(_)), _, _) if points => {
                Self::Whole(POINTED_AT.to_owned())
            }
            (DataError::Database(DatabaseError::Query(_)), _, _) => Self::Whole(
                "The database refused this change; the reason is in the server\u{2019}s log."
                    .to_owned(),
            ),
            (error, _, _) => Self::Data(error),
        }
    }
}

const POINTED_AT: &str = "Other rows point at this one, or it points at a row that does not exist.";

fn whole(kind: &DatabaseErrorKind) -> Option<&'static str> {
    Some(match kind {
        DatabaseErrorKind::UniqueViolation => "A row with these values exists already.",
        DatabaseErrorKind::ForeignKeyViolation => POINTED_AT,
        DatabaseErrorKind::NotNullViolation => "A field that needs a value has none.",
        DatabaseErrorKind::CheckViolation => "The values together break a rule of the database.",
        _ => return None,
    })
}

/// Whether one of the columns points at other rows.
fn points(resource: &Resource, columns: &[usize]) -> bool {
    let mut relations = resource.relations.iter();
    relations.any(|relation| {
        columns
            .iter()
            .any(|column| relation.columns.contains(column))
    })
}

/// The columns that a constraint's error is about, as far as the database tells.
fn culprits(
    resource: &Resource,
    changes: &Changes,
    kind: &DatabaseErrorKind,
    info: &(dyn DatabaseErrorInformation + Send + Sync),
) -> Vec<usize> {
    let named: Vec<usize> = info
        .column_name()
        .into_iter()
        .chain(key_detail(info.details()))
        .chain(sqlite_columns(info.message()))
        .filter_map(|name| resource.index_of(name))
        .chain(key_named(resource, kind, info.constraint_name()))
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
    // A rule by its name or its text: the changed columns that occur in it.
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

/// The columns of a unique key as MySQL names it: `PRIMARY`, or by its first column, unless it was
/// given a name.
fn key_named(resource: &Resource, kind: &DatabaseErrorKind, name: Option<&str>) -> Vec<usize> {
    let (DatabaseErrorKind::UniqueViolation, Some(name)) = (kind, name) else {
        return Vec::new();
    };
    if name == "PRIMARY" {
        return resource.key.clone();
    }
    let first = resource.index_of(name);
    let mut keys = resource
        .unique
        .iter()
        .filter(|columns| first.is_some() && columns.first().copied() == first);
    match (keys.next(), keys.next()) {
        (Some(only), None) => only.clone(),
        _ => Vec::new(),
    }
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
