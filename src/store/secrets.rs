//! Keys that the panel generated, stored so that they survive a restart.

use super::tables::bailiwick_secrets as secrets;
use super::{AnyConnection, made};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

/// The secret with this name; stores `fresh` if there is none yet.
///
/// # Errors
/// When a statement fails.
pub fn get_or_keep(conn: &mut AnyConnection, name: &str, fresh: &str) -> QueryResult<String> {
    match try_keep(conn, name, fresh) {
        // Another instance started at the same time and stored its secret first.
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
            try_keep(conn, name, fresh)
        }
        outcome => outcome,
    }
}

fn try_keep(conn: &mut AnyConnection, name: &str, fresh: &str) -> QueryResult<String> {
    conn.change(|conn| {
        let known: Option<String> = secrets::table
            .find(name)
            .select(secrets::value)
            .first(conn)
            .optional()?;
        if let Some(known) = known {
            return Ok(known);
        }
        let written = diesel::insert_into(secrets::table)
            .values((secrets::name.eq(name), secrets::value.eq(fresh)))
            .execute(conn);
        made::one("bailiwick_secrets", written)?;
        Ok(fresh.to_owned())
    })
}
