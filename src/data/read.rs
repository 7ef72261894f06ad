//! Runs statements that read, and explains their failures.
//!
//! A managed table may be a view that fails on some rows. It may be closed to the panel's account,
//! or changed since its schema was read. The database is asked which it is, because error messages
//! come in any language.

use super::run;
use super::sql::{Piece, Sql};
use super::{DataError, schema};
use crate::catalog::{Condition, Filter, Kind, Resource, Value};
use crate::store::{AnyConnection, DatabaseError};
use diesel::QueryResult;
use diesel::connection::Connection;
use diesel::result::{DatabaseErrorKind, Error as QueryError};

/// Runs a statement that reads these rows of a resource.
///
/// # Errors
/// The cause of the failure.
pub(super) fn rows(
    conn: &mut AnyConnection,
    of: (&Resource, &Filter),
    statement: Sql<'_>,
) -> Result<Vec<Vec<Value>>, DataError> {
    run::rows(conn, statement).map_err(|error| explain(conn, of, error))
}

/// Why these rows of a resource cannot be read.
pub(super) fn explain(
    conn: &mut AnyConnection,
    (resource, filter): (&Resource, &Filter),
    error: QueryError,
) -> DataError {
    let message = match &error {
        QueryError::DatabaseError(_, info) => info.message().to_owned(),
        _ => return error.into(),
    };
    let told = DataError::from(error);
    let otherwise = match told {
        DataError::Database(DatabaseError::Query(_)) => DataError::Failed(message),
        // There is no value in the query: the view itself produces an invalid one.
        DataError::Value if filter.columns().is_empty() => DataError::Failed(message),
        DataError::Value => DataError::Value,
        told => return told,
    };
    let told = looked_at(conn, resource).and_then(|told| match told {
        schema::TableState::Same => related(conn, filter),
        told => Ok(told),
    });
    match told {
        Ok(schema::TableState::Changed) => DataError::Changed,
        Ok(schema::TableState::Closed) => DataError::Closed,
        Ok(schema::TableState::Same) => culprit(conn, resource, filter).unwrap_or(otherwise),
        // In a transaction that has failed, no more statements can run.
        Err(_) => otherwise,
    }
}

/// Whether a table is still as the catalog has it.
pub(super) fn looked_at(
    conn: &mut AnyConnection,
    resource: &Resource,
) -> QueryResult<schema::TableState> {
    schema::look(conn, &resource.table, &names(resource))
}

/// The first table used by a filter that is not as the catalog has it.
fn related(conn: &mut AnyConnection, filter: &Filter) -> QueryResult<schema::TableState> {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => {
            for part in parts {
                match related(conn, part)? {
                    schema::TableState::Same => {}
                    told => return Ok(told),
                }
            }
            Ok(schema::TableState::Same)
        }
        Filter::Test(_) | Filter::ByMeaning(_) => Ok(schema::TableState::Same),
        Filter::Related(it) => match looked_at(conn, &it.target)? {
            schema::TableState::Same => related(conn, &it.rows),
            told => Ok(told),
        },
    }
}

fn names(resource: &Resource) -> Vec<&str> {
    let fields = resource.fields.iter();
    fields.map(|field| field.name.as_str()).collect()
}

/// The value of a filter that does not fit its column, found by trying each alone.
fn culprit(conn: &mut AnyConnection, resource: &Resource, filter: &Filter) -> Option<DataError> {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => {
            parts.iter().find_map(|part| culprit(conn, resource, part))
        }
        Filter::Test(test) | Filter::ByMeaning(test) => {
            let field = resource.fields.get(test.column)?;
            let unfit = test
                .values
                .iter()
                .any(|value| !fits(conn, resource, test, value));
            unfit.then(|| DataError::Unfit(field.label.clone()))
        }
        Filter::Related(related) => culprit(conn, &related.target, &related.rows),
    }
}

fn fits(conn: &mut AnyConnection, resource: &Resource, test: &Condition, value: &Value) -> bool {
    let Some(field) = resource.fields.get(test.column) else {
        return true;
    };
    // Only PostgreSQL refuses such a value on a cast; MySQL converts it silently.
    let is_typed = match conn {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => true,
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => false,
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => false,
    };
    let is_text = matches!(field.kind, Kind::Text | Kind::Choice) || test.op.is_of_text();
    if !is_typed || is_text || value.is_null() {
        return true;
    }
    let mut statement = Sql::new("SELECT 1 WHERE ");
    statement
        .push(Piece::Compared(std::borrow::Cow::Borrowed(value), field))
        .text(" IS NOT NULL")
        .varies();
    // A transaction of its own, or a savepoint inside another.
    let tried = conn.transaction(|conn| run::rows(conn, statement));
    !matches!(
        tried,
        Err(QueryError::DatabaseError(
            DatabaseErrorKind::Unknown | DatabaseErrorKind::CheckViolation,
            _
        ))
    )
}
