//! Keys that the panel made for itself, kept so that a restart does not lose them.

use super::tables::bailiwick_secrets as secrets;
use super::{AnyConnection, made};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

/// The secret of this name; `fresh` becomes it if there is none yet.
///
/// # Errors
/// When the database refuses.
pub fn get_or_keep(conn: &mut AnyConnection, name: &str, fresh: &str) -> QueryResult<String> {
    match try_keep(conn, name, fresh) {
        // Another instance started at the same moment: its secret is the one.
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
