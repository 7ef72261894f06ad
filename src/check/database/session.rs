//! The life of a session, in a transaction that is rolled back.

use crate::session::token;
use crate::store::AnyConnection;
use crate::store::sessions::{self, Begun, Content, Origin};
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
    let holding = |state: &str| Content {
        state: state.to_owned(),
        issuer: Some("https://rehearsal.invalid".to_owned()),
        subject: Some("rehearsal".to_owned()),
        provider_session: Some("rehearsal".to_owned()),
        reference: token::reference(),
        ends_at: None,
    };
    let state = |conn: &mut AnyConnection| -> QueryResult<Option<String>> {
        Ok(sessions::find(conn, id_hash)?.map(|row| row.state))
    };
    let begun = Begun {
        id_hash: id_hash.to_owned(),
        content: holding("{\"a\":\"\u{e9}\"}"),
        origin: Origin::default(),
        vouched_at: Some(now),
        created_at: now,
    };
    sessions::begin(conn, &begun, now)?;
    if state(conn)?.as_deref() != Some("{\"a\":\"\u{e9}\"}") {
        return Ok(Some("what was written does not come back as it was"));
    }
    if !sessions::update(conn, id_hash, &holding("{}"), now)?
        || state(conn)?.as_deref() != Some("{}")
    {
        return Ok(Some("what is written over does not come back as it was"));
    }
    sessions::delete(conn, id_hash)?;
    match state(conn)? {
        Some(_) => Ok(Some("what was ended is still there")),
        None => Ok(None),
    }
}
