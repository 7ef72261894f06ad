//! What the database tells when it is asked why it refused a change.
//!
//! Error messages come in the language of the server, so nothing here depends on their words
//! where the database can be asked: its privileges, its constraints, its triggers, and whether
//! each value fits its column.

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

/// What is known of a failure besides its message.
#[derive(Debug, Default, PartialEq)]
pub(super) struct FailureFacts {
    /// The account of the panel may not make this change.
    pub(super) is_denied: bool,
    /// The columns it may not write.
    pub(super) locked: Vec<usize>,
    /// A time limit of the database ran out.
    pub(super) is_late: bool,
    /// None can have run out, whatever the message says.
    pub(super) is_prompt: bool,
    /// The row-level security of the table refused the row.
    pub(super) is_secured: bool,
    /// The columns of the constraint that is broken.
    pub(super) columns: Vec<usize>,
    /// The name that somebody gave that constraint.
    pub(super) rule: Option<String>,
    /// Columns whose new values they cannot hold.
    pub(super) unfit: Vec<usize>,
    /// What a trigger says to people.
    pub(super) raised: Option<String>,
}

impl Question<'_> {
    /// Asks. Where the database does not answer, nothing more is known.
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

/// The longest text of a trigger that is shown, in characters.
const LONGEST: usize = 500;

/// A text that somebody wrote for people, on one line.
fn for_people(text: &str) -> Option<String> {
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST)
        .collect();
    let plain = plain.trim();
    (!plain.is_empty()).then(|| plain.to_owned())
}
