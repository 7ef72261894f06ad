//! Asks the database why it refused a change.
//!
//! Error messages come in the server's language, so they are not parsed if the database can be
//! asked. It is asked about privileges, constraints and triggers, and whether each value fits its
//! column.

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use super::attempt::Attempt;
use crate::store::AnyConnection;
use diesel::result::Error as QueryError;
use std::time::Duration;

/// A change that failed.
pub(super) struct Question<'a> {
    pub(super) attempt: &'a Attempt<'a>,
    pub(super) error: &'a QueryError,
    /// How long the statement ran.
    pub(super) took: Duration,
}

/// What is known about a failure besides its message.
#[derive(Debug, Default, PartialEq)]
pub(super) struct FailureFacts {
    /// The panel's account may not make this change.
    pub(super) is_denied: bool,
    /// The columns that the account may not write.
    pub(super) locked: Vec<usize>,
    /// A time limit of the database ran out.
    pub(super) is_late: bool,
    /// No time limit can have run out, whatever the message says.
    pub(super) is_prompt: bool,
    /// Row-level security refused the row.
    pub(super) is_secured: bool,
    /// The columns of the violated constraint.
    pub(super) columns: Vec<usize>,
    /// The name that somebody gave that constraint.
    pub(super) rule: Option<String>,
    /// Columns whose new values do not fit.
    pub(super) unfit: Vec<usize>,
    /// A trigger's message for people.
    pub(super) raised: Option<String>,
}

impl Question<'_> {
    /// Asks the database. If it does not answer, nothing more is known.
    pub(super) fn ask(&self, conn: &mut AnyConnection) -> FailureFacts {
        let QueryError::DatabaseError(kind, info) = self.error else {
            return FailureFacts::default();
        };
        let answer = match conn {
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(conn) => sqlite::ask(conn, self, info.as_ref()),
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(_) => postgres::ask(conn, self, kind, info.as_ref()),
            #[cfg(feature = "mysql")]
            AnyConnection::Mysql(conn) => mysql::ask(conn, self, kind, info.as_ref()),
        };
        answer.unwrap_or_else(|error| {
            tracing::warn!(error = %error, "the database did not say why it refused a change");
            FailureFacts::default()
        })
    }
}

/// The maximum length of a trigger's message, in characters.
const LONGEST: usize = 500;

/// A message written for people, on one line.
fn for_people(text: &str) -> Option<String> {
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST)
        .collect();
    let plain = plain.trim();
    (!plain.is_empty()).then(|| plain.to_owned())
}
