//! Runs one statement that changes rows, and asks the database about a failure.
//!
//! On PostgreSQL the statement runs after a savepoint, so that the transaction can still answer
//! questions after a failure. Deferred constraints and triggers are run here too, while their error
//! still belongs to the change.

use super::asked::Question;
use super::{Changes, Refusal};
use crate::access::Action;
use crate::catalog::{Resource, Value};
use crate::data::run;
use crate::data::sql::Sql;
use crate::store::AnyConnection;
use diesel::QueryResult;
use diesel::connection::{Connection, SimpleConnection};
use std::time::Instant;

/// A change to try.
pub(super) struct Attempt<'a> {
    pub(super) resource: &'a Resource,
    pub(super) action: Action,
    /// New values by column.
    pub(super) changes: &'a Changes,
}

impl Attempt<'_> {
    /// Runs the statement and returns its rows.
    ///
    /// # Errors
    /// A [`Refusal`] that names the cause; the statement then had no effect.
    pub(super) fn rows(
        &self,
        conn: &mut AnyConnection,
        statement: Sql<'_>,
    ) -> Result<Vec<Vec<Value>>, Refusal> {
        self.run(conn, |conn| run::rows(conn, statement))
    }

    /// Runs the statement and returns the number of rows it touched.
    ///
    /// # Errors
    /// As [`Attempt::rows`].
    pub(super) fn execute(
        &self,
        conn: &mut AnyConnection,
        statement: Sql<'_>,
    ) -> Result<usize, Refusal> {
        self.run(conn, |conn| run::execute(conn, statement))
    }

    fn run<T>(
        &self,
        conn: &mut AnyConnection,
        statement: impl FnOnce(&mut AnyConnection) -> QueryResult<T>,
    ) -> Result<T, Refusal> {
        let begun = Instant::now();
        let is_spoilt_by_errors = match conn {
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(_) => true,
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(_) => false,
            #[cfg(feature = "mysql")]
            AnyConnection::Mysql(_) => false,
        };
        let outcome = if is_spoilt_by_errors {
            conn.transaction(|conn| {
                let done = statement(conn)?;
                conn.batch_execute("SET CONSTRAINTS ALL IMMEDIATE")?;
                Ok(done)
            })
        } else {
            statement(conn)
        };
        outcome.map_err(|error| {
            let question = Question {
                attempt: self,
                error: &error,
                took: begun.elapsed(),
            };
            let told = question.ask(conn);
            Refusal::of_query(error, &told, self)
        })
    }
}
