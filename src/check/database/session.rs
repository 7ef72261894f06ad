//! The life of a session, in a transaction that is rolled back.

use crate::access::Person;
use crate::session::token;
use crate::store::AnyConnection;
use crate::store::sessions::{
    self, IdentityColumns, NewSession, Origin, RenewalOutcome, SessionChange, SessionColumns,
};
use chrono::{NaiveDateTime, Utc};
use diesel::QueryResult;

/// Creates a session, reads, changes and ends it. The error says which value was not read as it was
/// written.
pub(super) fn rehearse(conn: &mut AnyConnection) -> Result<(), String> {
    let id_hash = token::hash(&token::random());
    let now = Utc::now().naive_utc();
    let outcome = walk(conn, &id_hash, now).map_err(|error| error.to_string())?;
    match outcome {
        None => Ok(()),
        Some(odd) => Err(odd.to_owned()),
    }
}

fn walk(
    conn: &mut AnyConnection,
    id_hash: &str,
    now: NaiveDateTime,
) -> QueryResult<Option<&'static str>> {
    let person = Person {
        issuer: "https://rehearsal.invalid".to_owned(),
        subject: "rehearsal".to_owned(),
        name: "\u{e9}".to_owned(),
        ..Person::default()
    };
    let columns = SessionColumns {
        reference: token::reference(),
        csrf_token: token::random(),
        created_at: now,
        identity: IdentityColumns::of(&person),
        ..SessionColumns::default()
    };
    let begun = NewSession {
        id_hash: id_hash.to_owned(),
        columns: columns.clone(),
        origin: Origin::default(),
    };
    let name = |conn: &mut AnyConnection, id: &str| -> QueryResult<Option<String>> {
        Ok(sessions::find(conn, id)?.map(|row| row.columns.identity.name))
    };
    sessions::begin(conn, &begun, now)?;
    if name(conn, id_hash)?.as_deref() != Some(person.name.as_str()) {
        return Ok(Some("a value that was written is read back differently"));
    }
    let identity = IdentityColumns {
        name: "another".to_owned(),
        ..columns.identity
    };
    let change = SessionChange {
        identity: Some(identity),
        ..SessionChange::default()
    };
    let renewed = token::hash(&token::random());
    let ids = (id_hash, renewed.as_str());
    let outcome = sessions::renew(conn, ids, &columns.reference, &change, now)?;
    if outcome != RenewalOutcome::Renewed || name(conn, &renewed)?.as_deref() != Some("another") {
        return Ok(Some(
            "a value that was overwritten is read back differently",
        ));
    }
    sessions::delete(conn, &renewed)?;
    match name(conn, &renewed)? {
        Some(_) => Ok(Some("an ended session is still there")),
        None => Ok(None),
    }
}
